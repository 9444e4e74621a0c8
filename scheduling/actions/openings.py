"""Opening, resizing and closing windows. Visits that are booked already are never touched by any of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from scheduling.actions import capacity as places
from scheduling.actions.work import WindowsChanged, Work
from scheduling.clock import SkippedLocalTime, window_bounds, zone
from scheduling.db import in_batches
from scheduling.errors import BelowBooked, NoSuchThing
from scheduling.models import Area, AreaPostcode, Window
from scheduling.rules.holidays import public_holiday, school_holidays
from scheduling.rules.postcodes import place_of

WINDOW = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Opening:
    """What to open: windows that start at these local times, on these weekdays (0 is Monday) of these local days.

    `skip` names the days to leave out: public, school (holidays).
    """

    first: date
    last: date
    times: tuple[time, ...]
    weekdays: frozenset[int]
    capacity: int
    skip: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day that was left out, and the holidays that were the reason."""

    local_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class RefusedWindow:
    """A window that was not opened, and why: past, overlaps, skipped_by_clock."""

    local_day: date
    starts: time
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening did: how many windows are new, how many were there, and what was left out."""

    opened: int
    existing: int
    skipped: tuple[SkippedDay, ...]
    refused: tuple[RefusedWindow, ...]


def open_windows(work: Work, area_ref: str, opening: Opening) -> Opened:
    """Opens windows of two elapsed hours; those that exist are left as they are and counted. Refuses: NoSuchThing.

    The area is locked meanwhile, so that two dispatchers cannot open windows that overlap.
    """
    area = work.session.execute(
        select(Area.id, Area.time_zone, Area.country).where(Area.ref == area_ref).with_for_update()
    ).first()
    if area is None:
        raise NoSuchThing(what="area", ref=area_ref)
    skipped = tuple(_skipped_days(work, area.id, area.country, opening))
    plan = _Plan(work.now, zone(area.time_zone), _existing(work, area.id, opening))
    left_out = {skip.local_day for skip in skipped}
    for local_day in _days(opening):
        if local_day not in left_out:
            for starts in opening.times:
                plan.add(local_day, starts)
    rows = [{**window, "area_id": area.id, "capacity": opening.capacity} for window in plan.fresh]
    for batch in in_batches(rows):
        work.session.execute(insert(Window), list(batch))
    if rows:
        work.happened(
            WindowsChanged(
                after={
                    "area": area_ref,
                    "opened": len(rows),
                    "from": opening.first.isoformat(),
                    "to": opening.last.isoformat(),
                    "capacity": opening.capacity,
                }
            )
        )
    return Opened(len(rows), plan.existing, skipped, tuple(plan.refused))


class _Plan:
    """The windows that will be opened; each is judged against those that are there and those planned before it."""

    def __init__(self, now: datetime, local_zone: ZoneInfo, taken: dict[datetime, datetime]) -> None:
        self._now, self._zone, self._taken = now, local_zone, taken
        self.fresh: list[dict[str, object]] = []
        self.refused: list[RefusedWindow] = []
        self.existing = 0

    def add(self, local_day: date, starts: time) -> None:
        """Plans one window, or notes why not."""
        try:
            starts_at, ends_at = window_bounds(local_day, starts, self._zone)
        except SkippedLocalTime:
            self.refused.append(RefusedWindow(local_day, starts, "skipped_by_clock"))
            return
        if starts_at in self._taken:
            self.existing += 1
        elif starts_at <= self._now:
            self.refused.append(RefusedWindow(local_day, starts, "past"))
        elif any(starts_at < end and start < ends_at for start, end in _near(self._taken, starts_at)):
            self.refused.append(RefusedWindow(local_day, starts, "overlaps"))
        else:
            self._taken[starts_at] = ends_at
            self.fresh.append({"local_day": local_day, "starts_at": starts_at, "ends_at": ends_at})


def resize(work: Work, window_id: int, capacity: int) -> None:
    """Sets the capacity of one window. Refuses: NoSuchThing; BelowBooked with the places that are taken."""
    before = _window(work, window_id)
    if not places.set_capacity(work, window_id, capacity):
        raise BelowBooked(window_id=window_id, booked=before.booked, held=before.held)
    work.happened(
        WindowsChanged(
            window_id=window_id, before={"capacity": before.capacity}, after={"capacity": capacity}
        )
    )


def set_open(work: Work, window_id: int, *, is_open: bool) -> int:
    """Opens or closes a window for choosing; the places of its visits, which they keep. Refuses: NoSuchThing."""
    before = _window(work, window_id)
    state = "open" if is_open else "closed"
    work.session.execute(update(Window).where(Window.id == window_id).values(state=state))
    work.happened(WindowsChanged(window_id=window_id, before={"state": before.state}, after={"state": state}))
    return before.booked


def _window(work: Work, window_id: int) -> Window:
    window = work.session.get(Window, window_id, populate_existing=True, with_for_update=True)
    if window is None:
        raise NoSuchThing(what="window", ref=str(window_id))
    return window


def _days(opening: Opening) -> Iterator[date]:
    for offset in range((opening.last - opening.first).days + 1):
        local_day = opening.first + timedelta(days=offset)
        if local_day.weekday() in opening.weekdays:
            yield local_day


def _existing(work: Work, area_id: int, opening: Opening) -> dict[datetime, datetime]:
    """Start and end of the windows that are there, with a day on either side: a window may cross midnight."""
    rows = work.session.execute(
        select(Window.starts_at, Window.ends_at).where(
            Window.area_id == area_id,
            Window.local_day.between(opening.first - timedelta(days=1), opening.last + timedelta(days=1)),
        )
    ).all()
    return {row.starts_at: row.ends_at for row in rows}


def _near(taken: dict[datetime, datetime], starts_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows that could overlap one that starts then; all windows last equally long."""
    for minutes in range(-int(WINDOW.total_seconds() // 60) + 1, int(WINDOW.total_seconds() // 60)):
        start = starts_at + timedelta(minutes=minutes)
        if start in taken:
            yield start, taken[start]


def _skipped_days(work: Work, area_id: int, country: str, opening: Opening) -> Iterator[SkippedDay]:
    regions = _school_regions(work, area_id) if "school" in opening.skip else ()
    for local_day in _days(opening):
        names = []
        if "public" in opening.skip:
            names.append(public_holiday(local_day, country))
        for region in regions:
            found = school_holidays(local_day, region)
            # Nobody knows yet whether schools are closed then: left out, for unknown is never "no holiday".
            names.extend([f"school holidays of {region} not known yet"] if found is None else found)
        reasons = list(dict.fromkeys(name for name in names if name))
        if reasons:
            yield SkippedDay(local_day, "; ".join(reasons))


def _school_regions(work: Work, area_id: int) -> Sequence[str]:
    """The school regions that the area's postcodes lie in."""
    codes = work.session.scalars(select(AreaPostcode.pc4).where(AreaPostcode.area_id == area_id)).all()
    found = (place_of(code) for code in codes)
    return sorted({place.region for place in found if place is not None})
