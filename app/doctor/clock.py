"""Time: our clock against the database's, and whether this machine knows when clocks change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url, text

from app.doctor.findings import Finding, fail, ok, warn
from app.portal import Portal, now

LITTLE, MUCH = timedelta(seconds=2), timedelta(seconds=60)

# Directive 2000/84/EC: the last Sunday of March, 01:00 UTC, from winter time to summer time.
ZONE, SWITCH = "Europe/Amsterdam", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
WINTER, SUMMER = timedelta(hours=1), timedelta(hours=2)


def against_database(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Deadlines and quiet hours go by our clock; several machines have to agree on what time it is."""
    if make_url(portal.settings.database_url).get_backend_name() == "sqlite":
        yield ok("clock", "the database has no clock of its own")
        return
    with portal.sessions.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        before = now()
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = now()
    yield difference(theirs - (before + (after - before) / 2))


def difference(apart: timedelta) -> Finding:
    """How far apart two clocks may be."""
    finding = f"{abs(apart).total_seconds():.1f} s {'ahead' if apart > timedelta(0) else 'behind'}"
    advice = "let both machines keep time by NTP (`timedatectl` says whether they do)"
    if abs(apart) > MUCH:
        return fail("clock", f"the database's is {finding}: deadlines and reminders are wrong", advice)
    if abs(apart) > LITTLE:
        return warn("clock", f"the database's is {finding}", advice)
    return ok("clock", "the database and we agree")


def time_zone_data(_portal: Portal, _now: datetime) -> Iterator[Finding]:
    """A known change of the clocks is known here."""
    advice = "install the system's tzdata, or `pip install tzdata`"
    try:
        zone = ZoneInfo(ZONE)
    except ZoneInfoNotFoundError:
        yield fail("time zones", f"this machine does not know {ZONE}", advice)
        return
    before, after = (
        (SWITCH + step).astimezone(zone).utcoffset() for step in (-timedelta(seconds=1), timedelta(0))
    )
    if (before, after) == (WINTER, SUMMER):
        yield ok("time zones", f"{ZONE} changes its clocks when it should")
    else:
        yield fail("time zones", f"{ZONE} does not change its clocks on 28 March 2027", advice)
