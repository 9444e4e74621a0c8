"""Until when a window may be chosen, changed and cancelled, for whom it is, and what a visit may become.

One rule for all: the offer that is shown and the booking that is asked for both call `why_not`, so that a window that
is shown can be booked and one that is posted by hand is judged like one that is shown.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from scheduling.clock import local_instant, to_local, zone
from scheduling.rules.holidays import working_day_before

BOOK_UNTIL = time(16, 0)
CHANGE_UNTIL = time(12, 0)
UNDO_MINUTES = 15
"""How long a place is kept after a cancellation, so that it can be undone."""

LINK_DAYS_AFTER_DUE = 60
"""A link opens until so long after the due date, so that the visit can still be looked up afterwards."""

LINK_DAYS_WITHOUT_DUE = 365
"""A link whose jobs have no due date opens for so long."""

NEXT_STATES = {
    "booked": {"on_the_way", "arrived", "done", "missed", "cancelled"},
    "on_the_way": {"arrived", "done", "missed", "cancelled"},
    "arrived": {"done", "missed"},
    "done": set[str](),
    "missed": set[str](),
    "cancelled": {"booked"},
}
"""What a visit's state may become. From cancelled back to booked only within `UNDO_MINUTES`."""

DEAD_STATES = frozenset({"cancelled", "missed"})


@dataclass(frozen=True, slots=True)
class AreaRules:
    """How an area's windows are booked: local times on the working day before the window's day."""

    time_zone: str
    country: str
    horizon_days: int | None
    book_until: time
    change_until: time


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """What the rule needs to know of a window. `free` is in places."""

    window_id: int
    local_day: date
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    free: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the jobs of an invitation ask of a window: places in sum, the latest not-before and the earliest due-by."""

    places: int
    not_before: date | None
    due_by: date | None


def is_live(state: str) -> bool:
    """Whether a visit in this state occupies its job and its places."""
    return state not in DEAD_STATES


def may_become(state: str, new_state: str) -> bool:
    """Whether a visit may go from one state to the other."""
    return new_state in NEXT_STATES[state]


def book_deadline(local_day: date, rules: AreaRules) -> datetime:
    """The instant until which a window on `local_day` may be chosen."""
    return _deadline(local_day, rules.book_until, rules)


def change_deadline(local_day: date, rules: AreaRules) -> datetime:
    """The instant until which a visit on `local_day` may be moved to another window."""
    return _deadline(local_day, rules.change_until, rules)


def bookable_days(wanted: Wanted, rules: AreaRules, now: datetime) -> tuple[date, date | None]:
    """The first and last local day on which these jobs may be planned; no last day where nothing limits it."""
    today = to_local(now, zone(rules.time_zone)).date()
    first = today + timedelta(days=1)
    while now >= book_deadline(first, rules):
        first += timedelta(days=1)
    if wanted.not_before is not None:
        first = max(first, wanted.not_before)
    horizon = None if rules.horizon_days is None else today + timedelta(days=rules.horizon_days)
    return first, min((day for day in (horizon, wanted.due_by) if day is not None), default=None)


def why_not(window: WindowFacts, wanted: Wanted, rules: AreaRules, now: datetime) -> str | None:
    """Why this window may not be chosen for these jobs, as a stable word; None when it may."""
    first, last = bookable_days(wanted, rules, now)
    if not window.is_open:
        return "closed"
    if window.local_day < first:
        return "too_soon"
    if last is not None and window.local_day > last:
        return "too_late"
    if window.free < wanted.places:
        return "full"
    return None


def link_expiry(due_by: date | None, now: datetime) -> datetime:
    """When the link of an invitation stops opening: a while after the due date."""
    if due_by is None:
        return now + timedelta(days=LINK_DAYS_WITHOUT_DUE)
    after_due = datetime.combine(due_by, time(0), UTC) + timedelta(days=LINK_DAYS_AFTER_DUE)
    # Work that is overdue already still needs a link that opens.
    return max(after_due, now + timedelta(days=LINK_DAYS_AFTER_DUE))


def undo_until(cancelled_at: datetime) -> datetime:
    """The instant until which a cancellation can be undone."""
    return cancelled_at + timedelta(minutes=UNDO_MINUTES)


def _deadline(local_day: date, until: time, rules: AreaRules) -> datetime:
    day_before = working_day_before(local_day, rules.country)
    return local_instant(day_before, until, zone(rules.time_zone))
