"""The one query about an invitation: whom it is for, which work, where, by which rules, and the visit that came of it.

What a page shows, what a message says and what a booking decides come from the same rows, one for each job
(`asked` and `correspondence` make values of them). Whoever books gets the window in question by the same statement.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from scheduling.db import next_id
from scheduling.models import (
    Address,
    Area,
    AreaPostcode,
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
from scheduling.models.company import ALL_KINDS
from scheduling.models.customer import OF_A_PERSON
from scheduling.rules.contacts import TOLD_OF_VISITS

FALLBACK_LANGUAGE = "en"
"""Of a kind of work that has no text in the customer's language."""

Rows = Sequence[Row[*tuple[Any, ...]]]
"""One for each job of an invitation, withdrawn ones included, in order; `job_id` is None where it has none."""


def rows_about(session: Session, invitation_id: int, *, visit_id: int | None = None) -> Rows:
    """Everything about an invitation and one visit of it: the one that is named, else the latest.

    Empty where there is no such invitation.
    """
    return _all(session, _ABOUT, {"invitation_id": invitation_id, "visit_id": visit_id})


def rows_with_window(session: Session, invitation_id: int, window_id: int) -> Rows:
    """The same with the window that is wanted (`wanted_...`); its columns are None where there is no such window."""
    return _all(
        session,
        _WITH_WINDOW,
        {"invitation_id": invitation_id, "visit_id": None, "wanted_window_id": window_id},
    )


def rows_to_book(session: Session, invitation_id: int, window_id: int) -> Rows:
    """The same once more with `next_visit_id`, an id that is free for a new visit."""
    return _all(
        session, _TO_BOOK, {"invitation_id": invitation_id, "visit_id": None, "wanted_window_id": window_id}
    )


def serves(pc4: SQLColumnExpression[str], kind: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """The join condition from a postcode and a kind of work to the one row of `area_postcode` that serves them."""
    return and_(AreaPostcode.pc4 == pc4, AreaPostcode.kind.in_([kind, literal(ALL_KINDS)]))


def _all(session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> Rows:
    # Columns, not objects: asked of the connection, they come without what a session does for objects.
    return session.connection().execute(statement, values).all()


def _speaks(name: str) -> Label[Any]:
    """What is known of the contact, where the invitation is for one; else of the customer. Never some of both."""
    of_contact = Invitation.contact_id.is_not(None)
    return case((of_contact, getattr(Contact, name)), else_=getattr(Customer, name)).label(name)


_OtherInvitation = aliased(Invitation)

_HAS_OTHERS = (
    exists()
    .where(
        _OtherInvitation.customer_id == Invitation.customer_id,
        _OtherInvitation.contact_id.is_not_distinct_from(Invitation.contact_id),
        _OtherInvitation.id != Invitation.id,
        _OtherInvitation.ended == "",
    )
    .correlate(Invitation)
)
"""Whether the same person is asked about something else as well, at this address or another."""

_TELLS_OTHERS = or_(
    Invitation.contact_id.is_not(None),
    exists()
    .where(Contact.customer_id == Invitation.customer_id, Contact.role.in_(TOLD_OF_VISITS))
    .correlate(Invitation),
)
"""Whether somebody else is told of the visit too: a caretaker, or the customer where a contact arranges things."""

_VisitWindow, _VisitArea, _Wanted = aliased(Window), aliased(Area), aliased(Window)
_AnyText, _AnyVisit = aliased(KindText), aliased(Visit)

_INVITATION = (
    Invitation.id.label("invitation_id"),
    Invitation.version,
    Invitation.ended,
    Invitation.expires_at,
    Invitation.exit,
    Invitation.contact_id,
    _HAS_OTHERS.label("has_others"),
    _TELLS_OTHERS.label("tells_others"),
    Customer.id.label("customer_id"),
    Customer.ref.label("customer_ref"),
    Customer.organisation,
    Customer.persona,
    *(_speaks(name) for name in OF_A_PERSON),
    Address.id.label("address_id"),
    Address.postcode,
    Address.pc4,
    Address.house_number,
    Address.house_suffix,
    Address.street,
    Address.place,
    Address.country,
)

_JOB = (
    Job.id.label("job_id"),
    Job.ref.label("job_ref"),
    Job.kind,
    func.coalesce(Job.minutes, Kind.minutes).label("minutes"),
    Kind.places,
    Job.description,
    Job.appliance,
    Job.last_visit,
    Job.not_before,
    Job.due_by,
    Job.withdrawn_at,
    Principal.name.label("principal"),
    KindText.name.label("kind_name"),
    KindText.prepare,
    KindText.price,
    Area.id.label("area_id"),
    Area.time_zone,
    Area.country.label("area_country"),
    Area.horizon_days,
    Area.book_until,
    Area.change_until,
)

_VISIT = (
    Visit.id.label("visit_id"),
    Visit.ref.label("visit_ref"),
    Visit.uid,
    Visit.code,
    Visit.state,
    Visit.sequence,
    Visit.minutes.label("visit_minutes"),
    Visit.places.label("visit_places"),
    Visit.booked_by,
    Visit.booked_at,
    Visit.changed_at,
    Visit.address_id.label("visit_address_id"),
    _VisitWindow.id.label("window_id"),
    _VisitWindow.local_day,
    _VisitWindow.starts_at,
    _VisitWindow.ends_at,
    _VisitArea.time_zone.label("visit_time_zone"),
)

_WANTED = (
    _Wanted.id.label("wanted_window_id"),
    _Wanted.area_id.label("wanted_area_id"),
    _Wanted.local_day.label("wanted_local_day"),
    _Wanted.starts_at.label("wanted_starts_at"),
    _Wanted.ends_at.label("wanted_ends_at"),
    _Wanted.state.label("wanted_state"),
)

_LANGUAGE = _speaks("language").element

# The text in the customer's own language ("nl-BE", then "nl"), else in English, else in whatever there is: the least of
# "0nl-BE", "1nl", "2en", "3pl", without its digit.
_TEXT_LANGUAGE = (
    select(
        func.substr(
            func.min(
                case(
                    (_AnyText.language == _LANGUAGE, "0"),
                    (_LANGUAGE.like(_AnyText.language + "-%"), "1"),
                    (_AnyText.language == FALLBACK_LANGUAGE, "2"),
                    else_="3",
                )
                + _AnyText.language
            ),
            2,
        )
    )
    .where(_AnyText.kind == Job.kind)
    .correlate(Job, Customer, Contact, Invitation)
    .scalar_subquery()
)

_LATEST_VISIT = (
    select(func.max(_AnyVisit.id))
    .where(_AnyVisit.invitation_id == Invitation.id)
    .correlate(Invitation)
    .scalar_subquery()
)

_ABOUT = (
    select(*_INVITATION, *_JOB, *_VISIT)
    .select_from(Invitation)
    .join(Customer, Customer.id == Invitation.customer_id)
    .join(Address, Address.id == Invitation.address_id)
    .outerjoin(Contact, Contact.id == Invitation.contact_id)
    .outerjoin(Job, Job.invitation_id == Invitation.id)
    .outerjoin(Kind, Kind.ref == Job.kind)
    .outerjoin(Principal, Principal.id == Job.principal_id)
    .outerjoin(KindText, and_(KindText.kind == Job.kind, KindText.language == _TEXT_LANGUAGE))
    .outerjoin(AreaPostcode, serves(Address.pc4, Job.kind))
    .outerjoin(Area, Area.id == AreaPostcode.area_id)
    .outerjoin(
        Visit,
        and_(
            Visit.invitation_id == Invitation.id,
            Visit.id == func.coalesce(bindparam("visit_id", type_=Visit.id.type), _LATEST_VISIT),
        ),
    )
    .outerjoin(_VisitWindow, _VisitWindow.id == Visit.window_id)
    .outerjoin(_VisitArea, _VisitArea.id == _VisitWindow.area_id)
    .where(Invitation.id == bindparam("invitation_id"))
    .order_by(Job.id)
)

_WITH_WINDOW = _ABOUT.add_columns(*_WANTED).outerjoin(_Wanted, _Wanted.id == bindparam("wanted_window_id"))

_TO_BOOK = _WITH_WINDOW.add_columns(next_id(Visit.id).label("next_visit_id"))
