"""The relay: nothing sent twice, nothing lost, in order, and never with a transaction open."""

import threading
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import event, insert, select, update

from notifications.announce import Announcer
from notifications.company import Company
from notifications.compose import Composer
from notifications.links import Links
from notifications.models import Message
from notifications.providers import Outgoing, Permanent, Sent, Transient
from notifications.providers.console import Console
from notifications.relay import MOST_ATTEMPTS, Relay
from notifications.texts import Texts
from scheduling.actions.work import InvitationIssued, VisitBooked, VisitCancelled
from scheduling.links import LinkKeys
from scheduling.models import Visit
from tests.doubles.affairs import Affairs, announce_all
from tests.environment import NOW

COMPANY = Company(
    "Warmtehuis Eemland",
    "033 303 90 00",
    "afspraak@warmtehuis-eemland.example",
    "http://localhost:5000",
    "#0f5c63",
)
KEYS = LinkKeys(("a link key for tests",))
LINKS = Links(COMPANY.public_url, KEYS)
TEXTS = Texts()
ANNOUNCER = Announcer(COMPANY, TEXTS, LINKS, None)


class Clock:
    """Tells the time that the test has set."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def on(self, **length):
        self.now += timedelta(**length)


class Crash(BaseException):
    """The process is gone: nothing after this line runs."""


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def console():
    return Console()


def relay_of(database, provider, clock, **changes):
    known = {"compose": Composer(COMPANY, TEXTS, LINKS), "lease_seconds": 60, "jitter": lambda: 0.5}
    return Relay(database.sessions, {"sms": provider, "email": provider}, now=clock, **{**known, **changes})


@pytest.fixture
def relay(database, console, clock):
    return relay_of(database, console, clock)


def an_outbox(database, number, *, customers=None):
    """So many waiting SMS in the outbox, one customer each unless `customers` says fewer."""
    with database.sessions.write.begin() as session:
        affairs = [Affairs(session) for _ in range(customers or number)]
        session.execute(
            insert(Message),
            [
                {
                    "event_key": f"test:{at}",
                    "kind": "invitation",
                    "channel": "sms",
                    "customer_id": affairs[at % len(affairs)].customer_id,
                    "invitation_id": affairs[at % len(affairs)].invitation_id,
                    "link_version": 1,
                    "to": "+31612345678",
                    "body": f"{at}",
                    "language": "nl",
                    "formality": "formal",
                    "due_at": NOW,
                    "created_at": NOW,
                }
                for at in range(number)
            ],
        )


def outbox(database, *columns):
    with database.sessions.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Message.id))]


def states(database):
    return [state for (state,) in outbox(database, Message.state)]


def test_a_due_message_is_sent_once_with_its_link(database, relay, console):
    with database.sessions.write.begin() as session:
        affairs = Affairs(session)
        announce_all(
            session,
            ANNOUNCER,
            [InvitationIssued(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)],
        )

    assert relay.run_until_idle() == 1
    assert relay.run_until_idle() == 0

    [sms] = console.sent
    assert f"http://localhost:5000/v/{KEYS.personal_token(affairs.invitation_id, 1)}" in sms.text
    assert outbox(
        database, Message.state, Message.attempts, Message.sent_at, Message.error, Message.lease_id
    ) == [("sent", 1, NOW, "", None)]
    assert "[[link]]" in outbox(database, Message.body)[0][0]


def test_an_email_carries_the_visit_as_it_is_when_it_is_sent(database, relay, console):
    with database.sessions.write.begin() as session:
        affairs = Affairs(session, channel="email")
        visit = affairs.visit()
        announce_all(
            session,
            ANNOUNCER,
            [
                VisitBooked(
                    customer_id=affairs.customer_id, visit_id=visit.id, invitation_id=affairs.invitation_id
                )
            ],
        )
        code = visit.code
        session.execute(update(Visit).values(sequence=4))

    relay.run_until_idle()

    [mail] = console.sent
    token = KEYS.personal_token(affairs.invitation_id, 1)
    calendar = mail.calendar.decode().replace("\r\n ", "")
    assert token in mail.text
    assert mail.html.count(f'href="http://localhost:5000/v/{token}"') == 2
    assert mail.calendar_method == "REQUEST"
    assert "SEQUENCE:4" in calendar
    assert "SUMMARY;LANGUAGE=nl:Warmtehuis Eemland: onderhoud" in calendar
    assert f"/visit/{code}" in calendar
    assert "/v/" not in calendar
    assert "+316" not in calendar


def test_a_cancellation_takes_the_visit_out_of_the_calendar(database, relay, console):
    with database.sessions.write.begin() as session:
        affairs = Affairs(session, channel="email")
        visit = affairs.visit(state="cancelled")
        announce_all(
            session,
            ANNOUNCER,
            [
                VisitCancelled(
                    customer_id=affairs.customer_id, visit_id=visit.id, invitation_id=affairs.invitation_id
                )
            ],
        )

    relay.run_until_idle()

    [mail] = console.sent
    assert mail.calendar_method == "CANCEL"
    assert b"STATUS:CANCELLED" in mail.calendar


def test_what_is_not_due_a_letter_or_without_a_provider_is_left_alone(database, relay, console, clock):
    an_outbox(database, 3)
    with database.sessions.write.begin() as session:
        session.execute(update(Message).where(Message.body == "0").values(due_at=NOW + timedelta(seconds=1)))
        session.execute(update(Message).where(Message.body == "1").values(channel="letter"))

    assert relay.run_until_idle() == 1
    clock.on(seconds=1)
    assert relay.run_until_idle() == 1

    assert [sms.text for sms in console.sent] == ["2", "0"]
    assert states(database) == ["sent", "waiting", "sent"]


def test_a_temporary_failure_is_tried_again_later_and_later(database, relay, console, clock):
    an_outbox(database, 1)
    console.fail_next(Transient("busy"), Transient("busy"), Transient("ask again", retry_after=100))

    waits = []
    for _ in range(3):
        assert relay.run_until_idle() == 1
        [(state, due_at, error)] = outbox(database, Message.state, Message.due_at, Message.error)
        assert state == "waiting"
        assert error in ("busy", "ask again")
        waits.append((due_at - clock.now).total_seconds())
        clock.now = due_at - timedelta(microseconds=1)
        assert relay.run_until_idle() == 0
        clock.now = due_at
    relay.run_until_idle()

    # 5 s, twice that, and at least what the supplier asked where that is longer than 20 s.
    assert waits == [5, 10, 100]
    assert outbox(database, Message.state, Message.attempts, Message.error) == [("sent", 4, "")]


def test_failures_do_not_come_back_all_at_once(database, console, clock):
    an_outbox(database, 2)
    jitter = iter([0.0, 1.0])
    console.fail_next(Transient("busy"), Transient("busy"))

    relay_of(database, console, clock, jitter=lambda: next(jitter)).run_until_idle()

    # A fifth less and a fifth more than 5 s.
    assert outbox(database, Message.due_at) == [(NOW + timedelta(seconds=4),), (NOW + timedelta(seconds=6),)]


def test_after_the_last_attempt_a_message_has_failed_with_its_reason(database, relay, console, clock):
    an_outbox(database, 1)
    console.fail_next(*[Transient("nobody home")] * MOST_ATTEMPTS)

    while states(database) == ["waiting"]:
        relay.run_until_idle()
        clock.on(hours=2)

    assert outbox(database, Message.state, Message.attempts, Message.error) == [
        ("failed", MOST_ATTEMPTS, f"given up after {MOST_ATTEMPTS} attempts: nobody home")
    ]
    assert relay.run_until_idle() == 0


def test_a_permanent_failure_is_not_tried_again(database, relay, console):
    an_outbox(database, 1)
    console.fail_next(Permanent("no such number"))

    relay.run_until_idle()

    assert outbox(database, Message.state, Message.attempts, Message.error) == [
        ("failed", 1, "no such number")
    ]


def test_a_message_that_cannot_be_made_does_not_keep_the_others(database, console, clock, caplog):
    an_outbox(database, 2)

    def compose(_session, message):
        if message.body == "0":
            raise KeyError("+31612345678")
        return Outgoing(message.id, "sms", message.to, message.body, "nl", NOW)

    relay_of(database, console, clock, compose=compose).run_until_idle()

    assert outbox(database, Message.state, Message.error) == [
        ("waiting", "unexpected error (KeyError)"),
        ("sent", ""),
    ]


def test_a_customers_messages_keep_their_order_and_hold_up_no_one_else(database, relay, console, clock):
    an_outbox(database, 4, customers=2)
    console.fail_next(Transient("busy"))

    relay.run_until_idle()
    assert [sms.text for sms in console.sent] == ["1", "3"]

    clock.on(seconds=10)
    relay.run_until_idle()
    assert [sms.text for sms in console.sent] == ["1", "3", "0", "2"]


def test_a_message_that_waits_for_a_better_hour_holds_up_nothing(database, relay, console):
    an_outbox(database, 2, customers=1)
    with database.sessions.write.begin() as session:
        session.execute(update(Message).where(Message.body == "0").values(due_at=NOW + timedelta(hours=9)))

    relay.run_until_idle()

    assert [sms.text for sms in console.sent] == ["1"]


def test_a_message_withdrawn_after_it_was_leased_is_not_sent(database, clock):
    an_outbox(database, 2)
    sent = []

    class WithdrawsTheOther:
        def send(self, outgoing):
            sent.append(outgoing.text)
            with database.sessions.write.begin() as session:
                session.execute(update(Message).where(Message.body == "1").values(state="withdrawn"))
            return Sent(None)

    relay_of(database, WithdrawsTheOther(), clock).run_until_idle()

    assert sent == ["0"]
    assert states(database) == ["sent", "withdrawn"]


def test_a_message_withdrawn_while_it_leaves_did_leave(database, clock):
    an_outbox(database, 1)

    class WithdrawnMeanwhile:
        def send(self, _outgoing):
            with database.sessions.write.begin() as session:
                session.execute(update(Message).values(state="withdrawn"))
            return Sent("SM1")

    relay_of(database, WithdrawnMeanwhile(), clock).run_until_idle()

    assert outbox(database, Message.state, Message.provider_id) == [("sent", "SM1")]


def test_no_transaction_is_open_while_sending(database, clock):
    an_outbox(database, 2)
    open_connections = []

    class Looks:
        def send(self, _outgoing):
            open_connections.append(database.engine.pool.checkedout())
            return Sent(None)

    relay_of(database, Looks(), clock).run_until_idle()

    assert open_connections == [0, 0]


SEAMS = ["_lease_due", "_begin", "_send", "_record_sent"]


@pytest.mark.parametrize(
    "seam_and_when", list(product(SEAMS, ["before", "after"])), ids=lambda pair: f"{pair[1]} {pair[0]}"
)
def test_a_crash_at_any_seam_loses_no_message(database, console, clock, monkeypatch, seam_and_when):
    seam, when = seam_and_when
    an_outbox(database, 3)
    dying = relay_of(database, console, clock)
    step = getattr(dying, seam)

    def crash(*arguments):
        if when == "after":
            step(*arguments)
        raise Crash

    monkeypatch.setattr(dying, seam, crash)
    with pytest.raises(Crash):
        dying.tick()

    clock.on(seconds=61)
    relay_of(database, console, clock).run_until_idle()

    assert states(database) == ["sent"] * 3
    assert {sms.text for sms in console.sent} == {"0", "1", "2"}
    # Only a crash between sending and recording can send twice.
    between = (seam, when) in {("_send", "after"), ("_record_sent", "before")}
    assert len(console.sent) == (4 if between else 3)


def test_what_another_worker_holds_is_not_taken_before_its_lease_is_over(
    database, console, clock, monkeypatch
):
    an_outbox(database, 1)
    dying = relay_of(database, console, clock)
    monkeypatch.setattr(dying, "_send", lambda *_: (_ for _ in ()).throw(Crash))
    with pytest.raises(Crash):
        dying.tick()

    clock.on(seconds=59)
    assert relay_of(database, console, clock).run_until_idle() == 0
    clock.on(seconds=1)
    assert relay_of(database, console, clock).run_until_idle() == 1


def test_a_worker_that_was_thought_dead_changes_nothing_any_more(database, console, clock):
    an_outbox(database, 1)
    other = relay_of(database, console, clock)

    class TooSlow:
        def send(self, _outgoing):
            clock.on(seconds=61)
            other.run_until_idle()
            raise Permanent("late")

    relay_of(database, TooSlow(), clock).run_until_idle()

    assert outbox(database, Message.state, Message.error) == [("sent", "")]


def test_a_message_at_which_workers_keep_dying_is_given_up(database, console, clock, relay):
    an_outbox(database, 1)
    with database.sessions.write.begin() as session:
        session.execute(update(Message).values(attempts=MOST_ATTEMPTS))

    relay.run_until_idle()

    assert states(database) == ["failed"]
    assert console.sent == ()


@pytest.mark.races
def test_several_workers_at_once_send_everything_exactly_once(database, clock):
    an_outbox(database, 120, customers=60)
    sent, lock = [], threading.Lock()

    class Counts:
        def send(self, outgoing):
            with lock:
                sent.append(outgoing.text)
            return Sent(f"SM{outgoing.message_id}")

    workers = [relay_of(database, Counts(), clock) for _ in range(6)]
    failures = []

    def run(worker):
        try:
            while states(database).count("sent") < 120:
                worker.tick(batch=7)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert sorted(sent, key=int) == [str(at) for at in range(120)]
    # The second message of each customer came after the first.
    assert all(sent.index(str(at)) < sent.index(str(at + 60)) for at in range(60))


@pytest.mark.races
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_harness_would_catch_workers_that_take_no_lease(database, clock):
    an_outbox(database, 20)
    sent, lock, ready = [], threading.Lock(), threading.Barrier(4)

    def naive():
        with database.sessions.write() as session:
            waiting = session.scalars(select(Message.body).where(Message.state == "waiting")).all()
        ready.wait(10)
        with lock:
            sent.extend(waiting)

    threads = [threading.Thread(target=naive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(sent) > len(set(sent))


def test_an_idle_outbox_costs_one_statement_a_tick(database, relay):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    relay.tick()
    event.remove(database.engine, "before_cursor_execute", note)

    assert len([statement for statement in statements if not statement.startswith("BEGIN")]) == 1
