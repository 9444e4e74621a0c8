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
from sqlalchemy.sql.lambdas import StatementLambdaElement

from scheduling.db import known_by_name, next_id
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
    return _all(session, _ASK_ABOUT, {"invitation_id": invitation_id, "visit_id": visit_id})


def rows_with_window(session: Session, invitation_id: int, window_id: int) -> Rows:
    """The same with the window that is wanted (`wanted_...`); its columns are None where there is no such window."""
    return _all(
        session,
        _ASK_WITH_WINDOW,
        {"invitation_id": invitation_id, "visit_id": None, "wanted_window_id": window_id},
    )


def rows_to_book(session: Session, invitation_id: int, window_id: int) -> Rows:
    """The same once more with `next_visit_id`, an id that is free for a new visit."""
    return _all(
        session,
        _ASK_TO_BOOK,
        {"invitation_id": invitation_id, "visit_id": None, "wanted_window_id": window_id},
    )


def serves(pc4: SQLColumnExpression[str], kind: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """The join condition from a postcode and a kind of work to the one row of `area_postcode` that serves them."""
    return and_(AreaPostcode.pc4 == pc4, AreaPostcode.kind.in_([kind, literal(ALL_KINDS)]))


def _all(session: Session, statement: StatementLambdaElement, values: Mapping[str, Any]) -> Rows:
    # Columns, not objects: asked of the connection, they come without what a session does for objects.
    return session.connection().execute(statement, values).all()


# Short names, for the driver reads a statement of more than 4,096 characters anew each time (psycopg's `_queries`), and
# that costs more than half of what the database takes to answer it.
_Invitation, _Customer, _Contact = (
    aliased(Invitation, name="i"),
    aliased(Customer, name="c"),
    aliased(Contact, name="o"),
)
_Address, _Visit, _Principal = (
    aliased(Address, name="a"),
    aliased(Visit, name="v"),
    aliased(Principal, name="p"),
)
_Job, _Kind, _KindText, _Area = (
    aliased(Job, name="j"),
    aliased(Kind, name="k"),
    aliased(KindText, name="t"),
    aliased(Area, name="r"),
)


def _speaks(name: str) -> Label[Any]:
    """What is known of the contact, where the invitation is for one; else of the customer. Never some of both."""
    of_contact = _Invitation.contact_id.is_not(None)
    return case((of_contact, getattr(_Contact, name)), else_=getattr(_Customer, name)).label(name)


_OtherInvitation = aliased(Invitation, name="i2")

_HAS_OTHERS = (
    exists()
    .where(
        _OtherInvitation.customer_id == _Invitation.customer_id,
        _OtherInvitation.contact_id.is_not_distinct_from(_Invitation.contact_id),
        _OtherInvitation.id != _Invitation.id,
        _OtherInvitation.ended == "",
    )
    .correlate(_Invitation)
)
"""Whether the same person is asked about something else as well, at this address or another."""

_TELLS_OTHERS = or_(
    _Invitation.contact_id.is_not(None),
    exists()
    .where(
        Contact.customer_id == _Invitation.customer_id,
        Contact.role.in_([literal(role) for role in TOLD_OF_VISITS]),
    )
    .correlate(_Invitation),
)
"""Whether somebody else is told of the visit too: a caretaker, or the customer where a contact arranges things."""

_VisitWindow, _VisitArea, _Wanted = (
    aliased(Window, name="vw"),
    aliased(Area, name="va"),
    aliased(Window, name="w"),
)
_AnyText, _AnyVisit = aliased(KindText, name="t2"), aliased(Visit, name="v2")

_INVITATION = (
    _Invitation.id.label("invitation_id"),
    _Invitation.version,
    _Invitation.ended,
    _Invitation.expires_at,
    _Invitation.exit,
    _Invitation.contact_id,
    _HAS_OTHERS.label("has_others"),
    _TELLS_OTHERS.label("tells_others"),
    _Customer.id.label("customer_id"),
    _Customer.ref.label("customer_ref"),
    _Customer.organisation,
    _Customer.persona,
    *(_speaks(name) for name in OF_A_PERSON),
    _Address.id.label("address_id"),
    _Address.postcode,
    _Address.pc4,
    _Address.house_number,
    _Address.house_suffix,
    _Address.street,
    _Address.place,
    _Address.country,
)

_JOB = (
    _Job.id.label("job_id"),
    _Job.ref.label("job_ref"),
    _Job.kind,
    func.coalesce(_Job.minutes, _Kind.minutes).label("minutes"),
    _Kind.places,
    _Job.description,
    _Job.appliance,
    _Job.last_visit,
    _Job.not_before,
    _Job.due_by,
    _Job.withdrawn_at,
    _Principal.name.label("principal"),
    _KindText.name.label("kind_name"),
    _KindText.prepare,
    _KindText.price,
    _Area.id.label("area_id"),
    _Area.time_zone,
    _Area.country.label("area_country"),
    _Area.horizon_days,
    _Area.book_until,
    _Area.change_until,
)

_VISIT = (
    _Visit.id.label("visit_id"),
    _Visit.ref.label("visit_ref"),
    _Visit.uid,
    _Visit.code,
    _Visit.state,
    _Visit.sequence,
    _Visit.minutes.label("visit_minutes"),
    _Visit.places.label("visit_places"),
    _Visit.booked_by,
    _Visit.booked_at,
    _Visit.changed_at,
    _Visit.address_id.label("visit_address_id"),
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
    .where(_AnyText.kind == _Job.kind)
    .correlate(_Job, _Customer, _Contact, _Invitation)
    .scalar_subquery()
)

_LATEST_VISIT = (
    select(func.max(_AnyVisit.id))
    .where(_AnyVisit.invitation_id == _Invitation.id)
    .correlate(_Invitation)
    .scalar_subquery()
)

_ABOUT = (
    select(*_INVITATION, *_JOB, *_VISIT)
    .select_from(_Invitation)
    .join(_Customer, _Customer.id == _Invitation.customer_id)
    .join(_Address, _Address.id == _Invitation.address_id)
    .outerjoin(_Contact, _Contact.id == _Invitation.contact_id)
    .outerjoin(_Job, _Job.invitation_id == _Invitation.id)
    .outerjoin(_Kind, _Kind.ref == _Job.kind)
    .outerjoin(_Principal, _Principal.id == _Job.principal_id)
    .outerjoin(_KindText, and_(_KindText.kind == _Job.kind, _KindText.language == _TEXT_LANGUAGE))
    .outerjoin(AreaPostcode, serves(_Address.pc4, _Job.kind))
    .outerjoin(_Area, _Area.id == AreaPostcode.area_id)
    .outerjoin(
        _Visit,
        and_(
            _Visit.invitation_id == _Invitation.id,
            _Visit.id == func.coalesce(bindparam("visit_id", type_=Visit.id.type), _LATEST_VISIT),
        ),
    )
    .outerjoin(_VisitWindow, _VisitWindow.id == _Visit.window_id)
    .outerjoin(_VisitArea, _VisitArea.id == _VisitWindow.area_id)
    .where(_Invitation.id == bindparam("invitation_id"))
    .order_by(_Job.id)
)

_WITH_WINDOW = _ABOUT.add_columns(*_WANTED).outerjoin(_Wanted, _Wanted.id == bindparam("wanted_window_id"))

_TO_BOOK = _WITH_WINDOW.add_columns(next_id(Visit.id).label("next_visit_id"))

_ASK_ABOUT, _ASK_WITH_WINDOW, _ASK_TO_BOOK = (
    known_by_name(_ABOUT),
    known_by_name(_WITH_WINDOW),
    known_by_name(_TO_BOOK),
)
