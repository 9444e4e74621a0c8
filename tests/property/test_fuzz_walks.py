"""People who press anything: they walk the links and forms of their pages at random, several households at once.

After every step: no error of ours, every page in order, counters as visits and holds take them, nothing of the street,
the phone or the e-mail on a device that was not verified, and never a word about another household.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from app import create_app
from app.config import read_settings
from notifications.models import Message
from scheduling.actions.invitations import invite
from scheduling.models import Address, Customer, Invitation, Kind
from tests.databases import fresh_database
from tests.environment import ENVIRONMENT, NOW
from tests.factories import A_THURSDAY, EIGHT, TEN, TWO, a_customer, a_job, a_window, an_area, working
from tests.page import Opened, PageBrowser
from tests.property.effort import effort
from tests.property.hostile import LIKELY, ODD
from tests.property.promises import check_promises

TYPED = st.one_of(
    st.sampled_from(LIKELY),
    # What a keyboard can send; long enough to be refused, short enough to be looked at on a page.
    st.sampled_from([text for text in ODD if len(text) < 6000 and text != "\ud800"]),
)
PICKS = st.integers(0, 10**6)
STARTS = (EIGHT, TEN, TWO)
TYPED_INTO = {"text", "password", "email", "tel", "date", "search", "number"}
MOST_REDIRECTS = 3


@dataclass
class Walker:
    """One household on one device: what is theirs, and the page that is open."""

    browser: PageBrowser
    invitation_ids: list[int]
    name: str
    street: str
    phone: str
    email: str
    opened: Opened | None = None
    seen: list[str] = field(default_factory=list)

    @property
    def whole_secrets(self) -> tuple[str, ...]:
        """What is on file of how and where to reach them, as it may be spelled."""
        return (self.street, self.phone, self.phone[-8:], self.email)


class Walks(RuleBasedStateMachine):
    """A company, a family with two jobs, an organisation with two homes, and somebody on their own."""

    kind = "sqlite"

    @initialize()
    def start(self) -> None:
        self.ends = ExitStack()
        folder = self.ends.enter_context(TemporaryDirectory())
        self.database = self.ends.enter_context(fresh_database(self.kind, Path(folder)))
        self.clock = self.ends.enter_context(time_machine.travel(NOW, tick=False))
        self.app = create_app(read_settings({**ENVIRONMENT, "DATABASE_URL": self.database.url}))
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.networks = count(1)
        with working(self.database.sessions) as work:
            an_area(work, "AMF", codes=("3811",))
            an_area(work, "GRN", codes=("9711",))
            for area in ("AMF", "GRN"):
                for day in range(2):
                    for starts in STARTS:
                        a_window(work, area=area, day=A_THURSDAY + timedelta(days=day), starts=starts)
            work.session.execute(update(Kind).where(Kind.ref == "repair").values(follows="person"))
            refs = [
                *self._ask(work, "Appelboom", "Vlinderpad", "+31611111111", [("maintenance", "repair")]),
                *self._ask(work, "Berkenrode", "Uilenhof", "+31622222222", [("maintenance",)]),
                *self._ask(
                    work, "Cederhout", "Roodborststeeg", "+31633333333", [("maintenance",), ("inspection",)]
                ),
            ]
            invite(work, job_refs=refs)
        self.walkers = [self._walker(*who) for who in self._households()]
        for number in range(len(self.walkers)):
            self.open_the_link(who=number, which=0)

    def _ask(self, work: Any, name: str, street: str, phone: str, homes: list[tuple[str, ...]]) -> list[str]:
        email = f"post@{name.lower()}.example"
        customer_id = a_customer(work, last_name=name, first_name=name, phone=phone, email=email)
        address_id = work.session.scalars(select(Customer.address_id).where(Customer.id == customer_id)).one()
        refs = [a_job(work, customer_id, kind=kind) for kind in homes[0]]
        work.session.execute(update(Address).where(Address.id == address_id).values(street=street))
        for kinds in homes[1:]:
            other = work.session.get_one(Address, address_id)
            second = Address(
                postcode=other.postcode,
                pc4=other.pc4,
                house_number=other.house_number + 5000,
                street=street,
                place=other.place,
            )
            work.session.add(second)
            work.session.flush()
            refs += [a_job(work, customer_id, kind=kind, address_id=second.id) for kind in kinds]
        return refs

    def _households(self) -> list[tuple[Any, ...]]:
        with self.database.sessions.read() as session:
            rows = session.execute(
                select(Customer.last_name, Address.street, Customer.phone, Customer.email, Customer.id)
                .join(Address, Address.id == Customer.address_id)
                .order_by(Customer.id)
            ).all()
            return [
                (
                    list(session.scalars(select(Invitation.id).where(Invitation.customer_id == row.id))),
                    row.last_name,
                    row.street,
                    row.phone,
                    row.email,
                )
                for row in rows
            ]

    def _walker(self, invitation_ids: list[int], *facts: Any) -> Walker:
        return Walker(PageBrowser(self.app.test_client()), invitation_ids, *facts)

    def teardown(self) -> None:
        if hasattr(self, "ends"):
            self.ends.close()

    @rule(who=PICKS, which=PICKS)
    def open_the_link(self, who: int, which: int) -> None:
        walker = self._who(who)
        with self.database.sessions.read() as session:
            invitation = session.get_one(
                Invitation, walker.invitation_ids[which % len(walker.invitation_ids)]
            )
            link = self.app.extensions["portal"].links.personal(invitation.id, invitation.version)
        self._get(walker, urlsplit(link).path)

    @rule(who=PICKS, which=PICKS)
    def open_the_link_of_a_message(self, who: int, which: int) -> None:
        walker = self._who(who)
        with self.database.sessions.read() as session:
            found = session.scalars(
                select(Message).where(Message.invitation_id.in_(walker.invitation_ids)).order_by(Message.id)
            ).all()
            if not found:
                return
            message = found[which % len(found)]
            text = self.app.extensions["portal"].links.fill(
                message.body,
                invitation_id=message.invitation_id,
                version=message.link_version,
                contact_change_id=message.contact_change_id,
            )
        links = re.findall(r"http://localhost:5000(/\S+)", text)
        if links:
            self._get(walker, links[which % len(links)])

    @rule(who=PICKS, which=PICKS)
    def follow_a_link(self, who: int, which: int) -> None:
        walker = self._who(who)
        links = [href for href in self._hrefs(walker) if not urlsplit(href).netloc and urlsplit(href).path]
        if links and walker.opened:
            self._get(walker, urljoin(walker.opened.path, links[which % len(links)]))

    @rule(
        who=PICKS,
        which=PICKS,
        picks=st.lists(PICKS, min_size=6, max_size=6),
        typed=st.lists(TYPED, min_size=8, max_size=8),
    )
    def send_a_form(self, who: int, which: int, picks: list[int], typed: list[str]) -> None:
        walker = self._who(who)
        forms = list(walker.opened.tree.iter("form")) if walker.opened and walker.opened.is_page else []
        if forms:
            form = forms[which % len(forms)]
            self._send(walker, form, filled_at_random(form, picks, typed))

    @rule(who=PICKS, which=PICKS, times=st.integers(1, 2))
    def send_a_form_as_it_stands(self, who: int, which: int, times: int) -> None:
        walker = self._who(who)
        forms = list(walker.opened.tree.iter("form")) if walker.opened and walker.opened.is_page else []
        if forms:
            form, page = forms[which % len(forms)], walker.opened
            for _ in range(times):
                walker.opened = page
                self._send(walker, form, filled_at_random(form, [0] * 6, []))

    @rule(who=PICKS)
    def answer_the_question_of_the_device(self, who: int) -> None:
        walker = self._who(who)
        if walker.opened is None or "verify" not in walker.opened.forms():
            return
        with self.database.sessions.read() as session:
            number = session.scalars(
                select(Address.house_number).where(Address.street == walker.street)
            ).first()
        form = next(form for form in walker.opened.tree.iter("form") if form.get("data-form") == "verify")
        values = filled_at_random(form, [0] * 6, [])
        self._send(walker, form, {**values, "postcode": ["3811AB"], "house_number": [str(number)]})

    @rule(minutes=st.sampled_from((1, 16, 60, 24 * 60)))
    def wait(self, minutes: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))

    def _who(self, pick: int) -> Walker:
        return self.walkers[pick % len(self.walkers)]

    def _hrefs(self, walker: Walker) -> Iterator[str]:
        if walker.opened is not None and walker.opened.is_page:
            for link in walker.opened.tree.iter("a"):
                if urlsplit(link.get("href", "")).scheme == "":
                    yield link.get("href", "")

    def _get(self, walker: Walker, path: str) -> None:
        self._look(walker, walker.browser.get(path, environ_overrides=self._network()))

    def _send(self, walker: Walker, form: Element, values: dict[str, list[str]]) -> None:
        assert walker.opened is not None
        action = urljoin(walker.opened.path, form.get("action") or walker.opened.path)
        if form.get("method", "get") == "get":
            answer = walker.browser.get(action, query_string=values, environ_overrides=self._network())
        else:
            answer = walker.browser.post(action, values, environ_overrides=self._network())
        self._look(walker, answer)

    def _network(self) -> dict[str, str]:
        # A limit of one network is not what this looks for.
        return {"REMOTE_ADDR": f"10.0.{next(self.networks) % 250}.1"}

    def _look(self, walker: Walker, answer: Opened) -> None:
        for _ in range(MOST_REDIRECTS):
            self._check(walker, answer)
            if answer.status != 303:
                break
            path = urljoin(answer.path, answer.location)
            answer = walker.browser.get(path, environ_overrides=self._network())
        walker.opened = answer

    def _check(self, walker: Walker, answer: Opened) -> None:
        assert answer.status < 500, answer
        text = answer.response.get_data(as_text=True)
        for other in self.walkers:
            if other is not walker:
                for secret in (other.name, *other.whole_secrets):
                    assert secret not in text, (answer, secret)
        if answer.is_page and not self._is_verified(walker):
            for secret in walker.whole_secrets:
                assert secret not in text, (answer, secret)

    def _is_verified(self, walker: Walker) -> bool:
        with walker.browser.client.session_transaction() as session:
            return bool(session.get("verified"))

    @invariant()
    def the_promises_hold(self) -> None:
        if hasattr(self, "database"):
            with self.database.sessions.read() as session:
                check_promises(session)


def filled_at_random(form: Element, picks: list[int], typed: list[str]) -> dict[str, list[str]]:
    """The form as somebody sends it who marks and types at random; without `typed` it stays as it stands."""
    values: dict[str, list[str]] = {}
    radios: dict[str, list[str]] = {}
    texts = iter(typed)
    for number, control in enumerate(form.iter()):
        name, sort = control.get("name", ""), control.get("type", "text")
        if not name:
            continue
        if control.tag == "input" and sort == "radio":
            radios.setdefault(name, []).append(control.get("value", ""))
        elif control.tag == "input" and sort == "checkbox":
            if (picks[number % len(picks)] + number) % 2 == 0:
                values.setdefault(name, []).append(control.get("value", "on"))
        elif control.tag == "textarea" or (control.tag == "input" and sort in TYPED_INTO):
            shown = (control.text if control.tag == "textarea" else control.get("value")) or ""
            values[name] = [next(texts, shown)]
        elif control.tag == "select":
            options = [option.get("value", "") for option in control.iter("option")]
            values[name] = [options[picks[number % len(picks)] % len(options)]] if options else []
        elif control.tag == "input":
            values.setdefault(name, []).append(control.get("value", ""))
    for number, (name, offered) in enumerate(sorted(radios.items())):
        values[name] = [offered[picks[number % len(picks)] % len(offered)]]
    return values


class WalksOnPostgresql(Walks):
    """The same on the other database."""

    kind = "postgresql"


def test_no_walk_through_the_pages_breaks_a_promise_on_sqlite() -> None:
    run_state_machine_as_test(Walks, settings=effort(8, stateful_step_count=40))


def test_no_walk_through_the_pages_breaks_a_promise_on_postgresql() -> None:
    run_state_machine_as_test(WalksOnPostgresql, settings=effort(4, stateful_step_count=40))
