"""Carries an action out: opens its Work, runs it, commits, gives back its value.

The one place that commits, beside the relay's tick. An action is handed ids and values, so it can begin again from the
top when the database asks for it: after a deadlock, or after it lost a race that a unique constraint decided. The
second time the other one's work is there to be seen.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from flask import Flask, g, has_request_context
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.portal import now, portal
from scheduling.actions.work import COMMAND, CUSTOMER, Work
from scheduling.db import was_a_race

MOST_TRIES = 3

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


def carry_out(
    action: Callable[Concatenate[Work, Arguments], Value], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Value:
    """Runs `action` in a transaction of its own. Refuses: whatever the action refuses, and then nothing was written."""
    # What is read after this has to see it; and a request never needs two connections at once.
    _stop_reading()
    for attempt in range(1, MOST_TRIES + 1):
        try:
            return _once(action, *args, **kwargs)
        except DBAPIError as error:
            if attempt == MOST_TRIES or not was_a_race(error):
                raise
    raise AssertionError("the last try returns or raises")


def reading() -> Session:
    """The session in which this request or command reads; it ends with it, or when something is carried out."""
    if "reading" not in g:
        g.reading = portal().sessions.read()
    found: Session = g.reading
    return found


def acting_as() -> str:
    """Who acts: set by whoever let them in, else the customer in a request and the operator in a command."""
    actor: str = g.get("actor", CUSTOMER if has_request_context() else COMMAND)
    return actor


def init_app(app: Flask) -> None:
    """Ends the reading session with its request."""

    app.teardown_appcontext(lambda _error: _stop_reading())


def _stop_reading() -> None:
    session = g.pop("reading", None)
    if session is not None:
        session.close()


def _once(
    action: Callable[Concatenate[Work, Arguments], Value], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Value:
    with portal().sessions.write() as session, session.begin():
        work = Work(session=session, now=now(), actor=acting_as(), announce=portal().announce)
        return action(work, *args, **kwargs)
