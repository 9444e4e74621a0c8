"""Several homes of one contact: on one page, planned by a pattern, each booked like any other visit."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from scheduling.actions.invitations import invite
from scheduling.models import Address, Invitation, Visit, Window
from tests.databases import Database
from tests.factories import (
    A_THURSDAY,
    EIGHT,
    TEN,
    TWO,
    a_customer,
    a_job,
    a_window,
    an_address,
    an_area,
    an_invitation,
    working,
)
from tests.page import Opened, PageBrowser

STREET = "Fuutpad"


@dataclass
class Landlord:
    """An organisation with several homes, and the windows of their area."""

    app: Flask
    database: Database
    invitation_ids: list[int]
    windows: list[int]

    def token(self, number: int = 0) -> str:
        """The link of one of its homes."""
        return str(self.app.extensions["portal"].link_keys.personal_token(self.invitation_ids[number], 1))

    def href(self, view: str = "/homes") -> str:
        """The page of all homes."""
        return f"/v/{self.token()}{view}"

    def visits(self) -> list[tuple[int, int]]:
        """Invitations with the window of their live visit."""
        with self.database.sessions.read() as session:
            query = select(Visit.invitation_id, Visit.window_id).where(Visit.state == "booked")
            return [
                (row.invitation_id, row.window_id)
                for row in session.execute(query.order_by(Visit.invitation_id))
            ]


@pytest.fixture
def landlord(app, database):
    """Three homes; a window for one, one for two, and one in the afternoon of the next day."""
    with working(database.sessions) as work:
        an_area(work)
        windows = [
            a_window(work, starts=EIGHT, capacity=1),
            a_window(work, starts=TEN, capacity=2),
            a_window(work, day=A_THURSDAY + timedelta(days=1), starts=TWO, capacity=3),
        ]
        customer_id = a_customer(work, organisation="Woonstichting De Eem", first_name="", last_name="")
        for number in (1, 2, 3):
            address_id = an_address(work, postcode="3811AC", house_number=number)
            a_job(work, customer_id, address_id=address_id)
        invite(work)
        work.session.execute(update(Address).values(street=STREET))
        ids = work.session.scalars(
            select(Invitation.id)
            .join(Address, Address.id == Invitation.address_id)
            .order_by(Address.house_number)
        ).all()
    return Landlord(app, database, list(ids), windows)


def proposed(page: Opened) -> list[str]:
    """The bookings that a plan would make."""
    return [field.get("value", "") for field in page.tree.iter("input") if field.get("name") == "booking"]


def test_every_home_stands_on_the_page_and_leads_to_its_own(page: PageBrowser, landlord):
    homes = page.get(landlord.href())

    assert (homes.status, homes.name) == (200, "homes")
    assert homes.words.count("huisnummer") >= 3
    for number in range(3):
        assert f'href="/v/{landlord.token(number)}"' in homes.html
    assert STREET not in homes.html


def test_the_streets_can_be_asked_for_on_the_page_itself(page: PageBrowser, landlord):
    homes = page.get(landlord.href())

    wrong = page.submit(homes, "verify", postcode="3811 AC", house_number="99")
    right = page.submit_and_follow(wrong, "verify", postcode="3811 AC", house_number="1")

    assert (wrong.status, wrong.name) == (422, "homes")
    assert wrong.title.startswith("Nog niet goed")
    assert (right.name, right.forms()) == ("homes", ["plan-homes"])
    assert f"{STREET} 2" in right.words


def test_the_street_is_shown_on_a_device_that_was_verified(page: PageBrowser, landlord):
    token = landlord.token()
    page.submit_and_follow(page.get(f"/v/{token}"), "choose-window", window=landlord.windows[0])
    review = page.get(f"/v/{token}/review?window={landlord.windows[0]}")
    booked = page.submit_and_follow(review, "confirm-visit")
    page.submit(booked, "verify", postcode="3811 AC", house_number="1")

    assert f"{STREET} 1" in page.get(landlord.href()).words


def test_a_plan_is_looked_over_and_then_booked(page: PageBrowser, landlord):
    plan = page.submit(page.get(landlord.href()), "plan-homes")
    assert (plan.status, plan.name) == (200, "plan")
    assert landlord.visits() == []

    homes = page.submit_and_follow(plan, "confirm-plan")

    assert homes.name == "homes"
    assert "3 afspraken staan vast." in homes.words
    first, second, third = landlord.invitation_ids
    early, ten, _ = landlord.windows
    assert landlord.visits() == [(first, early), (second, ten), (third, ten)]


def test_whoever_comes_along_gets_one_home_after_the_other(page: PageBrowser, landlord):
    plan = page.get(f"{landlord.href()}/plan?{_homes(landlord)}&one_each=1")

    assert proposed(plan) == [
        f"{home}:{window}" for home, window in zip(landlord.invitation_ids, landlord.windows, strict=True)
    ]


def test_only_the_homes_that_are_marked_in_the_part_of_the_day_that_suits(page: PageBrowser, landlord):
    home = landlord.invitation_ids[1]

    plan = page.get(f"{landlord.href()}/plan?home={home}&part=afternoon")

    assert proposed(plan) == [f"{home}:{landlord.windows[2]}"]


def test_a_home_for_which_nothing_is_left_can_be_chosen_by_hand(page: PageBrowser, landlord):
    saturday = "weekday=5"

    plan = page.get(f"{landlord.href()}/plan?{_homes(landlord)}&{saturday}")

    assert proposed(plan) == []
    assert plan.heading == "Hiervoor vonden wij geen tijden"
    assert f'href="/v/{landlord.token(2)}"' in plan.html


def test_a_window_that_was_taken_meanwhile_hinders_none_of_the_others(page: PageBrowser, landlord):
    plan = page.submit(page.get(landlord.href()), "plan-homes")
    with working(landlord.database.sessions) as work:
        work.session.execute(update(Window).where(Window.id == landlord.windows[0]).values(state="closed"))

    homes = page.submit_and_follow(plan, "confirm-plan")

    assert "2 afspraken staan vast." in homes.words
    assert "Voor 1 adres is de tijd intussen bezet." in homes.words
    assert len(landlord.visits()) == 2


def test_confirming_twice_books_once(page: PageBrowser, landlord):
    plan = page.submit(page.get(landlord.href()), "plan-homes")
    page.submit(plan, "confirm-plan")

    homes = page.submit_and_follow(plan, "confirm-plan")

    assert len(landlord.visits()) == 3
    assert homes.status == 200


def test_nothing_is_booked_for_somebody_else(page: PageBrowser, landlord):
    with working(landlord.database.sessions) as work:
        stranger = an_invitation(work)
    plan = page.submit(page.get(landlord.href()), "plan-homes")

    page.post(
        landlord.href("/homes/confirm"),
        {"csrf_token": plan.token(), "booking": f"{stranger}:{landlord.windows[0]}"},
    )

    assert landlord.visits() == []


@pytest.mark.parametrize(
    "booking", ["", "1", "1:", ":1", "a:b", "-1:1", "1:99999999999", "١:١", "1:1:1", "1:" + "9" * 5000]
)
def test_what_cannot_be_read_books_nothing(page: PageBrowser, landlord, booking):
    plan = page.submit(page.get(landlord.href()), "plan-homes")

    answer = page.post(landlord.href("/homes/confirm"), {"csrf_token": plan.token(), "booking": booking})

    assert answer.status == 303
    assert landlord.visits() == []


@pytest.mark.parametrize("query", ["", "home=", "home=x", "home=999999"])
def test_marking_no_address_is_said(page: PageBrowser, landlord, query):
    answer = page.get(f"{landlord.href()}/plan?{query}")

    assert (answer.status, answer.name) == (422, "homes")
    assert "Vink de adressen aan" in answer.words


@pytest.mark.parametrize(
    "query",
    [
        "from=x",
        "from=0001-01-01",
        "weekday=9&weekday=x&weekday=" + "9" * 5000,
        "part=night",
        "from=9999-12-31",
    ],
)
def test_a_pattern_that_cannot_be_read_is_as_if_nothing_had_been_said(page: PageBrowser, landlord, query):
    answer = page.get(f"{landlord.href()}/plan?{_homes(landlord)}&{query}")

    assert (answer.status, answer.name) == (200, "plan")


def _homes(landlord: Landlord) -> str:
    return "&".join(f"home={invitation_id}" for invitation_id in landlord.invitation_ids)
