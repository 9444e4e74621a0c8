"""The outbox: one row for each text to one customer through one channel, from written to delivered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base

KINDS = (
    "invitation",
    "confirmation",
    "change",
    "cancellation",
    "restored",
    "withdrawal",
    "link",
    "contact-check",
    "contact-changed",
    "exit",
    "plan",
    "notice",
)
WAITING, SENDING, SENT, DELIVERED, FAILED, WITHDRAWN = (
    "waiting",
    "sending",
    "sent",
    "delivered",
    "failed",
    "withdrawn",
)

_IN_THE_OUTBOX = text("state IN ('waiting', 'sending')")


class Message(Base):
    """A message. `event_key` names what it tells; one event gives one message at most on a channel.

    `to` is a phone number (E.164), an e-mail address, or name and address of a letter. `body` is the text as sent, but
    for the personal link and the letter code: those stand as placeholders (`notifications.links`) and are filled in
    from `invitation_id` and `link_version`, and from `contact_change_id` in a message that asks
    whether it arrives. `segments` counts those of an SMS. `answers_customer`: the direct answer to
    what the customer just did, which no quiet hours hold back. `attempts` counts how often sending was begun; `error`
    says in words, without personal data, why the last one failed. `lease_id` and `lease_until` say which worker is
    sending it, and from when on it may be taken for dead.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("event_key", "channel", name="uq_message_event_key_channel"),
        CheckConstraint("channel IN ('sms', 'email', 'letter')", name="channel_known"),
        CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'delivered', 'failed', 'withdrawn')", name="state_known"
        ),
        CheckConstraint("formality IN ('formal', 'informal')", name="formality_known"),
        CheckConstraint("attempts >= 0", name="attempts_from_zero"),
        CheckConstraint("segments IS NULL OR segments > 0", name="segments_positive"),
        CheckConstraint("state <> 'sending' OR lease_until IS NOT NULL", name="sending_has_a_lease"),
        # What the relay asks at every tick, whatever the number of messages already sent.
        Index("ix_message_due", "due_at", "id", sqlite_where=_IN_THE_OUTBOX, postgresql_where=_IN_THE_OUTBOX),
        Index("ix_message_customer", "customer_id", "id"),
        Index("ix_message_recipient", "recipient", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), index=True)
    link_version: Mapped[int]
    contact_change_id: Mapped[int | None]
    to: Mapped[str] = mapped_column("recipient", String(1000))
    subject: Mapped[str] = mapped_column(Text, default="", server_default="")
    body: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(35))
    formality: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(20), default="service", server_default="service")
    answers_customer: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    segments: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), default=WAITING, server_default=WAITING)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(String(300), default="", server_default="")
    provider_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    lease_until: Mapped[datetime | None]
    lease_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
