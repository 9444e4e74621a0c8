"""A visit as anybody may see it who was shown a calendar entry: the window alone."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.errors import LinkUnknown
from scheduling.models import Area, Visit, Window


@dataclass(frozen=True, slots=True)
class SharedVisit:
    """No name, no address, no work. `invitation_id` is for sending the link again and is never shown."""

    invitation_id: int
    local_day: date
    starts: datetime
    ends: datetime
    state: str


def by_code(session: Session, code: str) -> SharedVisit:
    """The visit behind a shared link. Refuses: LinkUnknown."""
    row = session.execute(
        select(
            Visit.invitation_id,
            Window.local_day,
            Window.starts_at,
            Window.ends_at,
            Area.time_zone,
            Visit.state,
        )
        .join(Window, Window.id == Visit.window_id)
        .join(Area, Area.id == Window.area_id)
        .where(Visit.code == code)
    ).first()
    if row is None:
        raise LinkUnknown
    zone = ZoneInfo(row.time_zone)
    return SharedVisit(
        invitation_id=row.invitation_id,
        local_day=row.local_day,
        starts=row.starts_at.astimezone(zone),
        ends=row.ends_at.astimezone(zone),
        state=row.state,
    )
