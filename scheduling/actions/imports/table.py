"""A CSV file as rows with names: what can be read, what cannot, and on which line.

UTF-8 with or without byte-order mark, comma or semicolon, columns in any order. Rows are read one at a time, so that
a file may be larger than memory. What the values mean is up to each import.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from scheduling.rules.typed import showable

Value = TypeVar("Value")
LONGEST_ROW = 100_000
"""Bytes of one line; a file without line ends is refused before it fills the memory."""

_LINE_BREAKS = re.compile("[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]+")


class Stream(Protocol):
    """What is read of a file: its lines, as bytes."""

    def readline(self, limit: int, /) -> bytes:
        """The next line with its end, at most `limit` bytes of it; empty at the end of the file."""
        ...


class UnreadableFile(Exception):
    """The file as a whole cannot be read; its text is one line that says why."""


class BadValue(Exception):
    """A value that does not do: which column, and why. Never quotes the value, for it may be personal."""

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(f"{column}: {reason}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file. `line` is where it begins; line 1 is the header."""

    line: int
    values: Mapping[str, str]

    def text(self, column: str, *, longest: int = 200) -> str:
        """The value in one line, trimmed; empty where the column is empty or missing. Refuses: BadValue."""
        return _LINE_BREAKS.sub(" ", self.paragraphs(column, longest=longest))

    def paragraphs(self, column: str, *, longest: int) -> str:
        """Like `text`, with the line breaks that it has."""
        value = self.values.get(column, "").strip()
        if len(value) > longest:
            raise BadValue(column, f"has {len(value)} characters; at most {longest} can be kept")
        if showable(value) != value:
            raise BadValue(column, "has control characters; remove them")
        return value

    def required(self, column: str, *, longest: int = 200) -> str:
        """Like `text`, but refuses an empty value."""
        value = self.text(column, longest=longest)
        if not value:
            raise BadValue(column, "is empty")
        return value

    def one_of(self, column: str, values: Sequence[str]) -> str:
        """One of `values` in any case, or empty. Refuses: BadValue."""
        value = self.text(column).lower()
        if value and value not in values:
            raise BadValue(column, f"must be one of: {', '.join(values)}")
        return value

    def parsed(self, column: str, parse: Callable[[str], Value], reason: str = "") -> Value | None:
        """What `parse` makes of the value; None where it is empty. A ValueError becomes BadValue."""
        value = self.text(column)
        if not value:
            return None
        try:
            return parse(value)
        except ValueError as error:
            raise BadValue(column, reason or str(error)) from None


@dataclass(slots=True)
class Report:
    """What an import did, counted in rows."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    _refusals: list[tuple[int, str]] = field(default_factory=list)
    _warnings: list[tuple[int, str]] = field(default_factory=list)

    @property
    def refusals(self) -> list[str]:
        """Whole lines for the operator, in the order of the file."""
        return _in_order(self._refusals)

    @property
    def warnings(self) -> list[str]:
        """Whole lines for the operator, in the order of the file."""
        return _in_order(self._warnings)

    def refuse(self, line: int, problem: BadValue) -> None:
        """Notes a row that is not loaded."""
        self._refusals.append((line, str(problem)))

    def warn(self, line: int, column: str, reason: str) -> None:
        """Notes something about a row that is loaded all the same."""
        self._warnings.append((line, f"{column}: {reason}"))


class Table:
    """The rows of a CSV file, read as they are asked for."""

    def __init__(
        self,
        stream: Stream,
        *,
        required: Sequence[str],
        optional: Sequence[str] = (),
        is_known: Callable[[str], bool] = lambda column: False,
    ) -> None:
        """Reads the header. Refuses: UnreadableFile (no text, no header, a required column missing or named twice)."""
        self._lines = _Lines(stream)
        header = self._lines.take_header()
        delimiter = ";" if header.count(";") > header.count(",") else ","
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        try:
            self.columns = [name.strip().lower() for name in self._next_record() or []]
        except BadValue as problem:
            raise UnreadableFile(f"line 1: {problem.reason}") from None
        missing = [name for name in required if name not in self.columns]
        if missing:
            raise UnreadableFile(
                f"the header has no column {', '.join(missing)}; it needs {', '.join(required)}"
            )
        twice = sorted({name for name in self.columns if name and self.columns.count(name) > 1})
        if twice:
            raise UnreadableFile(f"the header names {', '.join(twice)} twice")
        known = {*required, *optional}
        self.unknown = [name for name in self.columns if name not in known and not is_known(name)]

    def rows(self, report: Report) -> Iterator[Row]:
        """Rows one by one; blank lines are passed over, rows that are too long or too short are refused."""
        for name in self.unknown:
            report.warn(1, name[:50] or "(no name)", "unknown column, not read")
        while True:
            line = self._lines.number + 1
            try:
                record = self._next_record()
            except BadValue as unreadable:
                report.refuse(line, unreadable)
                continue
            if record is None:
                return
            if not any(value.strip() for value in record):
                continue
            if len(record) != len(self.columns):
                problem = BadValue(
                    "row", f"has {len(record)} values where the header has {len(self.columns)}"
                )
                report.refuse(line, problem)
                continue
            yield Row(line, dict(zip(self.columns, record, strict=True)))

    def _next_record(self) -> list[str] | None:
        """The next record; None at the end. Refuses: BadValue for one that alone is unreadable; UnreadableFile."""
        line = self._lines.number + 1
        try:
            return next(self._reader, None)
        except csv.Error as error:
            if "expected after" not in str(error):
                # A quotation mark that is never closed, most often: nobody knows where the next row begins.
                raise UnreadableFile(f"line {line}: not readable as CSV ({error})") from None
            last = self._lines.number
            reason = "has a quotation mark in the wrong place"
            raise BadValue(
                "row", reason if last == line else f"{reason}; not read up to line {last}"
            ) from None


class _Lines:
    """Lines of a binary stream as text, counted; the header is looked at once before it is read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._header: str | None = None
        self.number = 0

    def take_header(self) -> str:
        header = self._read(first=True)
        if header is None or not header.strip():
            raise UnreadableFile("the file is empty; its first line names the columns")
        self._header = header
        return header

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._header is not None:
            line, self._header = self._header, None
        else:
            found = self._read()
            if found is None:
                raise StopIteration
            line = found
        self.number += 1
        return line

    def _read(self, *, first: bool = False) -> str | None:
        raw = self._stream.readline(LONGEST_ROW)
        if not raw:
            return None
        number = self.number + 1
        if len(raw) >= LONGEST_ROW:
            raise UnreadableFile(f"line {number}: longer than {LONGEST_ROW} bytes; is this a CSV file?")
        if b"\0" in raw:
            raise UnreadableFile(f"line {number}: not text; save the file as CSV in UTF-8")
        try:
            return raw.decode("utf-8-sig" if first else "utf-8")
        except UnicodeDecodeError:
            raise UnreadableFile(f"line {number}: not UTF-8; save the file as CSV in UTF-8") from None


def _in_order(notes: Iterable[tuple[int, str]]) -> list[str]:
    return [f"line {line}: {text}" for line, text in sorted(notes, key=lambda note: note[0])]


def batches_read(table: Table, report: Report, read: Callable[[Row], Value]) -> Iterator[Sequence[Value]]:
    """What `read` makes of the rows, batch by batch; a row that it refuses (BadValue) is noted and left out."""
    for batch in batches(table.rows(report)):
        good: list[Value] = []
        for row in batch:
            try:
                good.append(read(row))
            except BadValue as problem:
                report.refuse(row.line, problem)
        yield good


def batches(rows: Iterable[Row], size: int = 500) -> Iterator[list[Row]]:
    """Rows in lists of at most `size`, so that look-ups can be one query for many."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class Seen:
    """References that the file had already: the later row is refused."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._lines: dict[str, int] = {}

    def check(self, ref: str, line: int) -> None:
        """Remembers `ref`. Refuses: BadValue when an earlier row had it."""
        if ref in self._lines:
            raise BadValue(self._column, f"stands on line {self._lines[ref]} already")
        self._lines[ref] = line
