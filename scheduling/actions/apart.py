"""Some of an invitation's jobs get a time of their own; the others, and their visit, stay as they are.

The jobs go to an invitation of their own, with its own link: from there on each visit is changed or cancelled without
the other.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from scheduling.actions import exits, said, visits
from scheduling.actions.visit_jobs import drop_from_undo, drop_from_visit
from scheduling.actions.work import InvitationChanged, Work
from scheduling.errors import LinkEnded, NotPossible, TooLate, WindowTaken
from scheduling.models import Invitation, Job, Visit, VisitJob
from scheduling.reads.affairs import rows_about
from scheduling.reads.asked import Asked, CurrentVisit, apart_by, asked_by
from scheduling.rules.policy import change_deadline


@dataclass(frozen=True, slots=True)
class Apart:
    """The invitation that the jobs have now, and the version of its link."""

    invitation_id: int
    link_version: int


def book_apart(
    work: Work, invitation_id: int, job_ids: Collection[int], window_id: int, *, uid_host: str
) -> Apart:
    """Books these jobs alone into a window, and takes them out of the visit that they are part of.

    Asking for it twice is one visit. Refuses: WindowTaken; TooLate (for changing the visit); NotPossible for jobs that
    are no part, and when the technician is on the way; LinkEnded.
    """
    invitation = exits.lock(work, invitation_id)
    if invitation.ended:
        raise LinkEnded(reason=invitation.ended)
    done = _done_before(work, invitation.customer_id, job_ids, window_id)
    if done is not None:
        return done
    rows = rows_about(work.session, invitation_id)
    whole, part = asked_by(rows), apart_by(rows, job_ids)
    visit = whole.visit if whole.visit is not None and whole.visit.is_live else None
    if visit is not None:
        _refuse_too_late(work, whole, visit)
        if visit.window_id == window_id:
            raise WindowTaken(window_id=window_id)
    apart_id = _split_off(work, whole, part)
    # Two windows are touched lower id first, as everywhere, so that nobody is locked out by it.
    if visit is not None and visit.window_id < window_id:
        drop_from_visit(work, invitation_id, whole.customer_id, visit, part.job_ids)
    visits.book(work, apart_id, window_id, uid_host=uid_host)
    if visit is not None and visit.window_id > window_id:
        drop_from_visit(work, invitation_id, whole.customer_id, visit, part.job_ids)
    if visit is None:
        _ask_for_the_rest(work, whole, part)
    return Apart(apart_id, link_version=1)


def leave_part(
    work: Work, invitation_id: int, job_ids: Collection[int], reason: str, *, note: str = ""
) -> None:
    """Lets go of these jobs alone, for a reason of the customer's own. Refuses: LinkEnded; NotPossible."""
    invitation = exits.lock(work, invitation_id)
    if invitation.ended:
        raise LinkEnded(reason=invitation.ended)
    rows = rows_about(work.session, invitation_id)
    whole, part = asked_by(rows), apart_by(rows, job_ids)
    live = whole.visit if whole.visit is not None and whole.visit.is_live else None
    exits.refuse_if_there(live)
    work.session.execute(
        update(Job).where(Job.id.in_(part.job_ids)).values(withdrawn_at=work.now, exit=reason)
    )
    said.keep(work, reason, customer_id=whole.customer_id, invitation_id=invitation_id, body=note)
    if live is not None:
        drop_from_visit(work, invitation_id, whole.customer_id, live, part.job_ids)
        return
    if whole.visit is not None:
        drop_from_undo(work, whole.visit, part.job_ids)
    _ask_for_the_rest(work, whole, part)


def _done_before(work: Work, customer_id: int, job_ids: Collection[int], window_id: int) -> Apart | None:
    """What the first of two clicks made: a live visit in this window of these jobs and no others."""
    rows = work.session.execute(
        select(Visit.invitation_id, Invitation.version, VisitJob.job_id)
        .join(VisitJob, VisitJob.visit_id == Visit.id)
        .join(Invitation, Invitation.id == Visit.invitation_id)
        .where(
            Visit.customer_id == customer_id,
            Visit.window_id == window_id,
            VisitJob.live,
            Invitation.ended == "",
        )
    ).all()
    jobs: dict[tuple[int, int], set[int]] = {}
    for row in rows:
        jobs.setdefault((row.invitation_id, row.version), set()).add(row.job_id)
    return next((Apart(*found) for found, its_jobs in jobs.items() if its_jobs == set(job_ids)), None)


def _refuse_too_late(work: Work, whole: Asked, visit: CurrentVisit) -> None:
    if visit.state != "booked":
        raise NotPossible(state=visit.state)
    if whole.rules is not None and work.now >= change_deadline(visit.local_day, whole.rules):
        raise TooLate


def _split_off(work: Work, whole: Asked, part: Asked) -> int:
    """A new invitation like the old one, for these jobs; they are in no visit any more."""
    old = work.session.execute(
        select(Invitation.contact_id, Invitation.expires_at).where(Invitation.id == whole.invitation_id)
    ).one()
    apart_id = work.session.execute(
        insert(Invitation)
        .values(
            customer_id=whole.customer_id,
            address_id=whole.address_id,
            contact_id=old.contact_id,
            created_at=work.now,
            expires_at=old.expires_at,
        )
        .returning(Invitation.id)
    ).scalar_one()
    work.session.execute(update(Job).where(Job.id.in_(part.job_ids)).values(invitation_id=apart_id))
    if whole.visit is not None and whole.visit.is_live:
        work.session.execute(
            delete(VisitJob).where(
                VisitJob.visit_id == whole.visit.visit_id, VisitJob.job_id.in_(part.job_ids)
            )
        )
    elif whole.visit is not None:
        drop_from_undo(work, whole.visit, part.job_ids)
    return apart_id


def _ask_for_the_rest(work: Work, whole: Asked, part: Asked) -> None:
    work.happened(
        InvitationChanged(
            customer_id=whole.customer_id,
            invitation_id=whole.invitation_id,
            after={"without_jobs": list(part.job_ids)},
        )
    )
