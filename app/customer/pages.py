"""What the customer's templates show, made of what the reads answer. No decision is taken here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, url_for

from app.i18n import closest, language, speak
from app.portal import now, portal
from app.work import reading
from notifications.calendar_texts import calendar_visit
from scheduling.calendars.add_links import google_link, outlook_link
from scheduling.links import PersonalLink
from scheduling.reads.affairs import rows_about
from scheduling.reads.asked import Asked, apart_by, asked_by, check_rows
from scheduling.reads.correspondence import Correspondence, VisitFacts, WorkItem, told_by
from scheduling.reads.offer import Offer
from scheduling.reads.work_in import works_in
from scheduling.rules.addressing import salutation
from scheduling.rules.phone import masked
from scheduling.rules.policy import change_deadline, may_become, undo_until
from scheduling.rules.postcodes import postcode_for_people
from scheduling.rules.wording import list_of


@dataclass(frozen=True, slots=True)
class Place:
    """The address as far as this device may see it: whole only after it was verified."""

    pc4: str
    place: str
    house_number: str
    is_full: bool
    street: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Personal:
    """What every personal page says of its customer: manner of address, work, and which home it is about."""

    token: str
    salutation: str
    works: Sequence[Any]
    minutes: int
    address: Place
    principal: str
    kinds_sentence: str
    due_by: date | None
    homes_href: str | None


@dataclass(frozen=True, slots=True)
class ShownWork:
    """One job on a page."""

    name: str
    minutes: int
    prepare: str
    price: str
    description: str
    principal: str
    appliance: str
    last_visit: date | None


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """A visit on a page, with what may still be done about it."""

    visit_ref: str
    local_day: date
    starts: datetime
    ends: datetime
    done_by: datetime
    state: str
    sequence: int
    can_change: bool
    can_cancel: bool
    change_until: datetime | None
    booked_by: str
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """The doors of one way to a visit: the windows, the choice that comes back, the review, the confirmation."""

    windows: str
    choose: str
    review: str
    confirm: str


FIRST = Way("show", "choose", "review", "confirm")
ANOTHER = Way("change", "choose_change", "review_change", "confirm_change")
APART = Way("apart_windows", "choose_apart", "review_apart", "confirm_apart")


@dataclass(frozen=True, slots=True)
class Page:
    """Everything one personal page stands on; asked for once."""

    token: str
    invitation_id: int
    ask: Asked
    told: Correspondence
    verified: bool

    @property
    def visit(self) -> VisitFacts | None:
        """The latest visit, whatever its state."""
        return self.told.visit

    @property
    def way(self) -> Way:
        """How a window is chosen from here: a first one, or another one for the visit that there is."""
        return ANOTHER if self.ask.visit is not None and self.ask.visit.is_live else FIRST

    def href(self, view: str, **values: Any) -> str:
        """The address of another page of the same link."""
        return url_for(f"customer.{view}", token=self.token, **values)


@dataclass(frozen=True, slots=True)
class PartPage(Page):
    """A page about some of an invitation's jobs, which are to have a time of their own; `visit` is that of all."""

    @property
    def way(self) -> Way:
        """A window for these alone."""
        return APART

    def href(self, view: str, **values: Any) -> str:
        """The address of another page of the same link, about the same jobs."""
        return url_for(f"customer.{view}", token=self.token, job=self.ask.job_ids, **values)


def open_page(token: str, link: PersonalLink, *, verified: bool) -> Page:
    """Reads what a page needs and speaks to its customer from here on. Refuses: LinkUnknown, LinkEnded."""
    rows = rows_about(reading(), link.invitation_id)
    check_rows(rows, link.version, now())
    told = told_by(rows)
    speak(told.correspondent.language, told.correspondent.formality)
    g.page_href = url_for("customer.show", token=token)
    return Page(token, link.invitation_id, asked_by(rows), told, verified)


def open_part(token: str, link: PersonalLink, job_ids: Collection[int], *, verified: bool) -> PartPage:
    """The same of some of the jobs alone. Refuses: LinkUnknown, LinkEnded, NotPossible for jobs that are no part."""
    rows = rows_about(reading(), link.invitation_id)
    check_rows(rows, link.version, now())
    ask = apart_by(rows, job_ids)
    told = told_by([row for row in rows if row.job_id in ask.job_ids])
    speak(told.correspondent.language, told.correspondent.formality)
    g.page_href = url_for("customer.show", token=token)
    return PartPage(token, link.invitation_id, ask, told, verified)


def personal(page: Page) -> Personal:
    """Who is spoken to, about which work, where."""
    told, address = page.told, page.told.address
    person = told.correspondent
    works = _works(told)
    kinds = list(dict.fromkeys(work.kind_name for work in works))
    return Personal(
        token=page.token,
        # The manner is theirs, the language the page's: they may read it in another one than they were registered with.
        salutation=salutation(person.name, formality=person.formality, language=language()),
        works=[_shown_work(work) for work in works],
        minutes=page.ask.minutes,
        address=Place(
            pc4=address.pc4,
            place=address.place,
            house_number=address.house_number,
            is_full=page.verified,
            street=address.street if page.verified else "",
            postcode=postcode_for_people(address.postcode, address.country) if page.verified else "",
        ),
        principal=told.principal,
        kinds_sentence=list_of(kinds, language()),
        due_by=page.ask.wanted.due_by,
        homes_href=url_for("customer.homes", token=page.token) if told.has_others else None,
    )


def _works(told: Correspondence) -> Sequence[WorkItem]:
    """In the page's language; what was read already is in the one that they are registered with."""
    if language() == closest(told.correspondent.language):
        return told.works
    return works_in(reading(), told.works, language())


def shown_visit(page: Page) -> ShownVisit | None:
    """The visit as the page shows it; None where there is none."""
    visit, ask = page.visit, page.ask
    if visit is None:
        return None
    deadline = change_deadline(visit.local_day, ask.rules) if ask.rules else None
    return ShownVisit(
        visit_ref=visit.visit_ref,
        local_day=visit.local_day,
        starts=visit.starts,
        ends=visit.ends,
        done_by=visit.ends + timedelta(minutes=visit.minutes),
        state=visit.state,
        sequence=visit.sequence,
        can_change=visit.state == "booked" and deadline is not None and now() < deadline,
        can_cancel=may_become(visit.state, "cancelled") and now() < visit.ends_at,
        change_until=deadline.astimezone(ZoneInfo(visit.time_zone)) if deadline else None,
        booked_by=visit.booked_by,
        booked_at=visit.booked_at.astimezone(ZoneInfo(visit.time_zone)),
    )


def restore_until(page: Page) -> datetime | None:
    """Until when the cancellation can be undone, in local time; None when it is too late."""
    visit = page.visit
    if visit is None or visit.state != "cancelled":
        return None
    until = undo_until(visit.changed_at)
    return until.astimezone(ZoneInfo(visit.time_zone)) if now() < until else None


def calendar_links(page: Page) -> dict[str, str]:
    """Where the visit can be taken into a calendar."""
    entry = calendar_visit(page.told, portal().company, portal().texts)
    if not page.verified:
        # These links carry the entry in themselves, and the page that they stand on is not to show the street yet.
        entry = replace(entry, location=f"{page.told.address.pc4} {page.told.address.place}".strip())
    return {
        "ics_href": page.href("visit_file"),
        "google_href": google_link(entry),
        "outlook_href": outlook_link(entry),
    }


def offered(page: Page, offer: Offer, view: str) -> dict[str, Any]:
    """An offer with the way to its later days; `view` is the page that it stands on."""
    return {
        "offer": {
            "days": offer.days,
            "later_day": offer.later_day,
            "later_href": page.href(view, **{"from": offer.later_day.isoformat()})
            if offer.later_day
            else None,
            "earlier_href": page.href(view) if g.get("from_day") else None,
        },
        "no_fit_href": page.href("no_fit"),
    }


def known_details(page: Page) -> Mapping[str, Any] | None:
    """The full address and how we reach the customer, masked; None on a device that was not verified."""
    if not page.verified:
        return None
    address, person = page.told.address, page.told.correspondent
    return {
        "address_lines": [
            line
            for line in (
                f"{address.street} {address.house_number}".strip(),
                f"{postcode_for_people(address.postcode, address.country)} {address.place}".strip(),
            )
            if line
        ],
        "phone_masked": masked(person.phone) if person.phone else "",
        "email_masked": _masked_email(person.email) if person.email else "",
        "messages": [],
    }


def _masked_email(email: str) -> str:
    name, _, host = email.partition("@")
    return f"{name[:1]}•••@{host}"


def _shown_work(work: WorkItem) -> ShownWork:
    return ShownWork(
        name=work.kind_name,
        minutes=work.minutes,
        prepare=work.prepare,
        price=work.price,
        description=work.description,
        principal=work.principal,
        appliance=work.appliance,
        last_visit=work.last_visit,
    )
