"""The people who speak for a customer: who is asked for a time."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, SQLColumnExpression, delete, select, update

from scheduling.actions.work import Work
from scheduling.db import in_batches
from scheduling.errors import NoSuchThing
from scheduling.models import Contact, ContactChange, Invitation
from scheduling.rules.contacts import ARRANGES


def contact_who_arranges(customer_id: int | SQLColumnExpression[int]) -> ScalarSelect[int]:
    """The id of the contact who chooses the time for this customer; NULL where the customer does so."""
    return (
        select(Contact.id)
        .where(Contact.customer_id == customer_id, Contact.role == ARRANGES)
        .limit(1)
        .scalar_subquery()
    )


def take_over_invitations(work: Work, customer_ids: Sequence[int]) -> None:
    """Open invitations go to whoever arranges things now, or back to the customer where nobody does any more.

    The link stays the same; what was sent already is not sent again.
    """
    for batch in in_batches(sorted(set(customer_ids))):
        arranges = contact_who_arranges(Invitation.customer_id)
        work.session.execute(
            update(Invitation)
            .where(
                Invitation.customer_id.in_(batch),
                Invitation.ended == "",
                Invitation.contact_id.is_distinct_from(arranges),
            )
            .values(contact_id=arranges)
            .execution_options(synchronize_session=False)
        )


def remove(work: Work, contact_ref: str) -> None:
    """Takes a contact away; what they were asked goes to the customer. Refuses: NoSuchThing."""
    contact = work.session.execute(
        select(Contact.id, Contact.customer_id).where(Contact.ref == contact_ref).with_for_update()
    ).first()
    if contact is None:
        raise NoSuchThing(what="contact", ref=contact_ref)
    work.session.execute(
        update(Invitation).where(Invitation.contact_id == contact.id).values(contact_id=None)
    )
    work.session.execute(delete(ContactChange).where(ContactChange.contact_id == contact.id))
    work.session.execute(delete(Contact).where(Contact.id == contact.id))
