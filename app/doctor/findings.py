"""What a check found, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.portal import Portal

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `advice` is empty where all is well. Never a secret, never personal data."""

    check: str
    state: str
    finding: str
    advice: str = ""


Check = Callable[[Portal, datetime], Iterator[Finding]]
"""Looks at one thing, now. What it raises is reported as its failure and stops no other check."""


def ok(check: str, finding: str) -> Finding:
    """All is well."""
    return Finding(check, OK, finding)


def warn(check: str, finding: str, advice: str) -> Finding:
    """It works, but somebody should look."""
    return Finding(check, WARN, finding, advice)


def fail(check: str, finding: str, advice: str) -> Finding:
    """A promise to customers cannot be kept like this."""
    return Finding(check, FAIL, finding, advice)


def some(names: "list[str] | tuple[str, ...]", most: int = 5) -> str:
    """The first few of many, in words: `AMF, SOE and 12 more`."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
