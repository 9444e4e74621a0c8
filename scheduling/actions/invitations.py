"""Invitations: one for each customer, address and area, for the jobs that have none and no visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, insert, select, update

from scheduling.actions.work import InvitationIssued, LinkRequested, WishesLeft, Work
from scheduling.errors import NoSuchThing
from scheduling.models import (
    Address,
    AreaPostcode,
    ContactHistory,
    Customer,
    Invitation,
    Job,
    Kind,
    VisitJob,
    Window,
)
from scheduling.reads.asked import serves
from scheduling.reads.board import area_id_of
from scheduling.rules.policy import link_expiry

LONGEST_WISHES = 2000


@dataclass(frozen=True, slots=True)
class Invited:
    """What sending did: invitations written, and how many were held back by the pace."""

    written: int
    held_back: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Jobs of one customer at one address that one area serves (None: no area does)."""

    customer_id: int
    address_id: int
    area_id: int | None
    job_ids: tuple[int, ...]
    places: int
    due_by: date | None


def invite(
    work: Work,
    *,
    area_ref: str | None = None,
    job_refs: Sequence[str] = (),
    limit: int | None = None,
    pace: bool = False,
) -> Invited:
    """Writes invitations, soonest due first. Refuses: NoSuchThing for an area or a job that is not there.

    With `pace` an area gets no more open invitations than it has free places.
    """
    area_id = None if area_ref is None else area_id_of(work.session, area_ref)
    groups = _groups(work, area_id, _job_ids(work, job_refs))
    room = _Pace(work) if pace else None
    written = held_back = 0
    for group in groups:
        if limit is not None and written >= limit:
            break
        if room is not None and not room.takes(group):
            held_back += 1
            continue
        _issue(work, group)
        written += 1
    return Invited(written, held_back)


def send_link_again(work: Work, invitation_id: int) -> None:
    """Sends the personal link to the phone or e-mail on file."""
    customer_id = work.session.execute(
        select(Invitation.customer_id).where(Invitation.id == invitation_id)
    ).scalar_one()
    work.happened(LinkRequested(customer_id=customer_id, invitation_id=invitation_id))


def leave_wishes(work: Work, invitation_id: int, wishes: str) -> None:
    """No window suits: keeps when the customer can, for the dispatcher."""
    customer_id = work.session.execute(
        select(Invitation.customer_id).where(Invitation.id == invitation_id)
    ).scalar_one()
    work.session.execute(
        insert(ContactHistory).values(
            at=work.now,
            direction="in",
            channel="web",
            kind="wishes",
            customer_id=customer_id,
            invitation_id=invitation_id,
            actor=work.actor,
            body=wishes[:LONGEST_WISHES],
        )
    )
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


def _to_invite(area_id: int | None, job_ids: Sequence[int]) -> Select[int, int, int, int, int, date | None]:
    address_id = func.coalesce(Job.address_id, Customer.address_id)
    query = (
        select(
            Job.id,
            Job.customer_id,
            address_id.label("address_id"),
            AreaPostcode.area_id,
            Kind.places,
            Job.due_by,
        )
        .join(Customer, Customer.id == Job.customer_id)
        .join(Address, Address.id == address_id)
        .join(Kind, Kind.ref == Job.kind)
        .outerjoin(AreaPostcode, serves(Address.pc4, Job.kind))
        .where(Job.invitation_id.is_(None), Job.withdrawn_at.is_(None), ~_has_live_visit(Job.id))
        # No due date comes last on both databases, which disagree about where NULL sorts.
        .order_by(Job.due_by.is_(None), Job.due_by, Job.id)
    )
    if area_id is not None:
        query = query.where(AreaPostcode.area_id == area_id)
    return query.where(Job.id.in_(job_ids)) if job_ids else query


def _groups(work: Work, area_id: int | None, job_ids: Sequence[int]) -> list[_Group]:
    rows = work.session.execute(_to_invite(area_id, job_ids).with_for_update(of=Job)).all()
    together: dict[tuple[int, int, int | None], list[Row[int, int, int, int, int, date | None]]] = {}
    for row in rows:
        together.setdefault((row.customer_id, row.address_id, row.area_id), []).append(row)
    return [
        _Group(
            customer_id=customer_id,
            address_id=address_id,
            area_id=served_by,
            job_ids=tuple(row.id for row in jobs),
            places=sum(row.places for row in jobs),
            due_by=max((row.due_by for row in jobs if row.due_by), default=None),
        )
        for (customer_id, address_id, served_by), jobs in together.items()
    ]


def _issue(work: Work, group: _Group) -> None:
    invitation_id = work.session.execute(
        insert(Invitation)
        .values(
            customer_id=group.customer_id,
            address_id=group.address_id,
            created_at=work.now,
            expires_at=link_expiry(group.due_by, work.now),
        )
        .returning(Invitation.id)
    ).scalar_one()
    work.session.execute(update(Job).where(Job.id.in_(group.job_ids)).values(invitation_id=invitation_id))
    work.happened(
        InvitationIssued(
            customer_id=group.customer_id,
            invitation_id=invitation_id,
            after={"invitation_id": invitation_id, "jobs": list(group.job_ids)},
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
