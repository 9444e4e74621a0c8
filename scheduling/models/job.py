"""Work to be done: kinds of work with their texts, jobs, and the invitations that ask for a time."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base

HOUSE, PERSON = "house", "person"
EXITS = ("done", "moved", "not_needed", "not_for_me", "refused")
"""Why a customer wants no visit: it was done already, they moved, need it no more, are somebody else, or refuse."""


class Kind(Base):
    """A kind of work: the minutes it takes once somebody is there, and the places of a window it fills.

    `follows` says what becomes of the work when its customer moves: it stays with the `house`, or goes with the
    `person`.
    """

    __tablename__ = "kind"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes_positive"),
        CheckConstraint("places > 0", name="places_positive"),
    )

    ref: Mapped[str] = mapped_column(String(50), primary_key=True)
    minutes: Mapped[int]
    places: Mapped[int]
    follows: Mapped[str] = mapped_column(String(10), default=HOUSE, server_default=HOUSE)


class KindText(Base):
    """What a kind of work is called in one language, what to prepare for it, and what it costs the customer."""

    __tablename__ = "kind_text"

    kind: Mapped[str] = mapped_column(ForeignKey("kind.ref", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    prepare: Mapped[str] = mapped_column(Text, default="", server_default="")
    price: Mapped[str] = mapped_column(Text, default="", server_default="")


class Invitation(Base):
    """The request to choose a window for a customer's jobs at one address; what a personal link stands for.

    Raising `version` makes every older link useless. `ended` says why it no longer opens (revoked, withdrawn); where it
    was the customer who ended it, `exit` has their reason (`EXITS`) and `exited_at` when.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("version BETWEEN 1 AND 255", name="version_range"),
        CheckConstraint("ended IN ('', 'revoked', 'withdrawn')", name="ended_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended: Mapped[str] = mapped_column(String(10), default="", server_default="")
    exit: Mapped[str] = mapped_column(String(10), default="", server_default="")
    exited_at: Mapped[datetime | None]


class Job(Base):
    """Work for a customer: at `address_id`, or at the customer's own address where that is None.

    `minutes` overrides those of the kind. `not_before` and `due_by` are local days, both inclusive. `withdrawn_at` is
    when no visit was needed any more; where the customer said so, `exit` has their reason (`EXITS`).
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("minutes IS NULL OR minutes > 0", name="minutes_positive"),
        CheckConstraint(
            "not_before IS NULL OR due_by IS NULL OR not_before <= due_by", name="dates_in_order"
        ),
        # What `invitations send` looks for: jobs that nobody was asked about yet, soonest due first.
        Index("ix_job_to_invite", "invitation_id", "withdrawn_at", "due_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"), index=True)
    kind: Mapped[str] = mapped_column(ForeignKey("kind.ref"))
    minutes: Mapped[int | None]
    not_before: Mapped[date | None]
    due_by: Mapped[date | None]
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    principal_id: Mapped[int | None] = mapped_column(ForeignKey("principal.id"))
    appliance: Mapped[str] = mapped_column(String(200), default="", server_default="")
    last_visit: Mapped[date | None]
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    withdrawn_at: Mapped[datetime | None]
    exit: Mapped[str] = mapped_column(String(10), default="", server_default="")
    created_at: Mapped[datetime]
