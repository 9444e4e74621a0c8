"""The databases of one run of the benchmarks: each made and filled when first asked for, gone when the run ends."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

from sqlalchemy import Engine

from benchmarks.databases import database
from benchmarks.dataset import SMALL, Size, load
from scheduling.db import make_engine


@dataclass(frozen=True, slots=True)
class Loaded:
    """A filled database. `kind`: postgresql or sqlite."""

    kind: str
    url: str
    about: str
    engine: Engine
    size: Size


class Bench:
    """What several benchmarks measure on; `with Bench(size) as bench`."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._open = ExitStack()
        self._found: dict[str, Loaded] = {}

    def __enter__(self) -> "Bench":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def loaded(self, kind: str) -> Loaded:
        """The database of this kind, of the run's size; SQLite is never the large one, for it is not what it is for."""
        if kind not in self._found:
            self._found[kind] = self._fill(kind)
        return self._found[kind]

    def _fill(self, kind: str) -> Loaded:
        found = self._open.enter_context(database(kind))
        engine = make_engine(found.url)
        self._open.callback(engine.dispose)
        size = self._size if kind == "postgresql" else SMALL
        begun = time.perf_counter()
        load(engine, size, datetime.now(UTC))
        print(f"{kind}: {size.windows:,} windows loaded in {time.perf_counter() - begun:.1f} s", flush=True)
        return Loaded(kind, found.url, found.about, engine, size)
