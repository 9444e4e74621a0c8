"""The worker's rounds: they go on until it is told to stop, and outlive one that fails."""

import logging
import threading

import pytest

from app import worker as workers
from app.portal import portal
from app.worker import make_worker


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
