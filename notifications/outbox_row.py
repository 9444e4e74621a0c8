"""A row of the outbox, as it is written: the one place that knows all its columns."""

from datetime import datetime
from typing import Any

from notifications.models import WAITING
from notifications.writing import Written
from scheduling.actions.work import Work
from scheduling.reads.correspondence import Correspondence

SERVICE = "service"


def outbox_row(
    work: Work,
    about: Correspondence,
    written: Written,
    *,
    event_key: str,
    kind: str,
    channel: str,
    to: str,
    due_at: datetime,
    answers_customer: bool,
    visit_id: int | None = None,
    contact_change_id: int | None = None,
) -> dict[str, Any]:
    """Every column that a new message has, by the column's name."""
    return {
        "event_key": event_key,
        "kind": kind,
        "channel": channel,
        "customer_id": about.correspondent.customer_id,
        "job_id": about.works[0].job_id if about.works else None,
        "invitation_id": about.invitation_id,
        "visit_id": visit_id,
        "link_version": about.link_version,
        "contact_change_id": contact_change_id,
        "recipient": to,
        "subject": written.subject,
        "body": written.body,
        "language": written.language,
        "formality": written.formality,
        "purpose": SERVICE,
        "answers_customer": answers_customer,
        "segments": written.segments,
        "state": WAITING,
        "due_at": due_at,
        "created_at": work.now,
    }
