"""How far a long command has come, for whoever sits in front of a terminal; nothing where the output goes elsewhere."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import click

from scheduling.actions.imports.table import Stream

STEPS = 200
"""How often a bar is drawn anew at most."""


class _Watched:
    """Passes lines on and tells their bytes."""

    def __init__(self, stream: Stream, tell: Callable[[int], object]) -> None:
        self._stream, self._tell = stream, tell

    def readline(self, limit: int, /) -> bytes:
        """The next line of the stream."""
        line = self._stream.readline(limit)
        self._tell(len(line))
        return line


@contextmanager
def watched(stream: IO[bytes]) -> Iterator[Stream]:
    """The stream, with a bar on standard error that follows the reading if that is a terminal."""
    if not sys.stderr.isatty():
        yield stream
        return
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    with click.progressbar(
        length=size, label="reading", file=sys.stderr, update_min_steps=max(1, size // STEPS)
    ) as bar:
        yield _Watched(stream, bar.update)


@contextmanager
def counted(label: str, length: Callable[[], int]) -> Iterator[Callable[[int], object]]:
    """What to tell of each step how much it did, with a bar like the other; `length` is only asked for a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=length(), label=label, file=sys.stderr) as bar:
        yield bar.update
