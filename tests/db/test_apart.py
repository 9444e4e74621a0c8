"""One job of several: another time for it, or none, while the others stay as they are."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from scheduling.actions import visits
from scheduling.actions.apart import book_apart, leave_part
from scheduling.actions.work import InvitationChanged, VisitBooked, VisitChanged
from scheduling.errors import LinkEnded, NotPossible, TooLate, WindowTaken
from scheduling.models import ContactHistory, Invitation, Job, Visit, VisitJob, Window
from tests.factories import (
    A_THURSDAY,
    TEN,
    TWO,
    a_window,
    an_area,
    an_invitation,
    close,
    counters,
    working,
)

HOST = "portal.example"


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


@pytest.fixture
def invitation_id(work):
    """Maintenance (one place, 45 minutes) and an installation (two places, 120 minutes)."""
    return an_invitation(work, kinds=("maintenance", "installation"))


def job_ids(work, invitation_id):
    return list(
        work.session.scalars(select(Job.id).where(Job.invitation_id == invitation_id).order_by(Job.id))
    )


def booked(work, invitation_id, window_id):
    return visits.book(work, invitation_id, window_id, uid_host=HOST).visit_id


@pytest.mark.parametrize("is_lower", [True, False], ids=["to a lower id", "to a higher id"])
def test_a_job_gets_another_window_and_the_visit_goes_on_without_it(work, invitation_id, is_lower, events):
    first, second = a_window(work, starts=TEN, capacity=3), a_window(work, starts=TWO, capacity=3)
    old, new = (second, first) if is_lower else (first, second)
    visit_id = booked(work, invitation_id, old)
    maintenance, installation = job_ids(work, invitation_id)

    apart = book_apart(work, invitation_id, [installation], new, uid_host=HOST)

    visit = work.session.get_one(Visit, visit_id)
    other = work.session.scalars(select(Visit).where(Visit.invitation_id == apart.invitation_id)).one()
    assert (counters(work, old)[1], counters(work, new)[1]) == (1, 2)
    assert (visit.window_id, visit.places, visit.minutes, visit.sequence) == (old, 1, 45, 1)
    assert (other.window_id, other.places, other.minutes, other.sequence) == (new, 2, 120, 0)
    assert (visit.uid, visit.code) != (other.uid, other.code)
    assert job_ids(work, invitation_id) == [maintenance]
    assert job_ids(work, apart.invitation_id) == [installation]
    assert {type(event) for event in events[-2:]} == {VisitBooked, VisitChanged}


def test_asking_twice_is_one_visit(work, invitation_id):
    old, new = a_window(work, capacity=3), a_window(work, starts=TWO, capacity=9)
    booked(work, invitation_id, old)
    part = job_ids(work, invitation_id)[1:]

    first = book_apart(work, invitation_id, part, new, uid_host=HOST)
    second = book_apart(work, invitation_id, part, new, uid_host=HOST)

    assert first == second
    assert counters(work, new)[1] == 2


def test_the_new_invitation_is_like_the_old_one(work, invitation_id):
    new = a_window(work, capacity=2)

    apart = book_apart(work, invitation_id, [job_ids(work, invitation_id)[1]], new, uid_host=HOST)

    columns = (Invitation.customer_id, Invitation.address_id, Invitation.contact_id, Invitation.expires_at)
    rows = work.session.execute(
        select(*columns).where(Invitation.id.in_([invitation_id, apart.invitation_id]))
    ).all()
    assert rows[0] == rows[1]


def test_before_there_is_a_visit_the_rest_is_still_asked_for(work, invitation_id, events):
    new = a_window(work, capacity=2)

    book_apart(work, invitation_id, [job_ids(work, invitation_id)[1]], new, uid_host=HOST)

    assert isinstance(events[-1], InvitationChanged)
    later = a_window(work, starts=TWO)
    assert booked(work, invitation_id, later)
    assert counters(work, later) == (1, 1, 0)


def test_a_full_window_changes_nothing(database, events):
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work, kinds=("maintenance", "installation"))
        old, new = a_window(work, capacity=3), a_window(work, starts=TWO, capacity=1)
        booked(work, invitation_id, old)
        ids = job_ids(work, invitation_id)

    with pytest.raises(WindowTaken), working(database.sessions) as work:
        book_apart(work, invitation_id, [ids[1]], new, uid_host=HOST)

    with database.sessions.read() as session:
        assert counters(session, old) == (3, 3, 0)
        assert counters(session, new) == (1, 0, 0)
        assert session.scalar(select(func.count()).select_from(Invitation)) == 1
        assert session.scalar(select(func.count()).select_from(VisitJob).where(VisitJob.live)) == 2


def test_its_own_window_and_a_closed_one_are_refused(work, invitation_id):
    old, closed = a_window(work, capacity=9), a_window(work, starts=TWO, capacity=9)
    booked(work, invitation_id, old)
    close(work, closed)
    part = [job_ids(work, invitation_id)[0]]

    for window_id in (old, closed, 999_999):
        with pytest.raises(WindowTaken), work.session.begin_nested():
            book_apart(work, invitation_id, part, window_id, uid_host=HOST)


def test_only_the_due_date_of_the_job_itself_counts(work, invitation_id):
    maintenance, installation = job_ids(work, invitation_id)
    work.session.execute(update(Job).where(Job.id == maintenance).values(due_by=date(2026, 11, 30)))
    after = a_window(work, capacity=9)

    with pytest.raises(WindowTaken), work.session.begin_nested():
        book_apart(work, invitation_id, [maintenance], after, uid_host=HOST)
    book_apart(work, invitation_id, [installation], after, uid_host=HOST)

    assert counters(work, after)[1] == 2


def test_jobs_that_are_no_part_are_refused(work, invitation_id):
    window_id = a_window(work, capacity=9)
    stranger = job_ids(work, an_invitation(work))
    ids = job_ids(work, invitation_id)

    for part in ([], ids, stranger, [999_999]):
        with pytest.raises(NotPossible):
            book_apart(work, invitation_id, part, window_id, uid_host=HOST)


def test_it_is_too_late_when_it_is_too_late_to_change_the_visit(work, invitation_id):
    old, new = a_window(work, capacity=3), a_window(work, day=A_THURSDAY + timedelta(days=7), capacity=3)
    booked(work, invitation_id, old)
    starts_at = work.session.scalars(select(Window.starts_at).where(Window.id == old)).one()
    the_evening_before = replace(work, now=starts_at - timedelta(hours=10))

    with pytest.raises(TooLate):
        book_apart(the_evening_before, invitation_id, job_ids(work, invitation_id)[:1], new, uid_host=HOST)


def test_an_ended_invitation_is_refused(work, invitation_id):
    ids = job_ids(work, invitation_id)
    work.session.execute(update(Invitation).values(ended="revoked"))

    with pytest.raises(LinkEnded):
        book_apart(work, invitation_id, [ids[0]], a_window(work), uid_host=HOST)
    with pytest.raises(LinkEnded):
        leave_part(work, invitation_id, [ids[0]], "done")


def test_a_job_is_let_go_and_the_visit_goes_on_without_it(work, invitation_id, events):
    window_id = a_window(work, capacity=3)
    visit_id = booked(work, invitation_id, window_id)
    maintenance, installation = job_ids(work, invitation_id)

    leave_part(work, invitation_id, [installation], "done", note="By my brother")

    job = work.session.get_one(Job, installation)
    assert (job.exit, job.withdrawn_at) == ("done", work.now)
    assert work.session.get_one(Visit, visit_id).places == 1
    assert counters(work, window_id) == (3, 1, 0)
    assert isinstance(events[-1], VisitChanged)
    said = work.session.scalars(select(ContactHistory)).one()
    assert (said.invitation_id, said.body) == (invitation_id, "By my brother")
    with pytest.raises(NotPossible):
        leave_part(work, invitation_id, [maintenance], "done")


def test_a_job_is_let_go_before_there_is_a_visit(work, invitation_id, events):
    leave_part(work, invitation_id, [job_ids(work, invitation_id)[1]], "not_needed")

    assert isinstance(events[-1], InvitationChanged)
    assert booked(work, invitation_id, a_window(work))


def test_nothing_is_let_go_of_while_the_technician_is_there(work, invitation_id):
    booked(work, invitation_id, a_window(work, capacity=3))
    visits.progress(work, invitation_id, "arrived")

    with pytest.raises(NotPossible):
        leave_part(work, invitation_id, [job_ids(work, invitation_id)[1]], "done")
