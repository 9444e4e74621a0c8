"""Whether there is something to choose: holidays that are known, windows that are open, areas that serve the work."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.doctor.findings import Finding, fail, ok, some, warn
from app.portal import Portal
from scheduling.reads import readiness
from scheduling.rules.holidays import (
    REGIONS,
    HolidaysUnknown,
    knows_public_holidays,
    school_data_until,
)

AHEAD = timedelta(days=14)
A_YEAR = timedelta(days=365)
MOST_SHOWN = 5


def public_holidays(portal: Portal, now: datetime) -> Iterator[Finding]:
    """Next year's are known in every country with an area: deadlines count working days, and quiet hours know them."""
    with portal.sessions.read() as session:
        countries = list(readiness.countries(session)) or ["NL"]
    unknown = [country for country in countries if not _knows(country, now.year + 1)]
    if unknown:
        advice = "upgrade the portal, which brings newer holidays"
        yield fail("public holidays", f"those of {now.year + 1} are not known for {some(unknown)}", advice)
    else:
        yield ok("public holidays", f"known up to {now.year + 1} for {some(countries)}")


def school_holidays(_portal: Portal, now: datetime) -> Iterator[Finding]:
    """Until when they are known: afterwards nobody can say that there are none."""
    until = min(school_data_until(region) for region in REGIONS)
    advice = "upgrade the portal, which brings newer holidays; until then skip later days by hand"
    finding = f"known until {until.isoformat()}"
    if until < now.date():
        yield fail("school holidays", f"{finding}, which is over: `--skip school` cannot tell", advice)
    elif until < now.date() + A_YEAR:
        yield warn("school holidays", f"{finding}, less than a year from now", advice)
    else:
        yield ok("school holidays", finding)


def windows(portal: Portal, now: datetime) -> Iterator[Finding]:
    """Every area has something to choose in the next two weeks."""
    with portal.sessions.read() as session:
        areas = readiness.area_refs(session)
        empty = list(readiness.areas_without_windows(session, now, now + AHEAD))
    if not areas:
        yield warn("windows", "there is no area yet", "run `flask --app wsgi areas import FILE.csv`")
    elif empty:
        finding = f"nothing free in the next {AHEAD.days} days in {some(empty)}"
        yield warn("windows", finding, "open windows at /staff/ or with `flask --app wsgi windows open`")
    else:
        yield ok("windows", f"all {len(areas)} areas have free ones in the next {AHEAD.days} days")


def postcodes(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Every area serves somebody."""
    with portal.sessions.read() as session:
        without = list(readiness.areas_without_postcodes(session))
    if without:
        yield warn("areas", f"no postcode in {some(without)}", "import areas with their postcodes")
    else:
        yield ok("areas", "each has postcodes")


def served(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """All open work lies in an area; nobody can be invited for work that does not."""
    with portal.sessions.read() as session:
        unserved = readiness.unserved(session, MOST_SHOWN)
    if unserved:
        where = ", ".join(f"{work.jobs} at {work.pc4} ({work.kind})" for work in unserved)
        yield warn("jobs", f"no area serves {where}", "add the postcodes to an area, or withdraw the jobs")
    else:
        yield ok("jobs", "each lies in an area")


def accounts(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Somebody can sign in."""
    with portal.sessions.read() as session:
        count, ready = readiness.staff_accounts(session)
    advice = "run `flask --app wsgi staff create EMAIL --role manager` and open the link that it prints"
    if not count:
        yield warn("staff", "there is no account: nobody sees what fails", advice)
    elif not ready:
        yield warn("staff", "nobody has set a password yet", advice)
    else:
        yield ok("staff", f"{ready} of {count} accounts have a password")


def _knows(country: str, year: int) -> bool:
    try:
        return knows_public_holidays(year, country)
    except HolidaysUnknown:
        return False
