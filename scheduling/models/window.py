"""Windows and the places in them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base


class Window(Base):
    """Two hours in an area, with a capacity in places.

    `booked` counts the places of live visits, `held` those kept for a while; only `actions/capacity.py` writes them.
    `local_day` is the day in the area's time zone, kept beside the instants so that days can be asked for by index.
    """

    __tablename__ = "window"
    __table_args__ = (
        UniqueConstraint("area_id", "starts_at"),
        CheckConstraint("booked >= 0 AND held >= 0 AND booked + held <= capacity", name="never_overbooked"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("state IN ('open', 'closed')", name="state_known"),
        Index("ix_window_area_day", "area_id", "local_day", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    local_day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0, server_default="0")
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")


class Hold(Base):
    """Places of a window kept for somebody until an instant: after a cancellation, so that it can be undone."""

    __tablename__ = "hold"
    __table_args__ = (CheckConstraint("places > 0", name="places_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"), unique=True)
    places: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
