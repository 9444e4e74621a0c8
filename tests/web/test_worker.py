"""The worker's rounds: they go on until it is told to stop, and outlive one that fails."""

import logging
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import worker as workers
from app.portal import portal
from app.worker import make_worker
from scheduling.models import Customer
from tests.factories import a_customer, hours_later, working


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.001)


def test_it_goes_round_until_it_is_told_to_stop(app, monkeypatch):
    stop, rounds = threading.Event(), []

    with app.app_context():
        worker = make_worker(portal())

        def tick() -> int:
            rounds.append(1)
            if len(rounds) == 3:
                stop.set()
            return 0

        monkeypatch.setattr(worker.relay, "tick", tick)
        worker.run(stop)

    assert len(rounds) == 3


def test_a_round_that_fails_is_logged_and_tried_again(app, monkeypatch):
    stop, failures = threading.Event(), []

    def fails() -> int:
        failures.append(1)
        if len(failures) == 3:
            stop.set()
        raise OSError("the database is away")

    with app.app_context():
        worker = make_worker(portal())
        monkeypatch.setattr(worker.relay, "tick", fails)
        worker.run(stop)

    assert len(failures) == 3


@pytest.mark.parametrize("name", ["notifications.relay", "scheduling.actions.visits", "portal.worker"])
def test_no_logger_of_ours_prints_what_an_exception_says(app, name):
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None and not logger.handlers:
        logger = logger.parent

    assert logger is not None
    assert logger.name in {"portal", "notifications", "scheduling"}


def test_it_sweeps_up_in_small_batches_and_then_rests_for_a_day(app, database, clock, monkeypatch):
    monkeypatch.setattr("app.retention.A_BATCH", 2)

    def past_customers(count: int) -> None:
        with working(database.sessions) as work:
            for _ in range(count):
                a_customer(work, imported_at=hours_later(-731 * 24), created_at=hours_later(-731 * 24))

    def left() -> int:
        with database.sessions.read() as session:
            return session.scalar(select(func.count(Customer.id))) or 0

    past_customers(5)
    with app.app_context():
        worker = make_worker(portal())
        counts = []
        for _ in range(15):
            worker.run_once()
            counts.append(left())
            clock.shift(workers.HOUSEKEEPING)
        past_customers(1)
        worker.run_once()
        resting = left()
        clock.shift(timedelta(days=1))
        for _ in range(15):
            worker.run_once()
            clock.shift(workers.HOUSEKEEPING)

    assert sorted(set(counts), reverse=True) == [5, 3, 1, 0]
    assert (resting, left()) == (1, 0)
