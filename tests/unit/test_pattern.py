"""Several homes planned by a pattern."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.pattern import AFTERNOON, MORNING, PARTS_OF_DAY, FreeWindow, Home, Pattern, plan

MONDAY = date(2026, 12, 7)


def a_window(window_id: int, *, day: int = 0, hour: int = 8, free: int = 1, area_id: int = 1) -> FreeWindow:
    local_day = MONDAY + timedelta(days=day)
    starts = datetime.combine(local_day, time(hour), tzinfo=ZoneInfo("Europe/Amsterdam"))
    return FreeWindow(window_id, area_id, local_day, starts, starts + timedelta(hours=2), free)


def a_home(invitation_id: int, *, places: int = 1, first: int = 0, last: int | None = None, area_id: int = 1):
    last_day = None if last is None else MONDAY + timedelta(days=last)
    return Home(invitation_id, area_id, places, MONDAY + timedelta(days=first), last_day)


def window_ids(planned) -> list[int | None]:
    return [None if window is None else window.window_id for window in planned.values()]


def test_a_window_takes_as_many_homes_as_it_has_places_for():
    windows = [a_window(1, free=2), a_window(2, hour=10, free=2)]

    planned = plan([a_home(1), a_home(2), a_home(3)], windows, Pattern(MONDAY))

    assert window_ids(planned) == [1, 1, 2]


def test_whoever_goes_along_gets_one_home_after_the_other():
    windows = [a_window(1, free=2), a_window(2, hour=10, free=2), a_window(3, day=1)]

    planned = plan([a_home(1), a_home(2), a_home(3)], windows, Pattern(MONDAY, one_each=True))

    assert window_ids(planned) == [1, 2, 3]


def test_nobody_is_at_two_homes_in_two_areas_at_once():
    windows = [a_window(1), a_window(2, area_id=2), a_window(3, hour=10, area_id=2)]

    planned = plan([a_home(1), a_home(2, area_id=2)], windows, Pattern(MONDAY, one_each=True))

    assert window_ids(planned) == [1, 3]


def test_only_days_and_parts_of_the_day_that_suit():
    windows = [a_window(1), a_window(2, day=1), a_window(3, day=1, hour=12), a_window(4, day=2, hour=14)]
    tuesday = frozenset({1})

    afternoons = plan([a_home(1)], windows, Pattern(MONDAY, part_of_day=AFTERNOON))
    tuesdays = plan([a_home(1)], windows, Pattern(MONDAY, weekdays=tuesday, part_of_day=MORNING))
    later = plan([a_home(1)], windows, Pattern(MONDAY + timedelta(days=2)))

    assert [window_ids(planned) for planned in (afternoons, tuesdays, later)] == [[3], [2], [4]]


def test_a_home_keeps_its_own_days_and_area_and_the_places_that_its_work_takes():
    windows = [a_window(1, free=1), a_window(2, day=1, free=2, area_id=2), a_window(3, day=4, free=2)]

    too_large = plan([a_home(1, places=2, last=3)], windows, Pattern(MONDAY))
    not_before = plan([a_home(1, first=2)], windows, Pattern(MONDAY))

    assert window_ids(too_large) == [None]
    assert window_ids(not_before) == [3]


HOMES = st.lists(
    st.builds(
        a_home,
        st.integers(1, 10_000),
        places=st.integers(1, 3),
        first=st.integers(0, 5),
        last=st.none() | st.integers(0, 9),
        area_id=st.integers(1, 2),
    ),
    max_size=12,
    unique_by=lambda home: home.invitation_id,
)
WINDOWS = st.lists(
    st.builds(
        a_window,
        st.integers(1, 10_000),
        day=st.integers(0, 9),
        hour=st.sampled_from([8, 10, 12, 14]),
        free=st.integers(0, 4),
        area_id=st.integers(1, 2),
    ),
    max_size=15,
    unique_by=(
        lambda window: window.window_id,
        lambda window: (window.area_id, window.starts),
    ),
).map(lambda windows: sorted(windows, key=lambda window: window.starts))
PATTERNS = st.builds(
    Pattern,
    st.integers(0, 6).map(lambda day: MONDAY + timedelta(days=day)),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    part_of_day=st.sampled_from(PARTS_OF_DAY),
    one_each=st.booleans(),
)


@given(HOMES, WINDOWS, PATTERNS)
def test_a_plan_takes_no_place_that_is_not_free_and_breaks_no_limit(homes, windows, pattern):
    planned = plan(homes, windows, pattern)

    taken: Counter[int] = Counter()
    moments = []
    for home in homes:
        window = planned[home.invitation_id]
        if window is None:
            continue
        taken[window.window_id] += home.places
        moments.append(window.starts)
        assert window.area_id == home.area_id
        assert home.first_day <= window.local_day <= (home.last_day or date.max)
        assert window.local_day >= pattern.from_day
        assert window.local_day.weekday() in pattern.weekdays
        assert pattern.part_of_day in ("any", MORNING if window.starts.hour < 12 else AFTERNOON)
    assert all(taken[window.window_id] <= window.free for window in windows)
    assert not pattern.one_each or len(moments) == len(set(moments))


@given(HOMES, WINDOWS, PATTERNS)
def test_a_home_without_a_window_finds_none_in_what_is_left_either(homes, windows, pattern):
    pattern = replace(pattern, one_each=False)
    planned = plan(homes, windows, pattern)

    taken: Counter[int] = Counter()
    for home in homes:
        if (window := planned[home.invitation_id]) is not None:
            taken[window.window_id] += home.places
    rest = [replace(window, free=window.free - taken[window.window_id]) for window in windows]
    alone = [home for home in homes if planned[home.invitation_id] is None]
    assert [window_ids(plan([home], rest, pattern)) for home in alone] == [[None]] * len(alone)
