"""What would become of a customer's open work if they moved, by name, for the page that asks them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scheduling.models import Invitation, Job, Kind, KindText
from scheduling.models.job import HOUSE
from scheduling.reads.correspondence import text_in


@dataclass(frozen=True, slots=True)
class OnMoving:
    """Names of kinds of work: those that stay with the house, and those that go with the person."""

    stays: Sequence[str]
    goes: Sequence[str]


def on_moving(session: Session, invitation_id: int, language: str) -> OnMoving:
    """Of all that is open for the customer of this invitation, at the address where they live."""
    customer_id = select(Invitation.customer_id).where(Invitation.id == invitation_id).scalar_subquery()
    rows = session.execute(
        select(Job.kind, Kind.follows, Job.address_id)
        .join(Kind, Kind.ref == Job.kind)
        .outerjoin(Invitation, Invitation.id == Job.invitation_id)
        .where(
            Job.customer_id == customer_id,
            Job.withdrawn_at.is_(None),
            or_(Job.address_id.is_(None), Job.invitation_id == invitation_id),
            or_(Invitation.id.is_(None), Invitation.ended == ""),
        )
        .order_by(Job.id)
    ).all()
    names = _names(session, {row.kind for row in rows}, language)
    stays = [names[row.kind] for row in rows if row.follows == HOUSE]
    goes = [names[row.kind] for row in rows if row.follows != HOUSE and row.address_id is None]
    return OnMoving(tuple(dict.fromkeys(stays)), tuple(dict.fromkeys(goes)))


def _names(session: Session, kinds: set[str], language: str) -> dict[str, str]:
    texts: dict[str, dict[str, KindText]] = {}
    for text in session.scalars(select(KindText).where(KindText.kind.in_(kinds))):
        texts.setdefault(text.kind, {})[text.language] = text
    found = {kind: text_in(texts.get(kind, {}), language) for kind in kinds}
    return {kind: kind if text is None else text.name for kind, text in found.items()}
