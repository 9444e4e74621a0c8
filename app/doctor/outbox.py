"""The outbox: whether a worker delivers, what failed today, what waits for the printer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.doctor.findings import Finding, fail, ok, warn
from app.portal import Portal
from notifications.queue import Queue, queue

OVERDUE = timedelta(minutes=5)
"""A worker looks every second; what is due for longer is not being looked at."""


def delivery(portal: Portal, now: datetime) -> Iterator[Finding]:
    """What is due leaves."""
    found = _queue(portal, now)
    if found.oldest_due_at is None:
        yield ok("messages", f"{found.waiting} waiting, none overdue")
        return
    minutes = int((now - found.oldest_due_at).total_seconds() // 60)
    overdue = f"{found.overdue} overdue, the oldest for {minutes} minutes"
    if found.untried:
        advice = "start `flask --app wsgi worker`, and let it be started again by itself"
        yield fail("messages", f"{overdue}: no worker seems to run", advice)
    else:
        advice = "`flask --app wsgi messages list` says why they did not leave (error)"
        yield warn("messages", f"{overdue}, and were tried", advice)


def failures(portal: Portal, now: datetime) -> Iterator[Finding]:
    """What was given up today is somebody's to tell by phone."""
    failed = _queue(portal, now).failed
    if failed:
        yield warn(
            "failed messages", f"{failed} today", "look at /staff/ why, and tell these customers by phone"
        )
    else:
        yield ok("failed messages", "none today")


def letters(portal: Portal, now: datetime) -> Iterator[Finding]:
    """Letters leave by hand."""
    waiting = _queue(portal, now).letters
    if waiting:
        yield warn(
            "letters",
            f"{waiting} waiting to be printed",
            "print and post them: `flask --app wsgi messages list --json` has their texts",
        )
    else:
        yield ok("letters", "none waiting")


def _queue(portal: Portal, now: datetime) -> Queue:
    local = now.astimezone(ZoneInfo(portal.announce.time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    with portal.sessions.read() as session:
        return queue(session, now=now, overdue_at=now - OVERDUE, failed_since=midnight)
