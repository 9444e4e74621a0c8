"""From answers to figures, from figures to a table: product and floor side by side, and whether a goal is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run came to. `rate` in requests a second; `p50_ms` and `p99_ms` until the whole answer was there;
    `cpu_ms` is the server processes' processor time for one request."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Goal:
    """What a row has to reach: `least_share` of the floor's rate, and at most `most_cpu` times its processor time."""

    least_share: float
    most_cpu: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One question, asked by so many clients at once: of the product, and its like of the floor."""

    name: str
    floor_name: str
    clients: int
    product: Figures
    floor: Figures
    goal: Goal | None = None

    @property
    def share(self) -> float:
        """The product's rate as a part of the floor's."""
        return self.product.rate / self.floor.rate

    @property
    def cpu_times(self) -> float:
        """How many times the floor's processor time the product takes."""
        return self.product.cpu_ms / self.floor.cpu_ms if self.floor.cpu_ms else float("inf")

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or nothing where no goal was set."""
        if self.goal is None:
            return ""
        too_dear = self.goal.most_cpu is not None and self.cpu_times > self.goal.most_cpu
        return "missed" if too_dear or self.share < self.goal.least_share else "met"


def figures(latencies: Sequence[float], *, seconds: float, cpu_seconds: float) -> Figures:
    """The figures of one run from the seconds that each answer took. Refuses: ValueError without any answer."""
    if not latencies:
        raise ValueError("nothing was answered")
    ordered = sorted(latencies)
    return Figures(
        rate=len(ordered) / seconds,
        p50_ms=_percentile(ordered, 50) * 1000,
        p99_ms=_percentile(ordered, 99) * 1000,
        cpu_ms=cpu_seconds / len(ordered) * 1000,
    )


def median_of(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure by itself: one round that was disturbed does not count."""
    return Figures(
        rate=median(one.rate for one in rounds),
        p50_ms=median(one.p50_ms for one in rounds),
        p99_ms=median(one.p99_ms for one in rounds),
        cpu_ms=median(one.cpu_ms for one in rounds),
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as a table that reads in a terminal and in Markdown alike."""
    head = (
        "asked for",
        "floor",
        "clients",
        "rate /s",
        "floor",
        "share",
        "p50 ms",
        "floor",
        "p99 ms",
        "floor",
        "CPU ms",
        "floor",
        "times",
        "goal",
    )
    lines = [
        (
            row.name,
            row.floor_name,
            str(row.clients),
            f"{row.product.rate:.0f}",
            f"{row.floor.rate:.0f}",
            f"{row.share:.0%}",
            f"{row.product.p50_ms:.1f}",
            f"{row.floor.p50_ms:.1f}",
            f"{row.product.p99_ms:.1f}",
            f"{row.floor.p99_ms:.1f}",
            f"{row.product.cpu_ms:.2f}",
            f"{row.floor.cpu_ms:.2f}",
            f"{row.cpu_times:.1f}x",
            row.verdict,
        )
        for row in rows
    ]
    return aligned(head, lines, words=2)


def aligned(head: Sequence[str], lines: Sequence[Sequence[str]], *, words: int) -> str:
    """A Markdown table with columns of one width; the first `words` columns to the left, numbers to the right."""
    widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
    rule = ["-" * width if column < words else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in (head, rule, *lines)
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that so many per cent of all are not above (nearest rank)."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
