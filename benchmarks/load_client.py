"""Asks a server for things from several connections at once, in a process of its own, and times each answer.

Written on bare sockets: client, server and database share the cores here, and an HTTP library costs as much as a page
of the floor. It understands just what our servers answer, a status and a body of a length that is said, and refuses
the rest. Connections are kept open, as a proxy keeps them; each asks its next question when it has its answer.
"""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

STALL_SECONDS = 30
"""A server that says nothing for so long has died."""

REQUESTS_A_CONNECTION = 25
"""Then it is made anew. Which process serves a connection is decided by chance when it is made: one that lasted a
whole run would make that chance the result."""

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class LoadFailed(Exception):
    """The server stopped answering, or answered what this client does not understand."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask. `requests` are whole HTTP requests, taken in order; each is asked once, unless `repeats`.

    Ends after `seconds`, or when the requests are used up; what was asked by then is waited for.
    """

    port: int
    requests: Sequence[bytes]
    clients: int
    seconds: float
    repeats: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back. `seconds` is from the first question to the last answer, `latencies` one a request."""

    seconds: float
    latencies: list[float]
    statuses: Counter[int]
    body_bytes: int


@dataclass(slots=True)
class _Connection:
    link: socket.socket
    asked_at: float = 0.0
    asked: int = 0
    answer: bytearray = field(default_factory=bytearray)


def drive(load: Load) -> Answers:
    """Asks and waits. Refuses: LoadFailed."""
    return _Run(load).answers()


class _Run:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._asked = 0
        self._latencies: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._body_bytes = 0

    def answers(self) -> Answers:
        load = self._load
        connections = [_Connection(_connect(load.port)) for _ in range(load.clients)]
        try:
            with selectors.DefaultSelector() as selector:
                begun = time.perf_counter()
                self._until = begun + load.seconds
                for connection in connections:
                    if self._ask(connection):
                        selector.register(connection.link, selectors.EVENT_READ, connection)
                while selector.get_map():
                    self._take_answers(selector)
                seconds = time.perf_counter() - begun
        finally:
            for connection in connections:
                connection.link.close()
        return Answers(seconds, self._latencies, self._statuses, self._body_bytes)

    def _take_answers(self, selector: selectors.BaseSelector) -> None:
        ready = selector.select(STALL_SECONDS)
        if not ready:
            raise LoadFailed(f"no answer in {STALL_SECONDS} seconds")
        for key, _ in ready:
            connection: _Connection = key.data
            received = connection.link.recv(1 << 16)
            connection.answer += received
            answered = read_answer(connection.answer)
            if answered is None:
                if not received:
                    raise LoadFailed("the server hung up in the middle of an answer")
                continue
            self._latencies.append(time.perf_counter() - connection.asked_at)
            status, body_bytes, closes = answered
            self._statuses[status] += 1
            self._body_bytes += body_bytes
            selector.unregister(connection.link)
            if closes or connection.asked >= REQUESTS_A_CONNECTION:
                connection.link.close()
                connection.link, connection.asked = _connect(self._load.port), 0
            if self._ask(connection):
                selector.register(connection.link, selectors.EVENT_READ, connection)

    def _ask(self, connection: _Connection) -> bool:
        requests = self._load.requests
        is_used_up = self._asked >= len(requests) and not self._load.repeats
        connection.asked_at = time.perf_counter()
        if is_used_up or connection.asked_at >= self._until:
            return False
        connection.answer.clear()
        connection.link.sendall(requests[self._asked % len(requests)])
        self._asked += 1
        connection.asked += 1
        return True


def read_answer(received: bytes | bytearray) -> tuple[int, int, bool] | None:
    """Status, bytes of the body, and whether the server closes; None while some of it has yet to come.

    Refuses: LoadFailed, for an answer that does not say its length.
    """
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    head = bytes(received[:head_end])
    status, length = _STATUS.match(head), _LENGTH.search(head)
    if status is None or length is None:
        raise LoadFailed(f"an answer without status or length: {head[:200]!r}")
    if len(received) < head_end + 4 + int(length[1]):
        return None
    return int(status[1]), int(length[1]), _CLOSES.search(head) is not None


def _connect(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=STALL_SECONDS)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link
