"""The customer wants no visit: it was done already, they need it no more, refuse it, or are not whom we meant.

Each ends what was asked for and leaves a line for staff. What the customer said of themselves they may take back for as
long as the link lives; what a stranger said stays said. Who moved is in `moving`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.orm import aliased

from scheduling import links
from scheduling.actions import capacity, said, visits
from scheduling.actions.visit_jobs import end_visit
from scheduling.actions.work import (
    CustomerCorrected,
    CustomerLeft,
    CustomerReturned,
    Work,
    WrongRecipientTold,
)
from scheduling.errors import LinkEnded, LinkUnknown, NotPossible, TooLate
from scheduling.models import Contact, Customer, Invitation, Job, WrongRecipient
from scheduling.reads.asked import CurrentVisit, current_visit
from scheduling.rules.exits import CAN_BE_TAKEN_BACK, MOVED, NOT_FOR_ME
from scheduling.rules.policy import may_become, undo_until

RECIPIENT = "recipient"
"""Who said that a number or address is not the customer's: whoever reads there."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What taking an exit back brought: whether the visit that it ended is booked again."""

    is_booked: bool


def leave(work: Work, invitation_id: int, reason: str, *, note: str = "") -> None:
    """Ends an invitation and its visit for a reason of the customer's own; the same reason twice is once.

    The visit's places are kept for a while where the reason can be taken back. Refuses: LinkUnknown; LinkEnded;
    NotPossible when the technician is there or the work is done.
    """
    invitation = lock(work, invitation_id)
    if invitation.ended:
        if invitation.exit == reason:
            return
        raise LinkEnded(reason=invitation.exit or invitation.ended)
    visit = current_visit(work.session, invitation_id)
    live = visit if visit is not None and visit.is_live else None
    refuse_if_there(live)
    job_ids = work.session.scalars(
        update(Job)
        .where(Job.invitation_id == invitation_id, Job.withdrawn_at.is_(None))
        .values(withdrawn_at=work.now, exit=reason)
        .returning(Job.id)
    ).all()
    said.keep(work, reason, customer_id=invitation.customer_id, invitation_id=invitation_id, body=note)
    end(work, invitation_id, invitation.customer_id, reason, visit=visit, job_ids=job_ids)


def end(
    work: Work,
    invitation_id: int,
    customer_id: int,
    reason: str,
    *,
    visit: CurrentVisit | None,
    job_ids: Collection[int],
) -> None:
    """Ends an invitation whose jobs were all let go of; `visit` is the latest there is."""
    live = visit if visit is not None and visit.is_live else None
    if live is not None:
        end_visit(work, live, hold_until=None if reason == MOVED else undo_until(work.now))
    elif visit is not None:
        # A visit that was cancelled before does not come back when this is taken back.
        capacity.give_up_all(work, [visit.visit_id])
    work.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(ended="revoked", exit=reason, exited_at=work.now)
    )
    work.happened(
        CustomerLeft(
            customer_id=customer_id,
            visit_id=None if live is None else live.visit_id,
            window_id=None if live is None else live.window_id,
            invitation_id=invitation_id,
            before={"state": None if live is None else live.state},
            after={"reason": reason, "jobs": sorted(job_ids)},
        )
    )


def come_back(work: Work, invitation_id: int) -> Returned:
    """Takes an exit back: the link opens again, and the visit is booked again while its place is kept.

    Refuses: LinkUnknown; LinkEnded when it expired or the company needs no visit any more; NotPossible for an exit
    that cannot be taken back.
    """
    invitation = lock(work, invitation_id)
    if not invitation.ended:
        return Returned(is_booked=False)
    if invitation.exit not in CAN_BE_TAKEN_BACK:
        raise NotPossible(reason=invitation.exit or invitation.ended)
    if invitation.expires_at <= work.now:
        raise LinkEnded(reason="expired")
    work.session.execute(
        update(Invitation).where(Invitation.id == invitation_id).values(ended="", exit="", exited_at=None)
    )
    work.session.execute(
        update(Job)
        .where(Job.invitation_id == invitation_id, Job.exit == invitation.exit)
        .values(withdrawn_at=None, exit="")
    )
    said.settle(work, invitation.exit, invitation_id)
    work.happened(
        CustomerReturned(
            customer_id=invitation.customer_id,
            invitation_id=invitation_id,
            before={"reason": invitation.exit},
        )
    )
    return Returned(is_booked=_restored(work, invitation_id))


def not_for_me(work: Work, invitation_id: int, version: int, reached_at: Collection[str]) -> None:
    """Whoever got this link is not the customer: it never opens again, and nobody is written to there for them.

    Nor do the links to what else the same person is asked about, for they were sent the same way. `reached_at`: the
    numbers and e-mail addresses that the link was sent to. A visit stays as it is: a stranger cannot cancel it, and
    staff decide. A second time, and through an older link, nothing changes. Refuses: LinkUnknown.
    """
    invitation = lock(work, invitation_id)
    if invitation.ended or invitation.version != version:
        return
    recipients = tuple(sorted(reached_at))
    _block(work, invitation.customer_id, recipients)
    said.keep(work, NOT_FOR_ME, customer_id=invitation.customer_id, invitation_id=invitation_id)
    for each_id, its_version in _sent_alike(work, invitation_id):
        _revoke(work, invitation.customer_id, each_id, its_version, recipients)


def _sent_alike(work: Work, invitation_id: int) -> Sequence[Row[int, int]]:
    """This invitation and the open ones for the same person: their links went the same way."""
    this = aliased(Invitation)
    return work.session.execute(
        select(Invitation.id, Invitation.version)
        .join(
            this,
            and_(
                this.customer_id == Invitation.customer_id,
                this.contact_id.is_not_distinct_from(Invitation.contact_id),
            ),
        )
        .where(this.id == invitation_id, Invitation.ended == "")
        .order_by(Invitation.id)
        .with_for_update(of=Invitation)
    ).all()


def _revoke(
    work: Work, customer_id: int, invitation_id: int, version: int, recipients: tuple[str, ...]
) -> None:
    is_last = version == links.LARGEST_VERSION
    work.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(
            version=version if is_last else version + 1,
            ended="revoked" if is_last else "",
            exit=NOT_FOR_ME,
            exited_at=work.now,
        )
    )
    work.happened(
        WrongRecipientTold(
            customer_id=customer_id,
            invitation_id=invitation_id,
            recipients=recipients,
            version=version if is_last else version + 1,
            after={"recipients": len(recipients)},
        )
    )


def lock(work: Work, invitation_id: int) -> Row[*tuple[Any, ...]]:
    """An invitation that nobody else changes meanwhile. Refuses: LinkUnknown."""
    row = work.session.execute(
        select(
            Invitation.customer_id,
            Invitation.version,
            Invitation.ended,
            Invitation.exit,
            Invitation.expires_at,
        )
        .where(Invitation.id == invitation_id)
        .with_for_update()
    ).first()
    if row is None:
        raise LinkUnknown
    return row


def refuse_if_there(live: CurrentVisit | None) -> None:
    """Refuses: NotPossible when the technician is there or the work is done."""
    if live is not None and not may_become(live.state, "cancelled"):
        raise NotPossible(state=live.state)


def _restored(work: Work, invitation_id: int) -> bool:
    visit = current_visit(work.session, invitation_id)
    if visit is None or visit.state != "cancelled":
        return False
    try:
        return visits.restore(work, invitation_id).changed
    except TooLate:
        # Its place was not kept that long: they choose again.
        return False


def _block(work: Work, customer_id: int, recipients: Collection[str]) -> None:
    """Marks the values and forgets them, of the customer and of whoever speaks for them."""
    known = set(
        work.session.scalars(select(WrongRecipient.value).where(WrongRecipient.customer_id == customer_id))
    )
    fresh = [
        {"customer_id": customer_id, "value": value, "at": work.now}
        for value in recipients
        if value not in known
    ]
    if fresh:
        work.session.execute(insert(WrongRecipient), fresh)
    origin = {"source": RECIPIENT, "at": work.now.isoformat()}
    contacts = work.session.execute(
        select(Contact.id, Contact.phone, Contact.email, Contact.provenance)
        .where(Contact.customer_id == customer_id)
        .with_for_update()
    )
    for contact in contacts.all():
        gone = [field for field in ("phone", "email") if getattr(contact, field) in recipients]
        if gone:
            work.session.execute(
                update(Contact)
                .where(Contact.id == contact.id)
                .values(
                    **dict.fromkeys(gone),
                    provenance={**contact.provenance, **dict.fromkeys(gone, origin)},
                )
            )
    _forget(work, customer_id, recipients)


def _forget(work: Work, customer_id: int, recipients: Collection[str]) -> None:
    row = work.session.execute(
        select(Customer.phone, Customer.email, Customer.provenance)
        .where(Customer.id == customer_id)
        .with_for_update()
    ).one()
    gone = [field for field in ("phone", "email") if getattr(row, field) in recipients]
    if not gone:
        return
    origin = {"source": RECIPIENT, "at": work.now.isoformat()}
    work.session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(**dict.fromkeys(gone), provenance={**row.provenance, **dict.fromkeys(gone, origin)})
    )
    work.happened(CustomerCorrected(customer_id=customer_id, after={"fields": gone}))
