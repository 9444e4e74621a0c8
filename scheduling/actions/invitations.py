"""Invitations: one for each customer, address and area, for the jobs that have none and no visit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, insert, or_, select, update

from scheduling.actions import said
from scheduling.actions.contacts import contact_who_arranges
from scheduling.actions.work import InvitationIssued, LinkRequested, WishesLeft, Work
from scheduling.errors import NoSuchThing
from scheduling.models import (
    Address,
    AreaPostcode,
    Customer,
    Invitation,
    Job,
    Kind,
    VisitJob,
    Window,
)
from scheduling.reads.affairs import serves
from scheduling.reads.board import area_id_of
from scheduling.rules.policy import link_expiry

GROUPS_AT_ONCE = 200
"""Invitations that are looked up together, and that `invitations send` writes in one transaction: about a
second's work, so that a customer who books meanwhile on SQLite, where writers queue, hardly notices."""

NEVER = date(9999, 12, 31)
"""Sorts a job without due date after all others."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far sending has come in the order in which it goes: by soonest due date, then by lowest job id."""

    due: date
    job_id: int


@dataclass(frozen=True, slots=True)
class Invited:
    """What sending did: invitations written, how many the pace held back, and where to go on (None: nothing left)."""

    written: int
    held_back: int
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """Jobs of one customer at one address that one area serves (None: no area does). `due_by` is the last."""

    customer_id: int
    address_id: int
    area_id: int | None
    places: int
    due_by: date | None
    place: Place


def invite(
    work: Work,
    *,
    area_ref: str | None = None,
    job_refs: Sequence[str] = (),
    limit: int | None = None,
    pace: bool = False,
    after: Place | None = None,
) -> Invited:
    """Writes invitations, soonest due first. Refuses: NoSuchThing for an area or a job that is not there.

    At most `limit` (from 1). With `pace` an area gets no more open invitations than it has free places. Very many are
    better written in several transactions, each with a limit, that go on `after` the place where the last one stopped.
    """
    wanted = _Wanted(
        None if area_ref is None else area_id_of(work.session, area_ref), _job_ids(work, job_refs)
    )
    room = _Pace(work) if pace else None
    written = held_back = 0
    while True:
        groups = _groups(work, wanted, after)
        jobs = _lock_jobs(work, wanted, groups)
        for group in groups:
            after = group.place
            job_ids = jobs.get((group.customer_id, group.address_id, group.area_id))
            if job_ids is None:
                # Somebody else invited them at this very moment.
                continue
            if room is not None and not room.takes(group):
                held_back += 1
                continue
            _issue(work, group, job_ids)
            written += 1
            if written == limit:
                return Invited(written, held_back, after)
        if len(groups) < GROUPS_AT_ONCE:
            return Invited(written, held_back)


def to_write(work: Work, *, area_ref: str | None = None, job_refs: Sequence[str] = ()) -> int:
    """How many invitations `invite` would write without a limit. Refuses like it."""
    wanted = _Wanted(
        None if area_ref is None else area_id_of(work.session, area_ref), _job_ids(work, job_refs)
    )
    groups = _to_invite(select(Job.customer_id, _ADDRESS_ID, AreaPostcode.area_id), wanted).distinct()
    return work.session.execute(select(func.count()).select_from(groups.subquery())).scalar_one()


def send_link_again(work: Work, invitation_id: int) -> None:
    """Sends the personal link to the phone or e-mail on file; nothing where it no longer opens."""
    customer_id = work.session.execute(
        select(Invitation.customer_id).where(
            Invitation.id == invitation_id, Invitation.ended == "", Invitation.expires_at > work.now
        )
    ).scalar()
    if customer_id is None:
        return
    work.happened(LinkRequested(customer_id=customer_id, invitation_id=invitation_id))


def extend_links(work: Work, job_ids: Sequence[int]) -> None:
    """A link opens until a while after the due date, also where that was put off after it had been sent."""
    rows = work.session.execute(
        select(Invitation.id, Invitation.expires_at, func.max(Job.due_by).label("due_by"))
        .join(Job, Job.invitation_id == Invitation.id)
        .where(Invitation.id.in_(select(Job.invitation_id).where(Job.id.in_(job_ids))))
        .group_by(Invitation.id, Invitation.expires_at)
    ).all()
    for row in rows:
        expires_at = link_expiry(row.due_by, work.now)
        if row.due_by is not None and expires_at > row.expires_at:
            work.session.execute(
                update(Invitation).where(Invitation.id == row.id).values(expires_at=expires_at)
            )


def leave_wishes(work: Work, invitation_id: int, wishes: str) -> None:
    """No window suits: keeps when the customer can, for the dispatcher. The same words sent twice are one wish."""
    customer_id = work.session.execute(
        select(Invitation.customer_id).where(Invitation.id == invitation_id).with_for_update()
    ).scalar_one()
    if said.is_waiting(work, "wishes", invitation_id, wishes):
        return
    said.keep(work, "wishes", customer_id=customer_id, invitation_id=invitation_id, body=wishes)
    work.happened(WishesLeft(customer_id=customer_id, invitation_id=invitation_id))


def _job_ids(work: Work, refs: Sequence[str]) -> Sequence[int]:
    if not refs:
        return ()
    rows = work.session.execute(select(Job.ref, Job.id).where(Job.ref.in_(refs)))
    found = {row.ref: row.id for row in rows}
    for ref in refs:
        if ref not in found:
            raise NoSuchThing(what="job", ref=ref)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which jobs are asked for: those that this area serves (None: any), of these (empty: all)."""

    area_id: int | None
    job_ids: Sequence[int]


_ADDRESS_ID = func.coalesce(Job.address_id, Customer.address_id)


def _to_invite(query: Select[*tuple[Any, ...]], wanted: _Wanted) -> Select[*tuple[Any, ...]]:
    """The query, over the jobs that have no invitation and no visit."""
    query = (
        query.select_from(Job)
        .join(Customer, Customer.id == Job.customer_id)
        .join(Address, Address.id == _ADDRESS_ID)
        .join(Kind, Kind.ref == Job.kind)
        .outerjoin(AreaPostcode, serves(Address.pc4, Job.kind))
        .where(Job.invitation_id.is_(None), Job.withdrawn_at.is_(None), ~_has_live_visit(Job.id))
    )
    if wanted.area_id is not None:
        query = query.where(AreaPostcode.area_id == wanted.area_id)
    return query.where(Job.id.in_(wanted.job_ids)) if wanted.job_ids else query


def _groups(work: Work, wanted: _Wanted, after: Place | None) -> Sequence[_Group]:
    """The next groups. The database puts them together, so that memory does not grow with the number of jobs."""
    # Both databases compare and sort a far day alike, where they disagree about NULL.
    due, first_id = func.min(func.coalesce(Job.due_by, NEVER)), func.min(Job.id)
    columns = (Job.customer_id, _ADDRESS_ID, AreaPostcode.area_id)
    query = (
        _to_invite(select(*columns, func.sum(Kind.places), func.max(Job.due_by), due, first_id), wanted)
        .group_by(*columns)
        .order_by(due, first_id)
        .limit(GROUPS_AT_ONCE)
    )
    if after is not None:
        query = query.having(or_(due > after.due, and_(due == after.due, first_id > after.job_id)))
    return [
        _Group(
            customer_id=customer_id,
            address_id=address_id,
            area_id=area_id,
            places=places,
            due_by=due_by,
            place=Place(soonest, job_id),
        )
        for customer_id, address_id, area_id, places, due_by, soonest, job_id in work.session.execute(query)
    ]


def _lock_jobs(
    work: Work, wanted: _Wanted, groups: Sequence[_Group]
) -> Mapping[tuple[int, int, int | None], Sequence[int]]:
    """The jobs of these groups that are still to be invited, by customer, address and area."""
    columns = (Job.id, Job.customer_id, _ADDRESS_ID.label("address_id"), AreaPostcode.area_id)
    query = (
        _to_invite(select(*columns), wanted)
        .where(Job.customer_id.in_(sorted({group.customer_id for group in groups})))
        .order_by(Job.id)
        .with_for_update(of=Job)
    )
    found: dict[tuple[int, int, int | None], list[int]] = {}
    for row in work.session.execute(query):
        found.setdefault((row.customer_id, row.address_id, row.area_id), []).append(row.id)
    return found


def _issue(work: Work, group: _Group, job_ids: Sequence[int]) -> None:
    invitation_id = work.session.execute(
        insert(Invitation)
        .values(
            customer_id=group.customer_id,
            address_id=group.address_id,
            contact_id=contact_who_arranges(group.customer_id),
            created_at=work.now,
            expires_at=link_expiry(group.due_by, work.now),
        )
        .returning(Invitation.id)
    ).scalar_one()
    work.session.execute(update(Job).where(Job.id.in_(job_ids)).values(invitation_id=invitation_id))
    work.happened(
        InvitationIssued(
            customer_id=group.customer_id,
            invitation_id=invitation_id,
            after={"invitation_id": invitation_id, "jobs": list(job_ids)},
        )
    )


class _Pace:
    """How many more places may be asked for in each area: the free ones, less those that open invitations may take."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._room: dict[int, int] = {}

    def takes(self, group: _Group) -> bool:
        if group.area_id is None:
            return False
        room = self._room.setdefault(group.area_id, self._free(group.area_id))
        if room < group.places:
            return False
        self._room[group.area_id] = room - group.places
        return True

    def _free(self, area_id: int) -> int:
        free = self._work.session.execute(
            select(func.coalesce(func.sum(Window.capacity - Window.booked - Window.held), 0)).where(
                Window.area_id == area_id, Window.state == "open", Window.starts_at > self._work.now
            )
        ).scalar_one()
        asked_for = self._work.session.execute(
            select(func.coalesce(func.sum(Kind.places), 0))
            .select_from(Job)
            .join(Invitation, Invitation.id == Job.invitation_id)
            .join(Kind, Kind.ref == Job.kind)
            .join(Address, Address.id == Invitation.address_id)
            .join(AreaPostcode, serves(Address.pc4, Job.kind))
            .where(
                AreaPostcode.area_id == area_id,
                Job.withdrawn_at.is_(None),
                Invitation.ended == "",
                Invitation.expires_at > self._work.now,
                ~_has_live_visit(Job.id),
            )
        ).scalar_one()
        return int(free) - int(asked_for)


def _has_live_visit(job_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    return select(VisitJob.job_id).where(VisitJob.job_id == job_id, VisitJob.live).exists()
