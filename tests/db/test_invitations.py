"""Which jobs are invited together, in what order, and how many."""

from datetime import date

import pytest
from sqlalchemy import insert, select

from scheduling.actions import invitations
from scheduling.actions.invitations import invite, to_write
from scheduling.errors import NoSuchThing
from scheduling.models import AreaPostcode, Invitation, Job
from tests.factories import a_customer, a_job, a_window, an_address, an_area, working


@pytest.fixture
def work(database):
    """A unit of work with an area for 3811."""
    with working(database.sessions) as begun:
        an_area(begun)
        yield begun


def together(work):
    """The references of the jobs of each invitation, in the order in which they were written."""
    rows = work.session.execute(
        select(Job.invitation_id, Job.ref)
        .where(Job.invitation_id.is_not(None))
        .order_by(Job.invitation_id, Job.id)
    )
    found: dict[int, list[str]] = {}
    for invitation_id, ref in rows:
        found.setdefault(invitation_id, []).append(ref)
    return list(found.values())


def test_jobs_of_one_customer_at_one_address_are_one_invitation(work):
    one, other = a_customer(work), a_customer(work)
    for customer, ref in ((one, "A1"), (other, "B1"), (one, "A2")):
        a_job(work, customer, ref=ref)

    invited = invite(work)

    assert (invited.written, invited.next) == (2, None)
    assert together(work) == [["A1", "A2"], ["B1"]]


def test_a_job_at_an_address_of_its_own_is_an_invitation_of_its_own(work):
    customer = a_customer(work)
    a_job(work, customer, ref="home")
    a_job(work, customer, ref="shop", address_id=an_address(work))

    invite(work)

    assert together(work) == [["home"], ["shop"]]


def test_jobs_that_no_one_area_serves_together_are_invited_apart(work):
    special = an_area(work, "SPECIAL", codes=())
    work.session.execute(insert(AreaPostcode).values(pc4="3999", kind="repair", area_id=special))
    customer = a_customer(work, postcode="3999AB")
    a_job(work, customer, ref="served", kind="repair")
    a_job(work, customer, ref="unserved", kind="maintenance")

    assert invite(work, area_ref="SPECIAL").written == 1
    assert invite(work).written == 1
    assert together(work) == [["served"], ["unserved"]]


@pytest.mark.parametrize("at_once", [1, 2, 200])
def test_the_soonest_due_comes_first_and_no_due_date_last_however_many_at_once(work, monkeypatch, at_once):
    monkeypatch.setattr(invitations, "GROUPS_AT_ONCE", at_once)
    for ref, due_by in (
        ("none", None),
        ("late", date(2027, 5, 1)),
        ("soon", date(2027, 1, 1)),
        ("same", date(2027, 1, 1)),
    ):
        a_job(work, a_customer(work), ref=ref, due_by=due_by)

    assert invite(work).written == 4
    assert together(work) == [["soon"], ["same"], ["late"], ["none"]]


def test_sending_goes_on_where_it_stopped(work):
    for number in range(5):
        a_job(work, a_customer(work), ref=f"J{number}")

    first = invite(work, limit=2)
    second = invite(work, limit=2, after=first.next)
    last = invite(work, limit=2, after=second.next)

    assert [first.written, second.written, last.written, last.next] == [2, 2, 1, None]


@pytest.mark.parametrize("at_once", [1, 200])
def test_the_pace_holds_back_what_capacity_cannot_take(work, monkeypatch, at_once):
    monkeypatch.setattr(invitations, "GROUPS_AT_ONCE", at_once)
    a_window(work, capacity=3)
    for ref, kind in (("one", "maintenance"), ("two", "installation"), ("one more", "maintenance")):
        a_job(work, a_customer(work), ref=ref, kind=kind)
    a_job(work, a_customer(work, postcode="9999AB"), ref="unserved")

    invited = invite(work, pace=True)
    again = invite(work, pace=True)

    assert (invited.written, invited.held_back) == (2, 2)  # 1 + 2 of 3 places
    assert (again.written, again.held_back) == (0, 2)


def test_the_link_lasts_until_after_the_last_due_date(work):
    customer = a_customer(work)
    a_job(work, customer, due_by=date(2027, 3, 1))
    a_job(work, customer, due_by=date(2027, 5, 1))

    invite(work)

    assert work.session.scalars(select(Invitation.expires_at)).one().date() == date(2027, 6, 30)  # 60 days on


def test_a_withdrawn_job_is_not_invited_and_an_unknown_one_is_refused(work):
    a_job(work, a_customer(work), withdrawn_at=work.now)

    assert invite(work).written == 0
    with pytest.raises(NoSuchThing):
        invite(work, job_refs=["J0"])


def test_how_many_there_are_to_write_is_how_many_are_written(work):
    for _ in range(3):
        customer_id = a_customer(work)
        a_job(work, customer_id)
        a_job(work, customer_id, kind="repair")

    expected = to_write(work)

    assert (expected, invite(work).written, to_write(work)) == (3, 3, 0)
