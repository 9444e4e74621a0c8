"""What we know of the person whom a personal link is for: who they are, how to address them, how to reach them.

That is the customer, or the contact who arranges things for them. Where that is whole or masked, and who may see it,
is decided by the doors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.errors import LinkUnknown
from scheduling.models import Contact, ContactChange, Customer, Invitation
from scheduling.models.customer import OF_A_PERSON
from scheduling.rules.freshness import is_stale, last_known_right
from scheduling.rules.personas import formality_of

CONTACT_FIELDS = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A new number or address that waits until its link is opened."""

    change_id: int
    value: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Details:
    """Somebody's data as they are on file. `contact_id` is None where it is the customer themselves.

    `formality` and `channel` are empty where nothing was said and the persona's default holds. `waiting` has a change
    of `phone` and of `email` at most. `last_right` is when the customer's data were last known to be right.
    """

    customer_id: int
    contact_id: int | None
    title: str
    initials: str
    first_name: str
    infix: str
    last_name: str
    organisation: str
    persona: str
    formality: str
    language: str
    channel: str
    phone: str | None
    email: str | None
    last_right: datetime
    waiting: Mapping[str, Waiting]

    def asks_whether_right(self, now: datetime) -> bool:
        """Whether to ask if it is still right: of the customer, once it is older than a year."""
        return self.contact_id is None and is_stale(self.last_right, now)


def details(session: Session, invitation_id: int, now: datetime) -> Details:
    """The data of whom the invitation is for. Refuses: LinkUnknown."""
    row = session.execute(
        select(Invitation.contact_id, Customer, Contact)
        .join(Customer, Customer.id == Invitation.customer_id)
        .outerjoin(Contact, Contact.id == Invitation.contact_id)
        .where(Invitation.id == invitation_id)
    ).first()
    if row is None:
        raise LinkUnknown
    customer, person = row.Customer, row.Contact or row.Customer
    return Details(
        customer_id=customer.id,
        contact_id=row.contact_id,
        # Whose office or shop it is says the customer; a contact has none of their own.
        organisation=customer.organisation,
        persona=customer.persona,
        last_right=last_known_right(customer.imported_at, customer.checked_at, customer.provenance),
        waiting=_waiting(session, customer.id, row.contact_id, now),
        **{field: getattr(person, field) for field in OF_A_PERSON},
    )


def is_due_for_a_look(session: Session, invitation_id: int, now: datetime) -> bool:
    """Whether the page of this invitation should ask if what we know is still right."""
    row = session.execute(
        select(Customer.imported_at, Customer.checked_at, Customer.provenance)
        .join(Invitation, Invitation.customer_id == Customer.id)
        .where(Invitation.id == invitation_id, Invitation.contact_id.is_(None))
    ).first()
    return row is not None and is_stale(
        last_known_right(row.imported_at, row.checked_at, row.provenance), now
    )


@dataclass(frozen=True, slots=True)
class ContactCheck:
    """A change as its link shows it. `state`: waiting, confirmed or ended; `value` is the new number or address."""

    field: str
    value: str
    state: str
    formality: str
    language: str


def contact_check(session: Session, change_id: int, now: datetime) -> ContactCheck:
    """The change that a link is about, and how to speak to whose it is. Refuses: LinkUnknown."""
    row = session.execute(
        select(ContactChange, Customer, Contact)
        .join(Customer, Customer.id == ContactChange.customer_id)
        .outerjoin(Contact, Contact.id == ContactChange.contact_id)
        .where(ContactChange.id == change_id)
    ).first()
    if row is None:
        raise LinkUnknown
    change, person = row.ContactChange, row.Contact or row.Customer
    return ContactCheck(
        field=change.field,
        value=change.value,
        state=_state(change, now),
        formality=formality_of(row.Customer.persona, person.formality),
        language=person.language,
    )


def _state(change: Any, now: datetime) -> str:
    if change.confirmed_at is not None:
        return "confirmed"
    return "waiting" if now < change.expires_at else "ended"


def _waiting(
    session: Session, customer_id: int, contact_id: int | None, now: datetime
) -> Mapping[str, Waiting]:
    rows = session.execute(
        select(ContactChange.field, ContactChange.id, ContactChange.value, ContactChange.expires_at)
        .where(
            ContactChange.customer_id == customer_id,
            ContactChange.contact_id == contact_id
            if contact_id is not None
            else ContactChange.contact_id.is_(None),
            ContactChange.confirmed_at.is_(None),
            ContactChange.expires_at > now,
        )
        .order_by(ContactChange.created_at)
    )
    return {row.field: Waiting(row.id, row.value, row.expires_at) for row in rows}
