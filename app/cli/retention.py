"""The command that ends at once what has been kept long enough; the worker does the same once a day."""

import click
from flask.cli import with_appcontext

from app.cli import Command, as_json, listing
from app.portal import now, portal
from app.retention import A_BATCH, sweeps
from app.work import carry_out, reading
from scheduling.actions.retention import Sweep, count_due, sweep_batch


@click.command("retention", cls=Command)
@click.option("--dry-run", is_flag=True, help="Count what is due, and change nothing.")
@as_json
@with_appcontext
def retention(*, dry_run: bool, as_json: bool) -> None:
    """Delete or empty what has been kept as long as the settings KEEP_... say. Prints counts only."""
    due = sweeps(portal().settings.keep, now())
    rows = [
        {"what": sweep.what, "count": count_due(reading(), sweep) if dry_run else _all(sweep)}
        for sweep in due
    ]
    listing(rows, json_wanted=as_json)


def _all(sweep: Sweep) -> int:
    ended = 0
    while count := carry_out(sweep_batch, sweep, A_BATCH):
        ended += count
    return ended


COMMANDS: list[click.Command] = [retention]
