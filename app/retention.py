"""Keeps little: what is ended when, for the settings of this portal, and all that hangs on one customer.

Puts together what `scheduling` and `notifications` each know of a customer, in one transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.config import Keep
from app.work import carry_out
from notifications.retention import delete_messages, sent_messages, written_to
from scheduling.actions import retention
from scheduling.actions.erase import erase_customers, lock_customer
from scheduling.actions.retention import Sweep, sweep_batch
from scheduling.actions.work import Work
from scheduling.models import Customer

A_BATCH = 100
"""Rows a transaction: few enough that nobody who books waits for it."""

A_DAY = timedelta(days=1)


def sweeps(keep: Keep, now: datetime) -> Sequence[Sweep]:
    """What is swept up, in this order; a time of 0 days means that it is kept for ever."""
    customers, messages, said, history = (
        timedelta(days=days) for days in (keep.customers, keep.messages, keep.said, keep.history)
    )
    found = [retention.lapsed_contact_changes(now)]
    if messages:
        found.append(sent_messages(now, messages))
    if said:
        found.append(retention.said_by_customers(now, said))
    if history:
        found.append(retention.history_lines(now, history))
    if customers:
        due = retention.past_customers(now, customers).where(~written_to(now, customers))
        found.append(Sweep("customers", Customer.id, due, _erase))
    # Last, for customers who go leave addresses behind.
    return (*found, retention.addresses_without_use())


def erase_customer(work: Work, ref: str) -> None:
    """Deletes all that is kept of one customer; a visit ahead gives its place back. Refuses: NoSuchThing."""
    _erase(work, [lock_customer(work, ref)])


class DailySweep:
    """The worker's part: one small batch a round until nothing is due, then a day's rest."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting: list[Sweep] = []
        self._next_at: datetime | None = None

    def step(self, now: datetime) -> None:
        """One batch, if it is time."""
        if not self._waiting:
            if self._next_at is not None and now < self._next_at:
                return
            self._waiting, self._next_at = list(sweeps(self._keep, now)), now + A_DAY
        if carry_out(sweep_batch, self._waiting[0], A_BATCH) < A_BATCH:
            self._waiting.pop(0)


def _erase(work: Work, customer_ids: Sequence[int]) -> None:
    delete_messages(work, customer_ids)
    erase_customers(work, customer_ids)
