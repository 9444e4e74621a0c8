"""Converts between instants and local time; it never tells the time.

An instant is an aware datetime in UTC. A local time is an aware datetime in a zone of its own. Which zone
belongs to an area, and what may happen at a moment, others decide.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class SkippedLocalTime(ValueError):
    """The clock jumps over this local time on this day, so there is no such moment."""

    code = "skipped_local_time"

    def __init__(self, local_day: date, local_time: time, zone_name: str) -> None:
        self.local_day = local_day
        self.local_time = local_time
        self.zone_name = zone_name
        super().__init__(f"{local_day} {local_time:%H:%M} does not exist in {zone_name}: the clock skips it")


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone with this IANA name, such as Europe/Amsterdam.

    Refuses: ValueError for a name that the zone database does not know.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The same moment on the zone's clock. Refuses: ValueError for a datetime without an offset."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset")
    return instant.astimezone(zone)


def is_skipped(local_day: date, local_time: time, zone: ZoneInfo) -> bool:
    """True where the clock, put forward, jumps over this time."""
    local = datetime.combine(local_day, local_time.replace(tzinfo=None, fold=0))
    there_and_back = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None, fold=0) != local


def local_instant(local_day: date, local_time: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which the zone's clock shows this time on this day.

    A time that happens twice, because the clock is put back, is the first of the two.
    Refuses: SkippedLocalTime for a time that does not happen at all.
    """
    if is_skipped(local_day, local_time, zone):
        raise SkippedLocalTime(local_day, local_time, str(zone))
    return datetime.combine(local_day, local_time.replace(tzinfo=None, fold=0), tzinfo=zone).astimezone(UTC)


def day_bounds(local_day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of the day and first moment of the next (UTC): 23, 24 or 25 hours apart in Europe."""
    return _day_begins(local_day, zone), _day_begins(local_day + timedelta(days=1), zone)


def window_bounds(
    local_day: date, start: time, zone: ZoneInfo, *, hours: int = 2
) -> tuple[datetime, datetime]:
    """Start and end (UTC) of a window of so many elapsed hours, whatever the clock does meanwhile.

    Refuses: SkippedLocalTime for a start that the clock jumps over.
    """
    starts_at = local_instant(local_day, start, zone)
    return starts_at, starts_at + timedelta(hours=hours)


def _day_begins(local_day: date, zone: ZoneInfo) -> datetime:
    midnight = time(0, 0)
    if not is_skipped(local_day, midnight, zone):
        return local_instant(local_day, midnight, zone)
    # Some zones put the clock forward at or around midnight (Cairo, Havana): the day then begins at the jump.
    # The two readings of a skipped time lie on either side of it (PEP 495), so the jump is found between
    # them.
    skipped = datetime.combine(local_day, midnight, tzinfo=zone)
    before, after = skipped.replace(fold=1).astimezone(UTC), skipped.astimezone(UTC)
    offset_before = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset_before:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
