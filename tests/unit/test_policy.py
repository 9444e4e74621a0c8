"""Until when a window may be chosen and changed, over weekends, holidays and clock changes; and for whom it is."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.policy import (
    NEXT_STATES,
    AreaRules,
    Wanted,
    WindowFacts,
    book_deadline,
    bookable_days,
    change_deadline,
    is_live,
    link_expiry,
    may_become,
    undo_until,
    why_not,
)

RULES = AreaRules("Europe/Amsterdam", "NL", None, time(16), time(12))
MOMENTS = st.integers(0, 425 * 24 * 60).map(
    lambda minutes: utc("2026-11-01T00:00") + timedelta(minutes=minutes)
)
ANY = Wanted(places=1, not_before=None, due_by=None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The day of the window, and the day before it on which people work.
WORKING_DAYS_BEFORE = {
    "Tuesday": (date(2026, 12, 1), date(2026, 11, 30)),
    "Monday, over a weekend": (date(2026, 11, 30), date(2026, 11, 27)),
    "Saturday": (date(2026, 11, 28), date(2026, 11, 27)),
    "Sunday": (date(2026, 11, 29), date(2026, 11, 27)),
    # Easter is on 28 March 2027, Good Friday on 26 March.
    "Good Friday itself": (date(2027, 3, 26), date(2027, 3, 25)),
    "Tuesday after Easter": (date(2027, 3, 30), date(2027, 3, 25)),
    # Christmas 2026: Friday 25 and Saturday 26 December.
    "Monday after Christmas": (date(2026, 12, 28), date(2026, 12, 24)),
    "Monday after New Year's Day": (date(2027, 1, 4), date(2026, 12, 31)),
    # King's day 2027 is a Tuesday.
    "the day after King's day": (date(2027, 4, 28), date(2027, 4, 26)),
    "the day after Ascension Day": (date(2027, 5, 7), date(2027, 5, 5)),
}


@pytest.mark.parametrize(("day", "before"), WORKING_DAYS_BEFORE.values(), ids=WORKING_DAYS_BEFORE.keys())
def test_a_deadline_lies_on_the_working_day_before(day, before):
    book, change = book_deadline(day, RULES), change_deadline(day, RULES)

    # 16:00 and 12:00 in Amsterdam: an hour earlier in winter, two in summer.
    ahead = timedelta(hours=2 if date(2027, 3, 28) <= before < date(2027, 10, 31) else 1)
    assert book == datetime.combine(before, time(16), UTC) - ahead
    assert change == datetime.combine(before, time(12), UTC) - ahead


def test_over_the_clock_changes_a_deadline_is_local_time():
    # Sunday 28 March 2027 is Easter: Tuesday's deadline is the Thursday before, still in winter time.
    assert book_deadline(date(2027, 3, 30), RULES) == utc("2027-03-25T15:00")
    # On Sunday 31 October the clock goes back: Monday's is Friday in summer time, Tuesday's Monday in winter time.
    assert book_deadline(date(2027, 11, 1), RULES) == utc("2027-10-29T14:00")
    assert book_deadline(date(2027, 11, 2), RULES) == utc("2027-11-01T15:00")


def test_the_moment_of_the_deadline_itself_is_too_late():
    tomorrow = date(2026, 11, 25)
    deadline = utc("2026-11-24T15:00")

    before, _ = bookable_days(ANY, RULES, deadline - timedelta(microseconds=1))
    at, _ = bookable_days(ANY, RULES, deadline)

    assert before == tomorrow
    assert at == tomorrow + timedelta(days=1)


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        # Friday 15:59 in Amsterdam: Saturday to Monday are still open; a minute later Tuesday is the first.
        ("2026-11-27T14:59", date(2026, 11, 28)),
        ("2026-11-27T15:00", date(2026, 12, 1)),
        ("2026-11-29T12:00", date(2026, 12, 1)),
        # After Thursday 16:00 before Easter everything up to and with the Tuesday after it is shut.
        ("2027-03-25T15:00", date(2027, 3, 31)),
        # 23:30 UTC is already the next day in Amsterdam.
        ("2026-11-24T23:30", date(2026, 11, 26)),
    ],
)
def test_the_first_day_that_may_be_booked(moment, first):
    assert bookable_days(ANY, RULES, utc(moment)) == (first, None)


def test_horizon_not_before_and_due_by_narrow_the_days():
    now = utc("2026-11-24T09:00")
    rules = AreaRules("Europe/Amsterdam", "NL", 14, time(16), time(12))

    assert bookable_days(ANY, rules, now) == (date(2026, 11, 25), date(2026, 12, 8))
    later = Wanted(1, date(2026, 12, 1), date(2026, 12, 4))
    assert bookable_days(later, rules, now) == (date(2026, 12, 1), date(2026, 12, 4))
    past = Wanted(1, date(2026, 1, 1), date(2027, 12, 4))
    assert bookable_days(past, rules, now) == (date(2026, 11, 25), date(2026, 12, 8))


@given(
    day=st.dates(date(2026, 11, 1), date(2027, 12, 31)),
    moment=MOMENTS,
    is_open=st.booleans(),
    free=st.integers(0, 4),
    places=st.integers(1, 4),
    horizon=st.none() | st.integers(0, 400),
    not_before=st.none() | st.dates(date(2026, 11, 1), date(2027, 12, 31)),
    due_by=st.none() | st.dates(date(2026, 11, 1), date(2027, 12, 31)),
)
def test_a_window_may_be_chosen_exactly_when_its_day_is_bookable_and_it_is_open_and_has_room(
    *, day, moment, is_open, free, places, horizon, not_before, due_by
):
    rules = AreaRules("Europe/Amsterdam", "NL", horizon, time(16), time(12))
    wanted = Wanted(places, not_before, due_by)
    starts_at = datetime.combine(day, time(9), UTC)
    window = WindowFacts(1, day, starts_at, starts_at + timedelta(hours=2), is_open, free)
    first, last = bookable_days(wanted, rules, moment)

    may = is_open and free >= places and first <= day and (last is None or day <= last)

    assert (why_not(window, wanted, rules, moment) is None) == may


@given(
    day=st.dates(date(2026, 11, 1), date(2027, 12, 31)),
    moment=MOMENTS,
)
def test_the_days_that_may_be_booked_are_those_whose_deadline_is_to_come(day, moment):
    first, _ = bookable_days(ANY, RULES, moment)

    # The slow twin: each day's own deadline.
    assert (day >= first) == (moment < book_deadline(day, RULES))


@given(day=st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_changing_ends_before_booking_and_both_before_the_day(day):
    midnight = datetime.combine(day, time(0), UTC) - timedelta(hours=2)

    assert change_deadline(day, RULES) < book_deadline(day, RULES) < midnight


def test_a_link_opens_until_60_days_after_the_due_date():
    now = utc("2026-11-24T09:00")

    assert link_expiry(date(2026, 12, 31), now) == utc("2027-03-01T00:00")  # 31 days of January, 28, and 1
    assert link_expiry(None, now) == utc("2027-11-24T09:00")
    # Long overdue: it opens for 60 days all the same.
    assert link_expiry(date(2025, 1, 1), now) == utc("2027-01-23T09:00")


def test_a_cancellation_can_be_undone_for_15_minutes():
    assert undo_until(utc("2026-11-24T09:50")) == utc("2026-11-24T10:05")


@pytest.mark.parametrize("state", NEXT_STATES)
def test_only_what_is_done_or_missed_is_final(state):
    assert (NEXT_STATES[state] == set()) == (state in {"done", "missed"})
    assert is_live(state) == (state not in {"cancelled", "missed"})
    assert may_become(state, "cancelled") == (state in {"booked", "on_the_way"})
    assert not may_become(state, state)
