"""Customers, the people who speak for them, and addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.db import Base


class Address(Base):
    """One door. Customers and jobs at the same door share the row, so that what is learnt of it is learnt once.

    `lat` and `lon` (WGS 84 degrees) are what a geocoder found; until then the postcode's own point is used.
    """

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("country", "postcode", "house_number", "house_suffix"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(String(2), default="NL", server_default="NL")
    postcode: Mapped[str] = mapped_column(String(10))
    pc4: Mapped[str] = mapped_column(String(10), index=True)
    house_number: Mapped[int]
    house_suffix: Mapped[str] = mapped_column(String(20), default="", server_default="")
    street: Mapped[str] = mapped_column(String(200), default="", server_default="")
    place: Mapped[str] = mapped_column(String(200), default="", server_default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    geocoded_at: Mapped[datetime | None]


class Addressed:
    """Somebody we write to: their name, how they want to be addressed, and how to reach them."""

    title: Mapped[str] = mapped_column(String(10), default="", server_default="")
    initials: Mapped[str] = mapped_column(String(50), default="", server_default="")
    first_name: Mapped[str] = mapped_column(String(400), default="", server_default="")
    infix: Mapped[str] = mapped_column(String(50), default="", server_default="")
    last_name: Mapped[str] = mapped_column(String(400), default="", server_default="")
    formality: Mapped[str] = mapped_column(String(10), default="", server_default="")
    language: Mapped[str] = mapped_column(String(35), default="nl", server_default="nl")
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    email: Mapped[str | None] = mapped_column(String(320), index=True)
    channel: Mapped[str] = mapped_column(String(10), default="", server_default="")


class Customer(Addressed, Base):
    """A person, a couple or an organisation at an address.

    An empty `formality` or `channel` means that nothing was said, and the persona's default holds. `provenance` tells
    of each field that is not simply what the last import said who set it and when:
    `{"phone": {"source": "customer", "at": "2027-03-26T07:00:00+00:00"}}`; the others come from the import at
    `imported_at`.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("title IN ('', 'mr', 'ms', 'couple')", name="title_known"),
        CheckConstraint("formality IN ('', 'formal', 'informal')", name="formality_known"),
        CheckConstraint(
            "persona IN ('', 'senior', 'family', 'business', 'institution')", name="persona_known"
        ),
        CheckConstraint("channel IN ('', 'sms', 'email', 'letter')", name="channel_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), unique=True)
    organisation: Mapped[str] = mapped_column(String(400), default="", server_default="")
    persona: Mapped[str] = mapped_column(String(20), default="", server_default="")
    sort_key: Mapped[str] = mapped_column(String(900), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    imported_at: Mapped[datetime]
    created_at: Mapped[datetime]


class Contact(Addressed, Base):
    """A person to talk to for a customer: a daughter who arranges things, a caretaker, somebody on site."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("role IN ('arranges', 'caretaker', 'on_site')", name="role_known"),
        CheckConstraint("title IN ('', 'mr', 'ms', 'couple')", name="title_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
