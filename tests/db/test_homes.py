"""The homes that one contact is asked about: which belong together, and what a plan may know of them."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select, update

from scheduling.actions import visits
from scheduling.actions.invitations import invite
from scheduling.models import Address, Contact, Invitation, Job
from scheduling.reads.homes import free_windows, homes_of, to_plan
from tests.environment import NOW
from tests.factories import (
    A_THURSDAY,
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


@pytest.fixture
def work(database):
    with working(database.sessions) as work:
        an_area(work)
        yield work


def a_landlord(work, homes: int = 3) -> list[int]:
    """A customer with a job at each of so many addresses; their invitations, by house number."""
    customer_id = a_customer(work, organisation="Woonstichting De Eem", ref="L1")
    for number in range(homes):
        a_job(work, customer_id, address_id=an_address(work, postcode="3811AC", house_number=100 + number))
    invite(work)
    rows = work.session.execute(
        select(Invitation.id)
        .join(Address, Address.id == Invitation.address_id)
        .order_by(Address.house_number)
    )
    return list(rows.scalars())


def found(work, invitation_id: int) -> list[int]:
    return [home.invitation_id for home in homes_of(work.session, invitation_id, NOW, language="nl")]


def test_all_homes_of_a_customer_in_order_of_their_address(work):
    ids = a_landlord(work)
    an_invitation(work)

    homes = homes_of(work.session, ids[1], NOW, language="nl")

    assert [home.invitation_id for home in homes] == ids
    assert [home.house_number for home in homes] == ["100", "101", "102"]
    assert homes[0].kind_names == ["onderhoud"]
    assert homes[0].visit is None


def test_a_home_with_a_visit_shows_when_and_is_not_planned_again(work):
    ids = a_landlord(work)
    window_id = a_window(work, starts=TEN)
    visits.book(work, ids[0], window_id, uid_host="visits.example")

    homes = homes_of(work.session, ids[0], NOW, language="nl")

    assert homes[0].visit is not None
    assert (homes[0].visit.local_day, homes[0].visit.starts.hour) == (A_THURSDAY, 10)
    assert [home.invitation_id for home in to_plan(work.session, ids, NOW)] == ids[1:]


def test_a_cancelled_visit_is_none(work):
    ids = a_landlord(work)
    visits.book(work, ids[0], a_window(work), uid_host="visits.example")
    visits.cancel(work, ids[0])

    homes = homes_of(work.session, ids[0], NOW, language="nl")

    assert [home.invitation_id for home in homes] == ids
    assert homes[0].visit is None


def test_an_invitation_that_ended_is_not_among_them(work):
    ids = a_landlord(work)
    work.session.execute(update(Invitation).where(Invitation.id == ids[0]).values(ended="revoked"))
    work.session.execute(update(Invitation).where(Invitation.id == ids[1]).values(expires_at=NOW))

    assert found(work, ids[2]) == [ids[2]]


def test_what_somebody_else_arranges_is_not_shown(work):
    ids = a_landlord(work)
    customer_id = work.session.scalars(select(Invitation.customer_id).distinct()).one()
    contact_id = work.session.execute(
        insert(Contact)
        .values(
            customer_id=customer_id, role="arranges", last_name="Dam", phone="+31611111111", created_at=NOW
        )
        .returning(Contact.id)
    ).scalar_one()
    work.session.execute(update(Invitation).where(Invitation.id == ids[0]).values(contact_id=contact_id))

    assert found(work, ids[0]) == [ids[0]]
    assert found(work, ids[1]) == ids[1:]


def test_each_home_has_its_own_days_and_places(work):
    ids = a_landlord(work)
    due_by = A_THURSDAY + timedelta(days=7)
    work.session.execute(
        update(Job).where(Job.invitation_id == ids[1]).values(due_by=due_by, kind="installation")
    )

    first, second, _ = to_plan(work.session, ids, NOW)

    assert (first.places, first.last_day) == (1, None)
    assert (second.places, second.last_day) == (2, due_by)


def test_a_home_that_no_area_serves_cannot_be_planned(work):
    ids = a_landlord(work)
    work.session.execute(update(Address).values(pc4="9999"))

    assert to_plan(work.session, ids, NOW) == []
    assert free_windows(work.session, []) == []


def test_only_windows_with_room_are_free_and_in_order_of_time(work):
    ids = a_landlord(work)
    later = a_window(work, starts=TWO, capacity=3)
    full = a_window(work, starts=TEN, capacity=1)
    visits.book(work, ids[0], full, uid_host="visits.example")
    earlier = a_window(work, day=A_THURSDAY - timedelta(days=1), capacity=2)

    windows = free_windows(work.session, to_plan(work.session, ids, NOW))

    assert [(window.window_id, window.free) for window in windows] == [(earlier, 2), (later, 3)]
    assert windows[1].starts.time() == TWO


@pytest.mark.parametrize("homes", [1, 6])
def test_the_number_of_statements_does_not_grow_with_the_homes(work, homes):
    ids = a_landlord(work, homes)
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    engine = work.session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    homes_of(work.session, ids[0], NOW, language="nl")
    planned = to_plan(work.session, ids, NOW)
    free_windows(work.session, planned)
    event.remove(engine, "before_cursor_execute", note)

    assert len(planned) == homes
    assert len(seen) == 5
