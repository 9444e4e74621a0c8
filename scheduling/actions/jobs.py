"""The company needs no visit for a job any more."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from scheduling.actions import capacity
from scheduling.actions.visit_jobs import drop_from_undo, drop_from_visit, end_visit
from scheduling.actions.work import InvitationChanged, JobsWithdrawn, Work
from scheduling.errors import NoSuchThing, NotPossible
from scheduling.models import Invitation, Job
from scheduling.reads.asked import current_visit
from scheduling.rules.policy import may_become


def withdraw(work: Work, job_refs: Sequence[str]) -> int:
    """Withdraws jobs; an invitation or visit that has no other job ends. How many were withdrawn now.

    A job that is withdrawn already is passed over; one that its customer let go of can no longer be taken back.
    Refuses: NoSuchThing; NotPossible when the technician is there or the work is done.
    """
    jobs = work.session.execute(
        select(Job.id, Job.ref, Job.invitation_id, Job.withdrawn_at, Job.exit)
        .where(Job.ref.in_(job_refs))
        .order_by(Job.id)
        .with_for_update()
    ).all()
    missing = set(job_refs) - {job.ref for job in jobs}
    if missing:
        raise NoSuchThing(what="job", ref=sorted(missing)[0])
    fresh = [job for job in jobs if job.withdrawn_at is None]
    let_go = [job for job in jobs if job.exit and job.invitation_id is not None]
    work.session.execute(
        update(Job)
        .where(Job.id.in_([job.id for job in fresh + let_go]))
        .values(withdrawn_at=func.coalesce(Job.withdrawn_at, work.now), exit="")
    )
    for invitation_id in sorted({job.invitation_id for job in fresh if job.invitation_id is not None}):
        _end(work, invitation_id, [(job.id, job.ref) for job in fresh if job.invitation_id == invitation_id])
    for invitation_id in sorted({job.invitation_id for job in let_go}):
        _end_for_good(work, invitation_id, [job.id for job in let_go if job.invitation_id == invitation_id])
    return len(fresh)


def _end(work: Work, invitation_id: int, jobs: Sequence[tuple[int, str]]) -> None:
    job_ids = [job_id for job_id, _ in jobs]
    invitation = work.session.execute(
        select(Invitation.customer_id, Invitation.ended)
        .where(Invitation.id == invitation_id)
        .with_for_update()
    ).one()
    visit = current_visit(work.session, invitation_id)
    left = work.session.execute(
        select(func.count())
        .select_from(Job)
        .where(Job.invitation_id == invitation_id, Job.withdrawn_at.is_(None))
    ).scalar_one()
    live = visit if visit is not None and visit.is_live else None
    if live is not None and not may_become(live.state, "cancelled"):
        raise NotPossible(job=jobs[0][1], state=live.state)
    if left and live is not None:
        drop_from_visit(work, invitation_id, invitation.customer_id, live, job_ids)
    elif left:
        if visit is not None:
            drop_from_undo(work, visit, job_ids)
        work.happened(
            InvitationChanged(
                customer_id=invitation.customer_id,
                invitation_id=invitation_id,
                after={"without_jobs": job_ids},
            )
        )
    if left:
        return
    if live is not None:
        # The company's own cancellation: nothing is kept for an undo.
        end_visit(work, live)
    work.session.execute(update(Invitation).where(Invitation.id == invitation_id).values(ended="withdrawn"))
    work.happened(
        JobsWithdrawn(
            customer_id=invitation.customer_id,
            visit_id=None if live is None else live.visit_id,
            window_id=None if live is None else live.window_id,
            invitation_id=invitation_id,
            before={"state": None if live is None else live.state},
            after={"jobs": list(job_ids)},
        )
    )


def _end_for_good(work: Work, invitation_id: int, job_ids: Sequence[int]) -> None:
    """The customer let go of these jobs, and now the company does: taking it back brings them back no more."""
    work.session.execute(select(Invitation.id).where(Invitation.id == invitation_id).with_for_update())
    visit = current_visit(work.session, invitation_id)
    can_come_back = select(Job.id).where(Job.invitation_id == invitation_id, Job.exit != "").exists()
    if work.session.scalar(select(can_come_back)):
        if visit is not None:
            drop_from_undo(work, visit, job_ids)
        return
    if visit is not None and not visit.is_live:
        capacity.give_up_all(work, [visit.visit_id])
    work.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.ended == "revoked")
        .values(ended="withdrawn", exit="")
    )
