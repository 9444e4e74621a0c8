"""What people correct about themselves on their own page, and their word that all of it is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, update

from scheduling.actions import contact_changes
from scheduling.actions.people import correct_person, known_of, whose
from scheduling.actions.work import CustomerChecked, Work
from scheduling.models import Customer
from scheduling.reads.details import CONTACT_FIELDS

IN_A_ROW = timedelta(minutes=5)
"""An answer that comes again so soon is the same press of a button."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: whether anything was different, and which of phone and e-mail have to be confirmed first."""

    is_changed: bool
    to_confirm: tuple[str, ...]


def save(work: Work, invitation_id: int, values: Mapping[str, str | None]) -> Saved:
    """Takes over what differs from what is on file. All of it or nothing.

    Name, manner, language and channel hold at once; of phone and e-mail see `contact_changes.give`. None is for a
    phone or an e-mail address that is used no longer. Refuses: LinkUnknown, WrongRecipientRefused, LastWayOut.
    """
    person = whose(work, invitation_id)
    known = known_of(work, person)
    changed = {field: value for field, value in values.items() if value != known[field]}
    at_once = {field: value for field, value in changed.items() if field not in CONTACT_FIELDS}
    if at_once:
        correct_person(work, person, at_once)
    to_confirm = tuple(
        field
        for field in CONTACT_FIELDS
        if field in changed
        and contact_changes.give(work, invitation_id, person, field, old=known[field], new=changed[field])
    )
    return Saved(bool(changed), to_confirm)


def say_all_right(work: Work, invitation_id: int) -> None:
    """The customer looked at what we know, and it is right; said twice in a row it is said once.

    A contact's word says nothing about the customer's data.
    """
    person = whose(work, invitation_id)
    if person.is_contact:
        return
    is_news = or_(Customer.checked_at.is_(None), Customer.checked_at < work.now - IN_A_ROW)
    said = work.session.execute(
        update(Customer)
        .where(Customer.id == person.customer_id, is_news)
        .values(checked_at=work.now)
        .returning(Customer.id)
    ).all()
    if said:
        work.happened(CustomerChecked(customer_id=person.customer_id))
