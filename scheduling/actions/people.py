"""The person whom a personal link is for: the customer, or the contact who arranges things for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from scheduling.actions.customers import correct, origin_of
from scheduling.actions.work import CustomerCorrected, Work
from scheduling.errors import LinkUnknown
from scheduling.models import Contact, Customer, Invitation
from scheduling.models.customer import OF_A_PERSON


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is: the customer's own, or those of a contact of theirs."""

    customer_id: int
    contact_id: int | None

    @property
    def is_contact(self) -> bool:
        """Whether somebody speaks for the customer."""
        return self.contact_id is not None


def whose(work: Work, invitation_id: int) -> Person:
    """Whom the link of an invitation is for. Refuses: LinkUnknown."""
    row = work.session.execute(
        select(Invitation.customer_id, Invitation.contact_id).where(Invitation.id == invitation_id)
    ).first()
    if row is None:
        raise LinkUnknown
    return Person(row.customer_id, row.contact_id)


def known_of(work: Work, person: Person) -> Mapping[str, Any]:
    """What is on file, locked until the end of the transaction, so that two who correct at once take turns."""
    work.session.execute(select(Customer.id).where(Customer.id == person.customer_id).with_for_update())
    table: Any = Contact if person.is_contact else Customer
    row_id = person.contact_id if person.is_contact else person.customer_id
    fields = OF_A_PERSON if person.is_contact else (*OF_A_PERSON, "organisation")
    row = work.session.execute(
        select(*(getattr(table, field) for field in fields)).where(table.id == row_id)
    ).one()
    return dict(zip(fields, row, strict=True))


def correct_person(work: Work, person: Person, values: Mapping[str, str | None]) -> None:
    """Sets these fields and keeps who said so and when. Refuses: ValueError for one that is not kept of them."""
    if person.contact_id is None:
        correct(work, person.customer_id, values)
        return
    unknown = set(values) - set(OF_A_PERSON)
    if unknown:
        raise ValueError(f"not a field of a contact: {', '.join(sorted(unknown))}")
    provenance = work.session.scalars(select(Contact.provenance).where(Contact.id == person.contact_id)).one()
    work.session.execute(
        update(Contact)
        .where(Contact.id == person.contact_id)
        .values(**values, provenance={**provenance, **dict.fromkeys(values, origin_of(work))})
    )
    work.happened(
        CustomerCorrected(
            customer_id=person.customer_id,
            after={"contact_id": person.contact_id, "fields": sorted(values)},
        )
    )
