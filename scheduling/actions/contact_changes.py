"""A new phone number or e-mail address: proved by a link that is sent there, told to the old one.

Until somebody opens that link the one on file stays in use, so a mistyped number costs nobody a message, and a thief
cannot take a customer over unseen. A landline cannot receive the link; it is taken as it is, and told all the same.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update

from scheduling.actions.people import Person, correct_person, known_of, whose
from scheduling.actions.work import ContactChanged, ContactChangeEnded, ContactCheckAsked, Work
from scheduling.errors import LastWayOut, LinkEnded, LinkUnknown, NotPossible, WrongRecipientRefused
from scheduling.models import ContactChange, WrongRecipient
from scheduling.rules.phone import can_receive_sms

PHONE, EMAIL = "phone", "email"
OPENS_FOR = timedelta(days=7)
LARGEST_ID = 2**31 - 1


def give(
    work: Work, invitation_id: int, person: Person, field: str, *, old: str | None, new: str | None
) -> bool:
    """Takes in another number or address, or None for none any more; whether it has to be confirmed first.

    Refuses: WrongRecipientRefused; LastWayOut for a contact who could not be reached any more.
    """
    _check(work, person, field, new)
    if new is not None and new == _waiting(work, person, field):
        # The form came twice; the link that was sent for it opens, and can be sent once more.
        return True
    _end_waiting(work, person, field)
    if new is not None and can_be_proved(field, new):
        change_id = _keep(work, person, field, new)
        _ask(work, invitation_id, person, field, new=new, change_id=change_id)
        return True
    correct_person(work, person, {field: new})
    work.happened(
        ContactChanged(
            customer_id=person.customer_id,
            invitation_id=invitation_id,
            field=field,
            old=old,
            new=new,
            after={"field": field, "contact_id": person.contact_id},
        )
    )
    return False


def can_be_proved(field: str, value: str) -> bool:
    """Whether a link can be sent there: not by SMS to a landline."""
    return field == EMAIL or can_receive_sms(value)


def send_again(work: Work, invitation_id: int, field: str) -> None:
    """Sends the link once more, and gives it its full time. Refuses: NotPossible where nothing waits."""
    person = whose(work, invitation_id)
    row = work.session.execute(
        update(ContactChange)
        .where(_waits(work, person, field))
        .values(expires_at=work.now + OPENS_FOR)
        .returning(ContactChange.id, ContactChange.value)
    ).first()
    if row is None:
        raise NotPossible
    _ask(work, invitation_id, person, field, new=row.value, change_id=row.id)


def give_up(work: Work, invitation_id: int, field: str) -> None:
    """The one on file stays after all; nothing where nothing waits."""
    _end_waiting(work, whose(work, invitation_id), field)


def confirm(work: Work, change_id: int) -> None:
    """The link was opened where it was sent: the new one is in use from here on. A second time changes nothing.

    Refuses: LinkUnknown; LinkEnded; WrongRecipientRefused.
    """
    owner = work.session.execute(
        select(ContactChange.customer_id, ContactChange.contact_id).where(ContactChange.id == change_id)
    ).first()
    if owner is None:
        raise LinkUnknown
    person = Person(owner.customer_id, owner.contact_id)
    known = known_of(work, person)
    change = work.session.execute(
        select(
            ContactChange.field, ContactChange.value, ContactChange.expires_at, ContactChange.confirmed_at
        ).where(ContactChange.id == change_id)
    ).one()
    if change.confirmed_at is not None:
        return
    if change.expires_at <= work.now:
        raise LinkEnded(reason="expired")
    _check(work, person, change.field, change.value)
    work.session.execute(
        update(ContactChange).where(ContactChange.id == change_id).values(confirmed_at=work.now)
    )
    correct_person(work, person, {change.field: change.value})
    work.happened(
        ContactChanged(
            customer_id=person.customer_id,
            contact_change_id=change_id,
            field=change.field,
            old=known[change.field],
            new=change.value,
            after={"field": change.field, "contact_id": person.contact_id},
        )
    )


def _check(work: Work, person: Person, field: str, new: str | None) -> None:
    if new is None:
        other = known_of(work, person)[EMAIL if field == PHONE else PHONE]
        # A customer has a door that a letter reaches; whoever speaks for them has none that we know.
        if person.is_contact and other is None:
            raise LastWayOut(field=field)
        return
    is_strangers = work.session.execute(
        select(WrongRecipient.at).where(
            WrongRecipient.customer_id == person.customer_id, WrongRecipient.value == new
        )
    ).first()
    if is_strangers is not None:
        raise WrongRecipientRefused(field=field)


def _keep(work: Work, person: Person, field: str, new: str) -> int:
    # SQLite gives the number of a deleted row to the next one; an old link must never confirm a newer change.
    change_id = 1 + secrets.randbelow(LARGEST_ID)
    work.session.execute(
        insert(ContactChange).values(
            id=change_id,
            customer_id=person.customer_id,
            contact_id=person.contact_id,
            field=field,
            value=new,
            created_at=work.now,
            expires_at=work.now + OPENS_FOR,
        )
    )
    return change_id


def _ask(work: Work, invitation_id: int, person: Person, field: str, *, new: str, change_id: int) -> None:
    work.happened(
        ContactCheckAsked(
            customer_id=person.customer_id,
            invitation_id=invitation_id,
            contact_change_id=change_id,
            field=field,
            new=new,
            after={"field": field, "contact_id": person.contact_id},
        )
    )


def _waiting(work: Work, person: Person, field: str) -> str | None:
    return work.session.scalar(select(ContactChange.value).where(_waits(work, person, field)).limit(1))


def _end_waiting(work: Work, person: Person, field: str) -> None:
    ended: Sequence[int] = work.session.scalars(
        update(ContactChange)
        .where(_waits(work, person, field))
        .values(expires_at=work.now)
        .returning(ContactChange.id)
    ).all()
    for change_id in ended:
        work.happened(
            ContactChangeEnded(
                customer_id=person.customer_id,
                contact_change_id=change_id,
                field=field,
                after={"field": field, "contact_id": person.contact_id},
            )
        )


def _waits(work: Work, person: Person, field: str) -> ColumnElement[bool]:
    return and_(
        ContactChange.customer_id == person.customer_id,
        ContactChange.contact_id.is_not_distinct_from(person.contact_id),
        ContactChange.field == field,
        ContactChange.confirmed_at.is_(None),
        ContactChange.expires_at > work.now,
    )
