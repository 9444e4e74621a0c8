"""Opening, resizing and closing windows."""

from datetime import date, time

import pytest
from sqlalchemy import select

from scheduling.actions import visits
from scheduling.actions.openings import Opening, RefusedWindow, open_windows, resize, set_open
from scheduling.actions.work import WindowsChanged
from scheduling.errors import BelowBooked, NoSuchThing
from scheduling.models import History, Window
from tests.factories import A_THURSDAY, EIGHT, TEN, a_window, an_area, an_invitation, counters, working

EVERY_DAY = frozenset(range(7))


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


def test_opening_writes_history_once_and_none_where_nothing_is_new(work, events):
    opening = Opening(A_THURSDAY, A_THURSDAY, (EIGHT, TEN), EVERY_DAY, 2)

    first, second = open_windows(work, "AMF", opening), open_windows(work, "AMF", opening)

    assert (first.opened, first.existing, second.opened, second.existing) == (2, 0, 0, 2)
    assert [type(event) for event in events] == [WindowsChanged]
    assert work.session.scalars(select(History.event)).all() == ["windows_changed"]


def test_windows_of_another_area_do_not_stand_in_the_way(work):
    an_area(work, "OTHER", codes=("3900",))
    a_window(work)

    opened = open_windows(work, "OTHER", Opening(A_THURSDAY, A_THURSDAY, (time(11),), EVERY_DAY, 1))

    assert opened.opened == 1


def test_the_local_day_is_the_area_s(work):
    a_window(work, day=date(2027, 7, 1), starts=time(0, 30))

    window = work.session.scalars(select(Window)).one()
    assert (window.local_day, window.starts_at.isoformat()) == (date(2027, 7, 1), "2027-06-30T22:30:00+00:00")


def test_a_start_that_the_clock_skips_is_refused(work):
    day = date(2027, 3, 28)

    opened = open_windows(work, "AMF", Opening(day, day, (time(2),), EVERY_DAY, 1))

    assert opened.refused == (RefusedWindow(day, time(2), "skipped_by_clock"),)


def test_a_capacity_never_falls_below_what_is_booked(work):
    window_id = a_window(work, capacity=3)
    visits.book(work, an_invitation(work, kinds=("installation",)), window_id, uid_host="portal.example")

    with pytest.raises(BelowBooked) as refused:
        resize(work, window_id, 1)
    resize(work, window_id, 2)

    assert refused.value.facts == {"window_id": window_id, "booked": 2, "held": 0}
    assert counters(work, window_id) == (2, 2, 0)


def test_closing_touches_no_visit_and_says_how_many_places_stay_booked(work):
    window_id = a_window(work, capacity=2)
    visits.book(work, an_invitation(work), window_id, uid_host="portal.example")

    assert set_open(work, window_id, is_open=False) == 1
    assert counters(work, window_id) == (2, 1, 0)


@pytest.mark.parametrize(
    "change", [lambda work: resize(work, 999, 1), lambda work: set_open(work, 999, is_open=True)]
)
def test_a_window_that_is_not_there_is_refused(work, change):
    with pytest.raises(NoSuchThing):
        change(work)


def test_an_area_that_is_not_there_is_refused(work):
    with pytest.raises(NoSuchThing):
        open_windows(work, "XYZ", Opening(A_THURSDAY, A_THURSDAY, (TEN,), EVERY_DAY, 1))
