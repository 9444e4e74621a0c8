"""What customers tell us beside booking: kept for staff until somebody has dealt with it."""

from sqlalchemy import insert, select, update

from scheduling.actions.work import SaidHandled, SaidReopened, Work
from scheduling.errors import NoSuchThing
from scheduling.models import ContactHistory

LONGEST = 2000


def keep(work: Work, kind: str, *, customer_id: int, invitation_id: int, body: str = "") -> None:
    """Keeps one thing that was said on the customer's page, at most `LONGEST` characters of it."""
    work.session.execute(
        insert(ContactHistory).values(
            at=work.now,
            direction="in",
            channel="web",
            kind=kind,
            customer_id=customer_id,
            invitation_id=invitation_id,
            actor=work.actor,
            body=body[:LONGEST],
        )
    )


def is_waiting(work: Work, kind: str, invitation_id: int, body: str) -> bool:
    """Whether the very same was said already, and nobody has dealt with it yet."""
    found = select(ContactHistory.id).where(
        ContactHistory.invitation_id == invitation_id,
        ContactHistory.kind == kind,
        ContactHistory.body == body[:LONGEST],
        ContactHistory.handled_at.is_(None),
    )
    return work.session.scalar(found.limit(1)) is not None


def handle(work: Work, said_id: int) -> None:
    """Somebody dealt with it. Refuses: NoSuchThing. A second time changes nothing."""
    customer_id, is_handled = _find(work, said_id)
    if is_handled:
        return
    work.session.execute(
        update(ContactHistory)
        .where(ContactHistory.id == said_id)
        .values(handled_at=work.now, handled_by=work.actor)
    )
    work.happened(SaidHandled(customer_id=customer_id, after={"said_id": said_id}))


def reopen(work: Work, said_id: int) -> None:
    """It was not dealt with after all. Refuses: NoSuchThing. A second time changes nothing."""
    customer_id, is_handled = _find(work, said_id)
    if not is_handled:
        return
    work.session.execute(
        update(ContactHistory).where(ContactHistory.id == said_id).values(handled_at=None, handled_by="")
    )
    work.happened(SaidReopened(customer_id=customer_id, after={"said_id": said_id}))


def settle(work: Work, kind: str, invitation_id: int) -> None:
    """What was said of this kind about an invitation was taken back: nobody has to deal with it."""
    work.session.execute(
        update(ContactHistory)
        .where(
            ContactHistory.invitation_id == invitation_id,
            ContactHistory.kind == kind,
            ContactHistory.handled_at.is_(None),
        )
        .values(handled_at=work.now, handled_by=work.actor)
    )


def _find(work: Work, said_id: int) -> tuple[int | None, bool]:
    row = work.session.execute(
        select(ContactHistory.customer_id, ContactHistory.handled_at)
        .where(ContactHistory.id == said_id, ContactHistory.direction == "in")
        .with_for_update()
    ).first()
    if row is None:
        raise NoSuchThing(what="message from a customer", ref=str(said_id))
    return row.customer_id, row.handled_at is not None
