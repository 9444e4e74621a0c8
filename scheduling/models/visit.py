"""Visits: one or more jobs of one customer at one address, booked into a window."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base


class Visit(Base):
    """A visit. It stays the same visit (`ref`, `uid`, `code`) when it is moved.

    `uid` is its name in calendars, `code` the address of the page that a shared calendar entry links to; both are
    random, so that neither can be counted or guessed. `sequence` rises at every change of time, place or state.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(
            "state IN ('booked', 'on_the_way', 'arrived', 'done', 'missed', 'cancelled')", name="state_known"
        ),
        CheckConstraint("places > 0", name="places_positive"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
        CheckConstraint("sequence >= 0", name="sequence_from_zero"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    uid: Mapped[str] = mapped_column(String(300), unique=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), index=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"), index=True)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    places: Mapped[int]
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="booked", server_default="booked")
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    booked_by: Mapped[str] = mapped_column(String(60))
    booked_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class VisitJob(Base):
    """A job of a visit. `live` follows the visit's state; at most one live row a job keeps two visits apart."""

    __tablename__ = "visit_job"
    __table_args__ = (
        Index(
            "uq_visit_job_one_live_visit",
            "job_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True, index=True)
    live: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
