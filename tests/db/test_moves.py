"""An address or a due date that is corrected after the invitation went out."""

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from scheduling.actions import visits
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.imports.jobs import import_jobs
from scheduling.actions.jobs import withdraw
from scheduling.actions.work import VisitChanged
from scheduling.models import Address, Customer, Invitation, Job, Visit
from scheduling.reads.asked import asked
from tests.databases import Database
from tests.environment import NOW
from tests.factories import a_window, an_address, an_area, an_invitation, working


def corrected(ref: str, postcode: str) -> BytesIO:
    return BytesIO(f"customer_ref,postcode,house_number\n{ref},{postcode},7\n".encode())


def test_an_invitation_follows_the_corrected_address_into_its_area(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        soest = an_area(work, "SOE", codes=("3761",))
        invitation_id = an_invitation(work, ref="C1")

        report = import_customers(work, corrected("C1", "3761AB"))

        assert (report.updated, report.warnings) == (1, [])
        assert asked(work.session, invitation_id).area_id == soest


def test_a_booked_visit_goes_to_the_corrected_address_and_the_customer_hears_it(database: Database) -> None:
    events = []
    with working(database.sessions, announce=lambda work, event: events.append(event)) as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work, ref="C1")
        visits.book(work, invitation_id, window_id, uid_host="h")

        report = import_customers(work, corrected("C1", "3811AC"))

        visit = work.session.scalars(select(Visit)).one()
        address = work.session.get_one(Address, visit.address_id)
        assert (address.postcode, visit.sequence, visit.window_id) == ("3811AC", 1, window_id)
        assert isinstance(events[-1], VisitChanged)
        assert report.warnings == [
            "line 2: postcode: a visit is booked; it goes to this address now: check its area"
        ]


@pytest.mark.parametrize("state", ["done", "missed", "cancelled"])
def test_a_visit_that_is_over_stays_where_it_was(database: Database, state: str) -> None:
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work, ref="C1")
        visits.book(work, invitation_id, window_id, uid_host="h")
        if state == "cancelled":
            visits.cancel(work, invitation_id)
        else:
            visits.progress(work, invitation_id, state)
        before = work.session.scalars(select(Visit.address_id)).one()

        import_customers(work, corrected("C1", "3811AC"))

        assert work.session.scalars(select(Visit.address_id)).one() == before


def test_work_at_an_address_of_its_own_stays_there(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work, ref="C1")
        own = an_address(work)
        work.session.query(Job).update({"address_id": own})
        work.session.query(Invitation).update({"address_id": own})

        import_customers(work, corrected("C1", "3811AC"))

        assert work.session.get_one(Invitation, invitation_id).address_id == own
        assert work.session.scalars(select(Customer.address_id)).one() != own


def test_a_due_date_that_is_put_off_keeps_the_link_open_longer(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work, ref="C1")
        job = work.session.scalars(select(Job)).one()
        work.session.query(Invitation).update({"expires_at": NOW})
        file = f"job_ref,customer_ref,kind,due_by\n{job.ref},C1,maintenance,2027-06-30\n"

        import_jobs(work, BytesIO(file.encode()))

        # 30 June and 60 days: 29 August.
        work.session.expire_all()
        assert work.session.get_one(Invitation, invitation_id).expires_at.date() == date(2027, 8, 29)


def test_a_visit_keeps_what_it_was_booked_with_when_its_job_is_imported_anew(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work, ref="C1")
        visits.book(work, invitation_id, window_id, uid_host="h")
        job_ref = work.session.scalars(select(Job.ref)).one()

        report = import_jobs(
            work, BytesIO(f"job_ref,customer_ref,kind,minutes\n{job_ref},C1,installation,90\n".encode())
        )

        ask = asked(work.session, invitation_id)
        assert (ask.minutes, ask.wanted.places) == (45, 1)
        assert report.warnings == [
            "line 2: kind: a visit is booked; it keeps the minutes and places it was booked with"
        ]


def test_a_withdrawn_job_that_is_imported_again_stays_withdrawn_and_says_so(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        an_invitation(work, ref="C1")
        job_ref = work.session.scalars(select(Job.ref)).one()
        withdraw(work, [job_ref])

        report = import_jobs(work, BytesIO(f"job_ref,customer_ref,kind\n{job_ref},C1,maintenance\n".encode()))

        assert report.warnings == [
            "line 2: job_ref: was withdrawn, and stays so; import it anew under another reference"
        ]
        assert work.session.scalars(select(Job.withdrawn_at)).one() is not None
