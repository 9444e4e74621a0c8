"""Links that are old or lost: sent again to what is on file, and made anew where they expired with work still open."""

from sqlalchemy import ColumnElement, Select, case, func, or_, select, union, update

from scheduling import links
from scheduling.actions.attempts import count_attempt
from scheduling.actions.exits import lock
from scheduling.actions.work import LinkRenewed, LinkRequested, Work
from scheduling.errors import TooManyAttempts
from scheduling.models import Address, Contact, Customer, Invitation, Job, Visit, VisitJob
from scheduling.rules.exits import NOT_FOR_ME
from scheduling.rules.policy import link_expiry

MOST_TO_ONE = 3
"""In a quarter of an hour, to one number or address; and links that are sent at once."""


def send_by_old_link(work: Work, invitation_id: int) -> None:
    """Whoever holds a link of ours, old or new, has the current one sent to what is on file.

    Nothing is sent where there is nothing left to open, and never after somebody said that they are not the customer.
    Refuses: LinkUnknown.
    """
    if lock(work, invitation_id).exit != NOT_FOR_ME:
        renew_link(work, invitation_id)


def renew_link(work: Work, invitation_id: int) -> None:
    """Sends the link of an invitation; one that expired while its work is still open is replaced first.

    The expired one stays shut: it may lie anywhere by now. Refuses: LinkUnknown.
    """
    invitation = lock(work, invitation_id)
    if invitation.ended:
        return
    if invitation.expires_at <= work.now:
        if invitation.version == links.LARGEST_VERSION or not work.session.scalar(
            select(_has_open_work(invitation_id))
        ):
            return
        _renew(work, invitation_id, invitation.customer_id, invitation.version + 1)
    work.happened(LinkRequested(customer_id=invitation.customer_id, invitation_id=invitation_id))


def send_to_who_lost_it(work: Work, reached_at: str, postcode: str) -> None:
    """Sends the links of whoever is reached at this number (E.164) or e-mail address and lives at this postcode.

    What is typed is only compared: links go to what is on file. Says nothing about whether there was anybody, nor
    whether it was asked too often for them: a stranger learns neither.
    """
    try:
        count_attempt(work, "lost-link-to", reached_at, most=MOST_TO_ONE)
    except TooManyAttempts:
        return
    for invitation_id in work.session.scalars(_of(reached_at, postcode)).all():
        renew_link(work, invitation_id)


def _of(reached_at: str, postcode: str) -> Select[int]:
    field = "email" if "@" in reached_at else "phone"
    # A host is written in small letters when it is imported; before the @ both spellings may have been.
    spellings = {reached_at, reached_at.lower()}
    # By the indexes of both tables: one of a hundred thousand customers is found without reading them all.
    reached = union(
        select(Customer.id).where(getattr(Customer, field).in_(spellings)),
        select(Contact.customer_id).where(getattr(Contact, field).in_(spellings)),
    )
    # Whom the invitation is for, as the messages have it.
    is_contacts = Invitation.contact_id.is_not(None)
    person = case((is_contacts, getattr(Contact, field)), else_=getattr(Customer, field))
    lives_at = select(Address.postcode).where(Address.id == Customer.address_id).correlate(Customer)
    return (
        select(Invitation.id)
        .join(Customer, Customer.id == Invitation.customer_id)
        .join(Address, Address.id == Invitation.address_id)
        .outerjoin(Contact, Contact.id == Invitation.contact_id)
        .where(
            Invitation.customer_id.in_(reached.scalar_subquery()),
            person.in_(spellings),
            or_(Address.postcode == postcode, lives_at.scalar_subquery() == postcode),
            Invitation.ended == "",
        )
        .order_by(Invitation.expires_at.desc(), Invitation.id.desc())
        .limit(MOST_TO_ONE)
    )


def _has_open_work(invitation_id: int) -> ColumnElement[bool]:
    is_done = (
        select(VisitJob.job_id)
        .join(Visit, Visit.id == VisitJob.visit_id)
        .where(VisitJob.job_id == Job.id, Visit.state == "done")
        .exists()
    )
    return (
        select(Job.id)
        .where(Job.invitation_id == invitation_id, Job.withdrawn_at.is_(None), ~is_done)
        .exists()
    )


def _renew(work: Work, invitation_id: int, customer_id: int, version: int) -> None:
    due_by = work.session.scalar(
        select(func.max(Job.due_by)).where(Job.invitation_id == invitation_id, Job.withdrawn_at.is_(None))
    )
    work.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(version=version, expires_at=link_expiry(due_by, work.now))
    )
    work.happened(
        LinkRenewed(
            customer_id=customer_id,
            invitation_id=invitation_id,
            version=version,
            after={"version": version},
        )
    )
