"""The clock changes of a time zone as a yearly rule, for a VTIMEZONE that every program reads alike.

The rule is not looked up but observed: the zone that converts our own times is asked for its offset through a
whole cycle of the calendar, and a rule counts only from the year on in which it agrees with every answer.
What is written into a file can therefore not disagree with what the pages show. A zone whose changes follow
no yearly rule has none here; the writer then keeps to UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# The Gregorian calendar repeats its weekdays every 28 years (as long as no century year falls between, and
# 2100 is the next). Years after 2037 are beyond the last change that any time zone file lists one by one.
_CYCLE = range(2040, 2068)
_OLDEST_YEAR = 1970
_PROBE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Onset:
    """One clock change of a rule, in the wall time before the change.

    It falls on `weekday` (0 is Monday) within `month_days`, seven days in a row of `month`.
    """

    month: int
    weekday: int
    month_days: tuple[int, ...]
    wall_time: time
    offset_from: timedelta
    offset_to: timedelta
    name: str

    @property
    def is_daylight(self) -> bool:
        """Forward means summer time, also in Dublin, whose law says it the other way round."""
        return self.offset_to > self.offset_from

    def in_year(self, year: int) -> datetime:
        """The naive wall time of the change in `year`."""
        days = (datetime.combine(date(year, self.month, day), self.wall_time) for day in self.month_days)
        return next(day for day in days if day.weekday() == self.weekday)


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """What a zone does every year since `first_year`; `offset` and `name` are those of 1 January UTC."""

    first_year: int
    offset: timedelta
    name: str
    onsets: tuple[Onset, ...]

    def covers(self, instant: datetime) -> bool:
        """Whether the rule gives the right offset then: its first changes have to lie before it."""
        return instant.year > self.first_year + 1


@lru_cache(maxsize=64)
def zone_rule(zone_name: str) -> ZoneRule | None:
    """The yearly rule of an IANA zone, or None if its changes follow none that a recurrence rule can say.

    Raises what `ZoneInfo` raises for an unknown name.
    """
    zone = ZoneInfo(zone_name)
    onsets = _onsets_of_cycle(zone)
    if onsets is None:
        return None
    opening = datetime(_CYCLE.start, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = opening.utcoffset() or timedelta(0)
    first_year = _CYCLE.start
    while first_year > _OLDEST_YEAR and _keeps(zone, first_year - 1, onsets, offset=offset):
        first_year -= 1
    return ZoneRule(first_year, offset, opening.tzname() or "", onsets)


def _onsets_of_cycle(zone: ZoneInfo) -> tuple[Onset, ...] | None:
    """The changes that all years of the cycle share, or None if some year differs."""
    by_year = [tuple(_changes(zone, year)) for year in _CYCLE]
    if len({len(changes) for changes in by_year}) != 1:
        return None
    onsets = []
    for same in zip(*by_year, strict=True):
        days = tuple(sorted({change.month_days[0] for change in same}))
        shapes = {_with_days(change, days) for change in same}
        if len(shapes) != 1 or len(days) != 7 or days[-1] - days[0] != 6:
            return None
        onsets.append(shapes.pop())
    return tuple(onsets)


def _keeps(zone: ZoneInfo, year: int, onsets: tuple[Onset, ...], *, offset: timedelta) -> bool:
    """Whether the zone did in `year` what the rule says, from the offset of its first instant on."""
    if _offset(zone, datetime(year, 1, 1, tzinfo=UTC)) != offset:
        return False
    changes = tuple(_changes(zone, year))
    return len(changes) == len(onsets) and all(
        _with_days(change, onset.month_days) == onset and change.month_days[0] in onset.month_days
        for change, onset in zip(changes, onsets, strict=True)
    )


def _changes(zone: ZoneInfo, year: int) -> Iterator[Onset]:
    """The changes of one UTC year, in order, each with the one day of the month on which it fell."""
    after_year = datetime(year + 1, 1, 1, tzinfo=UTC)
    earlier = datetime(year, 1, 1, tzinfo=UTC)
    while earlier < after_year:
        later = min(earlier + timedelta(days=_PROBE_DAYS), after_year)
        if _offset(zone, earlier) != _offset(zone, later):
            yield _onset_between(zone, earlier, later)
        earlier = later


def _onset_between(zone: ZoneInfo, earlier: datetime, later: datetime) -> Onset:
    """The change between two instants whose offsets differ, found to the second by halving."""
    offset_from = _offset(zone, earlier)
    while later - earlier > timedelta(seconds=1):
        middle = earlier + timedelta(seconds=int((later - earlier).total_seconds()) // 2)
        if _offset(zone, middle) == offset_from:
            earlier = middle
        else:
            later = middle
    wall = later.replace(tzinfo=None) + offset_from
    return Onset(
        month=wall.month,
        weekday=wall.weekday(),
        month_days=(wall.day,),
        wall_time=wall.time(),
        offset_from=offset_from,
        offset_to=_offset(zone, later),
        name=later.astimezone(zone).tzname() or "",
    )


def _with_days(change: Onset, month_days: tuple[int, ...]) -> Onset:
    return Onset(
        change.month,
        change.weekday,
        month_days,
        change.wall_time,
        change.offset_from,
        change.offset_to,
        change.name,
    )


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
