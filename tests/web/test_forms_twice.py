"""Every form that posts, sent twice in a row, as an impatient finger does it: the second time nothing more happens."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from notifications.models import Message
from scheduling.actions.invitations import leave_wishes
from scheduling.models import ContactHistory, Customer, History, Invitation, Job, Visit
from scheduling.rules.freshness import STALE_AFTER
from tests.environment import NOW
from tests.factories import working
from tests.page import Opened, PageBrowser
from tests.web.customers import Household, a_household, book, cancel
from tests.web.staff import EMAIL as STAFF_EMAIL
from tests.web.staff import PASSWORD, a_link, an_account, sign_in
from tests.web.test_customer_details import contact_link

TEMPLATES = Path(__file__).parents[2] / "app" / "templates"
COUNTED = (Visit, Invitation, Message, ContactHistory, History)


@dataclass(frozen=True)
class Scene:
    """A browser and a household, and what leads to each form."""

    page: PageBrowser
    household: Household

    def at(self, path: str = "") -> Opened:
        """A page of the household's link."""
        return self.page.get(f"{self.household.href}{path}")

    def verified(self, path: str = "/details") -> Opened:
        """The same on a device that was verified."""
        self.page.submit(self.at("/details"), "verify", postcode="3811AB", house_number="12")
        return self.at(path)

    def booked(self) -> Opened:
        """A visit."""
        return book(self.page, self.household)

    def reviewing(self) -> Opened:
        """A window was chosen."""
        return self.page.submit_and_follow(self.at(), "choose-window", window=self.household.windows[0])

    def waiting(self) -> Opened:
        """A new number waits to be confirmed."""
        return self.page.submit_and_follow(self.verified(), "correct-details", phone="06 11111199")

    def checking(self) -> Opened:
        """The link to confirm that number is open."""
        self.waiting()
        return self.page.get(contact_link(self.household, "+31611111199"))

    def left(self) -> Opened:
        """No visit is wanted."""
        return self.page.submit_and_follow(self.at("/leave"), "leave", reason="done")

    def of_old_details(self) -> Opened:
        """A year has passed since anybody looked at what is on file."""
        self.household.update(Customer, self._customer_id(), imported_at=NOW - 2 * STALE_AFTER)
        return self.verified()

    def in_english(self) -> Opened:
        """They read another language than they are written to in."""
        self.verified()
        return self.at("/details?lang=en")

    def planned(self) -> Opened:
        """A plan is proposed for their home."""
        home = self.household.invitation_id
        return self.at(f"/homes/plan?home={home}")

    def part(self, path: str) -> Opened:
        """About the first of two jobs."""
        with self.household.database.sessions.read() as session:
            query = select(Job.id).where(Job.invitation_id == self.household.invitation_id).order_by(Job.id)
            job_id = session.scalars(query).first()
        return self.at(f"{path}?job={job_id}")

    def staff(self, path: str) -> Opened:
        """A page of staff, signed in."""
        sign_in(self.page.client, self.household.database.sessions)
        return self.page.get(path)

    def said(self) -> Opened:
        """Staff read what a customer said."""
        with working(self.household.database.sessions) as work:
            leave_wishes(work, self.household.invitation_id, "Saturdays")
        return self.staff("/staff/")

    def handled(self) -> Opened:
        """And dealt with it."""
        return self.page.submit_and_follow(self.said(), "handle-said")

    def signing_in(self) -> Opened:
        """The door of staff."""
        an_account(self.household.database.sessions)
        return self.page.get("/staff/sign-in")

    def _customer_id(self) -> int:
        with self.household.database.sessions.read() as session:
            return session.get_one(Invitation, self.household.invitation_id).customer_id


ONE_JOB: dict[str, tuple[Callable[[Scene], Opened], dict[str, Any]]] = {
    "enter-code": (lambda scene: scene.page.get("/"), {"code": "ABCD2345", "postcode": "3811AB"}),
    "choose-window": (lambda scene: scene.at(), {}),
    "confirm-visit": (Scene.reviewing, {}),
    "change-visit": (Scene.booked, {}),
    "cancel-visit": (lambda scene: scene.page.submit_and_follow(scene.booked(), "cancel-visit"), {}),
    "restore-visit": (lambda scene: (scene.booked(), cancel(scene.page, scene.household))[1], {}),
    "verify": (lambda scene: scene.at("/details"), {"postcode": "3811AB", "house_number": "12"}),
    "leave-wishes": (lambda scene: scene.at("/other"), {"wishes": "Saturdays"}),
    "leave": (lambda scene: scene.at("/leave"), {"reason": "done"}),
    "undo-leave": (Scene.left, {}),
    "new-address": (lambda scene: scene.verified("/moved"), {"postcode": "3811AC", "house_number": "4"}),
    "correct-details": (Scene.verified, {"email": "new@example.org", "last_name": "Bakker"}),
    "cancel-contact-change": (Scene.waiting, {}),
    "confirm-contact": (Scene.checking, {}),
    "still-right": (Scene.of_old_details, {}),
    "make-language": (Scene.in_english, {}),
    "sign-in": (Scene.signing_in, {"email": STAFF_EMAIL, "password": PASSWORD}),
    "sign-out": (lambda scene: scene.staff("/staff/"), {}),
    "handle-said": (Scene.said, {}),
    "reopen-said": (Scene.handled, {}),
    "set-password": (
        lambda scene: scene.page.get(f"/staff/password/{a_link(scene.household.database.sessions)}"),
        {"password": PASSWORD, "password_again": PASSWORD},
    ),
    "confirm-plan": (Scene.planned, {}),
}
"""How to come to each form, and what is filled in beside what stands there."""

TWO_JOBS = {"leave-part": (lambda scene: scene.part("/apart/leave"), {"reason": "done"})}
"""Forms that are there for who has several jobs."""

EACH_TIME = {"send-link", "send-contact-check", "lost-link"}
"""Whoever presses again has not got it yet: each sends once more, and a limit says how often (`app.customer`)."""

NO_POST = {"filter", "filter-messages", "choose-apart", "plan-homes"}
"""They only ask for another page."""


def test_every_form_there_is_stands_in_a_table():
    found = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'data-form="([\w-]+)"|said_form\("([\w-]+)"', path.read_text())
        for name in name
        if name
    }

    assert found == {*ONE_JOB, *TWO_JOBS, *EACH_TIME, *NO_POST}


def counts(household: Household) -> list[int]:
    """How much of everything there is."""
    with household.database.sessions.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in COUNTED]


@pytest.mark.parametrize("name", [*ONE_JOB, *TWO_JOBS])
def test_a_form_that_is_sent_twice_does_it_once(page, app, database, name):
    kinds = ("maintenance", "repair") if name in TWO_JOBS else ("maintenance",)
    household = a_household(app, database, kinds=kinds)
    lead, values = (ONE_JOB | TWO_JOBS)[name]
    opened = lead(Scene(page, household))
    values = {"window": household.windows[0]} if name == "choose-window" else values

    first = page.forge(opened, name, **values)
    after_first = counts(household)
    second = page.forge(opened, name, **values)

    assert first.status in {200, 303} or name == "enter-code"
    assert second.status < 500
    assert counts(household) == after_first
