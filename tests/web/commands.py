"""Runs commands as an operator does, and reads what they answer."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

AREAS = "area_ref,name,postcodes,kinds\nAMF,Amersfoort,3811-3829,\n"
CUSTOMERS = (
    "customer_ref,title,first_name,infix,last_name,phone,email,postcode,house_number\n"
    "C1,ms,Sanne,de,Vries,06 12345678,,3811 AB,12\n"
    "C2,mr,Jan,,Jansen,06 12345679,jan@example.org,3812 CD,7\n"
)
JOBS = "job_ref,customer_ref,kind,due_by\nJ1,C1,maintenance,2027-03-01\nJ2,C2,repair,2027-02-01\n"


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)

    @property
    def complaints(self) -> list[str]:
        """Its lines on standard error."""
        return self.err.splitlines()


def run(app: Flask, *arguments: str, stdin: bytes | None = None) -> Answer:
    """Runs a command; an exception that it lets out fails the test."""
    result = app.test_cli_runner().invoke(args=list(arguments), input=stdin, catch_exceptions=False)
    return Answer(result.exit_code, result.stdout, result.stderr)


def load(app: Flask, folder: Path, what: str, content: str | bytes) -> Answer:
    """Imports a file with this content."""
    path = folder / f"{what}.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return run(app, what, "import", str(path))


def a_company(app: Flask, folder: Path) -> None:
    """One area, two customers with a job each, and three windows for two visits on 3 December 2026."""
    for what, content in (("areas", AREAS), ("customers", CUSTOMERS), ("jobs", JOBS)):
        assert load(app, folder, what, content).status == 0
    days = ("--from", "2026-12-03", "--to", "2026-12-03")
    opened = run(
        app, "windows", "open", "--area", "AMF", *days, "--times", "08:00,10:00,12:00", "--capacity", "2"
    )
    assert opened.status == 0
