"""The demonstration company, built through the same actions that everyone uses, so it is a smoke test as well.

Its areas, kinds of work, customers and jobs are the files in `data/`. Decided here are the days: they are counted from
the day on which it is loaded, and the random choices of its customers are the same each time.
"""

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import lru_cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.actions import visits
from scheduling.actions.imports.areas import import_areas
from scheduling.actions.imports.contacts import import_contacts
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.imports.jobs import import_jobs
from scheduling.actions.imports.kinds import import_kinds
from scheduling.actions.imports.table import Report
from scheduling.actions.invitations import invite, leave_wishes
from scheduling.actions.openings import Opening, open_windows
from scheduling.actions.staff import create_account
from scheduling.actions.work import CUSTOMER, Work
from scheduling.clock import to_local, zone
from scheduling.models import Area, Customer, Invitation
from scheduling.reads.asked import asked
from scheduling.reads.offer import OfferedWindow, offer
from scheduling.rules.holidays import is_working_day

DATA = Path(__file__).parent / "data"
TIME_ZONE = "Europe/Amsterdam"
DISPATCHER = "planner@warmtehuis-eemland.example"
SEED = 3811

DAYS = 8 * 7
MORNING, AFTERNOON = (time(8), time(10)), (time(12), time(14))
WEEKDAYS, SATURDAY, WEDNESDAY = frozenset(range(5)), frozenset({5}), 2
PLACES = {"amersfoort": (4, 3), "soest-baarn": (3, 2), "leusden-nijkerk": (2, 2)}
"""The places of a window in the morning and in the afternoon of a weekday, by area."""

OPEN_ON_SATURDAY = "amersfoort"
FULL_AREA = "leusden-nijkerk"

FULL, OUTSIDE = "WE-1039", "WE-1040"
"""The customer whose only day is full, and the one whose postcode lies in no area."""

SEVERAL_HOMES, ARRANGED_FOR = "WE-1041", "WE-1042"
"""The organisation that is asked about five homes, and the mother whose daughter arranges things."""

FILLS_THE_DAY = ("WE-1037", "WE-1038")
"""They take the only two places of the day that is full."""

BOOKS = (
    "WE-1012", "WE-1014", "WE-1017", "WE-1018", "WE-1020", "WE-1022",
    "WE-1025", "WE-1027", "WE-1030", "WE-1032", "WE-1035",
)  # fmt: skip
CHANGES, CANCELS = "WE-1029", "WE-1031"
WISHES = {
    "WE-1024": "Ik werk tot eind volgende maand in de nachtdienst. Liefst na 16 uur, of op zaterdagmiddag.",
    FULL: "Kan het ook een andere dag? Ik ben vanaf de week erna elke ochtend thuis.",
    OUTSIDE: "Ik ben op maandag en donderdag de hele dag thuis. Bellen mag ook.",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded."""

    areas: int
    windows: int
    customers: int
    invitations: int
    visits: int


def load(work: Work, *, link_digest: str, uid_host: str) -> Loaded | None:
    """Loads the company, all of it or nothing; None where there are areas or customers already.

    `link_digest` is that of a one-time link for the dispatcher's account; `uid_host` ends the calendar UIDs.
    """
    if has_data(work.session):
        return None
    today = to_local(work.now, zone(TIME_ZONE)).date()
    first = next(_working_days(today))
    full_day = next(day for day in _working_days(first + timedelta(days=6)) if day.weekday() == WEDNESDAY)
    _import(work, import_kinds, _file("kinds"))
    areas = _import(work, import_areas, _file("areas"))
    customers = _import(work, import_customers, _file("people"))
    _import(work, import_contacts, _file("contacts"))
    _import(work, import_jobs, _jobs(today, full_day))
    windows = _open(work, first, full_day)
    create_account(work, DISPATCHER, "dispatcher", link_digest)
    invited = invite(work)
    booked = _act(replace(work, actor=CUSTOMER), full_day, uid_host)
    return Loaded(areas.added, windows, customers.added, invited.written, booked)


def has_data(session: Session) -> bool:
    """Whether somebody has brought in areas or customers."""
    found = (session.scalar(select(column).limit(1)) for column in (Area.id, Customer.id))
    return any(row_id is not None for row_id in found)


@lru_cache(maxsize=1)
def customer_refs() -> tuple[str, ...]:
    """The references of the demonstration's customers, in order."""
    return tuple(row["customer_ref"] for row in _rows("people"))


def _import(work: Work, action: Callable[[Work, BinaryIO], Report], stream: BinaryIO) -> Report:
    report = action(work, stream)
    problems = [*report.refusals, *report.warnings]
    assert not problems, f"a mistake in our own files, which a test finds: {problems[0]}"
    return report


def _file(name: str) -> BinaryIO:
    return BytesIO((DATA / f"{name}.csv").read_bytes())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _jobs(today: date, full_day: date) -> BinaryIO:
    """The jobs as a company would hand them over: weeks from today have become days."""
    lines: list[dict[str, str]] = []
    for row in _rows("jobs"):
        due_weeks, weeks_ago = row.pop("due_weeks"), row.pop("last_visit_weeks_ago")
        row["not_before"] = full_day.isoformat() if row["customer_ref"] == FULL else ""
        row["due_by"] = row["not_before"] or (today + timedelta(weeks=int(due_weeks))).isoformat()
        row["last_visit"] = (today - timedelta(weeks=int(weeks_ago))).isoformat() if weeks_ago else ""
        lines.append(row)
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return BytesIO(text.getvalue().encode())


def _working_days(after: date) -> Iterator[date]:
    """The working days after this one, which is never among them itself."""
    local_day = after
    while True:
        local_day += timedelta(days=1)
        if is_working_day(local_day):
            yield local_day


def _open(work: Work, first: date, full_day: date) -> int:
    """Eight weeks of windows; how many. One area has a single day with two places in all."""
    last = first + timedelta(days=DAYS - 1)

    def opened(
        area: str, days: tuple[date, date], times: tuple[time, ...], places: int, on: frozenset[int]
    ) -> int:
        opening = Opening(*days, times, on, places, skip=frozenset({"public"}))
        return open_windows(work, area, opening).opened

    count = opened(FULL_AREA, (full_day, full_day), MORNING, 1, WEEKDAYS)
    count += opened(OPEN_ON_SATURDAY, (first, last), MORNING, 2, SATURDAY)
    for area, (in_the_morning, in_the_afternoon) in PLACES.items():
        spans = [(first, last)]
        if area == FULL_AREA:
            spans = [(first, full_day - timedelta(days=1)), (full_day + timedelta(days=1), last)]
        for days in spans:
            count += opened(area, days, MORNING, in_the_morning, WEEKDAYS)
            count += opened(area, days, AFTERNOON, in_the_afternoon, WEEKDAYS)
    return count


def _act(work: Work, full_day: date, uid_host: str) -> int:
    """What some customers did with their invitations; how many visits there are."""
    invitation_of = _invitations(work.session)
    # The choices of people who do not exist: nothing is guarded by them.
    chance = random.Random(SEED)  # noqa: S311

    def book(ref: str, window: OfferedWindow) -> None:
        visits.book(work, invitation_of[ref], window.window_id, uid_host=uid_host)

    for ref, window in zip(FILLS_THE_DAY, _offered(work, invitation_of[FULL], full_day), strict=True):
        book(ref, window)
    today = to_local(work.now, zone(TIME_ZONE)).date()
    for ref in (*BOOKS, CHANGES, CANCELS):
        from_day = today + timedelta(weeks=chance.randrange(4))
        book(ref, chance.choice(_offered(work, invitation_of[ref], from_day)))
    others = [window for window in _offered(work, invitation_of[CHANGES]) if not window.is_current]
    visits.change(work, invitation_of[CHANGES], chance.choice(others).window_id, sequence=0)
    visits.cancel(work, invitation_of[CANCELS])
    for ref, wishes in WISHES.items():
        leave_wishes(work, invitation_of[ref], wishes)
    return len(FILLS_THE_DAY) + len(BOOKS) + 2


def _invitations(session: Session) -> dict[str, int]:
    """The invitation of each customer, by the customer's reference."""
    rows = session.execute(
        select(Customer.ref, Invitation.id).join(Invitation, Invitation.customer_id == Customer.id)
    )
    return {row.ref: row.id for row in rows}


def _offered(work: Work, invitation_id: int, from_day: date | None = None) -> list[OfferedWindow]:
    found = offer(work.session, asked(work.session, invitation_id), work.now, from_day=from_day)
    return [window for day in found.days for window in day.windows]
