"""Who books while they are erased: either comes first, nobody waits for ever, and no place is lost."""

import threading

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.retention import erase_customer
from app.work import carry_out
from scheduling.actions import visits
from scheduling.db import was_a_race
from scheduling.errors import LinkUnknown
from scheduling.models import Address, Customer, Visit
from tests.environment import NOW
from tests.factories import a_window, an_address, an_area, an_invitation, counters, working

ROUNDS = 10
WAIT_SECONDS = 30


def test_booking_and_erasing_at_once_leaves_no_place_taken(app, database):
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work, capacity=3)

    endings = [_at_once(app, database, window_id, f"R{number}") for number in range(ROUNDS)]

    assert set(endings) <= {"booked", "unknown"}
    with database.sessions.read() as session:
        assert counters(session, window_id) == (3, 0, 0)
        assert session.query(Customer).count() == session.query(Visit).count() == 0


def _at_once(app, database, window_id, ref):
    with working(database.sessions) as work:
        invitation_id = an_invitation(work, ref=ref)
    start, endings, failures = threading.Barrier(2), [], []

    def book():
        try:
            carry_out(visits.book, invitation_id, window_id, uid_host="example")
            endings.append("booked")
        except LinkUnknown:
            endings.append("unknown")

    def erase():
        carry_out(erase_customer, ref)

    def run(action):
        try:
            with app.app_context():
                start.wait(WAIT_SECONDS)
                action()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in (book, erase)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    if failures:
        pytest.fail(repr(failures))
    (ending,) = endings
    return ending


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_address_that_is_swept_up_while_an_import_takes_it_makes_the_import_begin_again(database):
    with working(database.sessions) as work:
        address_id = an_address(work)

    with database.sessions.write() as importing, importing.begin():
        assert importing.scalar(select(Address.id)) == address_id
        with working(database.sessions) as work:
            work.session.execute(delete(Address))
        importing.add(
            Customer(ref="K1", sort_key="k", address_id=address_id, imported_at=NOW, created_at=NOW)
        )
        with pytest.raises(IntegrityError) as lost:
            importing.flush()
        importing.rollback()

    assert was_a_race(lost.value)
