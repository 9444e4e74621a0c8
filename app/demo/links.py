"""Which personal links of the demonstration are worth opening, and what each shows.

Chosen anew each time: whoever tried the portal may have booked with the link that showed choosing yesterday.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, literal, select
from sqlalchemy.orm import Session

from app.demo.company import ARRANGED_FOR, FULL, OUTSIDE, SEVERAL_HOMES, customer_refs
from app.i18n import gettext as _
from app.i18n import language
from notifications.links import CODE, Links
from scheduling.models import Address, Customer, Invitation, Visit, Window
from scheduling.reads.names import NAME_COLUMNS, name_of


@dataclass(frozen=True, slots=True)
class DemoLink:
    """A customer's personal page. `label` says what there is to see, in the language of the page."""

    label: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """What to type on the start page, as it stands in a letter."""

    name: str
    code: str
    postcode: str


@dataclass(frozen=True, slots=True)
class _Invited:
    """`visit` is the state of the latest visit: empty where there was none, `over` where its window has begun."""

    invitation_id: int
    version: int
    ref: str
    name: str
    persona: str
    language: str
    channel: str
    postcode: str
    visit: str


def demo_links(session: Session, links: Links, now: datetime) -> Sequence[DemoLink]:
    """One link for each persona, then those that show something else; none where other data was loaded."""
    people = _people(session, now)
    shown: list[DemoLink] = []
    for label, fits in _roles():
        found = next((person for person in people if fits(person)), None)
        if found is not None:
            shown.append(DemoLink(label, found.name, links.personal(found.invitation_id, found.version)))
    return shown


def demo_letter(session: Session, links: Links, now: datetime) -> DemoLetter | None:
    """Somebody who was written a letter; None where other data was loaded."""
    found = next((person for person in _people(session, now) if person.channel == "letter"), None)
    if found is None:
        return None
    code = links.fill(CODE, invitation_id=found.invitation_id, version=found.version)
    return DemoLetter(found.name, code, f"{found.postcode[:4]} {found.postcode[4:]}")


def _roles() -> list[tuple[str, Callable[[_Invited], bool]]]:
    def is_new(person: _Invited) -> bool:
        return person.visit == "" and person.ref not in {FULL, OUTSIDE, SEVERAL_HOMES, ARRANGED_FOR}

    def persona(wanted: str) -> Callable[[_Invited], bool]:
        return lambda person: is_new(person) and person.persona == wanted and person.language == "nl"

    return [
        (_("Senior living alone"), persona("senior")),
        (_("Family"), persona("family")),
        (_("Business"), persona("business")),
        (_("Institution"), persona("institution")),
        (_("In English"), lambda person: is_new(person) and person.language == "en"),
        (_("In Polish"), lambda person: is_new(person) and person.language == "pl"),
        (_("Several homes"), lambda person: person.ref == SEVERAL_HOMES),
        (_("Somebody arranges it for her"), lambda person: person.ref == ARRANGED_FOR),
        (_("Booked already"), lambda person: person.visit == "booked"),
        (_("Cancelled"), lambda person: person.visit == "cancelled"),
        (_("All times are taken"), lambda person: person.ref == FULL),
        (_("No windows here"), lambda person: person.ref == OUTSIDE),
    ]


def _people(session: Session, now: datetime) -> list[_Invited]:
    """The demonstration's customers whose link opens, in order of their reference."""
    rows = session.execute(
        select(
            Invitation.id,
            Invitation.version,
            Customer.persona,
            Customer.language,
            Customer.channel,
            Address.postcode,
            *NAME_COLUMNS,
        )
        .join(Customer, Customer.id == Invitation.customer_id)
        .join(Address, Address.id == Invitation.address_id)
        .where(Customer.ref.in_(customer_refs()), Invitation.ended == "", Invitation.expires_at > now)
        .order_by(Customer.ref, Invitation.id)
    ).all()
    latest = session.execute(
        select(
            Visit.invitation_id,
            case((Window.starts_at <= now, literal("over")), else_=Visit.state).label("state"),
        )
        .join(Window, Window.id == Visit.window_id)
        .where(Visit.invitation_id.in_([row.id for row in rows]))
        .order_by(Visit.id)
    )
    states: dict[int | None, str] = {visit.invitation_id: visit.state for visit in latest}
    return [
        _Invited(
            invitation_id=row.id,
            version=row.version,
            ref=row.customer_ref,
            name=name_of(row, language()),
            persona=row.persona,
            language=row.language,
            channel=row.channel,
            postcode=row.postcode,
            visit=states.get(row.id, ""),
        )
        for row in rows
    ]
