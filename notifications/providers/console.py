"""Keeps messages and sends none: for development, demonstration and tests. Can be told to fail."""

import logging
from collections import deque
from collections.abc import Sequence

from notifications.providers import Outgoing, Permanent, Sent, Transient

_MOST_KEPT = 1000
_log = logging.getLogger(__name__)


class Console:
    """The provider that needs no supplier. What was sent is in `sent`, the last 1,000 in order."""

    def __init__(self) -> None:
        self._sent: deque[Outgoing] = deque(maxlen=_MOST_KEPT)
        self._failures: deque[Transient | Permanent] = deque()

    @property
    def sent(self) -> Sequence[Outgoing]:
        """What would have left."""
        return tuple(self._sent)

    def fail_next(self, *failures: Transient | Permanent) -> None:
        """The next messages are answered with these, one each."""
        self._failures.extend(failures)

    def send(self, outgoing: Outgoing) -> Sent:
        """Keeps it. Refuses: what `fail_next` was told."""
        if self._failures:
            raise self._failures.popleft()
        self._sent.append(outgoing)
        _log.info("message %d kept, not sent (%s)", outgoing.message_id, outgoing.channel)
        return Sent(f"console-{outgoing.message_id}")
