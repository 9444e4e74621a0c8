"""A crowd through a real server with two processes: the promise that a place is given once, tried over HTTP."""

from datetime import UTC, datetime

import pytest

from benchmarks.crowd import CANCELLERS, CROWD, play
from benchmarks.dataset import Size, load
from benchmarks.servers import PORTAL, environment, serving

ROUNDS = 3
SIZE = Size(areas=ROUNDS, days=40, invitations=200)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_fifty_customers_at_once_one_at_most_gets_the_one_place(database):
    load(database.engine, SIZE, datetime.now(UTC))

    with serving("gunicorn", PORTAL, environment(database.url)) as portal:
        outcomes = play(portal, database.engine, SIZE, ROUNDS)

    for outcome in outcomes:
        assert outcome.is_right, outcome
        # Nobody was left without an answer; those who cancel, and whoever moves away from the place, always can.
        assert outcome.statuses.total() == CROWD
        assert outcome.statuses[303] >= CANCELLERS + 1
