"""Any order of opening, resizing, closing, booking, changing, cancelling, leaving and moving keeps the promises.

The machine keeps a plain model beside the database; after every step the counters of each window equal what the live
visits and holds take, and no window has more than its capacity.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update

from scheduling.actions import exits, moving, openings, visits
from scheduling.actions.capacity import release_lapsed_holds
from scheduling.actions.imports.addresses import AddressRow, Door
from scheduling.actions.jobs import withdraw
from scheduling.actions.work import Work
from scheduling.errors import (
    AlreadyBooked,
    BelowBooked,
    LinkEnded,
    NotPossible,
    Refusal,
    SameAddress,
    TooLate,
    WindowTaken,
)
from scheduling.models import Hold, Invitation, Job, Kind, Visit, VisitJob, Window
from scheduling.reads.asked import asked, current_visit
from scheduling.reads.offer import offer
from tests.databases import fresh_database
from tests.environment import NOW
from tests.factories import A_THURSDAY, EIGHT, NOON, TEN, TWO, a_window, an_area, an_invitation, working

STARTS = (EIGHT, TEN, NOON, TWO)
KINDS_TOGETHER = (("maintenance",), ("installation",), ("repair",), ("maintenance", "repair"))
"""Of these the installation takes two places, and the repair alone goes along with whoever moves."""


class Bookings(RuleBasedStateMachine):
    """A company with one area, a few windows and a few customers, and anything that can happen to them."""

    windows = Bundle("windows")
    customers = Bundle("customers")
    kind = "sqlite"

    @initialize()
    def start(self) -> None:
        self.folder = TemporaryDirectory()
        self.opened = fresh_database(self.kind, Path(self.folder.name))
        self.database = self.opened.__enter__()
        self.now = NOW
        self.fresh = [(day, starts) for day in range(2) for starts in STARTS]
        with self.begin() as work:
            an_area(work)
            work.session.execute(update(Kind).where(Kind.ref == "repair").values(follows="person"))

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)
            self.folder.cleanup()

    @contextmanager
    def begin(self) -> Iterator[Work]:
        with working(self.database.sessions, now=self.now) as work:
            yield work

    def attempt(self, action: Any, *args: Any, **kwargs: Any) -> Refusal | None:
        try:
            with self.begin() as work:
                action(work, *args, **kwargs)
        except (
            WindowTaken,
            AlreadyBooked,
            NotPossible,
            TooLate,
            BelowBooked,
            LinkEnded,
            SameAddress,
        ) as refusal:
            return refusal
        return None

    @precondition(lambda self: self.fresh)
    @rule(target=windows, capacity=st.integers(0, 3))
    def open(self, capacity: int) -> int:
        day, starts = self.fresh.pop()
        with self.begin() as work:
            return a_window(work, day=A_THURSDAY + timedelta(days=day), starts=starts, capacity=capacity)

    @rule(target=customers, kinds=st.sampled_from(KINDS_TOGETHER))
    def invite(self, kinds: tuple[str, ...]) -> int:
        with self.begin() as work:
            return an_invitation(work, kinds=kinds)

    @rule(window=windows, customer=customers)
    def book(self, window: int, customer: int) -> None:
        with self.begin() as work:
            if work.session.get_one(Invitation, customer).ended:
                return
            ask = asked(work.session, customer)
            shown = {w.window_id for day in offer(work.session, ask, self.now).days for w in day.windows}
        is_booked = ask.visit is not None and ask.visit.is_live
        refusal = self.attempt(visits.book, customer, window, uid_host="h")
        if not is_booked:
            # What is offered can be booked, and nothing else can.
            assert (refusal is None) == (window in shown)

    @rule(window=windows, customer=customers, stale=st.booleans())
    def change(self, window: int, customer: int, *, stale: bool) -> None:
        with self.begin() as work:
            visit = current_visit(work.session, customer)
        sequence = (visit.sequence if visit else 0) - (1 if stale else 0)
        self.attempt(visits.change, customer, window, sequence=sequence)

    @rule(customer=customers)
    def cancel(self, customer: int) -> None:
        self.attempt(visits.cancel, customer)

    @rule(customer=customers)
    def restore(self, customer: int) -> None:
        self.attempt(visits.restore, customer)

    @rule(customer=customers, reason=st.sampled_from(["done", "not_needed", "refused"]))
    def leave(self, customer: int, reason: str) -> None:
        self.attempt(exits.leave, customer, reason)

    @rule(customer=customers)
    def come_back(self, customer: int) -> None:
        self.attempt(exits.come_back, customer)

    @rule(customer=customers, postcode=st.sampled_from(["3811AC", "9711AB"]))
    def move(self, customer: int, postcode: str) -> None:
        self.attempt(moving.move, customer, AddressRow(Door("NL", postcode, customer, ""), "", ""))

    @rule(customer=customers)
    def move_out(self, customer: int) -> None:
        self.attempt(moving.move_out, customer)

    @rule(customer=customers)
    def say_not_for_me(self, customer: int) -> None:
        with self.begin() as work:
            version = work.session.get_one(Invitation, customer).version
        self.attempt(exits.not_for_me, customer, version, {"+31612345678"})

    @rule(customer=customers, of_all=st.booleans())
    def withdraw(self, customer: int, *, of_all: bool) -> None:
        with self.begin() as work:
            refs = work.session.scalars(select(Job.ref).where(Job.invitation_id == customer)).all()
        self.attempt(withdraw, refs if of_all else refs[:1])

    @rule(customer=customers, state=st.sampled_from(["on_the_way", "arrived", "done", "missed"]))
    def progress(self, customer: int, state: str) -> None:
        self.attempt(visits.progress, customer, state)

    @rule(window=windows, capacity=st.integers(0, 3))
    def resize(self, window: int, capacity: int) -> None:
        with self.begin() as work:
            row = work.session.get_one(Window, window)
            taken = row.booked + row.held
        refusal = self.attempt(openings.resize, window, capacity)
        assert (refusal is None) == (capacity >= taken)

    @rule(window=windows, is_open=st.booleans())
    def close_or_open(self, window: int, *, is_open: bool) -> None:
        with self.begin() as work:
            before = work.session.scalars(select(Visit.state).order_by(Visit.id)).all()
            openings.set_open(work, window, is_open=is_open)
            assert work.session.scalars(select(Visit.state).order_by(Visit.id)).all() == before

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        with self.begin() as work:
            release_lapsed_holds(work)

    @invariant()
    def counters_are_what_visits_and_holds_take(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.begin() as work:
            for window in work.session.scalars(select(Window)):
                live = select(func.coalesce(func.sum(Visit.places), 0)).where(
                    Visit.window_id == window.id, Visit.state.not_in(("cancelled", "missed"))
                )
                held = select(func.coalesce(func.sum(Hold.places), 0)).where(Hold.window_id == window.id)
                assert window.booked == work.session.scalar(live)
                assert window.held == work.session.scalar(held)
                assert window.booked + window.held <= window.capacity
            rows = work.session.execute(
                select(VisitJob.live, Visit.state).join(Visit, Visit.id == VisitJob.visit_id)
            )
            assert all(live == (state not in {"cancelled", "missed"}) for live, state in rows)


class BookingsOnPostgresql(Bookings):
    """The same on the other database."""

    kind = "postgresql"


def test_no_order_of_events_breaks_a_promise_on_sqlite() -> None:
    run_state_machine_as_test(Bookings, settings=settings(max_examples=25, stateful_step_count=30))


def test_no_order_of_events_breaks_a_promise_on_postgresql() -> None:
    run_state_machine_as_test(
        BookingsOnPostgresql, settings=settings(max_examples=15, stateful_step_count=30)
    )
