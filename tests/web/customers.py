"""Customers in tests: an invitation with windows to choose from, and the way to each page of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask import Flask
from sqlalchemy import event, select, update

from notifications.models import Message
from scheduling.models import Address, Customer, Invitation, Visit
from tests.databases import Database
from tests.factories import A_THURSDAY, TEN, TWO, a_window, an_area, an_invitation, counters, working
from tests.page import Opened, PageBrowser

STREET, POSTCODE, NUMBER = "Kerkepad", "3811AB", 12
PHONE, EMAIL = "+31687654321", "sanne@familie-de-vries.example"


@dataclass
class Household:
    """One customer who was invited, and the windows of their area."""

    app: Flask
    database: Database
    invitation_id: int
    windows: list[int] = field(default_factory=list)

    @property
    def token(self) -> str:
        """What stands behind `/v/`."""
        return str(self.app.extensions["portal"].link_keys.personal_token(self.invitation_id, 1))

    @property
    def href(self) -> str:
        """The personal page."""
        return f"/v/{self.token}"

    @property
    def code(self) -> str:
        """The code of the letter."""
        return str(self.app.extensions["portal"].link_keys.letter_code(self.invitation_id, 1))

    def visits(self) -> list[Visit]:
        """All visits of the invitation, in the order in which they were booked."""
        with self.database.sessions.read() as session:
            query = select(Visit).where(Visit.invitation_id == self.invitation_id).order_by(Visit.id)
            return list(session.scalars(query))

    def visit(self) -> Visit:
        """The latest one."""
        return self.visits()[-1]

    def counters(self, window_id: int) -> tuple[int, int, int]:
        """capacity, booked, held."""
        with self.database.sessions.read() as session:
            return counters(session, window_id)

    def messages(self, kind: str) -> list[Message]:
        """What was written to this customer, of one kind."""
        with self.database.sessions.read() as session:
            query = select(Message).where(Message.invitation_id == self.invitation_id, Message.kind == kind)
            return list(session.scalars(query.order_by(Message.id)))

    def update(self, table: Any, row_id: int, **values: Any) -> None:
        """Changes a row behind everybody's back."""
        with working(self.database.sessions) as work:
            work.session.execute(update(table).where(table.id == row_id).values(**values))

    def end_link(self, **values: Any) -> None:
        """Revokes, withdraws or expires the link, as `values` say."""
        self.update(Invitation, self.invitation_id, **values)


def a_household(
    app: Flask,
    database: Database,
    *,
    windows: tuple[tuple[date, time], ...] = ((A_THURSDAY, TEN), (A_THURSDAY, TWO)),
    capacity: int = 1,
    kinds: tuple[str, ...] = ("maintenance",),
    area: dict[str, Any] | None = None,
    **customer: Any,
) -> Household:
    """Mrs De Vries at Kerkepad 12, invited; her area has one window for each of `windows`."""
    customer = {"phone": PHONE, "email": EMAIL, **customer}
    with working(database.sessions) as work:
        an_area(work, **(area or {}))
        ids = [a_window(work, day=day, starts=starts, capacity=capacity) for day, starts in windows]
        invitation_id = an_invitation(work, kinds=kinds, **customer)
        address_id = select(Customer.address_id).join(Invitation, Invitation.customer_id == Customer.id)
        work.session.execute(
            update(Address)
            .where(Address.id == address_id.where(Invitation.id == invitation_id).scalar_subquery())
            .values(street=STREET, house_number=NUMBER)
        )
    return Household(app, database, invitation_id, ids)


def book(page: PageBrowser, household: Household, window_id: int | None = None) -> Opened:
    """Chooses, reviews and confirms; the booked page."""
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=window_id or household.windows[0])
    booked = page.submit_and_follow(reviewing, "confirm-visit")
    assert (booked.status, booked.name) == (200, "booked")
    return booked


def change(page: PageBrowser, household: Household, window_id: int) -> Opened:
    """Moves the visit; the booked page."""
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    reviewing = page.submit_and_follow(choosing, "choose-window", window=window_id)
    return page.submit_and_follow(reviewing, "confirm-visit")


def cancel(page: PageBrowser, household: Household) -> Opened:
    """Cancels, asked once more in between; the page after it."""
    asking = page.submit_and_follow(page.get(household.href), "cancel-visit")
    assert (asking.status, asking.name) == (200, "cancel")
    return page.submit_and_follow(asking, "cancel-visit")


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement that the application sends to the database meanwhile."""
    seen: list[str] = []
    engine = app.extensions["portal"].sessions.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def queries(seen: list[str]) -> list[str]:
    """Those that ask or change something; beginning and ending a transaction is neither."""
    return [statement for statement in seen if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]


def writes(seen: list[str]) -> list[str]:
    """Those that change something, or say that they mean to."""
    changes = re.compile(
        r"\b(INSERT INTO|UPDATE|DELETE FROM|BEGIN IMMEDIATE|CREATE|DROP|ALTER|NEXTVAL)\b", re.IGNORECASE
    )
    return [statement for statement in seen if changes.search(statement)]


def day_at(day: date, hour: int, zone: Any) -> datetime:
    """A local moment as an aware datetime."""
    return datetime.combine(day, time(hour), tzinfo=zone)
