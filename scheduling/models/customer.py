"""Customers, the people who speak for them, and addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
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


OF_A_PERSON = (
    "title",
    "initials",
    "first_name",
    "infix",
    "last_name",
    "formality",
    "language",
    "phone",
    "email",
    "channel",
)
"""The columns of `Addressed` that say who somebody is, how to address them and how to reach them."""


class Addressed:
    """Somebody we write to: their name, how they want to be addressed, and how to reach them.

    An empty `formality` or `channel` means that nothing was said, and the persona's default holds. `provenance` tells
    of each field that is not simply what the last import said who set it and when:
    `{"phone": {"source": "customer", "at": "2027-03-26T07:00:00+00:00"}}`.
    """

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
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class Customer(Addressed, Base):
    """A person, a couple or an organisation at an address.

    A field without provenance comes from the import at `imported_at`. `checked_at` is when the customer last said that
    all of it is still right.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("title IN ('', 'mr', 'ms', 'couple')", name="title_known"),
        CheckConstraint("formality IN ('', 'formal', 'informal')", name="formality_known"),
        CheckConstraint(
            "persona IN ('', 'senior', 'family', 'business', 'institution')", name="persona_known"
        ),
        CheckConstraint("channel IN ('', 'sms', 'email', 'letter')", name="channel_known"),
        # An id that was erased is never given to somebody else: links and reports are made of it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), unique=True)
    organisation: Mapped[str] = mapped_column(String(400), default="", server_default="")
    persona: Mapped[str] = mapped_column(String(20), default="", server_default="")
    sort_key: Mapped[str] = mapped_column(String(900), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    imported_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Contact(Addressed, Base):
    """A person to talk to for a customer: a daughter who arranges things, a caretaker, somebody on site."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("role IN ('arranges', 'caretaker', 'on_site')", name="role_known"),
        CheckConstraint("title IN ('', 'mr', 'ms', 'couple')", name="title_known"),
        Index("uq_contact_ref", "ref", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str | None] = mapped_column(String(100))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]


class ContactChange(Base):
    """A new phone number or e-mail address that waits until somebody who reads it there says that it is right.

    It is the customer's, or the contact's where `contact_id` says so; until then the one on file stays in use.
    """

    __tablename__ = "contact_change"
    __table_args__ = (
        CheckConstraint("field IN ('phone', 'email')", name="field_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class WrongRecipient(Base):
    """A number or e-mail address of somebody who said that they are not this customer: not written to for them again.

    For this customer alone: the same number may be somebody else's who is a customer too.
    """

    __tablename__ = "wrong_recipient"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str] = mapped_column(String(320), primary_key=True)
    at: Mapped[datetime]
