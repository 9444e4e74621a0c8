"""The company's side: areas with their postcodes and rules, principals, staff and technicians."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base

ALL_KINDS = "*"
"""Stands in `area_postcode.kind` for every kind of work, also those that are added later."""


class Area(Base):
    """A set of postcodes served by one crew plan, and the rules by which its windows are booked.

    `book_until` and `change_until` are local times on the working day before the window's day; `horizon_days` is how
    far ahead windows are offered (None: as far as they are open).
    """

    __tablename__ = "area"
    __table_args__ = (CheckConstraint("horizon_days IS NULL OR horizon_days > 0", name="horizon_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2), default="NL", server_default="NL")
    time_zone: Mapped[str] = mapped_column(String(64))
    horizon_days: Mapped[int | None]
    book_until: Mapped[time]
    change_until: Mapped[time]
    created_at: Mapped[datetime]


class AreaPostcode(Base):
    """One postcode of one area for one kind of work, or for all kinds.

    The primary key keeps a postcode in one area at most for each kind; that `*` and a named kind do not meet is kept
    by the import, under a lock on all areas.
    """

    __tablename__ = "area_postcode"

    pc4: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(50), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id", ondelete="CASCADE"), index=True)


class Principal(Base):
    """On whose behalf work is done: a housing corporation, a grid operator. Named in every text."""

    __tablename__ = "principal"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class Staff(Base):
    """An account of somebody who works for the company.

    Of the one-time link that sets the password only a digest is kept; using the link clears it. Raising
    `session_version` ends every session of the account.
    """

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('dispatcher', 'planner', 'manager', 'technician')", name="role_known"),
        # A cookie of a removed account never opens the next one.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_link_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_link_until: Mapped[datetime | None]
    session_version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]


class Technician(Base):
    """Somebody who visits homes. A visit has room for the one who will come."""

    __tablename__ = "technician"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), unique=True)
