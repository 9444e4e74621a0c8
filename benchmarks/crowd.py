"""Fifty customers at once on one window with one place, through two server processes: never more than one gets it.

A check, not a measurement. In each round, at the same moment, most of the crowd confirm the window, some move their
visit to it, some cancel another visit, and whoever has the place already moves away, so that it comes free in between.
"""

import http.client
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from urllib.parse import urlencode

from sqlalchemy import Engine, text

from benchmarks.bench import Bench
from benchmarks.dataset import Size
from benchmarks.questions import Browser, Prepared, personal_path, prepare
from benchmarks.servers import PORTAL, Server, environment, serving

CROWD, MOVERS, CANCELLERS = 50, 12, 8
ROUNDS = 20
FIRST_WINDOW = 60
"""Of an area: days ahead, so that nothing but the place is in anybody's way."""

_LIVE = "state NOT IN ('cancelled', 'missed')"
_WRONG = f"""
    SELECT count(*) FROM "window" w WHERE w.booked + w.held > w.capacity
    OR w.booked <> (SELECT coalesce(sum(places), 0) FROM visit WHERE window_id = w.id AND {_LIVE})
    OR w.held <> (SELECT coalesce(sum(places), 0) FROM hold WHERE window_id = w.id)
"""  # noqa: S608
_TWICE = (
    f"SELECT count(*) FROM (SELECT 1 FROM visit WHERE {_LIVE} GROUP BY invitation_id HAVING count(*) > 1) t"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Step:
    """One customer's form: where it goes, and what it says."""

    invitation_id: int
    door: str
    window_id: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round came to. `taken`: live visits in the window of one place; `got_it`: customers who were told so.

    `wrong` counts windows whose counters are not what visits and holds take, or more than there is, and customers with
    two live visits.
    """

    statuses: Counter[int]
    taken: int
    got_it: int
    wrong: int

    @property
    def is_right(self) -> bool:
        """One place, one visit at most; everybody was told the truth, and nothing was answered with an error."""
        return self.taken == self.got_it <= 1 and not self.wrong and set(self.statuses) <= {303, 409}


def run(bench: Bench, *, rounds: int) -> bool:
    """Prints what came of it; whether every round was right."""
    loaded = bench.loaded("postgresql")
    print(f"\n## {CROWD} customers at once on one place, gunicorn with 2 processes: {loaded.about}\n")
    with serving("gunicorn", PORTAL, environment(loaded.url)) as portal:
        outcomes = play(portal, loaded.engine, loaded.size, rounds)
    statuses = sum((outcome.statuses for outcome in outcomes), Counter[int]())
    is_well = all(outcome.is_right for outcome in outcomes)
    print(
        f"{len(outcomes)} rounds, {statuses.total()} answers ({statuses[303]} done, {statuses[409]} refused), "
        f"the place taken in {sum(outcome.taken for outcome in outcomes)} of them, never by two: "
        f"{'met' if is_well else 'MISSED'}"
    )
    return is_well


def play(portal: Server, engine: Engine, size: Size, rounds: int) -> Sequence[Outcome]:
    """So many rounds, each in an area of its own, of which there have to be as many."""
    prepared = prepare(portal.port, size)
    with ThreadPoolExecutor(CROWD) as pool:
        return [
            _round(portal, engine, prepared, pool, crowd=_crowd_of(area, size), scarce=_window_of(area, size))
            for area in range(1, rounds + 1)
        ]


def _crowd_of(area: int, size: Size) -> Sequence[int]:
    """Invitations of one area: neighbours in time are none in place (`dataset.area_of`)."""
    return [area + size.areas * number for number in range(CROWD)]


def _window_of(area: int, size: Size) -> int:
    return (area - 1) * size.windows_an_area + FIRST_WINDOW


def _round(
    portal: Server,
    engine: Engine,
    prepared: Prepared,
    pool: ThreadPoolExecutor,
    *,
    crowd: Sequence[int],
    scarce: int,
) -> Outcome:
    roomy = scarce + 1
    with engine.begin() as connection:
        connection.execute(text('UPDATE "window" SET capacity = 1 WHERE id = :id'), {"id": scarce})
        connection.execute(text('UPDATE "window" SET capacity = 500 WHERE id = :id'), {"id": roomy})
    holder, movers, cancellers = crowd[0], crowd[1 : 1 + MOVERS], crowd[1 + MOVERS : 1 + MOVERS + CANCELLERS]
    before = [
        Step(holder, "confirm", scarce),
        *(Step(one, "confirm", roomy) for one in (*movers, *cancellers)),
    ]
    assert set(_at_once(portal, prepared, pool, before)) == {303}, "everybody has what they begin with"
    steps = [
        Step(holder, "change/confirm", roomy, 0),
        *(Step(one, "change/confirm", scarce, 0) for one in movers),
        *(Step(one, "cancel/confirm") for one in cancellers),
        *(Step(one, "confirm", scarce) for one in crowd[1 + MOVERS + CANCELLERS :]),
    ]
    statuses = _at_once(portal, prepared, pool, steps)
    got_it = sum(
        status == 303 and step.window_id == scarce for step, status in zip(steps, statuses, strict=True)
    )
    with engine.connect() as connection:
        taken = connection.execute(
            text(f"SELECT count(*) FROM visit WHERE window_id = :id AND {_LIVE}"),  # noqa: S608
            {"id": scarce},
        ).scalar_one()
        wrong = sum(connection.execute(text(query)).scalar_one() for query in (_WRONG, _TWICE))
    return Outcome(Counter(statuses), taken, got_it, wrong)


def _at_once(
    portal: Server, prepared: Prepared, pool: ThreadPoolExecutor, steps: Sequence[Step]
) -> Sequence[int]:
    """Everybody waits for everybody else, with a connection that is open already; then all press the button."""
    barrier = Barrier(len(steps))
    browsers = prepared.browsers
    tasks = [
        pool.submit(_press, portal.port, browsers[number % len(browsers)], step, barrier)
        for number, step in enumerate(steps)
    ]
    return [task.result() for task in tasks]


def _press(port: int, browser: Browser, step: Step, barrier: Barrier) -> int:
    form = {"csrf_token": browser.form_token}
    if step.window_id is not None:
        form["window"] = str(step.window_id)
    if step.sequence is not None:
        form["sequence"] = str(step.sequence)
    headers = {
        "Host": "localhost:5000",
        "Cookie": browser.cookie,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.connect()
        barrier.wait(60)
        connection.request(
            "POST", f"{personal_path(step.invitation_id)}/{step.door}", urlencode(form), headers
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
