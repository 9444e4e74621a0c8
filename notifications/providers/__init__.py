"""What every supplier of messages looks like from here; each module beside this one is one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as it leaves, with nothing left to fill in.

    `message_id` and `written_at` stay the same however often it is tried. `html` and `calendar` (the bytes of an .ics
    file, with its `calendar_method` REQUEST, CANCEL or PUBLISH) are for e-mail alone.
    """

    message_id: int
    channel: str
    to: str
    text: str
    language: str
    written_at: datetime
    subject: str = ""
    html: str = ""
    calendar: bytes = b""
    calendar_method: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Taken over by the supplier, under a name of its own (None where it gives none)."""

    provider_id: str | None


class Transient(Exception):
    """Not sent, but may be later. `reason` is in words, without personal data; `retry_after` in seconds if told."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.reason, self.retry_after = reason, retry_after
        super().__init__(reason)


class Permanent(Exception):
    """Not sent, and never will be. `reason` is in words, without personal data."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Provider(Protocol):
    """A supplier of one channel. Any number of threads may send at once."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Hands a message over. Refuses: Transient, Permanent. Returns within the supplier's own time-out."""
        ...
