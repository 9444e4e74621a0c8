"""Takes messages out of the outbox and hands them to the providers.

One tick leases what is due and commits; then, message by message, says that sending begins and commits, sends with no
transaction open, records what came back and commits. Any number of workers may run: a lease keeps them apart, and runs
out when its worker died, so that nothing is lost. A worker that died between sending and recording is the one case in
which a message may arrive twice; suppliers offer nothing against it.

Letters are not taken: they wait for the printer.
"""

import logging
import random
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, or_, select, update
from sqlalchemy.orm import Session, aliased

from notifications.models import FAILED, SENDING, SENT, WAITING, WITHDRAWN, Message
from notifications.providers import Outgoing, Permanent, Provider, Sent, Transient
from scheduling.db import Sessions, skip_locked

BATCH = 20
"""Messages leased at once: few enough that other workers find some too."""

MOST_ATTEMPTS = 16
"""With the waits below some six and a half hours, which outlasts most troubles; a confirmation tomorrow is no use."""

_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 3600.0
_JITTER = 0.2
_LONGEST_REASON = 300

_log = logging.getLogger(__name__)


class Relay:
    """One worker. `providers` by channel; `compose` makes a row ready to leave; `now` tells the time (UTC).

    `lease_seconds` is longer than a provider's longest send. `jitter` gives numbers from 0 to 1, which keep messages
    that failed together from coming back together.
    """

    def __init__(
        self,
        sessions: Sessions,
        providers: Mapping[str, Provider],
        *,
        compose: Callable[[Session, Message], Outgoing],
        lease_seconds: float,
        now: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._sessions, self._providers, self._compose = sessions, providers, compose
        self._lease = timedelta(seconds=lease_seconds)
        self._now, self._jitter = now, jitter

    def tick(self, batch: int = BATCH) -> int:
        """Leases at most `batch` due messages and tries each once. The number tried; 0 when none was due."""
        lease_id = uuid.uuid4().hex
        message_ids = self._lease_due(lease_id, batch)
        for message_id in message_ids:
            self._deliver(message_id, lease_id)
        return len(message_ids)

    def run_until_idle(self, *, batch: int = BATCH) -> int:
        """Ticks until nothing is due any more. The number of attempts; what failed for now is due later."""
        tried = 0
        while count := self.tick(batch):
            tried += count
        return tried

    def _lease_due(self, lease_id: str, batch: int) -> list[int]:
        """Takes what is due: ids in the order of sending."""
        with self._sessions.write.begin() as session:
            now = self._now()
            due = skip_locked(_due(now, tuple(self._providers)).limit(batch))
            message_ids = list(session.scalars(due))
            if message_ids:
                session.execute(
                    update(Message)
                    .where(Message.id.in_(message_ids))
                    .values(state=SENDING, lease_id=lease_id, lease_until=now + self._lease)
                    .execution_options(synchronize_session=False)
                )
        return message_ids

    def _deliver(self, message_id: int, lease_id: str) -> None:
        """One message from leased to recorded; whatever goes wrong with it is its own affair."""
        attempts = self._begin(message_id, lease_id)
        if attempts is None:
            return
        if attempts > MOST_ATTEMPTS:
            # Only a message at which worker after worker died comes here.
            self._record_failure(message_id, lease_id, f"given up after {MOST_ATTEMPTS} attempts")
            return
        try:
            sent = self._send(message_id)
        except Permanent as refusal:
            self._record_failure(message_id, lease_id, refusal.reason)
        except Transient as refusal:
            self._record_retry(message_id, lease_id, refusal.reason, attempts, refusal.retry_after)
        except Exception as error:
            # One message that cannot be made or sent must not keep the others from leaving.
            _log.exception("message %d: unexpected error", message_id)
            reason = f"unexpected error ({type(error).__name__})"
            self._record_retry(message_id, lease_id, reason, attempts, None)
        else:
            self._record_sent(message_id, lease_id, sent)

    def _begin(self, message_id: int, lease_id: str) -> int | None:
        """Counts the attempt and renews the lease: which attempt it is. None if the message was withdrawn, or taken
        over by another worker, in the meantime.
        """
        with self._sessions.write.begin() as session:
            attempts: int | None = session.scalar(
                update(Message)
                .where(Message.id == message_id, Message.lease_id == lease_id, Message.state == SENDING)
                .values(attempts=Message.attempts + 1, lease_until=self._now() + self._lease)
                .returning(Message.attempts)
                .execution_options(synchronize_session=False)
            )
        return attempts

    def _send(self, message_id: int) -> Sent:
        with self._sessions.read() as session:
            outgoing = self._compose(session, session.get_one(Message, message_id))
        return self._providers[outgoing.channel].send(outgoing)

    def _record_sent(self, message_id: int, lease_id: str, sent: Sent) -> None:
        """Also of a message withdrawn while it was on its way: it did leave. A report that came first stands."""
        self._record(
            message_id,
            lease_id,
            # A delivery report may have overtaken us; it knows more.
            state=case((Message.state.in_((SENDING, WITHDRAWN)), SENT), else_=Message.state),
            provider_id=sent.provider_id,
            sent_at=self._now(),
            error=case((Message.state == FAILED, Message.error), else_=""),
        )

    def _record_retry(
        self, message_id: int, lease_id: str, reason: str, attempts: int, retry_after: float | None
    ) -> None:
        if attempts >= MOST_ATTEMPTS:
            self._record_failure(message_id, lease_id, f"given up after {attempts} attempts: {reason}")
            return
        wait = timedelta(seconds=self._wait_seconds(attempts, retry_after))
        _log.warning("message %d not sent, attempt %d: %s", message_id, attempts, reason)
        self._record(
            message_id,
            lease_id,
            state=case((Message.state == SENDING, WAITING), else_=Message.state),
            due_at=self._now() + wait,
            error=reason[:_LONGEST_REASON],
        )

    def _record_failure(self, message_id: int, lease_id: str, reason: str) -> None:
        _log.error("message %d failed: %s", message_id, reason)
        self._record(
            message_id,
            lease_id,
            state=case((Message.state == SENDING, FAILED), else_=Message.state),
            error=reason[:_LONGEST_REASON],
        )

    def _record(self, message_id: int, lease_id: str, **values: object) -> None:
        """Nothing is changed if another worker has taken the message over."""
        with self._sessions.write.begin() as session:
            session.execute(
                update(Message)
                .where(Message.id == message_id, Message.lease_id == lease_id)
                .values(**values, lease_id=None, lease_until=None)
                .execution_options(synchronize_session=False)
            )

    def _wait_seconds(self, attempts: int, retry_after: float | None) -> float:
        """5 s, 10 s, 20 s and so on to an hour, a fifth more or less; never less than the supplier asks."""
        wait: float = min(_FIRST_WAIT_SECONDS * 2.0 ** (attempts - 1), _LONGEST_WAIT_SECONDS)
        wait *= 1 - _JITTER + 2 * _JITTER * self._jitter()
        return max(wait, min(retry_after or 0.0, _LONGEST_WAIT_SECONDS))


def _due(now: datetime, channels: tuple[str, ...]) -> Select[int]:
    """Ids of messages to send now, first due first.

    A customer's messages through one channel leave in the order in which they were written: one that waits to be tried
    again, or is being sent, holds up those after it. One that waits for a better hour does not.
    """
    earlier = aliased(Message)
    holds_up = (
        select(earlier.id)
        .where(
            earlier.customer_id == Message.customer_id,
            earlier.channel == Message.channel,
            earlier.id < Message.id,
            or_(
                earlier.state == SENDING,
                and_(earlier.state == WAITING, or_(earlier.due_at <= now, earlier.attempts > 0)),
            ),
        )
        .exists()
    )
    is_due = or_(
        and_(Message.state == WAITING, Message.due_at <= now),
        and_(Message.state == SENDING, Message.lease_until <= now),
    )
    return (
        select(Message.id)
        .where(is_due, Message.channel.in_(channels), ~holds_up)
        .order_by(Message.due_at, Message.id)
    )
