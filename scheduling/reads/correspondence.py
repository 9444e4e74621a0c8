"""What a message or a page says about an invitation and its visit: to whom, which work, where, when.

Shared by the messages and the customer's pages, so that both call the customer and the work by the same names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from scheduling.errors import LinkUnknown
from scheduling.models import (
    Address,
    Area,
    Contact,
    Customer,
    Invitation,
    Job,
    Kind,
    KindText,
    Principal,
    Visit,
    Window,
)
from scheduling.rules.addressing import Name
from scheduling.rules.personas import channel_of, formality_of
from scheduling.rules.phone import can_receive_sms

FALLBACK_LANGUAGE = "en"
"""Of a kind of work that has no text in the customer's language."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Whom we write to, with every default filled in.

    `formality` is formal or informal; `language` a BCP-47 tag as registered (texts may fall back to English);
    `channel` sms, email or letter: the one they asked for where it can reach them, otherwise the next best.
    `phone` (E.164) and `email` are None where unknown; a phone that cannot take an SMS is still here.
    """

    customer_id: int
    customer_ref: str
    name: Name
    formality: str
    language: str
    channel: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One job, in the correspondent's language. Empty strings where nothing is known; `minutes` is always set."""

    job_id: int
    job_ref: str
    kind: str
    kind_name: str
    minutes: int
    places: int
    prepare: str
    price: str
    description: str
    principal: str
    appliance: str
    last_visit: date | None
    not_before: date | None
    due_by: date | None


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where the work is done. `house_number` has its suffix ("12a"); `postcode` is whole ("3811AB")."""

    address_id: int
    postcode: str
    pc4: str
    house_number: str
    street: str
    place: str
    country: str


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit with its window, in local time of its area."""

    visit_id: int
    visit_ref: str
    uid: str
    code: str
    state: str
    sequence: int
    window_id: int
    local_day: date
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    minutes: int
    places: int
    booked_by: str
    booked_at: datetime
    changed_at: datetime

    @property
    def starts(self) -> datetime:
        """Local start of the window."""
        return self.starts_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def ends(self) -> datetime:
        """Local end of the window: the latest arrival."""
        return self.ends_at.astimezone(ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Everything about one invitation that a message or a page may need. `visit` is the latest one, if any."""

    invitation_id: int
    link_version: int
    correspondent: Correspondent
    works: Sequence[WorkItem]
    address: ServiceAddress
    visit: VisitFacts | None

    @property
    def principal(self) -> str:
        """On whose behalf the work is done; empty where it is the customer's own."""
        return next((work.principal for work in self.works if work.principal), "")

    @property
    def minutes(self) -> int:
        """Minutes of all work together."""
        return sum(work.minutes for work in self.works)


def correspondence(session: Session, invitation_id: int, *, visit_id: int | None = None) -> Correspondence:
    """An invitation with its open jobs and its visit: the one that is named, else the latest. Refuses: LinkUnknown.

    When the company has withdrawn every job, the jobs that the invitation was about are still told.
    """
    row = session.execute(_WHO, {"invitation_id": invitation_id}).first()
    if row is None:
        raise LinkUnknown
    person = _correspondent(row)
    return Correspondence(
        invitation_id=invitation_id,
        link_version=row.version,
        correspondent=person,
        works=_works(session, invitation_id, person.language),
        address=ServiceAddress(
            address_id=row.address_id,
            postcode=row.postcode,
            pc4=row.pc4,
            house_number=house_number(row.house_number, row.house_suffix),
            street=row.street,
            place=row.place,
            country=row.country,
        ),
        visit=_visit(session, invitation_id, visit_id),
    )


def house_number(number: int, suffix: str) -> str:
    """As it stands on the door: 12, 12a, 12-2."""
    return f"{number}-{suffix}" if suffix[:1].isdigit() else f"{number}{suffix}"


def _correspondent(row: Row[*tuple[Any, ...]]) -> Correspondent:
    """The contact that the invitation is for, or the customer; what neither said comes from the persona."""
    return Correspondent(
        customer_id=row.customer_id,
        customer_ref=row.customer_ref,
        name=Name(
            title=row.title,
            initials=row.initials,
            first_name=row.first_name,
            infix=row.infix,
            last_name=row.last_name,
            organisation=row.organisation,
        ),
        formality=formality_of(row.persona, row.formality),
        language=row.language,
        channel=channel_of(
            row.persona, row.channel, phone=row.phone, email=row.email, can_receive_sms=can_receive_sms
        ),
        phone=row.phone,
        email=row.email,
    )


def _works(session: Session, invitation_id: int, language: str) -> tuple[WorkItem, ...]:
    rows = session.execute(_WORKS, {"invitation_id": invitation_id}).all()
    open_rows = [row for row in rows if row.withdrawn_at is None] or rows
    texts: dict[str, dict[str, KindText]] = {}
    for text in session.execute(
        select(KindText).where(KindText.kind.in_({row.kind for row in open_rows}))
    ).scalars():
        texts.setdefault(text.kind, {})[text.language] = text
    return tuple(_work_item(row, text_in(texts.get(row.kind, {}), language)) for row in open_rows)


def text_in(texts: Mapping[str, KindText], language: str) -> KindText | None:
    """The kind's text in the wanted language, else in English, else in whatever there is."""
    wanted = (language, language.partition("-")[0], FALLBACK_LANGUAGE)
    return next((texts[tag] for tag in wanted if tag in texts), next(iter(texts.values()), None))


def _work_item(row: Row[*tuple[Any, ...]], text: KindText | None) -> WorkItem:
    return WorkItem(
        job_id=row.id,
        job_ref=row.ref,
        kind=row.kind,
        kind_name=row.kind if text is None else text.name,
        minutes=row.minutes,
        places=row.places,
        prepare="" if text is None else text.prepare,
        price="" if text is None else text.price,
        description=row.description,
        principal=row.principal or "",
        appliance=row.appliance,
        last_visit=row.last_visit,
        not_before=row.not_before,
        due_by=row.due_by,
    )


def _visit(session: Session, invitation_id: int, visit_id: int | None) -> VisitFacts | None:
    query = _VISIT.where(Visit.invitation_id == invitation_id)
    if visit_id is not None:
        query = query.where(Visit.id == visit_id)
    row = session.execute(query).first()
    return None if row is None else VisitFacts(**row._asdict())


_OF_A_PERSON = (
    "title",
    "initials",
    "first_name",
    "infix",
    "last_name",
    "language",
    "phone",
    "email",
    "channel",
    "formality",
)

_SPEAKS = {
    name: func.coalesce(getattr(Contact, name), getattr(Customer, name)).label(name) for name in _OF_A_PERSON
}

_WHO = (
    select(
        Invitation.version,
        Invitation.address_id,
        Customer.id.label("customer_id"),
        Customer.ref.label("customer_ref"),
        Customer.organisation,
        Customer.persona,
        *_SPEAKS.values(),
        Address.postcode,
        Address.pc4,
        Address.house_number,
        Address.house_suffix,
        Address.street,
        Address.place,
        Address.country,
    )
    .join(Customer, Customer.id == Invitation.customer_id)
    .join(Address, Address.id == Invitation.address_id)
    .outerjoin(Contact, Contact.id == Invitation.contact_id)
    .where(Invitation.id == bindparam("invitation_id"))
)

_WORKS = (
    select(
        Job.id,
        Job.ref,
        Job.kind,
        func.coalesce(Job.minutes, Kind.minutes).label("minutes"),
        Kind.places,
        Job.description,
        Principal.name.label("principal"),
        Job.appliance,
        Job.last_visit,
        Job.not_before,
        Job.due_by,
        Job.withdrawn_at,
    )
    .join(Kind, Kind.ref == Job.kind)
    .outerjoin(Principal, Principal.id == Job.principal_id)
    .where(Job.invitation_id == bindparam("invitation_id"))
    .order_by(Job.id)
)

_VISIT = (
    select(
        Visit.id.label("visit_id"),
        Visit.ref.label("visit_ref"),
        Visit.uid,
        Visit.code,
        Visit.state,
        Visit.sequence,
        Window.id.label("window_id"),
        Window.local_day,
        Window.starts_at,
        Window.ends_at,
        Area.time_zone,
        Visit.minutes,
        Visit.places,
        Visit.booked_by,
        Visit.booked_at,
        Visit.changed_at,
    )
    .join(Window, Window.id == Visit.window_id)
    .join(Area, Area.id == Window.area_id)
    .order_by(Visit.id.desc())
    .limit(1)
)
