"""What comes back from suppliers: delivery reports and incoming SMS. Both may come twice, late, and in any order."""

from dataclasses import dataclass

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from notifications.models import DELIVERED, FAILED, SENDING, SENT, WITHDRAWN, Message
from scheduling.actions.work import CUSTOMER, Work
from scheduling.models import Contact, ContactHistory, Customer
from scheduling.rules.typed import showable

# What a state may become by a report: only forward. That it arrived is the last word, also after a failure.
_BEFORE = {
    SENT: (SENDING, WITHDRAWN),
    FAILED: (SENDING, WITHDRAWN, SENT),
    DELIVERED: (SENDING, WITHDRAWN, SENT, FAILED),
}
_LONGEST_REASON = 300
_LONGEST_SMS = 4000
"""Characters; ten parts are the most that Twilio hands over (1,600)."""


def delivery_report(
    session: Session, provider_id: str, *, state: str, reason: str = "", message_id: int | None = None
) -> bool:
    """Moves a message on to `state` (sent, delivered or failed, with its reason in words), never back.

    `message_id`, from the report's own address, finds a message whose provider_id is not recorded yet: a report can
    overtake the answer that told us the id. False where we know no such message, or nothing was left to change.
    """
    is_it = Message.provider_id == provider_id
    if message_id is not None:
        is_it = or_(
            is_it, (Message.id == message_id) & Message.provider_id.is_(None) & (Message.attempts > 0)
        )
    changed = session.scalars(
        update(Message)
        .where(is_it, Message.state.in_(_BEFORE[state]))
        .values(state=state, error=reason[:_LONGEST_REASON] if state == FAILED else "")
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.all())


@dataclass(frozen=True, slots=True)
class _About:
    customer_id: int | None
    invitation_id: int | None = None
    visit_id: int | None = None


def incoming_sms(work: Work, *, provider_id: str, sender: str, body: str) -> bool:
    """Keeps an SMS from `sender` (E.164), with the customer whom it probably comes from. Nothing is answered yet.

    False if this one (`provider_id`) was taken in before. Of several customers with that phone it is the one whom we
    wrote to last; a number that nobody has is kept too, for whoever looks.
    """
    known = select(ContactHistory.id).where(ContactHistory.provider_id == provider_id)
    if work.session.scalar(known) is not None:
        return False
    about = _whose(work.session, sender)
    work.session.execute(
        insert(ContactHistory).values(
            at=work.now,
            direction="in",
            channel="sms",
            kind="sms",
            customer_id=about.customer_id,
            invitation_id=about.invitation_id,
            visit_id=about.visit_id,
            actor=CUSTOMER,
            body=showable(body)[:_LONGEST_SMS],
            provider_id=provider_id,
        )
    )
    return True


def _whose(session: Session, phone: str) -> _About:
    written_to = session.execute(
        select(Message.customer_id, Message.invitation_id, Message.visit_id)
        .where(Message.to == phone, Message.channel == "sms", Message.attempts > 0)
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    if written_to is not None:
        return _About(written_to.customer_id, written_to.invitation_id, written_to.visit_id)
    own = select(Customer.id).where(Customer.phone == phone).order_by(Customer.id).limit(1)
    through_contact = select(Contact.customer_id).where(Contact.phone == phone).order_by(Contact.id).limit(1)
    return _About(session.scalar(own) or session.scalar(through_contact))
