"""What becomes of a visit whose jobs end: it ends with the last of them, and goes on with fewer otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from scheduling.actions import capacity
from scheduling.actions.work import VisitChanged, Work
from scheduling.models import Job, Kind, Visit, VisitJob
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
    rest = _rest(work, visit)
    places = min(visit.places, rest.places)
    capacity.release(work, visit.window_id, visit.places - places)
    work.session.execute(
        update(Visit)
        .where(Visit.id == visit.visit_id)
        .values(places=places, minutes=rest.minutes, sequence=Visit.sequence + 1, changed_at=work.now)
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
    """A visit whose cancellation can still be undone comes back without these jobs, and is kept fewer places."""
    if not capacity.is_held(work, visit.visit_id):
        return
    work.session.execute(
        delete(VisitJob).where(VisitJob.visit_id == visit.visit_id, VisitJob.job_id.in_(job_ids))
    )
    rest = _rest(work, visit)
    places = min(visit.places, rest.places)
    if places:
        capacity.hold_fewer(work, visit.visit_id, places)
        work.session.execute(
            update(Visit).where(Visit.id == visit.visit_id).values(places=places, minutes=rest.minutes)
        )


@dataclass(frozen=True, slots=True)
class _Rest:
    """What the jobs that are left take; nothing where none is left.

    A kind may take more places by now than when this was booked; a visit never grows by losing a job.
    """

    places: int
    minutes: int


def _rest(work: Work, visit: CurrentVisit) -> _Rest:
    row = work.session.execute(
        select(
            func.coalesce(func.sum(Kind.places), 0).label("places"),
            func.coalesce(func.sum(func.coalesce(Job.minutes, Kind.minutes)), 0).label("minutes"),
        )
        .select_from(VisitJob)
        .join(Job, Job.id == VisitJob.job_id)
        .join(Kind, Kind.ref == Job.kind)
        .where(VisitJob.visit_id == visit.visit_id)
    ).one()
    return _Rest(int(row.places), int(row.minutes))
