"""What was said to customers: the list of messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from notifications.links import LINK, Links, masked
from notifications.models import FAILED, Message
from scheduling.models import Customer, Job

MOST = 10_000
READ_AT_ONCE = 500
"""Rows that are in memory together where all messages are listed."""


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One message as `messages list` shows it. Ids are strings; times are instants (UTC); empty where unknown."""

    id: str
    customer_ref: str
    job_ref: str
    kind: str
    channel: str
    to: str
    subject: str
    body: str
    state: str
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str
    language: str
    segments: int | None


def messages(
    session: Session,
    *,
    links: Links | None,
    to: str | None = None,
    job_ref: str | None = None,
    customer_id: int | None = None,
    newest_first: bool = False,
    limit: int = MOST,
) -> Sequence[LoggedMessage]:
    """Messages in the order in which they were written, or the newest first; at most `limit`.

    `links` fills in personal links, for the operator; None masks them, for staff. `job_ref` finds all that was said
    about the invitation that the job is part of.
    """
    query = _query(to=to, job_ref=job_ref)
    if customer_id is not None:
        query = query.where(Message.customer_id == customer_id)
    query = query.order_by(Message.id.desc() if newest_first else Message.id).limit(limit)
    return tuple(_logged(*row, links) for row in session.execute(query))


def all_messages(
    session: Session, *, links: Links, to: str | None = None, job_ref: str | None = None
) -> Iterator[LoggedMessage]:
    """Every message in the order in which they were written, read as they are asked for.

    A page at a time, for a session that reads has no transaction in which a cursor could stay open.
    """
    query = _query(to=to, job_ref=job_ref).order_by(Message.id).limit(READ_AT_ONCE)
    last = 0
    while page := session.execute(query.where(Message.id > last)).all():
        for row in page:
            yield _logged(*row, links)
        last = page[-1][0].id
        session.expunge_all()


def reached_at(session: Session, invitation_id: int, version: int) -> frozenset[str]:
    """The numbers and e-mail addresses at which this version of an invitation's link arrived, as far as we know."""
    return frozenset(
        session.scalars(
            select(Message.to).where(
                Message.invitation_id == invitation_id,
                Message.link_version == version,
                Message.channel.in_(("sms", "email")),
                Message.body.contains(LINK),
                Message.attempts > 0,
                Message.state != FAILED,
            )
        )
    )


def _query(*, to: str | None, job_ref: str | None) -> Select[Message, str, str]:
    query = (
        select(Message, Customer.ref, Job.ref)
        .join(Customer, Customer.id == Message.customer_id)
        .outerjoin(Job, Job.id == Message.job_id)
    )
    if to is not None:
        query = query.where(Message.to == to)
    if job_ref is not None:
        asked = select(Job.id, Job.invitation_id).where(Job.ref == job_ref).subquery()
        query = query.where(
            or_(
                Message.job_id.in_(select(asked.c.id)),
                Message.invitation_id.in_(select(asked.c.invitation_id)),
            )
        )
    return query


def _logged(message: Message, customer_ref: str, job_ref: str | None, links: Links | None) -> LoggedMessage:
    return LoggedMessage(
        id=str(message.id),
        customer_ref=customer_ref,
        job_ref=job_ref or "",
        kind=message.kind,
        channel=message.channel,
        to=message.to,
        subject=message.subject,
        body=masked(message.body)
        if links is None
        else links.fill(
            message.body,
            invitation_id=message.invitation_id,
            version=message.link_version,
            contact_change_id=message.contact_change_id,
        ),
        state=message.state,
        due_at=message.due_at,
        sent_at=message.sent_at,
        attempts=message.attempts,
        error=message.error,
        language=message.language,
        segments=message.segments,
    )
