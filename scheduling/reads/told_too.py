"""Who is told of a visit beside the one who chose its time: a caretaker, somebody on site, or the customer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.models import Contact, Customer, Invitation
from scheduling.models.customer import OF_A_PERSON
from scheduling.reads.correspondence import Correspondent, correspondent_by
from scheduling.rules.contacts import TOLD_OF_VISITS

_OF_THE_CUSTOMER = (
    Customer.id.label("customer_id"),
    Customer.ref.label("customer_ref"),
    Customer.organisation,
    Customer.persona,
)


@dataclass(frozen=True, slots=True)
class ToldToo:
    """One of them. `contact_id` is None for the customer, in whose place a contact chose."""

    contact_id: int | None
    correspondent: Correspondent


def told_too(session: Session, invitation_id: int) -> Sequence[ToldToo]:
    """The customer first, where a contact arranges things for them; then whoever has to know when we come."""
    customer = session.execute(
        select(*_OF_THE_CUSTOMER, *[getattr(Customer, name) for name in OF_A_PERSON])
        .join(Invitation, Invitation.customer_id == Customer.id)
        .where(Invitation.id == invitation_id, Invitation.contact_id.is_not(None))
    ).first()
    contacts = session.execute(
        select(Contact.id, *_OF_THE_CUSTOMER, *[getattr(Contact, name) for name in OF_A_PERSON])
        .join(Customer, Customer.id == Contact.customer_id)
        .join(Invitation, Invitation.customer_id == Customer.id)
        .where(Invitation.id == invitation_id, Contact.role.in_(TOLD_OF_VISITS))
        .order_by(Contact.id)
    ).all()
    found = [] if customer is None else [ToldToo(None, correspondent_by(customer))]
    return found + [ToldToo(row.id, correspondent_by(row)) for row in contacts]
