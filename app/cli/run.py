"""Commands of every day: the worker, and the list of messages."""

import signal
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from app.cli import Command, Group, OneLine, as_json, listing
from app.portal import portal
from app.work import reading
from app.worker import make_worker
from notifications import log
from scheduling.reads.jobs import check_job
from scheduling.rules.phone import NotAPhoneNumber, to_e164


@click.command("worker", cls=Command)
@click.option("--once", is_flag=True, help="Until no message is due, then exit.")
@with_appcontext
def worker(*, once: bool) -> None:
    """Deliver messages that are due. Any number of workers may run at once."""
    working = make_worker(portal())
    if once:
        tried = working.run_once()
        click.echo(f"{tried} tried, none is due any more")
        return
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    working.run(stop)


@click.group(cls=Group)
def messages() -> None:
    """What was written to customers."""


@messages.command("list")
@click.option("--to", help="Only to this number or address.")
@click.option("--job", "job_ref", help="Only about this job.")
@as_json
@with_appcontext
def list_messages(to: str | None, job_ref: str | None, *, as_json: bool) -> None:
    """List messages, with their links filled in: for the operator's eyes."""
    if job_ref is not None:
        check_job(reading(), job_ref)
    found = log.all_messages(reading(), links=portal().links, to=_address(to), job_ref=job_ref)
    listing((_row(message) for message in found), json_wanted=as_json)


def _row(message: log.LoggedMessage) -> dict[str, Any]:
    zone = ZoneInfo(portal().announce.time_zone)
    return {
        "id": message.id,
        "customer_ref": message.customer_ref,
        "job_ref": message.job_ref,
        "kind": message.kind,
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject,
        "body": message.body,
        "state": message.state,
        "due_at": message.due_at.astimezone(zone),
        "sent_at": message.sent_at.astimezone(zone) if message.sent_at else None,
        "attempts": message.attempts,
        "error": message.error,
    }


def _address(to: str | None) -> str | None:
    if to is None or "@" in to:
        return to
    try:
        return to_e164(to)
    except NotAPhoneNumber:
        raise OneLine(f"--to: {to!r} is neither a phone number nor an e-mail address") from None


COMMANDS: list[click.Command] = [worker, messages]
