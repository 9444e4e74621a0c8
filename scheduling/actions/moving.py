"""A customer really moved: work that follows the house is somebody else's now, work that follows the person goes along.

All that is open for them is split at once, whichever link they said it on. Work with a service address of its own is
not about where they live, and stays there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select, update

from scheduling.actions import capacity, exits, said
from scheduling.actions.imports.addresses import AddressRow, keep_addresses
from scheduling.actions.moves import follow_customers
from scheduling.actions.visit_jobs import drop_from_visit, end_visit
from scheduling.actions.work import CustomerCorrected, InvitationChanged, VisitCancelled, Work
from scheduling.errors import LinkEnded, NotPossible, SameAddress
from scheduling.models import Address, Customer, Invitation, Job, Kind, Visit, VisitJob, Window
from scheduling.models.job import HOUSE
from scheduling.reads.asked import CurrentVisit, area_ids, current_visit
from scheduling.rules.exits import MOVED
from scheduling.rules.policy import NEXT_STATES

NEW_ADDRESS = "new_address"
_THERE_OR_DONE = tuple(state for state, after in NEXT_STATES.items() if "cancelled" not in after)


@dataclass(frozen=True, slots=True)
class _Mover:
    """Who moves, to which PC4 (empty where nothing goes along), and what they added in their own words."""

    customer_id: int
    pc4: str
    note: str


@dataclass(frozen=True, slots=True)
class _Split:
    """The open jobs of one invitation: those of the house, those that go with the person, and the rest.

    What has a service address of its own stays in the invitation (`at_own_address`) where nothing of it goes along;
    otherwise it is parted from what goes (`stays`).
    """

    house: Sequence[int]
    stays: Sequence[int]
    goes: Sequence[int]
    goes_kinds: Sequence[str]
    at_own_address: Sequence[int]

    @property
    def leaves(self) -> list[int]:
        """Jobs that the invitation loses."""
        return sorted({*self.house, *self.stays})


def move_out(work: Work, invitation_id: int, *, note: str = "") -> None:
    """Ends what is open for a customer who moved and has no work that goes along; a second time changes nothing.

    Refuses: LinkUnknown; LinkEnded; NotPossible when the technician is there, or when work goes along, for which the
    new address is needed.
    """
    invitation = exits.lock(work, invitation_id)
    if invitation.ended:
        if invitation.exit == MOVED:
            return
        raise LinkEnded(reason=invitation.exit or invitation.ended)
    _refuse_if_there(work, invitation_id)
    splits = _splits(work, invitation.customer_id, invitation_id)
    if any(split.goes for _, split in splits):
        raise NotPossible(reason="address_needed")
    for one_id, split in splits:
        if split.house:
            _part(work, _Mover(invitation.customer_id, pc4="", note=note), one_id, split)


def move(work: Work, invitation_id: int, address: AddressRow) -> None:
    """Gives a customer their new address, and parts what is open for them into what stays and what goes along.

    A visit that the new address's area cannot serve is cancelled, and its place free at once: another household can
    have it. Refuses: LinkUnknown; LinkEnded; SameAddress; NotPossible when the technician is there.
    """
    invitation = exits.lock(work, invitation_id)
    if invitation.ended:
        raise LinkEnded(reason=invitation.exit or invitation.ended)
    _refuse_if_there(work, invitation_id)
    customer = work.session.execute(
        select(Customer.id, Customer.address_id, Customer.provenance)
        .where(Customer.id == invitation.customer_id)
        .with_for_update()
    ).one()
    address_id, pc4 = _address(work, address)
    if address_id == customer.address_id:
        raise SameAddress
    said.keep(work, NEW_ADDRESS, customer_id=customer.id, invitation_id=invitation_id)
    for one_id, split in _splits(work, customer.id, invitation_id):
        _part(work, _Mover(customer.id, pc4, note=""), one_id, split)
    _keep_address(work, customer, address_id)
    follow_customers(work, {customer.id: (customer.address_id, address_id)})


def _refuse_if_there(work: Work, invitation_id: int) -> None:
    visit = current_visit(work.session, invitation_id)
    exits.refuse_if_there(visit if visit is not None and visit.is_live else None)


def _address(work: Work, address: AddressRow) -> tuple[int, str]:
    """Its id and PC4. Of an address that is known already neither street nor place is changed by who moves in."""
    door = address.door
    query = select(Address.id, Address.pc4).where(
        Address.country == door.country,
        Address.postcode == door.postcode,
        Address.house_number == door.house_number,
        Address.house_suffix == door.house_suffix,
    )
    if work.session.execute(query).first() is None:
        keep_addresses(work, [address])
    row = work.session.execute(query).one()
    return row.id, row.pc4


def _keep_address(work: Work, customer: Row[*tuple[Any, ...]], address_id: int) -> None:
    origin = {"source": "customer", "at": work.now.isoformat()}
    work.session.execute(
        update(Customer)
        .where(Customer.id == customer.id)
        .values(address_id=address_id, provenance={**customer.provenance, "address": origin})
    )
    work.happened(CustomerCorrected(customer_id=customer.id, after={"fields": ["address"]}))


def _splits(work: Work, customer_id: int, invitation_id: int) -> list[tuple[int | None, _Split]]:
    """Open invitations with their jobs, and under None the jobs that nobody was asked about yet."""
    is_over = (
        select(VisitJob.job_id)
        .join(Visit, Visit.id == VisitJob.visit_id)
        .where(VisitJob.job_id == Job.id, Visit.state.in_(_THERE_OR_DONE))
        .exists()
    )
    rows = work.session.execute(
        select(Job.id, Job.kind, Job.address_id, Job.invitation_id, Kind.follows)
        .join(Kind, Kind.ref == Job.kind)
        .outerjoin(Invitation, Invitation.id == Job.invitation_id)
        .where(
            Job.customer_id == customer_id,
            Job.withdrawn_at.is_(None),
            or_(Job.address_id.is_(None), Job.invitation_id == invitation_id),
            or_(Invitation.id.is_(None), Invitation.ended == ""),
            ~is_over,
        )
        .order_by(Job.id)
    ).all()
    # None, of jobs without an invitation, sorts first.
    ids = sorted({row.invitation_id for row in rows}, key=lambda one_id: one_id or 0)
    return [(one_id, _split([row for row in rows if row.invitation_id == one_id])) for one_id in ids]


def _split(rows: Sequence[Row[*tuple[Any, ...]]]) -> _Split:
    of_person = [row for row in rows if row.follows != HOUSE]
    goes = [row for row in of_person if row.address_id is None]
    rest = [row.id for row in of_person if row.address_id is not None]
    return _Split(
        house=[row.id for row in rows if row.follows == HOUSE],
        stays=rest if goes else [],
        goes=[row.id for row in goes],
        goes_kinds=sorted({row.kind for row in goes}),
        at_own_address=[] if goes else rest,
    )


def _part(work: Work, mover: _Mover, invitation_id: int | None, split: _Split) -> None:
    visit = None if invitation_id is None else current_visit(work.session, invitation_id)
    work.session.execute(update(Job).where(Job.id.in_(split.house)).values(withdrawn_at=work.now, exit=MOVED))
    # Asked about anew, at the address that they have.
    work.session.execute(update(Job).where(Job.id.in_(split.stays)).values(invitation_id=None))
    if invitation_id is None:
        return
    if split.house:
        said.keep(work, MOVED, customer_id=mover.customer_id, invitation_id=invitation_id, body=mover.note)
    if not split.goes and not split.at_own_address:
        exits.end(work, invitation_id, mover.customer_id, MOVED, visit=visit, job_ids=split.house)
    elif visit is not None and visit.is_live:
        _part_visit(work, mover, invitation_id, visit, split)
    elif split.goes or split.leaves:
        if visit is not None:
            # A visit that was cancelled before the move does not come back.
            capacity.give_up_all(work, [visit.visit_id])
        work.happened(
            InvitationChanged(
                customer_id=mover.customer_id,
                invitation_id=invitation_id,
                after={"without_jobs": split.leaves},
            )
        )


def _part_visit(work: Work, mover: _Mover, invitation_id: int, visit: CurrentVisit, split: _Split) -> None:
    """The visit goes along where its window's area serves the new address too; otherwise it ends."""
    area_id = work.session.scalar(select(Window.area_id).where(Window.id == visit.window_id))
    by_kind = area_ids(work.session, mover.pc4, split.goes_kinds)
    if all(by_kind.get(kind) == area_id for kind in split.goes_kinds):
        if split.leaves:
            drop_from_visit(work, invitation_id, mover.customer_id, visit, split.leaves)
        return
    end_visit(work, visit)
    work.happened(
        VisitCancelled(
            customer_id=mover.customer_id,
            visit_id=visit.visit_id,
            window_id=visit.window_id,
            invitation_id=invitation_id,
            before={"state": visit.state},
            after={"state": "cancelled"},
        )
    )
