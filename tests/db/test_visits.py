"""Book, change, cancel, restore and progress: what they write, and what they refuse."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update

from scheduling.actions import visits
from scheduling.actions.work import VisitBooked, VisitCancelled, VisitChanged, VisitRestored, Work
from scheduling.errors import AlreadyBooked, LinkEnded, LinkUnknown, NotPossible, TooLate, WindowTaken
from scheduling.models import History, Hold, Invitation, Visit, VisitJob, Window
from tests.databases import Database
from tests.environment import NOW
from tests.factories import (
    A_THURSDAY,
    EIGHT,
    TEN,
    TWO,
    a_window,
    an_area,
    an_invitation,
    close,
    counters,
    working,
)

Working = Callable[..., AbstractContextManager[Work]]
book = partial(visits.book, uid_host="portal.example")


@pytest.fixture
def begin(database: Database) -> Working:
    """Opens a unit of work over this test's database."""
    return partial(working, database.sessions)


def visit_of(work: Work, invitation_id: int) -> Visit:
    return work.session.scalars(
        select(Visit).where(Visit.invitation_id == invitation_id).order_by(Visit.id.desc()).limit(1)
    ).one()


def test_booking_claims_a_place_and_writes_visit_history_and_event_together(begin: Working) -> None:
    events = []
    with begin(announce=lambda work, event: events.append(event)) as work:
        an_area(work)
        window_id = a_window(work, capacity=3)
        invitation_id = an_invitation(work)

        booked = book(work, invitation_id, window_id)

        visit = visit_of(work, invitation_id)
        assert (visit.id, visit.state, visit.sequence, visit.places) == (booked.visit_id, "booked", 0, 1)
        assert visit.minutes == 45  # maintenance, as the kinds come with the product
        assert counters(work, window_id) == (3, 1, 0)
        assert isinstance(events[-1], VisitBooked)
        assert work.session.scalars(select(History.event)).all()[-1] == "visit_booked"


def test_several_jobs_are_one_visit_and_take_their_places_in_sum(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work, capacity=3)
        invitation_id = an_invitation(work, kinds=("maintenance", "installation"))

        book(work, invitation_id, window_id)

        visit = visit_of(work, invitation_id)
        assert (visit.places, visit.minutes) == (3, 165)  # 1 + 2 places, 45 + 120 minutes
        assert counters(work, window_id) == (3, 3, 0)
        jobs = work.session.scalar(select(func.count()).select_from(VisitJob))
        assert jobs == 2


def test_work_that_takes_two_places_does_not_fit_into_one(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work, capacity=1)
        invitation_id = an_invitation(work, kinds=("installation",))

        with pytest.raises(WindowTaken):
            book(work, invitation_id, window_id)

        assert counters(work, window_id) == (1, 0, 0)


def test_confirming_twice_is_one_visit(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work, capacity=3)
        invitation_id = an_invitation(work)

        first = book(work, invitation_id, window_id)
        second = book(work, invitation_id, window_id)

        assert (second.visit_id, second.changed) == (first.visit_id, False)
        assert counters(work, window_id) == (3, 1, 0)


def test_another_window_from_a_second_tab_changes_nothing(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        one, other = a_window(work), a_window(work, starts=TWO)
        invitation_id = an_invitation(work)
        book(work, invitation_id, one)

        with pytest.raises(AlreadyBooked):
            book(work, invitation_id, other)

        assert counters(work, other) == (1, 0, 0)
        assert visit_of(work, invitation_id).window_id == one


def test_a_full_window_is_refused(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        book(work, an_invitation(work), window_id)

        with pytest.raises(WindowTaken):
            book(work, an_invitation(work), window_id)


def _closed(work: Work) -> int:
    window_id = a_window(work)
    close(work, window_id)
    return window_id


def _of_another_area(work: Work) -> int:
    an_area(work, "UTR", codes=("3511",))
    return a_window(work, area="UTR")


def _tomorrow_after_four(work: Work) -> int:
    # Wednesday 25 November; bookable until Tuesday 16:00, and the test is at 17:00.
    return a_window(work, day=date(2026, 11, 25))


def _before_not_before(work: Work) -> int:
    return a_window(work, day=date(2026, 11, 27))


def _after_due(work: Work) -> int:
    return a_window(work, day=date(2027, 1, 15))


@pytest.mark.parametrize(
    "make_window",
    [_closed, _of_another_area, _tomorrow_after_four, _before_not_before, _after_due, lambda work: 987654],
    ids=["closed", "another_area", "too_soon", "before_not_before", "after_due_by", "unknown"],
)
def test_a_window_id_posted_by_hand_is_judged_like_one_shown(
    begin: Working, make_window: Callable[[Work], int]
) -> None:
    with begin(now=datetime(2026, 11, 24, 16, 0, tzinfo=UTC)) as work:
        an_area(work)
        window_id = make_window(work)
        invitation_id = an_invitation(work)
        from scheduling.models import Job

        work.session.execute(update(Job).values(not_before=date(2026, 11, 30), due_by=date(2026, 12, 31)))
        if make_window is _tomorrow_after_four:
            work.session.execute(update(Job).values(not_before=None))

        with pytest.raises(WindowTaken):
            book(work, invitation_id, window_id)


def test_the_last_minute_for_booking_is_16_00_on_the_working_day_before(begin: Working) -> None:
    """Monday 7 December is bookable until Friday 4 December 16:00 local, which is 15:00 UTC."""
    with begin() as work:
        an_area(work)
        window_id = a_window(work, day=date(2026, 12, 7), capacity=2)
        in_time, too_late = an_invitation(work), an_invitation(work)

    with begin(now=datetime(2026, 12, 4, 14, 59, 59, tzinfo=UTC)) as work:
        book(work, in_time, window_id)
    with begin(now=datetime(2026, 12, 4, 15, 0, tzinfo=UTC)) as work, pytest.raises(WindowTaken):
        book(work, too_late, window_id)


def test_a_change_moves_the_place_and_stays_the_same_visit(begin: Working) -> None:
    events = []
    with begin(announce=lambda work, event: events.append(event)) as work:
        an_area(work)
        one, other = a_window(work), a_window(work, starts=TWO)
        invitation_id = an_invitation(work)
        book(work, invitation_id, one)
        before = visit_of(work, invitation_id)
        ref, uid, code = before.ref, before.uid, before.code

        visits.change(work, invitation_id, other, sequence=0)

        work.session.expire_all()
        after = visit_of(work, invitation_id)
        assert (after.ref, after.uid, after.code) == (ref, uid, code)
        assert (after.window_id, after.sequence) == (other, 1)
        assert counters(work, one) == (1, 0, 0)
        assert counters(work, other) == (1, 1, 0)
        assert isinstance(events[-1], VisitChanged)


def test_a_change_to_a_full_window_leaves_everything_as_it_was(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        one, full = a_window(work), a_window(work, starts=TWO)
        invitation_id = an_invitation(work)
        book(work, invitation_id, one)
        book(work, an_invitation(work), full)

    with pytest.raises(WindowTaken), begin() as work:
        visits.change(work, invitation_id, full, sequence=0)

    with begin() as work:
        assert counters(work, one) == (1, 1, 0)
        assert counters(work, full) == (1, 1, 0)
        assert visit_of(work, invitation_id).sequence == 0


def test_a_change_from_an_old_tab_is_refused(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        one, two, three = a_window(work), a_window(work, starts=TWO), a_window(work, starts=EIGHT)
        invitation_id = an_invitation(work)
        book(work, invitation_id, one)
        visits.change(work, invitation_id, two, sequence=0)

        with pytest.raises(AlreadyBooked):
            visits.change(work, invitation_id, three, sequence=0)


def test_after_noon_on_the_working_day_before_a_visit_cannot_be_moved_but_can_be_cancelled(
    begin: Working,
) -> None:
    with begin() as work:
        an_area(work)
        window_id, later = a_window(work), a_window(work, day=A_THURSDAY + timedelta(days=7))
        invitation_id = an_invitation(work)
        book(work, invitation_id, window_id)

    # The Wednesday before, 12:00 local is 11:00 UTC.
    with begin(now=datetime(2026, 12, 2, 11, 0, tzinfo=UTC)) as work:
        with pytest.raises(TooLate):
            visits.change(work, invitation_id, later, sequence=0)
        visits.cancel(work, invitation_id)

        assert visit_of(work, invitation_id).state == "cancelled"


def test_a_cancelled_place_is_held_for_fifteen_minutes_and_can_be_taken_back(begin: Working) -> None:
    events = []
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id, other = an_invitation(work), an_invitation(work)
        book(work, invitation_id, window_id)
        visits.cancel(work, invitation_id)
        assert counters(work, window_id) == (1, 0, 1)

    with begin(now=NOW + timedelta(minutes=14, seconds=59)) as work, pytest.raises(WindowTaken):
        book(work, other, window_id)
    with begin(
        now=NOW + timedelta(minutes=14, seconds=59), announce=lambda work, event: events.append(event)
    ) as work:
        visits.restore(work, invitation_id)

        visit = visit_of(work, invitation_id)
        assert (visit.state, visit.sequence) == ("booked", 2)
        assert counters(work, window_id) == (1, 1, 0)
        assert isinstance(events[-1], VisitRestored)


def test_after_fifteen_minutes_the_place_is_anybodys(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id, other = an_invitation(work), an_invitation(work)
        book(work, invitation_id, window_id)
        visits.cancel(work, invitation_id)

    with begin(now=NOW + timedelta(minutes=15)) as work:
        with pytest.raises(TooLate):
            visits.restore(work, invitation_id)
        book(work, other, window_id)

        assert counters(work, window_id) == (1, 1, 0)


def test_cancelling_twice_is_one_cancellation(begin: Working) -> None:
    events = []
    with begin(announce=lambda work, event: events.append(event)) as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        book(work, invitation_id, window_id)

        visits.cancel(work, invitation_id)
        visits.cancel(work, invitation_id)

        assert [type(event) for event in events].count(VisitCancelled) == 1
        assert counters(work, window_id) == (1, 0, 1)


def test_after_cancelling_the_customer_may_choose_the_very_window_that_is_held_for_them(
    begin: Working,
) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        first = book(work, invitation_id, window_id)
        uid = visit_of(work, invitation_id).uid
        visits.cancel(work, invitation_id)

        second = book(work, invitation_id, window_id)

        assert second.visit_id != first.visit_id
        assert visit_of(work, invitation_id).uid != uid
        assert counters(work, window_id) == (1, 1, 0)
        assert work.session.scalars(select(Hold.id)).all() == []


@pytest.mark.parametrize("choose_later", [True, False], ids=["later_window", "earlier_window"])
def test_choosing_another_window_gives_up_what_was_held(begin: Working, *, choose_later: bool) -> None:
    with begin() as work:
        an_area(work)
        held = a_window(work, starts=TEN)
        # Ids rise in the order of making: the other window is touched after or before the held one.
        other = a_window(work, starts=TWO)
        if not choose_later:
            held, other = other, held
        invitation_id = an_invitation(work)
        book(work, invitation_id, held)
        visits.cancel(work, invitation_id)

        book(work, invitation_id, other)

        assert counters(work, held) == (1, 0, 0)
        assert counters(work, other) == (1, 1, 0)
        assert work.session.scalars(select(Hold.id)).all() == []


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        (("on_the_way", "arrived", "done"), (1, 1, 0)),
        (("missed",), (1, 0, 0)),
        (("on_the_way", "missed"), (1, 0, 0)),
    ],
    ids=["done", "missed", "missed_on_arrival"],
)
def test_the_day_itself(begin: Working, path: tuple[str, ...], ending: tuple[int, int, int]) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        book(work, invitation_id, window_id)

        for state in path:
            visits.progress(work, invitation_id, state)

        assert counters(work, window_id) == ending


@pytest.mark.parametrize("state", ["arrived", "done"])
def test_a_visit_cannot_be_cancelled_once_the_technician_is_there(begin: Working, state: str) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        book(work, invitation_id, window_id)
        visits.progress(work, invitation_id, state)

        with pytest.raises(NotPossible):
            visits.cancel(work, invitation_id)


def test_closing_a_window_never_touches_its_visits(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        book(work, invitation_id, window_id)
        close(work, window_id)

        visits.cancel(work, invitation_id)
        visits.restore(work, invitation_id)

        assert counters(work, window_id) == (1, 1, 0)


def test_an_ended_invitation_books_nothing(begin: Working) -> None:
    with begin() as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        work.session.execute(update(Invitation).values(ended="revoked"))

        with pytest.raises(LinkEnded):
            book(work, invitation_id, window_id)
        with pytest.raises(LinkUnknown):
            book(work, invitation_id + 1000, window_id)


def test_the_table_itself_refuses_more_than_its_capacity(begin: Working) -> None:
    from sqlalchemy.exc import IntegrityError

    with begin() as work:
        an_area(work)
        window_id = a_window(work)
    overbook = update(Window).where(Window.id == window_id).values(booked=2)

    with begin() as work, pytest.raises(IntegrityError):
        work.session.execute(overbook)
