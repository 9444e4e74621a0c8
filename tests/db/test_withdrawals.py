"""Withdrawing jobs: what ends, what goes on, and what is refused."""

from functools import partial

import pytest
from sqlalchemy import select

from scheduling.actions import visits
from scheduling.actions.jobs import withdraw
from scheduling.actions.work import JobsWithdrawn, VisitChanged
from scheduling.errors import NoSuchThing, NotPossible
from scheduling.models import Invitation, Job, Visit, VisitJob
from tests.factories import a_customer, a_job, a_window, an_area, an_invitation, counters, working

book = partial(visits.book, uid_host="portal.example")


@pytest.fixture
def events():
    """What was announced."""
    return []


@pytest.fixture
def work(database, events):
    """A unit of work with an area for 3811."""
    with working(database.sessions, announce=lambda _, event: events.append(event)) as begun:
        an_area(begun)
        yield begun


def refs(work, invitation_id):
    return work.session.scalars(
        select(Job.ref).where(Job.invitation_id == invitation_id).order_by(Job.id)
    ).all()


def test_a_job_that_nobody_was_asked_about_is_withdrawn_in_silence(work, events):
    ref = a_job(work, a_customer(work))

    assert (withdraw(work, [ref]), withdraw(work, [ref])) == (1, 0)
    assert events == []


def test_an_invitation_whose_only_job_is_withdrawn_ends(work, events):
    invitation_id = an_invitation(work)

    withdraw(work, refs(work, invitation_id))

    assert work.session.scalars(select(Invitation.ended)).one() == "withdrawn"
    assert isinstance(events[-1], JobsWithdrawn)


def test_a_booked_visit_ends_and_its_place_is_free_at_once(work):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)

    withdraw(work, refs(work, invitation_id))

    assert work.session.execute(select(Visit.state, Visit.sequence)).one() == ("cancelled", 1)
    assert counters(work, window_id) == (1, 0, 0)
    assert work.session.scalars(select(VisitJob.live)).all() == [False]


def test_a_visit_goes_on_with_its_other_job_in_fewer_places_and_minutes(work, events):
    window_id, invitation_id = (
        a_window(work, capacity=3),
        an_invitation(work, kinds=("maintenance", "installation")),
    )
    book(work, invitation_id, window_id)

    withdraw(work, refs(work, invitation_id)[1:])

    visit = work.session.scalars(select(Visit)).one()
    assert (visit.state, visit.places, visit.minutes, visit.sequence) == ("booked", 1, 45, 1)
    assert counters(work, window_id) == (3, 1, 0)
    assert isinstance(events[-1], VisitChanged)


@pytest.mark.parametrize("state", ["arrived", "done"])
def test_it_is_too_late_once_the_technician_is_there(work, state):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)
    visits.progress(work, invitation_id, state)

    with pytest.raises(NotPossible) as refused:
        withdraw(work, refs(work, invitation_id))

    assert refused.value.facts == {"job": refs(work, invitation_id)[0], "state": state}


def test_a_technician_on_the_way_can_still_be_called_back(work):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)
    visits.progress(work, invitation_id, "on_the_way")

    assert withdraw(work, refs(work, invitation_id)) == 1
    assert counters(work, window_id) == (1, 0, 0)


def test_a_cancellation_that_is_undone_does_not_bring_a_withdrawn_job_back(work):
    window_id, invitation_id = (
        a_window(work, capacity=3),
        an_invitation(work, kinds=("maintenance", "repair")),
    )
    book(work, invitation_id, window_id)
    visits.cancel(work, invitation_id)
    stays, goes = work.session.scalars(select(Job.id).order_by(Job.id)).all()
    withdraw(work, refs(work, invitation_id)[1:])

    visits.restore(work, invitation_id)

    live = work.session.scalars(select(VisitJob.job_id).where(VisitJob.live)).all()
    assert (live, goes in live) == ([stays], False)


def test_one_unknown_job_refuses_all(work):
    invitation_id = an_invitation(work)

    with pytest.raises(NoSuchThing):
        withdraw(work, [*refs(work, invitation_id), "J0"])

    assert work.session.scalars(select(Job.withdrawn_at)).one() is None


def test_a_cancellation_is_undone_without_the_job_that_was_withdrawn_and_its_places(work):
    window_id, invitation_id = (
        a_window(work, capacity=3),
        an_invitation(work, kinds=("maintenance", "installation")),
    )
    book(work, invitation_id, window_id)
    visits.cancel(work, invitation_id)

    withdraw(work, refs(work, invitation_id)[1:])
    held = counters(work, window_id)
    visits.restore(work, invitation_id)

    assert held == (3, 0, 1)
    assert counters(work, window_id) == (3, 1, 0)
    assert work.session.execute(select(Visit.places, Visit.minutes)).one() == (1, 45)
