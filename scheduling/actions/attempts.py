"""Limits how often something that could be guessed is tried, counted in the database so that all processes count alike.

An attempt is counted for what is tried together with where it comes from, so that nobody can lock out somebody else
by trying in their place.
"""

import hashlib
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from scheduling.actions.work import Work
from scheduling.errors import TooManyAttempts
from scheduling.models import Attempt

PERIOD = timedelta(minutes=15)
A_DAY = timedelta(days=1)
KEPT = A_DAY


def count_attempt(work: Work, *what: str, most: int, period: timedelta = PERIOD) -> int:
    """Counts one attempt; how many there were in this quarter of an hour, or in this `period` (a day at most).

    Refuses: TooManyAttempts above `most`.

    The refusal is for the caller to keep or to raise: what was counted stays counted only when the work is committed.
    """
    period_start = work.now - timedelta(seconds=work.now.timestamp() % period.total_seconds())
    bucket = hashlib.sha256("\0".join(what).encode()).hexdigest()
    insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = work.session.execute(
        insert(Attempt)
        .values(bucket=bucket, period_start=period_start, count=1)
        .on_conflict_do_update(
            index_elements=[Attempt.bucket, Attempt.period_start], set_={"count": Attempt.count + 1}
        )
        .returning(Attempt.count)
    ).scalar_one()
    if counted > most:
        wait = period_start + period - work.now
        raise TooManyAttempts(wait_seconds=int(wait.total_seconds()) + 1)
    return counted


def forget_old_attempts(work: Work) -> None:
    """Removes counts of periods that are long over."""
    work.session.execute(delete(Attempt).where(Attempt.period_start < work.now - KEPT))
