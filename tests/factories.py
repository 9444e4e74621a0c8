"""Things to test with: sensible defaults, and only what a test is about is said in the test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select, update

from scheduling.actions.invitations import invite
from scheduling.actions.openings import Opening, open_windows
from scheduling.actions.work import Event, Work
from scheduling.db import Sessions
from scheduling.models import Address, Area, AreaPostcode, Customer, Invitation, Job, Window
from scheduling.models.company import ALL_KINDS
from scheduling.rules.policy import BOOK_UNTIL, CHANGE_UNTIL
from tests.environment import NOW

A_THURSDAY = date(2026, 12, 3)
"""Nine days after NOW, far from every deadline."""

EIGHT, TEN, NOON, TWO = time(8), time(10), time(12), time(14)

_numbers = count(1)


@contextmanager
def working(
    sessions: Sessions,
    *,
    now: datetime = NOW,
    actor: str = "customer",
    announce: Callable[[Work, Event], None] = lambda work, event: None,
) -> Iterator[Work]:
    """A unit of work that commits at its end, or rolls back when something is refused."""
    with sessions.write() as session, session.begin():
        yield Work(session=session, now=now, actor=actor, announce=announce)


def an_area(work: Work, ref: str = "AMF", *, codes: tuple[str, ...] = ("3811",), **values: Any) -> int:
    """An area for all kinds of work."""
    area_id = work.session.execute(
        insert(Area)
        .values(
            **{
                "ref": ref,
                "name": f"Area {ref}",
                "time_zone": "Europe/Amsterdam",
                "book_until": BOOK_UNTIL,
                "change_until": CHANGE_UNTIL,
                "created_at": work.now,
                **values,
            }
        )
        .returning(Area.id)
    ).scalar_one()
    for code in codes:
        work.session.execute(insert(AreaPostcode).values(pc4=code, kind=ALL_KINDS, area_id=area_id))
    return area_id


def an_address(work: Work, *, postcode: str = "3811AB", house_number: int | None = None) -> int:
    """An address of its own, unless a number is given."""
    return work.session.execute(
        insert(Address)
        .values(
            postcode=postcode,
            pc4=postcode[:4],
            house_number=house_number or next(_numbers),
            street="Langestraat",
            place="Amersfoort",
        )
        .returning(Address.id)
    ).scalar_one()


def a_customer(work: Work, *, postcode: str = "3811AB", **values: Any) -> int:
    """Mrs S. de Vries with a mobile phone, who wants to be addressed formally, in Dutch."""
    number = next(_numbers)
    return work.session.execute(
        insert(Customer)
        .values(
            **{
                "ref": f"C{number}",
                "title": "ms",
                "initials": "S.",
                "first_name": "Sanne",
                "infix": "de",
                "last_name": "Vries",
                "sort_key": "vries",
                "phone": "+31612345678",
                "address_id": an_address(work, postcode=postcode),
                "imported_at": work.now,
                "created_at": work.now,
                **values,
            }
        )
        .returning(Customer.id)
    ).scalar_one()


def a_job(work: Work, customer_id: int, **values: Any) -> str:
    """Maintenance, due whenever; its reference."""
    ref = values.pop("ref", f"J{next(_numbers)}")
    work.session.execute(
        insert(Job).values(
            **{
                "ref": ref,
                "customer_id": customer_id,
                "kind": "maintenance",
                "created_at": work.now,
                **values,
            }
        )
    )
    return str(ref)


def a_window(
    work: Work, *, area: str = "AMF", day: date = A_THURSDAY, starts: time = TEN, capacity: int = 1
) -> int:
    """An open window; its id."""
    opening = Opening(day, day, (starts,), frozenset(range(7)), capacity)
    before = set(work.session.scalars(select(Window.id)))
    open_windows(work, area, opening)
    (window_id,) = set(work.session.scalars(select(Window.id))) - before
    return window_id


def an_invitation(work: Work, *, kinds: tuple[str, ...] = ("maintenance",), **customer: Any) -> int:
    """A customer who was asked to choose a window for one job of each of these kinds; the invitation's id."""
    customer_id = a_customer(work, **customer)
    refs = [a_job(work, customer_id, kind=kind) for kind in kinds]
    invite(work, job_refs=refs)
    found = work.session.scalars(select(Invitation.id).where(Invitation.customer_id == customer_id)).all()
    (invitation_id,) = found
    return invitation_id


def counters(work_or_session: Any, window_id: int) -> tuple[int, int, int]:
    """capacity, booked, held of a window, as the database has them."""
    session = getattr(work_or_session, "session", work_or_session)
    row = session.execute(
        select(Window.capacity, Window.booked, Window.held).where(Window.id == window_id)
    ).one()
    return (row.capacity, row.booked, row.held)


def close(work: Work, window_id: int) -> None:
    """Closes a window without more ado."""
    work.session.execute(update(Window).where(Window.id == window_id).values(state="closed"))


def hours_later(hours: float) -> datetime:
    """So many hours after NOW."""
    return NOW + timedelta(hours=hours)
