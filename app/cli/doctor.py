"""The command that looks the whole installation over."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli import SOME_REFUSED, Command, as_json, listing, stop
from app.doctor import examine
from app.doctor.findings import FAIL, Finding


@click.command("doctor", cls=Command)
@click.option("--online", is_flag=True, help="Also ask the name service about PUBLIC_URL.")
@as_json
@with_appcontext
def doctor(*, online: bool, as_json: bool) -> None:
    """Check settings, database, clock, suppliers and queue, and say what to do. Sends and changes nothing."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (checks run in threads)
    states: list[str] = []
    found = _noting(examine(app, online=online), states)
    if as_json:
        listing(found, json_wanted=True)
    else:
        for finding in found:
            click.echo(_line(finding))
    if FAIL in states:
        stop(SOME_REFUSED)


def _noting(findings: Iterator[Finding], states: list[str]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        states.append(finding.state)
        yield asdict(finding)


def _line(finding: dict[str, Any]) -> str:
    advice = f"; {finding['advice']}" if finding["advice"] else ""
    return f"{finding['state']:<4}  {finding['check']}: {finding['finding']}{advice}"


COMMANDS: list[click.Command] = [doctor]
