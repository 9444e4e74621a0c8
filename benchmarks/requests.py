"""The table of requests: the product and the floor in turn, under each server, on each database."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from benchmarks import questions
from benchmarks.bench import Bench, Loaded
from benchmarks.dataset import kept
from benchmarks.load_client import Load, LoadFailed, drive
from benchmarks.questions import PAGES, Prepared
from benchmarks.servers import FLOOR, PORTAL, Server, environment, serving
from benchmarks.table import Figures, Goal, Row, figures, median_of, table

CONFIRM_GOAL = Goal(least_share=0.60, most_cpu=1.6)
CHOOSE_GOAL = Goal(least_share=0.60)

FASTEST = 3_000
"""Requests a second that nothing here gets beyond: so many bookings are made ready for a run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: `seconds` a run, after `warm_up` seconds that do not count; `rounds`, then the median."""

    seconds: float
    warm_up: float
    rounds: int
    clients: Sequence[int]


QUICK = Plan(seconds=0.5, warm_up=0.2, rounds=1, clients=(8,))
USUAL = Plan(seconds=2.0, warm_up=0.5, rounds=3, clients=(8, 32))


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask of a server. `next_requests` gives what to send; a booking can't be sent twice."""

    server: Server
    next_requests: Callable[[], Sequence[bytes]]
    status: int
    asked: Callable[[int], None] = lambda _count: None
    repeats: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """One row to be: what is asked of the product, and of the floor."""

    name: str
    floor_name: str
    product: Question
    floor: Question
    goal: Goal | None = None
    is_main: bool = True


class Fresh:
    """The invitations that nobody has booked yet, and what was claimed so far."""

    def __init__(self, last: int) -> None:
        self.booked = self.claimed = 0
        self._last = last

    def to_book(self, most: int) -> range:
        """The next invitations to book, at most so many. Refuses: LoadFailed when none is left."""
        start = self.booked + 1
        if start > self._last:
            raise LoadFailed("every invitation is booked: make the data larger or the runs shorter")
        return range(start, min(start + most, self._last + 1))

    def to_claim(self, most: int) -> range:
        """Numbers that lead to windows in the same order; places are enough for all."""
        return range(self.claimed + 1, self.claimed + most + 1)

    def were_booked(self, count: int) -> None:
        """So many of the ones to book are booked now."""
        self.booked += count

    def were_claimed(self, count: int) -> None:
        """So many places were claimed by the floor."""
        self.claimed += count


def run(bench: Bench, plan: Plan, *, servers: Sequence[str], databases: Sequence[str]) -> bool:
    """Prints a table for each server and database; whether every answer was the right one and every goal is met."""
    is_well = True
    with _client() as client:
        for kind in databases:
            loaded = bench.loaded(kind)
            print(f"\n## Requests: {loaded.about}\n\n{loaded.size}")
            fresh = Fresh(loaded.size.invitations - PAGES)
            # On SQLite one writer follows the other; more servers and clients would measure the queue.
            is_small = kind == "sqlite"
            for server in servers[:1] if is_small else servers:
                rows = _measure(
                    client,
                    loaded,
                    fresh,
                    server,
                    replace(plan, clients=plan.clients[:1]) if is_small else plan,
                )
                print(f"\n### {server}, 2 processes of 8 threads, {loaded.kind}\n\n{table(rows)}", flush=True)
                is_well &= all(row.verdict != "missed" for row in rows)
            is_well &= _nothing_was_lost(loaded, fresh)
    return is_well


def _measure(client: Executor, loaded: Loaded, fresh: Fresh, server: str, plan: Plan) -> list[Row]:
    with serving(server, PORTAL, environment(loaded.url)) as portal:
        prepared = questions.prepare(portal.port, loaded.size)
        page = environment(loaded.url, FLOOR_PAGE_BYTES=str(prepared.page_bytes))
        with serving(server, FLOOR, page) as floor:
            print(
                f"\na choose page has {prepared.page_bytes:,} bytes; load {os.getloadavg()[0]:.2f} at the start"
            )
            rows = []
            for pair in _pairs(portal, floor, prepared, loaded=loaded, fresh=fresh, plan=plan):
                for clients in plan.clients if pair.is_main else plan.clients[:1]:
                    rows.append(_row(client, pair, clients, plan))
            return rows


def _pairs(
    portal: Server, floor: Server, prepared: Prepared, *, loaded: Loaded, fresh: Fresh, plan: Plan
) -> Iterator[Pair]:
    size, most = loaded.size, int(FASTEST * plan.seconds)
    # The floor asks from the day on which the product's own offer begins, give or take a weekend.
    first = (datetime.now(UTC) + timedelta(days=2)).date()
    page = Question(floor, questions.floor_page, 200)
    yield Pair(
        "confirm a booking",
        "claim alone",
        Question(
            portal,
            lambda: questions.confirmations(prepared, fresh.to_book(most), size),
            303,
            fresh.were_booked,
            repeats=False,
        ),
        Question(
            floor,
            lambda: questions.floor_claims(fresh.to_claim(most), size),
            303,
            fresh.were_claimed,
            repeats=False,
        ),
        CONFIRM_GOAL,
    )
    choose = Question(portal, lambda: questions.choose_pages(prepared, size), 200)
    slots = Question(floor, lambda: questions.floor_slots(size, first), 200)
    yield Pair("choose page", "raw slot query", choose, slots, CHOOSE_GOAL)
    yield Pair("choose page", "page, no query", choose, page, is_main=False)
    wrong = Question(portal, lambda: questions.wrong_tokens(size), 404)
    yield Pair("wrong token", "page, no query", wrong, page, is_main=False)
    yield Pair(
        "health",
        "a word",
        Question(portal, questions.health, 200),
        Question(floor, questions.floor_health, 200),
        is_main=False,
    )


def _row(client: Executor, pair: Pair, clients: int, plan: Plan) -> Row:
    for question in (pair.product, pair.floor):
        _ask(client, question, clients, plan.warm_up)
    product, floor = [], []
    for _ in range(plan.rounds):
        product.append(_ask(client, pair.product, clients, plan.seconds))
        floor.append(_ask(client, pair.floor, clients, plan.seconds))
    return Row(pair.name, pair.floor_name, clients, median_of(product), median_of(floor), pair.goal)


def _ask(client: Executor, question: Question, clients: int, seconds: float) -> Figures:
    """One run, in the client's own process. Refuses: LoadFailed, for any answer but the expected one."""
    load = Load(question.server.port, question.next_requests(), clients, seconds, question.repeats)
    cpu_before = question.server.cpu_seconds()
    answers = client.submit(drive, load).result()
    cpu_seconds = question.server.cpu_seconds() - cpu_before
    question.asked(len(answers.latencies))
    if set(answers.statuses) != {question.status}:
        raise LoadFailed(
            f"expected {question.status} from all, got {dict(answers.statuses)}; {question.server.said()}"
        )
    return figures(answers.latencies, seconds=answers.seconds, cpu_seconds=cpu_seconds)


def _nothing_was_lost(loaded: Loaded, fresh: Fresh) -> bool:
    """Whether the database holds exactly what was answered: a fast answer to a lost booking is worth nothing."""
    found = kept(loaded.engine)
    is_well = (
        found.visits == found.confirmations == fresh.booked
        and found.taken == fresh.booked + fresh.claimed
        and found.worst == "never overbooked"
    )
    print(
        f"\n{'right' if is_well else 'WRONG'}: {fresh.booked:,} bookings answered, {found.visits:,} visits and "
        f"{found.confirmations:,} confirmations kept; {found.taken:,} places taken, {found.worst}"
    )
    return is_well


@contextmanager
def _client() -> Iterator[Executor]:
    # Started afresh, not forked: a client has no use for our connections.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool
