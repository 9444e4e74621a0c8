"""Looks the whole installation over and says of each thing how it is and what to do: `flask doctor`.

Each check is a small function of its own module. One that fails or hangs is reported and stops no other; nothing is
sent, and nothing is changed.
"""

import threading
from collections.abc import Iterator
from datetime import datetime

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.doctor import clock, database, outbox, planning, settings, suppliers
from app.doctor.findings import FAIL, Check, Finding, fail, warn
from app.portal import Portal, now

LIMIT_SECONDS = 20.0
"""For one check; each supplier gets a few seconds for each of its answers."""

ALONE: tuple[Check, ...] = (
    settings.public_url,
    settings.proxies,
    settings.keys,
    settings.company,
    settings.own_texts,
    settings.logo,
    settings.sending,
    settings.retention,
    settings.demonstration,
    clock.time_zone_data,
    planning.school_holidays,
    suppliers.mail,
    suppliers.sms,
)
"""What needs no database."""

ON_THE_DATABASE: tuple[Check, ...] = (
    database.kind,
    database.migrated,
    database.writable,
    clock.against_database,
    planning.public_holidays,
    planning.windows,
    planning.postcodes,
    planning.served,
    planning.accounts,
    outbox.delivery,
    outbox.failures,
    outbox.letters,
)


def examine(app: Flask, *, online: bool = False, limit_seconds: float = LIMIT_SECONDS) -> Iterator[Finding]:
    """Every check, one after another. `online` also asks the name service about our public address."""
    for check in ALONE + ((settings.public_host,) if online else ()):
        yield from findings_of(app, check, limit_seconds)
    reachable = findings_of(app, database.reachable, limit_seconds)
    yield from reachable
    if any(finding.state == FAIL for finding in reachable):
        yield warn(
            "the rest", "not looked at, for it stands in the database", "mend the database, then ask again"
        )
        return
    for check in ON_THE_DATABASE:
        yield from findings_of(app, check, limit_seconds)


def findings_of(app: Flask, check: Check, limit_seconds: float) -> list[Finding]:
    """What one check finds within its time, whatever happens to it."""
    found: list[Finding] = []
    thread = threading.Thread(target=_look, args=(app, check, found), daemon=True)
    thread.start()
    thread.join(limit_seconds)
    if thread.is_alive():
        # It may still add to its own list, which nobody reads any more.
        return [
            *found,
            fail(_name(check), f"no answer within {limit_seconds:g} seconds", "try again, then look there"),
        ]
    return found


def _look(app: Flask, check: Check, found: list[Finding]) -> None:
    portal: Portal = app.extensions["portal"]
    moment: datetime = now()
    try:
        with app.app_context():
            found.extend(check(portal, moment))
    except SQLAlchemyError as error:
        advice = "run `flask --app wsgi db upgrade`; if that does not help, look at the database"
        found.append(
            fail(_name(check), f"the database does not answer this ({type(error).__name__})", advice)
        )
    except Exception as error:
        # What it says may quote a secret; what kind it is does not.
        found.append(fail(_name(check), f"the check itself failed ({type(error).__name__})", "report this"))


def _name(check: Check) -> str:
    return check.__name__.replace("_", " ")
