"""What customers wrote for whom no window fitted, until a dispatcher found them a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from scheduling.models import ContactHistory, Customer, Invitation, Visit
from scheduling.reads.names import NAME_COLUMNS, name_of
from scheduling.rules.policy import DEAD_STATES


@dataclass(frozen=True, slots=True)
class Wishes:
    """When a customer can, in their own words. `at` is an instant (UTC)."""

    customer_ref: str
    customer_name: str
    at: datetime
    text: str


def open_wishes(session: Session, *, language: str, limit: int) -> Sequence[Wishes]:
    """Wishes of customers who still have no visit and are still asked for one, the longest waiting first."""
    has_visit = exists().where(
        Visit.invitation_id == ContactHistory.invitation_id, Visit.state.not_in(DEAD_STATES)
    )
    rows = session.execute(
        select(ContactHistory.at, ContactHistory.body, *NAME_COLUMNS)
        .join(Customer, Customer.id == ContactHistory.customer_id)
        .join(Invitation, Invitation.id == ContactHistory.invitation_id)
        .where(ContactHistory.kind == "wishes", Invitation.ended == "", ~has_visit)
        .order_by(ContactHistory.at, ContactHistory.id)
        .limit(limit)
    )
    return tuple(
        Wishes(customer_ref=row.customer_ref, customer_name=name_of(row, language), at=row.at, text=row.body)
        for row in rows
    )
