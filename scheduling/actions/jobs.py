"""The company needs no visit for a job any more."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from scheduling.actions import capacity
from scheduling.actions.work import JobsWithdrawn, VisitChanged, Work
from scheduling.errors import NoSuchThing, NotPossible
from scheduling.models import Hold, Invitation, Job, Kind, Visit, VisitJob
from scheduling.reads.asked import CurrentVisit, current_visit
from scheduling.rules.policy import may_become


def withdraw(work: Work, job_refs: Sequence[str]) -> int:
    """Withdraws jobs; an invitation or visit that has no other job ends. How many were withdrawn now.

    A job that is withdrawn already is passed over. Refuses: NoSuchThing; NotPossible when the technician is there or
    the work is done.
    """
    jobs = work.session.execute(
        select(Job.id, Job.ref, Job.invitation_id, Job.withdrawn_at)
        .where(Job.ref.in_(job_refs))
        .order_by(Job.id)
        .with_for_update()
    ).all()
    missing = set(job_refs) - {job.ref for job in jobs}
    if missing:
        raise NoSuchThing(what="job", ref=sorted(missing)[0])
    fresh = [job for job in jobs if job.withdrawn_at is None]
    if fresh:
        work.session.execute(
            update(Job).where(Job.id.in_([job.id for job in fresh])).values(withdrawn_at=work.now)
        )
    for invitation_id in sorted({job.invitation_id for job in fresh if job.invitation_id is not None}):
        _end(work, invitation_id, [(job.id, job.ref) for job in fresh if job.invitation_id == invitation_id])
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
        _drop_from_visit(work, invitation_id, invitation.customer_id, live, job_ids)
    elif left and visit is not None:
        _drop_from_undo(work, visit, job_ids)
    if left:
        return
    if live is not None:
        _end_visit(work, live)
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


def _end_visit(work: Work, visit: CurrentVisit) -> None:
    """The company's own cancellation: nothing is kept for an undo, the place is free at once."""
    capacity.release(work, visit.window_id, visit.places)
    work.session.execute(
        update(Visit)
        .where(Visit.id == visit.visit_id)
        .values(state="cancelled", sequence=Visit.sequence + 1, changed_at=work.now)
    )
    work.session.execute(update(VisitJob).where(VisitJob.visit_id == visit.visit_id).values(live=False))


def _drop_from_visit(
    work: Work, invitation_id: int, customer_id: int, visit: CurrentVisit, job_ids: Sequence[int]
) -> None:
    """The visit goes on with its other jobs, in the same window, with fewer minutes and places."""
    work.session.execute(
        delete(VisitJob).where(VisitJob.visit_id == visit.visit_id, VisitJob.job_id.in_(job_ids))
    )
    rest = work.session.execute(
        select(
            func.sum(Kind.places).label("places"),
            func.sum(func.coalesce(Job.minutes, Kind.minutes)).label("minutes"),
        )
        .select_from(VisitJob)
        .join(Job, Job.id == VisitJob.job_id)
        .join(Kind, Kind.ref == Job.kind)
        .where(VisitJob.visit_id == visit.visit_id)
    ).one()
    # A kind may take more places by now than when this was booked; a visit never grows by losing a job.
    places = min(visit.places, int(rest.places))
    capacity.release(work, visit.window_id, visit.places - places)
    work.session.execute(
        update(Visit)
        .where(Visit.id == visit.visit_id)
        .values(places=places, minutes=int(rest.minutes), sequence=Visit.sequence + 1, changed_at=work.now)
    )
    work.happened(
        VisitChanged(
            customer_id=customer_id,
            visit_id=visit.visit_id,
            window_id=visit.window_id,
            invitation_id=invitation_id,
            before={"places": visit.places},
            after={"places": places, "without_jobs": list(job_ids)},
        )
    )


def _drop_from_undo(work: Work, visit: CurrentVisit, job_ids: Sequence[int]) -> None:
    """A visit whose cancellation can still be undone comes back without these jobs."""
    can_be_undone = select(Hold.visit_id).where(Hold.visit_id == visit.visit_id).exists()
    work.session.execute(
        delete(VisitJob).where(
            VisitJob.visit_id == visit.visit_id, VisitJob.job_id.in_(job_ids), can_be_undone
        )
    )
