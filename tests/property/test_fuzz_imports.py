"""Files as they come when something went wrong with them: a report or one reason, and what is loaded is loaded right.

Each begins as a good file of its kind, and is then cut, mended by hand, saved by another program or damaged on its way.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduling.actions.imports.areas import import_areas
from scheduling.actions.imports.contacts import import_contacts
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.imports.jobs import import_jobs
from scheduling.actions.imports.kinds import import_kinds
from scheduling.actions.imports.table import Report, UnreadableFile
from scheduling.actions.work import Work
from scheduling.models import Address, Area, AreaPostcode, Contact, Customer, Job, Kind
from scheduling.rules.phone import to_e164
from scheduling.rules.typed import showable
from tests.databases import Database, fresh_database
from tests.environment import NOW
from tests.factories import a_customer
from tests.property.effort import effort
from tests.property.hostile import ODD

CUSTOMERS = '''customer_ref,title,initials,first_name,infix,last_name,organisation,formality,language,persona,\
phone,email,channel,postcode,house_number,house_suffix,street,place
C10,ms,S.,Sanne,de,Vries,,formal,nl,senior,06 12345678,sanne@example.org,sms,3811 AB,12,,Langestraat,Amersfoort
C11,mr,,Jan,,"Jansen, sr",,informal,pl,family,,jan@example.org,email,3812CD,7,A,,
C12,,,,,,Woonstichting Zoë & Co,,en,institution,033 303 90 00,,letter,3813 EF,1,,"Plein ""1813""",Amersfoort
'''
AREAS = """area_ref,name,postcodes,kinds,horizon_days,book_until,change_until,time_zone
AMF,Amersfoort,"3811-3813,3820",,60,16:00,12:00,Europe/Amsterdam
UTR,Utrecht,3511-3514,maintenance repair,,,,
GRN,Groningen,9711,repair,,17:00,,Europe/Amsterdam
"""
KINDS = """kind,minutes,places,name_nl,prepare_nl,name_en,name_pl
fibre,90,1,Glasvezel,"Leg de meterkast vrij.
Zet de koffie klaar.",Fibre,Światłowód
boiler,60,2,Ketel,,Boiler,
meter,30,1,Meter,,,
"""
JOBS = '''job_ref,customer_ref,kind,minutes,not_before,due_by,description,principal,postcode,house_number
J1,C1,maintenance,60,2026-12-01,2027-02-01,Jaarlijkse beurt,,,
J2,C1,repair,,,,"Lekt; ""druppelt""",Gemeente Amersfoort,3811AB,14
J3,C2,inspection,,,2027-03-01,,,,
'''
CONTACTS = """contact_ref,customer_ref,role,last_name,phone,email
P1,C1,arranges,Bakker,06 87654321,
P2,C2,caretaker,Smit,,smit@example.org
P3,C2,arranges,Çelik,06 11111111,celik@example.org
"""


@dataclass(frozen=True)
class Importer:
    """An import, a good file for it, and the table that its rows go to."""

    action: Callable[[Work, BytesIO], Report]
    text: str
    table: Any


IMPORTERS = {
    "areas": Importer(import_areas, AREAS, Area),
    "kinds": Importer(import_kinds, KINDS, Kind),
    "customers": Importer(import_customers, CUSTOMERS, Customer),
    "contacts": Importer(import_contacts, CONTACTS, Contact),
    "jobs": Importer(import_jobs, JOBS, Job),
}
EVERY_IMPORTER = pytest.mark.parametrize("importer", IMPORTERS.values(), ids=IMPORTERS)
PIECES = st.one_of(
    st.sampled_from(
        (b'"', b'""', b"\n", b"\r", b"\r\n", b",", b";", b"\t", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc3")
    ),
    st.sampled_from(ODD).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=6),
)
PLACES = st.floats(0, 1)
DAMAGE = st.one_of(
    st.tuples(st.just("put in"), PLACES, PIECES),
    st.tuples(st.just("overwritten"), PLACES, PIECES),
    st.tuples(st.just("taken out"), PLACES, st.integers(1, 40)),
    st.tuples(st.just("cut off"), PLACES, st.none()),
    st.tuples(st.just("line twice"), PLACES, st.none()),
)
SAVED_AS = st.sampled_from(
    ("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-32")
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One for all examples: each takes back what it wrote."""
    with TemporaryDirectory() as folder, fresh_database(request.param, Path(folder)) as fresh:
        yield fresh


def damaged(content: bytes, damages: list[tuple[str, float, Any]]) -> bytes:
    """The file after all that happened to it."""
    for what, where, with_what in damages:
        at = int(where * len(content))
        if what == "put in":
            content = content[:at] + with_what + content[at:]
        elif what == "overwritten":
            content = content[:at] + with_what + content[at + len(with_what) :]
        elif what == "taken out":
            content = content[:at] + content[at + with_what :]
        elif what == "cut off":
            content = content[:at]
        else:
            begins, ends = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at) + 1
            content = content[:ends] + content[begins:ends] + content[ends:]
    return content


class Trial:
    """Loads files into a database that forgets them."""

    def __init__(self, session: Session) -> None:
        self.work = Work(session=session, now=NOW, actor="command", announce=lambda work, event: None)
        for ref in ("C1", "C2"):
            a_customer(self.work, ref=ref)

    def load(self, importer: Importer, content: bytes) -> Report | None:
        """The report; None for a file that cannot be read, of which there is one line that says why."""
        before = self._count(importer)
        try:
            report = importer.action(self.work, BytesIO(content))
        except UnreadableFile as unreadable:
            reason = str(unreadable)
        else:
            self._check_report(report, self._count(importer) - before)
            return report
        assert len(reason.splitlines()) == 1
        return None

    def _check_report(self, report: Report, added: int) -> None:
        assert added == report.added
        for line in report.refusals:
            assert re.match(r"line \d+: [^:]+: .", line), line

    def rows(self, importer: Importer) -> dict[str, tuple[Any, ...]]:
        """What is in the table, by reference, without what each row gets of its own."""
        columns = [
            column
            for column in importer.table.__table__.columns
            if not column.foreign_keys and column.name not in {"id", "created_at", "imported_at"}
        ]
        found = self.work.session.execute(select(importer.table.ref, *columns))
        return {str(row[0]): tuple(row[1:]) for row in found}

    def check(self) -> None:
        """Whatever is in the database can be used."""
        session = self.work.session
        session.expire_all()
        for person in [*session.scalars(select(Customer)), *session.scalars(select(Contact))]:
            assert person.phone is None or to_e164(person.phone) == person.phone
            assert person.email is None or re.fullmatch(r"[^@\s]+@[^@\s]+", person.email)
            assert showable(person.last_name + person.first_name) == person.last_name + person.first_name
            assert person.last_name or person.first_name or getattr(person, "organisation", "")
        for address in session.scalars(select(Address)):
            assert re.fullmatch("[1-9][0-9]{3}[A-Z]{2}", address.postcode)
            assert address.pc4 == address.postcode[:4]
            assert 1 <= address.house_number <= 99999
        for job in session.scalars(select(Job)):
            assert job.minutes is None or 1 <= job.minutes <= 1440
            assert not (job.not_before and job.due_by) or job.not_before <= job.due_by
        claims = session.execute(select(AreaPostcode.pc4, AreaPostcode.kind, AreaPostcode.area_id)).all()
        for pc4, kind, area_id in claims:
            assert not [
                one for one in claims if one[0] == pc4 and one[2] != area_id and "*" in (kind, one[1])
            ]

    def _count(self, importer: Importer) -> int:
        return self.work.session.scalar(select(func.count()).select_from(importer.table)) or 0


class trial:  # noqa: N801  (reads as a word of the test)
    """A `Trial`, taken back at the end."""

    def __init__(self, database: Database) -> None:
        self.session = database.sessions.write()

    def __enter__(self) -> Trial:
        self.transaction = self.session.begin()
        return Trial(self.session)

    def __exit__(self, *_error: object) -> None:
        self.transaction.rollback()
        self.session.close()


@EVERY_IMPORTER
def test_the_good_files_are_good(database, importer):
    with trial(database) as company:
        report = company.load(importer, importer.text.encode())

        assert report is not None
        assert (report.added, report.refusals, report.warnings) == (3, [], [])
        company.check()


@EVERY_IMPORTER
@effort(40)
@given(damages=st.lists(DAMAGE, min_size=1, max_size=4), saved_as=SAVED_AS, semicolons=st.booleans())
def test_a_damaged_file_loads_what_is_right_and_again_changes_nothing(
    database, importer, damages, saved_as, semicolons
):
    text = importer.text.replace(",", ";") if semicolons else importer.text
    content = damaged(text.encode(saved_as, "replace"), damages)

    with trial(database) as company:
        report = company.load(importer, content)
        company.check()
        if report is None:
            # The command takes back all of it; tests/web/test_commands_import.py holds it to that.
            return
        loaded = company.rows(importer)
        again = company.load(importer, content)

        assert again is not None
        assert (again.added, again.updated, again.refusals) == (0, 0, report.refusals)
        assert company.rows(importer) == loaded


@EVERY_IMPORTER
@effort(25)
@given(
    line=st.integers(0, 2),
    where=PLACES,
    piece=st.text(st.characters(exclude_characters='"\n\r\0', codec="utf-8"), max_size=8),
)
def test_a_row_that_is_wrong_takes_no_other_along(database, importer, line, where, piece):
    header, *rows = re.findall(r'(?:[^\n"]|"[^"]*")+\n', importer.text)
    with trial(database) as company:
        company.load(importer, importer.text.encode())
        good = company.rows(importer)
    at = int(where * (len(rows[line]) - 1))
    bad = [*rows]
    bad[line] = rows[line][:at] + piece + rows[line][at:]

    with trial(database) as company:
        report = company.load(importer, "".join([header, *bad]).encode())
        assert report is not None
        loaded = company.rows(importer)

    own_refs = [row.split(",")[0] for row in bad]
    others = [row.split(",")[0] for number, row in enumerate(rows) if number != line]
    is_about_them = any(ref.strip() in others for number, ref in enumerate(own_refs) if number == line)
    # A row that names another one's reference, claims its postcode or its customer is no longer wrong alone.
    if not is_about_them and len(report.refusals) <= 1 and importer.table not in (Area, Contact):
        assert {ref: loaded.get(ref) for ref in others} == {ref: good[ref] for ref in others}
