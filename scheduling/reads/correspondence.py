"""What a message or a page says about an invitation and its visit: to whom, which work, where, when.

Shared by the messages and the customer's pages, so that both call the customer and the work by the same names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from scheduling.errors import LinkUnknown
from scheduling.models import KindText
from scheduling.reads.affairs import FALLBACK_LANGUAGE, Rows, rows_about
from scheduling.rules.addressing import Name
from scheduling.rules.personas import channel_of, formality_of
from scheduling.rules.phone import can_receive_sms


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
    """A visit with its window, in local time of its area. `is_elsewhere`: the work is at another address by now."""

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
    is_elsewhere: bool = False

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
    """Everything about one invitation that a message or a page may need. `visit` is the latest one, if any.

    `has_others`: the same person is asked about something else as well; `tells_others`: somebody else is told too.
    """

    invitation_id: int
    link_version: int
    correspondent: Correspondent
    works: Sequence[WorkItem]
    address: ServiceAddress
    visit: VisitFacts | None
    has_others: bool = False
    tells_others: bool = False

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
    return told_by(rows_about(session, invitation_id, visit_id=visit_id))


def told_by(rows: Rows) -> Correspondence:
    """What these rows about an invitation tell. Refuses: LinkUnknown, where there are none."""
    if not rows:
        raise LinkUnknown
    row = rows[0]
    jobs = [row for row in rows if row.job_id is not None]
    return Correspondence(
        invitation_id=row.invitation_id,
        link_version=row.version,
        correspondent=correspondent_by(row),
        works=tuple(_work_item(job) for job in [job for job in jobs if job.withdrawn_at is None] or jobs),
        address=ServiceAddress(
            address_id=row.address_id,
            postcode=row.postcode,
            pc4=row.pc4,
            house_number=house_number(row.house_number, row.house_suffix),
            street=row.street,
            place=row.place,
            country=row.country,
        ),
        visit=None if row.visit_id is None else _visit(row),
        has_others=row.has_others,
        tells_others=row.tells_others,
    )


def house_number(number: int, suffix: str) -> str:
    """As it stands on the door: 12, 12a, 12-2."""
    return f"{number}-{suffix}" if suffix[:1].isdigit() else f"{number}{suffix}"


def text_in(texts: Mapping[str, KindText], language: str) -> KindText | None:
    """The kind's text in the wanted language, else in English, else in whatever there is."""
    wanted = (language, language.partition("-")[0], FALLBACK_LANGUAGE)
    return next((texts[tag] for tag in wanted if tag in texts), next(iter(texts.values()), None))


def correspondent_by(row: Row[*tuple[Any, ...]]) -> Correspondent:
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


def _work_item(row: Row[*tuple[Any, ...]]) -> WorkItem:
    return WorkItem(
        job_id=row.job_id,
        job_ref=row.job_ref,
        kind=row.kind,
        kind_name=row.kind_name or row.kind,
        minutes=row.minutes,
        places=row.places,
        prepare=row.prepare or "",
        price=row.price or "",
        description=row.description,
        principal=row.principal or "",
        appliance=row.appliance,
        last_visit=row.last_visit,
        not_before=row.not_before,
        due_by=row.due_by,
    )


def _visit(row: Row[*tuple[Any, ...]]) -> VisitFacts:
    return VisitFacts(
        visit_id=row.visit_id,
        visit_ref=row.visit_ref,
        uid=row.uid,
        code=row.code,
        state=row.state,
        sequence=row.sequence,
        window_id=row.window_id,
        local_day=row.local_day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.visit_time_zone,
        minutes=row.visit_minutes,
        places=row.visit_places,
        booked_by=row.booked_by,
        booked_at=row.booked_at,
        changed_at=row.changed_at,
        is_elsewhere=row.visit_address_id != row.address_id,
    )
