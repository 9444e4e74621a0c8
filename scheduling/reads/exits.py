"""When a customer said that they want no visit."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.models import Invitation


def exited_at(session: Session, invitation_id: int) -> datetime | None:
    """The instant (UTC); None where they did not."""
    return session.scalar(select(Invitation.exited_at).where(Invitation.id == invitation_id))
