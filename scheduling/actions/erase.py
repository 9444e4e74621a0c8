"""Deletes customers with everything that hangs on them: because they ask (GDPR art. 17), or because their time is over.

What was written to them has to be gone before (`notifications.retention`): messages stand in a table that nothing here
knows of. Both are put together, in one transaction, by `app.retention`.
"""

from collections.abc import Sequence

from sqlalchemy import Select, delete, select, union

from scheduling.actions import capacity
from scheduling.actions.work import CustomersErased, Work
from scheduling.errors import NoSuchThing
from scheduling.models import Address, ContactHistory, Customer, Invitation, Job, Visit, VisitJob


def lock_customer(work: Work, ref: str) -> int:
    """The customer with this reference, whom nobody else can change meanwhile. Refuses: NoSuchThing."""
    # Invitations first, as everybody does who books: two who wait for each other would wait for ever.
    work.session.execute(
        select(Invitation.id)
        .join(Customer, Customer.id == Invitation.customer_id)
        .where(Customer.ref == ref)
        .order_by(Invitation.id)
        .with_for_update(of=Invitation)
    ).all()
    customer_id = work.session.scalar(select(Customer.id).where(Customer.ref == ref).with_for_update())
    if customer_id is None:
        raise NoSuchThing(what="customer", ref=ref)
    return customer_id


def erase_customers(work: Work, customer_ids: Sequence[int]) -> None:
    """Deletes these customers, whose messages are gone already: contacts, jobs, links, visits, what they said, history.

    Visits still ahead give their places back. An address goes unless somebody else's work is there too. What stays is
    one line that says how many were erased and when.
    """
    if not customer_ids:
        return
    session = work.session
    address_ids = session.scalars(_addresses_of(customer_ids)).all()
    invitations = select(Invitation.id).where(Invitation.customer_id.in_(customer_ids))
    visits = select(Visit.id).where(Visit.customer_id.in_(customer_ids))
    capacity.give_up_all(work, session.scalars(visits.order_by(Visit.id)).all())
    session.execute(delete(ContactHistory).where(ContactHistory.invitation_id.in_(invitations)))
    session.execute(delete(VisitJob).where(VisitJob.visit_id.in_(visits)))
    for table in (Visit, Job, Invitation):
        session.execute(delete(table).where(table.customer_id.in_(customer_ids)))
    # Contacts, what was said, corrections that wait and history go with the customer (ON DELETE CASCADE).
    session.execute(delete(Customer).where(Customer.id.in_(customer_ids)))
    session.execute(delete(Address).where(Address.id.in_(address_ids), Address.id.in_(unused_addresses())))
    work.happened(CustomersErased(after={"customers": len(customer_ids)}))


def unused_addresses() -> Select[int]:
    """Ids of addresses at which no customer lives and no work was, is or will be."""
    return select(Address.id).where(
        *(
            ~select(table.id).where(table.address_id == Address.id).exists()
            for table in (Customer, Job, Invitation, Visit)
        )
    )


def _addresses_of(customer_ids: Sequence[int]) -> Select[int]:
    places = (
        select(Customer.address_id).where(Customer.id.in_(customer_ids)),
        *(
            select(table.address_id).where(table.customer_id.in_(customer_ids))
            for table in (Job, Invitation, Visit)
        ),
    )
    found = union(*places).subquery()
    return select(found.c.address_id).where(found.c.address_id.is_not(None))
