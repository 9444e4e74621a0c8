"""What becomes of a visit whose jobs end: it ends with the last of them, and goes on with fewer otherwise."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from scheduling.actions import capacity
from scheduling.actions.work import VisitChanged, Work
from scheduling.models import Hold, Job, Kind, Visit, VisitJob
from scheduling.reads.asked import CurrentVisit


def end_visit(work: Work, visit: CurrentVisit, *, hold_until: datetime | None = None) -> None:
    """Cancels a live visit. Its places are free at once, or kept until an instant for whoever may change their mind."""
    if hold_until is None:
        capacity.release(work, visit.window_id, visit.places)
    else:
        capacity.hold_after_cancel(work, visit.window_id, visit.visit_id, visit.places, hold_until)
    work.session.execute(
        update(Visit)
        .where(Visit.id == visit.visit_id)
        .values(state="cancelled", sequence=Visit.sequence + 1, changed_at=work.now)
    )
    work.session.execute(update(VisitJob).where(VisitJob.visit_id == visit.visit_id).values(live=False))


def drop_from_visit(
    work: Work, invitation_id: int, customer_id: int, visit: CurrentVisit, job_ids: Sequence[int]
) -> None:
    """A live visit goes on with its other jobs, in the same window, with fewer minutes and places."""
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


def drop_from_undo(work: Work, visit: CurrentVisit, job_ids: Sequence[int]) -> None:
    """A visit whose cancellation can still be undone comes back without these jobs."""
    can_be_undone = select(Hold.visit_id).where(Hold.visit_id == visit.visit_id).exists()
    work.session.execute(
        delete(VisitJob).where(
            VisitJob.visit_id == visit.visit_id, VisitJob.job_id.in_(job_ids), can_be_undone
        )
    )
