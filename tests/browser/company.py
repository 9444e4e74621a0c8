"""A company for the browser's tests: its files, loaded by the commands that a real company types.

Every customer is for one test alone, so tests can share one portal without meeting one another. Windows lie in the days
after today: the portal under test is a process of its own, whose clock nobody stops.
"""

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from tests.databases import Database

ROOT = Path(__file__).resolve().parents[2]
AREA, FULL_AREA, FAR_AREA = "amersfoort", "soest", "nijkerk"
"""Plenty of windows; few windows with one place each; windows in the months to come, winter and summer."""

STREETS = {AREA: ("3811", "Amersfoort"), FULL_AREA: ("3761", "Soest"), FAR_AREA: ("3861", "Nijkerk")}
NOWHERE = ("9711", "Groningen")
"""A postcode of no area of this company."""

SORTS: dict[str, tuple[int, dict[str, str]]] = {
    "formal": (220, {"title": "ms", "infix": "van der", "last_name": "Berg", "formality": "formal"}),
    "informal": (8, {"first_name": "Sanne", "last_name": "Jansen", "formality": "informal"}),
    "english": (8, {"title": "mr", "last_name": "Smith", "language": "en", "formality": "formal"}),
    "letter": (8, {"title": "mr", "last_name": "Bakker", "channel": "letter", "formality": "formal"}),
    "taken": (12, {"title": "mr", "last_name": "De Groot", "formality": "formal"}),
    "far": (30, {"title": "couple", "last_name": "Visser", "formality": "formal"}),
    "landlord": (20, {"organisation": "Woonstichting De Eem", "persona": "institution", "language": "nl"}),
    "several": (30, {"title": "mr", "last_name": "De Boer", "formality": "formal"}),
    "nowhere": (8, {"title": "mr", "last_name": "Wit", "formality": "formal"}),
}
"""How many customers of each sort there are, and what is written of them. One process may run every test."""

OF_AREA = {"taken": FULL_AREA, "far": FAR_AREA}


@dataclass(frozen=True)
class Portal:
    """A running portal. `environ` is what it was started with; `database` is the one it uses."""

    url: str
    database: Database
    environ: dict[str, str]

    def flask(self, *arguments: str) -> str:
        """Runs `flask --app wsgi ARGUMENTS` beside the portal and gives what it printed; fails if it failed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        """What a listing command answers with `--json`."""
        rows: list[dict[str, Any]] = json.loads(self.flask(*arguments, "--json"))
        return rows


@dataclass(frozen=True)
class Customer:
    """A customer for one test. `link` is the one in their message; `code` that of their letter, or empty."""

    ref: str
    job_ref: str
    postcode: str
    house_number: str
    link: str
    code: str

    @property
    def path(self) -> str:
        """The personal page, without the host."""
        return "/v/" + self.link.rpartition("/")[2]


@dataclass(frozen=True)
class Window:
    """A window as `windows list` gives it; times are local, with their offset."""

    window_id: str
    area_ref: str
    starts_at: datetime
    ends_at: datetime


@dataclass
class Company:
    """A portal with its data. Give each test customers of its own: `company.customer("formal")`."""

    portal: Portal
    windows: dict[str, Window]
    _unused: dict[str, list[Customer]] = field(repr=False)

    def customer(self, sort: str = "formal") -> Customer:
        """One that no test has had yet."""
        assert self._unused[sort], f"no {sort} customer is left: raise their number in SORTS"
        customer = self._unused[sort].pop()
        return replace(customer, link=self.portal.url + customer.path)

    def on(self, portal: Portal) -> "Company":
        """The same windows and customers, met on another server over the same data."""
        return Company(portal, self.windows, self._unused)

    def visits_of(self, customer: Customer) -> list[dict[str, Any]]:
        """What `visits list` says of them."""
        return [row for row in self.portal.listed("visits", "list") if row["customer_ref"] == customer.ref]

    def messages_of(self, customer: Customer) -> list[dict[str, Any]]:
        """What was written to them, in order."""
        return self.portal.listed("messages", "list", "--job", customer.job_ref)


def load(portal: Portal, folder: Path) -> Company:
    """Types the commands of a company that begins: areas, customers, jobs, windows, invitations, the worker."""
    today = date.today()  # noqa: DTZ011  (the day on the clock of this machine, as the commands take it)
    rows = _customers()
    _write(folder / "areas.csv", _areas())
    _write(folder / "customers.csv", [customer for customer, _job in rows])
    _write(folder / "jobs.csv", [job for _customer, job in rows] + _more_homes(rows) + _more_jobs(rows))
    for kind in ("areas", "customers", "jobs"):
        portal.flask(kind, "import", str(folder / f"{kind}.csv"))

    # Not today: a window that has begun can't be opened.
    tomorrow, next_year = today + timedelta(days=1), today.year + 1
    soon, later = (tomorrow, today + timedelta(days=12)), (tomorrow, today + timedelta(days=40))
    whole_year = (date(next_year, 1, 1), date(next_year, 12, 31))
    for area, (first, last), times, weekdays, places in (
        (AREA, later, "08:00,10:00,13:00,15:00", "mon-sun", 6),
        (FULL_AREA, soon, "09:00,11:00", "mon-sun", 1),
        (FAR_AREA, whole_year, "08:00,14:00", "mon,wed,fri", 6),
    ):
        portal.flask(
            *("windows", "open", "--area", area, "--from", first.isoformat(), "--to", last.isoformat()),
            *("--times", times, "--weekdays", weekdays, "--capacity", str(places)),
        )
    portal.flask("invitations", "send")
    portal.flask("worker", "--once")
    return Company(portal, _windows(portal), _invited(portal, rows))


def _areas() -> list[dict[str, str]]:
    # The three kinds of work are there from the start; every area does them all.
    return [
        {"area_ref": ref, "name": place, "postcodes": postcode, "kinds": ""}
        for ref, (postcode, place) in STREETS.items()
    ]


def _customers() -> list[tuple[dict[str, str], dict[str, str]]]:
    found = []
    number = count(1)
    for sort, (how_many, about) in SORTS.items():
        postcode, place = NOWHERE if sort == "nowhere" else STREETS[OF_AREA.get(sort, AREA)]
        for _ in range(how_many):
            at = next(number)
            phone = "" if about.get("channel") == "letter" else f"06 1234{at:04d}"
            customer = {
                "customer_ref": f"{sort}-{at}",
                "phone": phone,
                "postcode": f"{postcode} XZ",
                "house_number": str(at),
                "street": "Koningin Wilhelminastraat",
                "place": place,
                "language": "nl",
                **about,
            }
            job = {
                "job_ref": f"J-{at}",
                "customer_ref": customer["customer_ref"],
                "kind": "maintenance",
                "minutes": "45",
                "appliance": "Remeha Avanta",
            }
            found.append((customer, job))
    return found


def _more_jobs(rows: Sequence[tuple[dict[str, str], dict[str, str]]]) -> list[dict[str, str]]:
    """Some customers have something to be repaired as well."""
    return [
        {**job, "job_ref": f"{job['job_ref']}-R", "kind": "repair", "appliance": ""}
        for customer, job in rows
        if customer["customer_ref"].startswith("several")
    ]


def _more_homes(rows: Sequence[tuple[dict[str, str], dict[str, str]]]) -> list[dict[str, str]]:
    """A landlord has work at two more addresses."""
    return [
        {
            **job,
            "job_ref": f"{job['job_ref']}-{more}",
            "postcode": customer["postcode"],
            "house_number": f"{customer['house_number']}{more}",
            "street": customer["street"],
            "place": customer["place"],
        }
        for customer, job in rows
        if customer["customer_ref"].startswith("landlord")
        for more in (1, 2)
    ]


def _invited(
    portal: Portal, rows: Sequence[tuple[dict[str, str], dict[str, str]]]
) -> dict[str, list[Customer]]:
    bodies = {row["job_ref"]: row["body"] for row in portal.listed("messages", "list")}
    found: dict[str, list[Customer]] = defaultdict(list)
    for customer, job in rows:
        body = bodies[job["job_ref"]]
        link = re.search(rf"{re.escape(portal.url)}/v/[0-9A-Za-z]{{29}}\b", body)
        code = re.search(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$", body, re.MULTILINE)
        assert link is not None, body
        sort = customer["customer_ref"].partition("-")[0]
        found[sort].append(
            Customer(
                ref=customer["customer_ref"],
                job_ref=job["job_ref"],
                postcode=customer["postcode"],
                house_number=customer["house_number"],
                link=link[0],
                code=code[0] if code else "",
            )
        )
    return found


def _windows(portal: Portal) -> dict[str, Window]:
    return {
        row["window_id"]: Window(
            row["window_id"],
            row["area_ref"],
            datetime.fromisoformat(row["starts_at"]),
            datetime.fromisoformat(row["ends_at"]),
        )
        for row in portal.listed("windows", "list")
    }


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
