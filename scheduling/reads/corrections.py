"""What customers and staff corrected since a moment, for the company's own system.

A correction stays here, also against a later import; so the system that the import comes from has to hear of it, or it
would say the old thing for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, select
from sqlalchemy.orm import Session

from scheduling.models import Address, Contact, Customer, WrongRecipient

READ_AT_ONCE = 500
"""Rows that are in memory together."""

CHECKED, WRONG_RECIPIENT = "checked", "wrong_recipient"
"""Not fields: the customer's word that all is right, and a number or address that turned out somebody else's."""

_OF_AN_ADDRESS = ("postcode", "house_number", "house_suffix", "street", "place")


@dataclass(frozen=True, slots=True)
class Correction:
    """One field as it is now. `contact_ref` is empty where it is the customer's own; `at` is an instant (UTC).

    `source` is customer, staff or recipient; `value` is empty for what is used no longer.
    """

    customer_ref: str
    contact_ref: str
    field: str
    value: str
    source: str
    at: datetime


def corrections(session: Session, since: datetime) -> Iterator[Correction]:
    """From `since` on, inclusive: customers' fields, contacts' fields, wrong recipients, and what was checked."""
    yield from _of_customers(session, since)
    yield from _of_contacts(session, since)
    yield from _wrong_recipients(session, since)
    yield from _checked(session, since)


def _of_customers(session: Session, since: datetime) -> Iterator[Correction]:
    # As text, for PostgreSQL compares no JSON; only a few of all customers ever corrected anything.
    corrected = cast(Customer.provenance, Text) != "{}"
    for customer, address in _in_pages(session, corrected):
        for field, origin in sorted(customer.provenance.items()):
            at = datetime.fromisoformat(origin["at"])
            if at < since:
                continue
            row, fields = (address, _OF_AN_ADDRESS) if field == "address" else (customer, (field,))
            for name in fields:
                yield Correction(customer.ref, "", name, _plain(getattr(row, name)), origin["source"], at)


def _of_contacts(session: Session, since: datetime) -> Iterator[Correction]:
    rows = session.execute(
        select(Customer.ref, Contact)
        .join(Contact, Contact.customer_id == Customer.id)
        .where(cast(Contact.provenance, Text) != "{}")
        .order_by(Contact.id)
    ).all()
    for customer_ref, contact in rows:
        for field, origin in sorted(contact.provenance.items()):
            at = datetime.fromisoformat(origin["at"])
            if at >= since:
                value = _plain(getattr(contact, field))
                yield Correction(customer_ref, contact.ref or "", field, value, origin["source"], at)


def _wrong_recipients(session: Session, since: datetime) -> Iterator[Correction]:
    rows = session.execute(
        select(Customer.ref, WrongRecipient.value, WrongRecipient.at)
        .join(Customer, Customer.id == WrongRecipient.customer_id)
        .where(WrongRecipient.at >= since)
        .order_by(WrongRecipient.at, Customer.ref, WrongRecipient.value)
    )
    for customer_ref, value, at in rows:
        yield Correction(customer_ref, "", WRONG_RECIPIENT, value, "recipient", at)


def _checked(session: Session, since: datetime) -> Iterator[Correction]:
    for customer, _address in _in_pages(session, Customer.checked_at >= since):
        assert customer.checked_at is not None, "asked for"
        yield Correction(customer.ref, "", CHECKED, "", "customer", customer.checked_at)


def _in_pages(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[Customer, Address]]:
    """Customers with their addresses, by id; a page at a time, for a session that reads keeps no cursor open."""
    query = select(Customer, Address).join(Address, Address.id == Customer.address_id).where(which)
    last = 0
    while True:
        page = session.execute(
            query.where(Customer.id > last).order_by(Customer.id).limit(READ_AT_ONCE)
        ).all()
        for customer, address in page:
            yield customer, address
            last = customer.id
        session.expunge_all()
        if len(page) < READ_AT_ONCE:
            return


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
