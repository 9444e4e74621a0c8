"""Whether a job is there."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.errors import NoSuchThing
from scheduling.models import Job


def check_job(session: Session, job_ref: str) -> None:
    """Refuses: NoSuchThing, where no job has this reference."""
    if session.execute(select(Job.id).where(Job.ref == job_ref)).first() is None:
        raise NoSuchThing(what="job", ref=job_ref)
