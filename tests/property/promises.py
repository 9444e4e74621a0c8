"""What always holds in the database, whatever happened to it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduling.models import Hold, Visit, VisitJob, Window

NOT_LIVE = ("cancelled", "missed")


def check_promises(session: Session) -> None:
    """The counters of every window are what live visits and holds take; no window is over; one live visit a job."""
    for window in session.scalars(select(Window)):
        live = select(func.coalesce(func.sum(Visit.places), 0)).where(
            Visit.window_id == window.id, Visit.state.not_in(NOT_LIVE)
        )
        held = select(func.coalesce(func.sum(Hold.places), 0)).where(Hold.window_id == window.id)
        assert window.booked == session.scalar(live)
        assert window.held == session.scalar(held)
        assert window.booked + window.held <= window.capacity
    rows = session.execute(
        select(VisitJob.job_id, VisitJob.live, Visit.state).join(Visit, Visit.id == VisitJob.visit_id)
    ).all()
    assert all(row.live == (row.state not in NOT_LIVE) for row in rows)
    live_jobs = [row.job_id for row in rows if row.live]
    assert len(live_jobs) == len(set(live_jobs))
