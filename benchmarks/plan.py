"""The offer's query: its plan on PostgreSQL, and how long the database itself takes for it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from benchmarks.bench import Bench
from scheduling.reads.asked import Asked, asked
from scheduling.reads.offer import offer

MOST_MS = 0.5
"""What the query may take, whatever the number of areas and days."""

RUNS = 50
_EXECUTION = re.compile(r"Execution Time: ([\d.]+) ms")


def run(bench: Bench) -> bool:
    """Prints plan and times; whether the query stays under its limit."""
    loaded = bench.loaded("postgresql")
    now = datetime.now(UTC)
    with Session(loaded.engine) as session:
        ask = asked(session, loaded.size.invitations)
        statement, values = _statement_of(session, loaded.engine, ask, now)
        session.rollback()
        # An area after the other, as customers come; always the same would find its pages in the nearest cache.
        areas = [1 + step * loaded.size.areas // RUNS for step in range(RUNS)]
        plans = [
            _explain(session, *_statement_of(session, loaded.engine, replace(ask, area_id=area), now))
            for area in areas
        ]
        last = _explain(session, statement, values)
    times = [float(found[1]) for plan in plans if (found := _EXECUTION.search(plan))]
    print(f"\n## The offer's query: {loaded.about}\n\n{loaded.size}\n\n{last}\n")
    is_well = len(times) == RUNS and median(times) <= MOST_MS
    print(
        f"{RUNS} areas: median {median(times):.3f} ms, slowest {max(times):.3f} ms in the database; "
        f"at most {MOST_MS} ms asked: {'met' if is_well else 'missed'}"
    )
    return is_well


def _statement_of(session: Session, engine: Engine, ask: Asked, now: datetime) -> tuple[str, Any]:
    """The statement that the product itself sends for this offer, and its values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        found = offer(session, ask, now)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(sent) == 1, "an offer is one query"
    assert found.days, "there is something to offer"
    return sent[0]


def _explain(session: Session, statement: str, values: Any) -> str:
    lines: Sequence[Any] = (
        session.connection()
        .exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", values)
        .scalars()
        .all()
    )
    return "\n".join(f"    {line}" for line in lines)
