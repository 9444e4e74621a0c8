"""A customer's address was corrected: what was asked and planned for the old one follows, where the work is theirs.

Work with a service address of its own stays where it is. Whether work follows the house or the person when somebody
really moves is decided in `moving`.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from scheduling.actions.work import InvitationChanged, VisitChanged, Work
from scheduling.db import in_batches
from scheduling.models import Invitation, Job, Visit
from scheduling.rules.policy import DEAD_STATES


def follow_customers(work: Work, moved: Mapping[int, tuple[int, int]]) -> Sequence[int]:
    """Open invitations and their visits go to the new address; the ids of customers who have a visit there now.

    `moved`: customer id to old and new address id. A visit's customer is told, for its calendar entry has the address.
    """
    visited: list[int] = []
    for customer_ids in in_batches(sorted(moved)):
        rows = work.session.execute(
            select(Invitation.id, Invitation.customer_id, Invitation.address_id)
            .join(Job, Job.invitation_id == Invitation.id)
            .where(
                Invitation.customer_id.in_(customer_ids),
                Invitation.ended == "",
                Job.address_id.is_(None),
                Job.withdrawn_at.is_(None),
            )
            .distinct()
            .order_by(Invitation.id)
        ).all()
        for row in rows:
            old, new = moved[row.customer_id]
            if row.address_id == old:
                _follow(work, row.id, row.customer_id, new, visited)
    return visited


def _follow(work: Work, invitation_id: int, customer_id: int, address_id: int, visited: list[int]) -> None:
    work.session.execute(
        update(Invitation).where(Invitation.id == invitation_id).values(address_id=address_id)
    )
    visit = work.session.execute(
        update(Visit)
        .where(Visit.invitation_id == invitation_id, Visit.state.not_in({*DEAD_STATES, "arrived", "done"}))
        .values(address_id=address_id, sequence=Visit.sequence + 1, changed_at=work.now)
        .returning(Visit.id, Visit.window_id)
    ).first()
    if visit is None:
        work.happened(
            InvitationChanged(
                customer_id=customer_id, invitation_id=invitation_id, after={"address_id": address_id}
            )
        )
    else:
        visited.append(customer_id)
        work.happened(
            VisitChanged(
                customer_id=customer_id,
                visit_id=visit.id,
                window_id=visit.window_id,
                invitation_id=invitation_id,
                after={"address_id": address_id},
            )
        )
