"""When a message that nobody asked for may arrive: not at night, not on Sundays, not on public holidays."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from scheduling.clock import SkippedLocalTime, day_bounds, local_instant, to_local
from scheduling.rules.holidays import public_holiday

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times between which nothing unasked is sent; `begins` may be later than `ends`, over midnight."""

    begins: time
    ends: time

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Reads "20:00-08:00"; "off" is None. Refuses: ValueError for anything else."""
        if text.strip().lower() == "off":
            return None
        match = _SPAN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"is {text!r}; use hours like 20:00-08:00, or off")
        begins_hour, begins_minute, ends_hour, ends_minute = (int(part) for part in match.groups())
        begins, ends = time(begins_hour, begins_minute), time(ends_hour, ends_minute)
        if begins == ends:
            raise ValueError(f"is {text!r}: it ends when it begins; use hours like 20:00-08:00, or off")
        return cls(begins, ends)

    def next_allowed(self, instant: datetime, zone: ZoneInfo, *, country: str = "NL") -> datetime:
        """`instant` itself (UTC) or the first moment after it that is not quiet in `zone`."""
        later = self._later(instant, zone, country)
        while later is not None:
            instant, later = later, self._later(later, zone, country)
        return instant

    def _later(self, instant: datetime, zone: ZoneInfo, country: str) -> datetime | None:
        """When to look again, or None where `instant` will do. Always later than `instant`."""
        local = to_local(instant, zone)
        today = local.date()
        if today.weekday() == _SUNDAY or public_holiday(today, country) is not None:
            return day_bounds(today, zone)[1]
        if not self._covers(local.time()):
            return None
        ends_on = today if local.time() < self.ends else today + timedelta(days=1)
        try:
            ends_at = local_instant(ends_on, self.ends, zone)
        except SkippedLocalTime:
            # The clock jumps over the end, which is then read with the offset from before the jump (PEP 495).
            ends_at = datetime.combine(ends_on, self.ends, tzinfo=zone).astimezone(instant.tzinfo)
        # In the hour that happens twice the end has passed once and comes again.
        return ends_at if ends_at > instant else instant + timedelta(minutes=1)

    def _covers(self, local_time: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= local_time < self.ends
        return local_time >= self.begins or local_time < self.ends
