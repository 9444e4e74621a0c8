"""The import commands: which files can be read, which rows are refused, and what the operator is told."""

from io import BytesIO, TextIOWrapper

import pytest
from sqlalchemy import func, select

from scheduling.models import Address, Area, AreaPostcode, Customer, Job, Kind
from tests.databases import Database
from tests.web.commands import AREAS, CUSTOMERS, JOBS, load, run

HEADER = "customer_ref,last_name,postcode,house_number"
GOOD = "C1,Vries,3811AB,12"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def count(database: Database, table: type) -> int:
    with database.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_company_is_loaded_and_counted(app, database, tmp_path):
    answers = [
        load(app, tmp_path, *file)
        for file in zip(("areas", "customers", "jobs"), (AREAS, CUSTOMERS, JOBS), strict=True)
    ]

    assert [answer.status for answer in answers] == [0, 0, 0]
    assert answers[1].out == "customers: 2 added, 0 updated, 0 unchanged, 0 refused\n"
    assert answers[1].err == ""
    assert [count(database, table) for table in (Area, Customer, Job)] == [1, 2, 2]
    assert count(database, AreaPostcode) == 19  # 3811 to 3829, both included


def test_loading_the_same_files_again_changes_nothing(app, database, tmp_path):
    files = (
        ("kinds", "kind,minutes,name_nl\nfibre,90,Glasvezel\n"),
        ("areas", AREAS),
        ("customers", CUSTOMERS),
        ("jobs", JOBS),
    )
    for file in files:
        load(app, tmp_path, *file)

    again = [load(app, tmp_path, *file) for file in files]

    assert [answer.status for answer in again] == [0] * 4
    assert [answer.out.split(": ")[1] for answer in again] == [
        f"0 added, 0 updated, {rows} unchanged, 0 refused\n" for rows in (1, 1, 2, 2)
    ]
    assert count(database, Address) == 2


@ON_SQLITE
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"{HEADER}\n{GOOD}\n", id="plain"),
        pytest.param(f"\ufeff{HEADER}\n{GOOD}\n", id="byte-order mark"),
        pytest.param(f"{HEADER}\r\n{GOOD}\r\n", id="CRLF"),
        pytest.param(f"{HEADER}\n{GOOD}\n".replace(",", ";"), id="semicolons"),
        pytest.param(f"{HEADER}\n{GOOD}", id="no line end after the last row"),
        pytest.param(
            "HOUSE_NUMBER , Postcode,last_name,customer_ref\n12,3811AB,Vries,C1\n", id="any order and case"
        ),
        pytest.param(f"{HEADER}\n\n,,,\n{GOOD}\n\n", id="blank lines"),
        pytest.param(
            '"customer_ref","last_name","postcode","house_number"\n"C1","Vries","3811AB","12"\n', id="quotes"
        ),
    ],
)
def test_a_file_is_read_however_it_is_written(app, database, tmp_path, content):
    answer = load(app, tmp_path, "customers", content)

    assert (answer.status, answer.err) == (0, "")
    assert count(database, Customer) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "the file is empty; its first line names the columns", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "the file is empty; its first line names the columns", id="mark alone"),
        pytest.param(b"\n\n", "the file is empty; its first line names the columns", id="blank lines"),
        pytest.param(
            f"customer_ref,postcode\n{GOOD}".encode(), "the header has no column house_number", id="missing"
        ),
        pytest.param(f"{HEADER},last_name\n".encode(), "the header names last_name twice", id="twice"),
        pytest.param(f"{HEADER}\nC1,Müller,3811AB,1\n".encode("latin-1"), "line 2: not UTF-8", id="Latin-1"),
        pytest.param(f"{HEADER}\nC1,V\0,3811AB,1\n".encode(), "line 2: not text", id="NUL"),
        pytest.param(f"{HEADER}\n{GOOD}\n".encode("utf-16"), "line 1: not text", id="UTF-16"),
        pytest.param(b"x" * 10_000_000, "line 1: longer than 100000 bytes", id="10 MB in one line"),
        pytest.param(
            f"{HEADER}\n{GOOD}\n".encode() + b"," * 200_000, "line 3: longer than", id="a long line"
        ),
        pytest.param(
            f'{HEADER}\n{GOOD}\nC2,"Vries,3811AB,1\n'.encode(), "line 3: not readable as CSV", id="quote"
        ),
    ],
)
def test_an_unreadable_file_is_one_line_and_nothing_is_done(app, database, tmp_path, content, says):
    answer = load(app, tmp_path, "customers", content)

    assert (answer.status, answer.out) == (2, "")
    assert len(answer.complaints) == 1
    assert says in answer.err
    assert count(database, Customer) == 0


@ON_SQLITE
def test_a_file_that_is_not_there_or_a_folder_is_one_line(app, tmp_path):
    missing = run(app, "areas", "import", str(tmp_path / "none.csv"))
    folder = run(app, "areas", "import", str(tmp_path))

    assert (missing.status, missing.complaints) == (
        2,
        [f"{tmp_path / 'none.csv'}: No such file or directory"],
    )
    assert (folder.status, folder.complaints) == (2, [f"{tmp_path}: Is a directory"])


@ON_SQLITE
@pytest.mark.parametrize("what", ["areas", "customers", "jobs", "kinds"])
def test_a_file_with_a_header_alone_loads_nothing(app, tmp_path, what):
    header = {
        "areas": "area_ref,name,postcodes,kinds",
        "customers": HEADER,
        "jobs": "job_ref,customer_ref,kind",
        "kinds": "kind,minutes,places,name_nl",
    }[what]

    answer = load(app, tmp_path, what, header + "\n")

    assert answer.status == 0
    assert answer.out == f"{what}: 0 added, 0 updated, 0 unchanged, 0 refused\n"


def test_a_file_may_come_through_standard_input(app, database):
    answer = run(app, "customers", "import", "-", stdin=f"{HEADER}\n{GOOD}\n".encode())

    assert answer.status == 0
    assert count(database, Customer) == 1


@ON_SQLITE
def test_unknown_columns_are_named_and_the_rest_is_read(app, database, tmp_path):
    answer = load(app, tmp_path, "customers", f"{HEADER},shoe_size,\n{GOOD},43,\n")

    assert answer.status == 0
    assert answer.complaints == [
        "line 1: shoe_size: unknown column, not read",
        "line 1: (no name): unknown column, not read",
    ]
    assert count(database, Customer) == 1


@ON_SQLITE
def test_a_name_of_a_column_cannot_break_the_line_or_move_the_cursor(app, tmp_path):
    answer = load(app, tmp_path, "customers", f'{HEADER},"shoe\n\x1b[2J size"\n{GOOD},43\n')

    assert answer.complaints == ["line 1: shoe ?[2j size: unknown column, not read"]


@ON_SQLITE
def test_line_numbers_count_quoted_line_breaks(app, database, tmp_path):
    content = f'{HEADER},street\n{GOOD},"Lange\nstraat"\nC2,,3811AB,1,\nC3,Vries,3811AB,1,a,b\n\nC4,Vries,3811AB,x,\n'

    answer = load(app, tmp_path, "customers", content)

    assert answer.status == 1
    assert answer.complaints == [
        "line 4: last_name: is empty; a customer needs a name or an organisation",
        "line 5: row: has 6 values where the header has 5",
        "line 7: house_number: a house number begins with a number from 1 to 99999",
    ]
    assert count(database, Customer) == 1
    with database.sessions.read() as session:
        assert session.scalar(select(Address.street)) == "Lange straat"


@ON_SQLITE
def test_a_row_with_a_quotation_mark_in_the_wrong_place_is_refused_alone(app, database, tmp_path):
    content = f'{HEADER}\nC1,"Jan" Vries,3811AB,1\nC2,"a\nb"c,3811AB,1\nC3,Vries,3811AB,1\n'

    answer = load(app, tmp_path, "customers", content)

    assert answer.status == 1
    assert answer.complaints == [
        "line 2: row: has a quotation mark in the wrong place",
        "line 3: row: has a quotation mark in the wrong place; not read up to line 4",
    ]
    assert count(database, Customer) == 1


BAD_CUSTOMERS = [
    pytest.param({"customer_ref": ""}, "customer_ref: is empty", id="no reference"),
    pytest.param(
        {"customer_ref": "x" * 101}, "customer_ref: has 101 characters; at most 100", id="long reference"
    ),
    pytest.param({"last_name": ""}, "last_name: is empty; a customer needs a name", id="no name"),
    pytest.param({"postcode": ""}, "postcode: is empty; an address needs both", id="no postcode"),
    pytest.param(
        {"postcode": "3811"}, "postcode: a Dutch postcode has 4 digits and 2 letters", id="postcode"
    ),
    pytest.param({"postcode": "", "house_number": ""}, "postcode: is empty", id="no address"),
    pytest.param(
        {"postcode": "", "house_number": "", "street": "Dam"}, "postcode: is empty", id="street alone"
    ),
    pytest.param({"house_number": "0"}, "house_number: a house number begins", id="house number"),
    pytest.param({"house_number": "99999999999"}, "house_number: a house number begins", id="huge number"),
    pytest.param({"house_number": "1a", "house_suffix": "b"}, "house_suffix: differs", id="two suffixes"),
    pytest.param({"title": "dr"}, "title: must be one of: mr, ms, couple", id="title"),
    pytest.param({"formality": "u"}, "formality: must be one of: formal, informal", id="formality"),
    pytest.param({"language": "dutch!"}, "language: must be a language tag like nl, en or pl", id="language"),
    pytest.param({"language": "n"}, "language: must be a language tag", id="short language"),
    pytest.param(
        {"persona": "young"}, "persona: must be one of: senior, family, business, institution", id="persona"
    ),
    pytest.param({"channel": "fax"}, "channel: must be one of: sms, email, letter", id="channel"),
    pytest.param({"phone": "12"}, "phone: is not a phone number; write it like 06 12345678", id="phone"),
    pytest.param({"email": "jan@"}, "email: is not an e-mail address", id="e-mail"),
    pytest.param({"last_name": "x" * 401}, "last_name: has 401 characters; at most 400", id="long name"),
    pytest.param({"last_name": "a\x07b"}, "last_name: has control characters; remove them", id="bell"),
]
FIELDS = (
    "customer_ref",
    "title",
    "last_name",
    "formality",
    "language",
    "persona",
    "phone",
    "email",
    "channel",
    "postcode",
    "house_number",
    "house_suffix",
    "street",
)


def a_row(**values: str) -> str:
    whole = {"customer_ref": "C9", "last_name": "Vries", "postcode": "3811AB", "house_number": "1", **values}
    return ",".join(whole.get(name, "") for name in FIELDS)


@ON_SQLITE
@pytest.mark.parametrize(("values", "says"), BAD_CUSTOMERS)
def test_a_bad_row_is_refused_with_its_line_and_column_and_the_others_load(
    app, database, tmp_path, values, says
):
    content = "\n".join(
        [",".join(FIELDS), a_row(customer_ref="C1"), a_row(**values), a_row(customer_ref="C3")]
    )

    answer = load(app, tmp_path, "customers", content)

    assert answer.status == 1
    assert len(answer.complaints) == 1
    assert answer.complaints[0].startswith(f"line 3: {says}")
    assert answer.out == "customers: 2 added, 0 updated, 0 unchanged, 1 refused\n"
    assert count(database, Customer) == 2


def test_names_that_are_long_or_odd_are_kept_as_they_are(app, database, tmp_path):
    names = ["x" * 300, "O'Brien <script>", "Zoë 🦊", "ﷺ" * 100, 'Jan ""de"" K', "Ünal-Ğ"]
    rows = [f'C{number},"{name}",3811AB,1' for number, name in enumerate(names)]

    answer = load(app, tmp_path, "customers", "\n".join([HEADER, *rows]))

    assert (answer.status, answer.err) == (0, "")
    with database.sessions.read() as session:
        kept = session.scalars(select(Customer.last_name).order_by(Customer.id)).all()
    assert kept == [name.replace('""', '"') for name in names]


@ON_SQLITE
def test_a_reference_that_stands_twice_is_refused_the_second_time(app, database, tmp_path):
    answer = load(app, tmp_path, "customers", f"{HEADER}\n{GOOD}\nC1,Jansen,3811AB,1\n")

    assert answer.complaints == ["line 3: customer_ref: stands on line 2 already"]
    with database.sessions.read() as session:
        assert session.scalar(select(Customer.last_name)) == "Vries"


BAD_JOBS = [
    pytest.param("J9,C1,gardening,,,", "kind: unknown kind 'gardening'; import kinds first", id="kind"),
    pytest.param("J9,C9,repair,,,", "customer_ref: no such customer; import customers first", id="customer"),
    pytest.param("J9,C1,repair,0,,", "minutes: must be a whole number from 1 to 1440", id="minutes"),
    pytest.param("J9,C1,repair,1.5,,", "minutes: must be a whole number from 1 to 1440", id="half minutes"),
    pytest.param("J9,C1,repair,,1-2-2027,", "not_before: must be a date like 2027-03-26", id="date"),
    pytest.param("J9,C1,repair,,2027-02-29,", "not_before: is a day that does not exist", id="no such day"),
    pytest.param("J9,C1,repair,,,9999-12-31", "due_by: must lie between 1900-01-01 and 2199-12-31", id="far"),
    pytest.param("J9,C1,repair,,2027-03-02,2027-03-01", "due_by: lies before not_before", id="order"),
    pytest.param(",C1,repair,,,", "job_ref: is empty", id="reference"),
    pytest.param("J1,C2,repair,,,", "job_ref: stands on line 2 already", id="twice"),
]


@ON_SQLITE
@pytest.mark.parametrize(("row", "says"), BAD_JOBS)
def test_a_bad_job_is_refused_with_its_line_and_column(app, database, tmp_path, row, says):
    load(app, tmp_path, "customers", CUSTOMERS)
    content = f"job_ref,customer_ref,kind,minutes,not_before,due_by\nJ1,C1,repair,,,\n{row}\n"

    answer = load(app, tmp_path, "jobs", content)

    assert (answer.status, answer.complaints) == (1, [f"line 3: {says}"])
    assert count(database, Job) == 1


BAD_AREAS = [
    pytest.param("B,,,", "postcodes: is empty", id="none"),
    pytest.param("B,,38,", "postcodes: '38' is not a 4-digit postcode or a range like 3811-3829", id="short"),
    pytest.param("B,,3820-3811,", "postcodes: '3820-3811' runs backwards", id="backwards"),
    pytest.param("B,,3900,gardening", "kinds: unknown kind gardening; import kinds first", id="kind"),
    pytest.param("B,,3811,", "postcodes: 3811 lies in area A already", id="claimed"),
    pytest.param("B,,3811,repair", "postcodes: 3811 lies in area A already", id="one kind of all"),
    pytest.param(",,3900,", "area_ref: is empty", id="reference"),
]


@ON_SQLITE
@pytest.mark.parametrize(("row", "says"), BAD_AREAS)
def test_a_bad_area_is_refused_with_its_line_and_column(app, database, tmp_path, row, says):
    answer = load(app, tmp_path, "areas", f"area_ref,name,postcodes,kinds\nA,,3811,\n{row}\n")

    assert (answer.status, answer.complaints) == (1, [f"line 3: {says}"])
    assert count(database, Area) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param("0,,,", "horizon_days: must be a whole number from 1 to 1000", id="horizon"),
        pytest.param(",24:00,,", "book_until: must be a time like 16:00", id="book"),
        pytest.param(",,noon,", "change_until: must be a time like 16:00", id="change"),
        pytest.param(
            ",,,Europe/Amersfoort", "time_zone: is not a time zone like Europe/Amsterdam", id="zone"
        ),
        pytest.param(",,,../../etc/passwd", "time_zone: is not a time zone like Europe/Amsterdam", id="path"),
    ],
)
def test_a_bad_rule_of_an_area_is_refused(app, tmp_path, values, says):
    header = "area_ref,postcodes,horizon_days,book_until,change_until,time_zone"

    answer = load(app, tmp_path, "areas", f"{header}\nA,3811,{values}\n")

    assert (answer.status, answer.complaints) == (1, [f"line 2: {says}"])


@ON_SQLITE
@pytest.mark.parametrize(
    ("row", "says"),
    [
        pytest.param("a b,30,1,Werk", "kind: use letters, digits, - and _ only", id="kind"),
        pytest.param("fibre,,1,Werk", "minutes: is empty", id="no minutes"),
        pytest.param("fibre,30,0,Werk", "places: must be a whole number from 1 to 100", id="places"),
        pytest.param("fibre,30,1,", "name_nl: is empty; a kind of work needs a name", id="name"),
    ],
)
def test_a_bad_kind_is_refused(app, database, tmp_path, row, says):
    before = count(database, Kind)

    answer = load(app, tmp_path, "kinds", f"kind,minutes,places,name_nl\n{row}\n")

    assert answer.status == 1
    assert answer.err.startswith(f"line 2: {says}")
    assert count(database, Kind) == before


class _Terminal(TextIOWrapper):
    def isatty(self) -> bool:
        return True


@ON_SQLITE
def test_a_terminal_sees_how_far_the_import_is_and_a_file_does_not(app, tmp_path, monkeypatch):
    from app.cli.progress import watched

    terminal = _Terminal(BytesIO(), encoding="utf-8", write_through=True)
    monkeypatch.setattr("sys.stderr", terminal)

    with watched(BytesIO(b"one\ntwo\n")) as lines:
        read = [lines.readline(100) for _ in range(3)]

    assert read == [b"one\n", b"two\n", b""]
    assert b"100%" in terminal.buffer.getvalue()  # type: ignore[attr-defined]


@ON_SQLITE
def test_a_terminal_sees_how_far_a_count_is_and_nothing_is_counted_for_a_file(app, monkeypatch):
    from app.cli.progress import counted

    terminal, counts = _Terminal(BytesIO(), encoding="utf-8", write_through=True), list[str]()

    def asked() -> int:
        counts.append("asked")
        return 4

    with counted("writing", asked) as tell:
        tell(4)
    monkeypatch.setattr("sys.stderr", terminal)
    with counted("writing", lambda: 4) as tell:
        tell(3)
        tell(1)

    assert counts == []
    assert b"100%" in terminal.buffer.getvalue()  # type: ignore[attr-defined]


CONTACTS = "contact_ref,customer_ref,role,last_name,phone\nP1,C1,arranges,Bakker,06 87654321\n"


def test_contacts_are_loaded_and_taken_away(app, tmp_path):
    load(app, tmp_path, "customers", CUSTOMERS)

    loaded = load(app, tmp_path, "contacts", CONTACTS)
    removed = run(app, "contacts", "remove", "P1")
    again = run(app, "contacts", "remove", "P1")

    assert loaded.out == "contacts: 1 added, 0 updated, 0 unchanged, 0 refused\n"
    assert (removed.status, removed.out) == (0, "1 removed\n")
    assert (again.status, again.complaints) == (2, ["no such contact: P1"])
