"""What happened: every change with who and when, every contact in both directions, and attempts that are limited."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base


class History(Base):
    """One change: who, when, what, from, to. The facts are ids, refs, states and times, never names or numbers."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_customer_at", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), index=True)
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"), index=True)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class ContactHistory(Base):
    """One thing that was said, by them to us (`in`) or by us to them (`out`), with its channel.

    What we said through the outbox stands there (`message`); this table has what came in and what staff noted.
    `provider_id` makes taking in the same SMS twice harmless.
    """

    __tablename__ = "contact_history"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction_known"),
        CheckConstraint("channel IN ('sms', 'email', 'letter', 'web', 'phone')", name="channel_known"),
        Index("ix_contact_history_customer_at", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    direction: Mapped[str] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), index=True)
    actor: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str] = mapped_column(String(60), default="", server_default="")


class Attempt(Base):
    """How often something guessable was tried: one row for each digest of (what, whom, from where) and period."""

    __tablename__ = "attempt"

    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    period_start: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    count: Mapped[int]
