"""Attempts are counted for what is tried and from where, in quarters of an hour."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from scheduling.actions.attempts import A_DAY, count_attempt, forget_old_attempts
from scheduling.errors import TooManyAttempts
from scheduling.models import Attempt
from tests.environment import NOW
from tests.factories import working


def test_the_attempt_above_the_limit_is_refused_with_the_time_to_wait(database):
    with working(database.sessions, now=NOW + timedelta(minutes=5)) as work:
        assert [count_attempt(work, "code", "1.2.3.4", most=2) for _ in range(2)] == [1, 2]

        with pytest.raises(TooManyAttempts) as refused:
            count_attempt(work, "code", "1.2.3.4", most=2)

        assert refused.value.facts == {"wait_seconds": 601}  # ten minutes are left of this quarter


def test_somebody_else_and_something_else_are_counted_apart(database):
    with working(database.sessions) as work:
        count_attempt(work, "code", "1.2.3.4", most=1)

        assert count_attempt(work, "code", "5.6.7.8", most=1) == 1
        assert count_attempt(work, "password", "1.2.3.4", most=1) == 1


def test_the_next_quarter_begins_anew_and_old_ones_are_forgotten(database):
    with working(database.sessions) as work:
        count_attempt(work, "code", most=1)
    with working(database.sessions, now=NOW + timedelta(minutes=15)) as work:
        assert count_attempt(work, "code", most=1) == 1
    with working(database.sessions, now=NOW + timedelta(days=1, minutes=1)) as work:
        forget_old_attempts(work)

        assert work.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_a_day_is_counted_as_a_day_and_outlives_its_quarters(database):
    for hours in (0, 14):  # 09:00 and 23:00
        with working(database.sessions, now=NOW + timedelta(hours=hours)) as work:
            count_attempt(work, "code", most=2, period=A_DAY)
            forget_old_attempts(work)

    with working(database.sessions, now=NOW + timedelta(hours=14)) as work:
        with pytest.raises(TooManyAttempts) as refused:
            count_attempt(work, "code", most=2, period=A_DAY)
        assert refused.value.facts == {"wait_seconds": 3601}  # the day has an hour left
    with working(database.sessions, now=NOW + timedelta(hours=15)) as work:
        assert count_attempt(work, "code", most=2, period=A_DAY) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_twenty_at_once_from_as_many_sessions_are_counted_one_by_one(database):
    def try_once(_number: int) -> bool:
        try:
            with working(database.sessions) as work:
                count_attempt(work, "code", "1.2.3.4", most=5)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(try_once, range(20)))

    assert sum(allowed) == 5


def test_what_was_tried_cannot_be_read_from_the_table(database):
    with working(database.sessions) as work:
        count_attempt(work, "sanne@example.org", most=1)

        assert "sanne" not in work.session.scalars(select(Attempt.bucket)).one()
