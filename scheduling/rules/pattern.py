"""Several homes of one contact, planned by a pattern: which window each of them gets.

A proposal and nothing more: the contact looks it over, and every booking is claimed on its own like any other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

NOON = time(12)
MORNING, AFTERNOON, ANY_TIME = "morning", "afternoon", "any"
PARTS_OF_DAY = (ANY_TIME, MORNING, AFTERNOON)
WEEKDAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Pattern:
    """When it suits the contact. `weekdays` from Monday 0; a part of the day is where a window begins, local time.

    `one_each`: they go along from home to home, so that no two homes get the same window; otherwise a window takes as
    many as it has places for.
    """

    from_day: date
    weekdays: frozenset[int] = WEEKDAYS
    part_of_day: str = ANY_TIME
    one_each: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """One invitation to be planned: the places its jobs take, and the local days it may be planned on."""

    invitation_id: int
    area_id: int
    places: int
    first_day: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class FreeWindow:
    """A window with room, in local time of its area. `free` is in places."""

    window_id: int
    area_id: int
    local_day: date
    starts: datetime
    ends: datetime
    free: int


def plan(
    homes: Sequence[Home], windows: Sequence[FreeWindow], pattern: Pattern
) -> Mapping[int, FreeWindow | None]:
    """The window that each home gets, by invitation: the homes in their order, each the first window left for it.

    `windows` in order of time. None for a home for which nothing is left. Never takes more places than are free.
    """
    taken: Counter[int] = Counter()
    used: set[datetime] = set()
    planned: dict[int, FreeWindow | None] = {}
    fitting = [window for window in windows if _fits_pattern(window, pattern)]
    for home in homes:
        found = next(
            (
                window
                for window in fitting
                if _fits_home(window, home)
                and window.free - taken[window.window_id] >= home.places
                and not (pattern.one_each and window.starts in used)
            ),
            None,
        )
        planned[home.invitation_id] = found
        if found is not None:
            taken[found.window_id] += home.places
            used.add(found.starts)
    return planned


def _fits_pattern(window: FreeWindow, pattern: Pattern) -> bool:
    part = MORNING if window.starts.time() < NOON else AFTERNOON
    return (
        window.local_day >= pattern.from_day
        and window.local_day.weekday() in pattern.weekdays
        and pattern.part_of_day in (ANY_TIME, part)
    )


def _fits_home(window: FreeWindow, home: Home) -> bool:
    return (
        window.area_id == home.area_id
        and window.local_day >= home.first_day
        and (home.last_day is None or window.local_day <= home.last_day)
    )
