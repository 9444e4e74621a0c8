"""Commands for what a customer may ask for: everything that is kept of them, and that it goes.

They belong to the family `customers` (`app.cli.data`).
"""

import json
import os
import sys
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from app.cli import OneLine
from app.cli.data import customers
from app.portal import now, portal
from app.retention import erase_customer
from app.work import carry_out, reading
from notifications import log
from scheduling.reads.personal_data import PersonalData, personal_data

ATTEMPTS = (
    "How often a postcode, code or password was tried from a network is counted for an hour under a digest; "
    "nobody can be found by it, so it is not part of this."
)


@customers.command("export")
@click.argument("customer_ref")
@click.option("--out", help="Into this file, which only you can read; it must not exist yet.")
@with_appcontext
def export(customer_ref: str, out: str | None) -> None:
    """Give all that is kept of a customer, as JSON (GDPR art. 15 and 20)."""
    text = json.dumps(_all_of(customer_ref), ensure_ascii=False, indent=2)
    if out is None:
        sys.stdout.buffer.write(f"{text}\n".encode())
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise OneLine(f"--out: {out}: {error.strerror or error}") from None
    click.echo("1 exported", err=True)


@customers.command("erase")
@click.argument("customer_ref")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def erase(customer_ref: str, *, yes: bool) -> None:
    """Delete all that is kept of a customer, visits ahead included (GDPR art. 17). There is no way back.

    Nothing is sent to the customer, and what waits to be sent is deleted. A later import that still lists them brings
    them back.
    """
    ahead = sum(visit["state"] == "booked" for visit in _found(customer_ref).visits)
    if not yes:
        _ask(customer_ref, ahead)
    carry_out(erase_customer, customer_ref)
    click.echo("1 erased; take the customer out of your own files too, for an import would bring them back")


def _all_of(customer_ref: str) -> dict[str, Any]:
    zone = ZoneInfo(portal().announce.time_zone)
    found = _found(customer_ref)
    messages = log.messages(reading(), links=None, customer_id=found.customer_id)
    return {
        "exported_at": now().astimezone(zone).isoformat(timespec="seconds"),
        "company": portal().company.name,
        **found.parts(),
        "messages": [_message(message, zone) for message in messages],
        "attempts": ATTEMPTS,
    }


def _found(customer_ref: str) -> PersonalData:
    return personal_data(reading(), customer_ref, ZoneInfo(portal().announce.time_zone))


def _message(message: log.LoggedMessage, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "channel": message.channel,
        "to": message.to,
        "language": message.language,
        "subject": message.subject,
        "body": message.body,
        "state": message.state,
        "due_at": message.due_at.astimezone(zone).isoformat(timespec="seconds"),
        "sent_at": message.sent_at.astimezone(zone).isoformat(timespec="seconds")
        if message.sent_at
        else None,
    }


def _ask(customer_ref: str, ahead: int) -> None:
    if not _is_terminal():
        raise OneLine("nobody can be asked here: give --yes to delete without a question")
    if ahead:
        visits = "1 booked visit" if ahead == 1 else f"{ahead} booked visits"
        click.echo(f"{visits} will be given up, and the customer is not told", err=True)
    typed = click.prompt("There is no way back. Type the customer's reference to go on", err=True)
    if typed.strip() != customer_ref:
        raise OneLine("that is another reference: nothing was deleted")


def _is_terminal() -> bool:
    return sys.stdin.isatty()


COMMANDS: list[click.Command] = []
"""None of its own: they stand under `customers`."""
