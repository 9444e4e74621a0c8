"""What customers and staff corrected, for the company's own system."""

import csv
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from app.cli import Group, OneLine, as_json, listing
from app.portal import portal
from app.work import reading
from scheduling.actions.imports.values import a_day
from scheduling.clock import day_bounds
from scheduling.reads.corrections import Correction
from scheduling.reads.corrections import corrections as all_corrections

NO_FORMULA = re.compile(r"[^=+@\t\r-].*|[+-]?[0-9]*", re.DOTALL)
"""What a spreadsheet does not take for something to work out: a phone number is only a number."""

COLUMNS = ("customer_ref", "field", "value", "source", "at", "contact_ref")


@click.group(cls=Group)
def corrections() -> None:
    """What customers and staff corrected."""


@corrections.command("export")
@click.option("--since", required=True, help="From this local date or moment on, inclusive.")
@as_json
@with_appcontext
def export(since: str, *, as_json: bool) -> None:
    """List corrections since a moment: CSV on standard output, or a JSON array."""
    found = all_corrections(reading(), _moment(since))
    rows = (_row(correction) for correction in found)
    if as_json:
        listing(rows, json_wanted=True)
    else:
        _write_csv(rows)


def _moment(text: str) -> datetime:
    """A local date, which is its first moment, or a time with its offset: without one it could be any of two dozen."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
        return day_bounds(a_day(text), ZoneInfo(portal().announce.time_zone))[0]
    except ValueError:
        raise OneLine(
            f"--since: {text!r} must be a date like 2026-01-01, or a time with its offset"
            " like 2026-01-01T08:00:00+01:00"
        ) from None


def _row(correction: Correction) -> dict[str, Any]:
    zone = ZoneInfo(portal().announce.time_zone)
    return {
        "customer_ref": correction.customer_ref,
        "field": correction.field,
        "value": correction.value,
        "source": correction.source,
        "at": correction.at.astimezone(zone),
        "contact_ref": correction.contact_ref,
    }


def _write_csv(rows: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {**row, "value": _as_text(row["value"]), "at": row["at"].isoformat(timespec="seconds")}
        )


def _as_text(value: str) -> str:
    """A value as a spreadsheet takes it for text: customers type these, and somebody of the company opens the file."""
    return value if NO_FORMULA.fullmatch(value) else f"'{value}"


COMMANDS: list[click.Command] = [corrections]
