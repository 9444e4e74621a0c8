"""The demonstration company: what `demo load` brings in, the links that are printed, and the pages for trying it."""

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import pytest
from sqlalchemy import func, select

from app.demo.company import (
    ARRANGED_FOR,
    BOOKS,
    CANCELS,
    CHANGES,
    DATA,
    DISPATCHER,
    FILLS_THE_DAY,
    FULL,
    OUTSIDE,
    WISHES,
)
from notifications.models import Message
from notifications.quiet import QuietHours
from scheduling.models import (
    Area,
    AreaPostcode,
    ContactHistory,
    Customer,
    History,
    Invitation,
    Job,
    Staff,
    Visit,
    Window,
)
from scheduling.rules.holidays import public_holiday
from scheduling.rules.postcodes import place_of
from tests.databases import Database, fresh_database

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from app.config import Settings

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
IN_ENGLISH = {"Accept-Language": "en"}
PERSONAS = ("Senior living alone", "Family", "Business", "Institution")


@pytest.fixture
def settings(settings: "Settings") -> "Settings":
    return replace(settings, demo=True)


@pytest.fixture
def company(app: "Flask") -> "Flask":
    """The application with the demonstration company in its database."""
    assert run(app, "load").exit_code == 0
    return app


def run(app: "Flask", command: str) -> "Result":
    return app.test_cli_runner().invoke(args=["demo", command])


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def count(session: "Session", table: Any) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def links_of(app: "Flask") -> dict[str, str]:
    """What `demo links` prints: label (without the name) to the path or address after it."""
    found = (re.fullmatch(r"  (.+?)  +(\S+).*", line) for line in run(app, "links").stdout.splitlines())
    return {
        match[1].partition(":")[0]: match[2].removeprefix("http://localhost:5000") for match in found if match
    }


def articles(html: str) -> list[str]:
    return re.findall(r'<li class="written__message".*?</li>', html, flags=re.DOTALL)


def test_loading_brings_in_a_whole_company_through_the_actions(app: "Flask", session: "Session") -> None:
    result = run(app, "load")

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert [count(session, table) for table in (Area, Customer, Job)] == [3, 42, 47]
    # Everybody has one invitation, the customer with two jobs at one address as well; five homes have one each.
    assert count(session, Invitation) == 41 + 5
    # The two who fill the day, those who booked, the one who changed and the one who cancelled.
    assert count(session, Visit) == 2 + len(BOOKS) + 2
    events = set(session.scalars(select(History.event)))
    assert events >= {"invitation_issued", "visit_booked", "visit_changed", "visit_cancelled", "wishes_left"}
    assert count(session, ContactHistory) == len(WISHES) == 3


def test_what_is_booked_is_what_the_visits_take(company: "Flask", session: "Session") -> None:
    visits = session.execute(
        select(Visit.window_id, func.sum(Visit.places).label("places"))
        .where(Visit.state == "booked")
        .group_by(Visit.window_id)
    )
    taken = {row.window_id: row.places for row in visits}

    windows = session.execute(select(Window.id, Window.booked).where(Window.booked > 0))

    assert {row.id: row.booked for row in windows} == taken


def test_loading_a_second_time_changes_nothing_and_says_so(company: "Flask", session: "Session") -> None:
    before = count(session, History)

    result = run(company, "load")

    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert "there is data already" in result.stdout
    assert (count(session, Customer), count(session, History)) == (42, before)


@on_sqlite
def test_a_database_with_an_area_of_its_own_is_left_alone(
    app: "Flask", tmp_path: Path, session: "Session"
) -> None:
    own = tmp_path / "areas.csv"
    own.write_text("area_ref,postcodes\nown,9711\n")
    app.test_cli_runner().invoke(args=["areas", "import", str(own)])

    result = run(app, "load")

    assert result.exit_code == 0
    assert (count(session, Area), count(session, Customer), count(session, Staff)) == (1, 0, 0)


@on_sqlite
def test_without_demo_nothing_is_loaded_and_no_page_is_there(
    settings: "Settings", clock: Any, session: "Session"
) -> None:
    from app import create_app

    app = create_app(replace(settings, demo=False))

    result = run(app, "load")

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert count(session, Customer) == 0
    assert app.test_client().get("/demo/").status_code == 404
    assert app.test_client().get("/demo/messages").status_code == 404


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(datetime(2026, 12, 24, 22, 30, tzinfo=UTC), id="Christmas Eve at night"),
        pytest.param(
            datetime(2027, 3, 26, 15, 30, tzinfo=UTC), id="Good Friday, before the clock goes forward"
        ),
        pytest.param(datetime(2027, 4, 24, 9, 0, tzinfo=UTC), id="a Saturday before Koningsdag"),
        pytest.param(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), id="the night with 25 hours"),
    ],
)
@on_sqlite
def test_it_can_be_loaded_on_any_day(app: "Flask", clock: Any, session: "Session", day: datetime) -> None:
    clock.move_to(day)

    result = run(app, "load")

    assert result.exit_code == 0
    local_days = set(session.scalars(select(Window.local_day)))
    # Eight weeks, from the first working day on: the last window lies in the eighth week.
    assert 50 <= (max(local_days) - min(local_days)).days < 56
    assert [local_day for local_day in local_days if public_holiday(local_day)] == []


@on_sqlite
def test_two_loads_at_one_moment_make_the_same_choices(
    company: "Flask", settings: "Settings", session: "Session", tmp_path: Path
) -> None:
    from app import create_app

    def choices(database_session: "Session") -> list[tuple[Any, ...]]:
        query = (
            select(Customer.ref, Window.starts_at, Visit.state)
            .join(Visit, Visit.customer_id == Customer.id)
            .join(Window, Window.id == Visit.window_id)
            .order_by(Customer.ref)
        )
        return [tuple(row) for row in database_session.execute(query)]

    (tmp_path / "second").mkdir()
    with fresh_database("sqlite", tmp_path / "second") as second:
        run(create_app(replace(settings, database_url=second.url)), "load")
        with second.sessions.read() as reading:
            again = choices(reading)

    assert choices(session) == again


@on_sqlite
def test_every_sms_of_the_demonstration_has_two_parts_at_most(company: "Flask", session: "Session") -> None:
    parts = session.scalars(select(Message.segments).where(Message.channel == "sms")).all()

    assert len(parts) > 30
    assert max(part for part in parts if part is not None) <= 2


def test_the_customers_cover_everything_that_may_be_said_of_one() -> None:
    people = rows("people")

    def values(column: str) -> set[str]:
        return {person[column] for person in people}

    assert len(people) == 42
    assert values("persona") == {"senior", "family", "business", "institution"}
    assert values("title") == {"", "mr", "ms", "couple"}
    assert values("formality") == {"", "formal", "informal"}
    assert values("language") == {"nl", "en", "pl", "nl-BE"}
    assert values("channel") == {"", "sms", "email", "letter"}
    assert {"'t", "in 't", "van der", "d'"} <= values("infix")
    alone = [person for person in people if not person["last_name"] and not person["organisation"]]
    assert [person["first_name"] for person in alone] == ["Suparmi"]
    assert any(person["organisation"] and not person["last_name"] for person in people)
    assert any(person["organisation"] and person["last_name"] for person in people)
    assert any(person["initials"] and not person["first_name"] and not person["title"] for person in people)
    assert any(letter in person["first_name"] for person in people for letter in "ëï")
    assert max(len(person["last_name"]) for person in people) > 50


def test_nobody_in_the_demonstration_can_be_reached() -> None:
    people = [*rows("people"), *rows("contacts")]

    phones = [re.sub(r"\D", "", person["phone"])[-9:] for person in people if person["phone"]]
    emails = [person["email"] for person in people if person["email"]]

    # 06 123456xx and the company's own made-up exchange; .example is kept free for ever (RFC 2606).
    assert [phone for phone in phones if not phone.startswith(("6123456", "3330390"))] == []
    assert [email for email in emails if not email.endswith(".example")] == []
    # No street there has that many houses: the doors do not exist.
    assert (
        min(int(home["house_number"]) for home in [*rows("people"), *rows("jobs")] if home["house_number"])
        > 200
    )
    assert len(phones) == len(set(phones))


@on_sqlite
def test_areas_are_real_postcodes_and_one_customer_lives_in_none(
    company: "Flask", session: "Session"
) -> None:
    served = set(session.scalars(select(AreaPostcode.pc4)))

    homes = {person["customer_ref"]: person["postcode"][:4] for person in rows("people")}

    assert [code for code in served if place_of(code) is None] == []
    assert {ref for ref, code in homes.items() if code not in served} == {OUTSIDE}


@on_sqlite
def test_the_links_are_few_lines_and_each_shows_what_it_says(company: "Flask", client: "FlaskClient") -> None:
    lines = run(company, "links").stdout.splitlines()

    shown = {
        label: re.search(
            r'data-page="([\w-]+)"', client.get(path, headers=IN_ENGLISH, follow_redirects=True).text
        )[1]  # type: ignore[index]
        for label, path in links_of(company).items()
    }

    assert len(lines) <= 25
    assert shown == {
        "Start page": "demo-start",
        **dict.fromkeys(PERSONAS, "choose"),
        "In English": "choose",
        "In Polish": "choose",
        "Several homes": "choose",
        "Somebody arranges it for her": "choose",
        "Booked already": "booked",
        "Cancelled": "cancelled",
        "All times are taken": "no-windows",
        "No windows here": "no-windows",
        "By letter": "home",
        "Messages written": "demo-messages",
        "Staff sign-in": "staff-sign-in",
        "Set that password, once": "staff-password",
    }


@on_sqlite
def test_the_organisation_sees_its_five_homes_together(company: "Flask", client: "FlaskClient") -> None:
    page = client.get(links_of(company)["Several homes"] + "/homes?lang=en").text

    assert page.count('<li class="home">') == 5
    assert page.count("No time chosen yet") == 5


@on_sqlite
def test_the_daughter_is_asked_for_a_time_and_her_mother_is_not(company: "Flask", session: "Session") -> None:
    written = session.scalars(
        select(Message).join(Customer, Customer.id == Message.customer_id).where(Customer.ref == ARRANGED_FOR)
    ).all()

    (daughter,) = rows("contacts")
    assert [(message.kind, message.to) for message in written] == [
        ("invitation", "+316" + daughter["phone"][-8:])
    ]
    assert "Hoi Marloes" in written[0].body or "Beste Marloes" in written[0].body


@on_sqlite
def test_the_customer_who_reads_polish_gets_everything_in_polish(
    company: "Flask", client: "FlaskClient", session: "Session"
) -> None:
    shown = client.get(links_of(company)["In Polish"], headers=IN_ENGLISH, follow_redirects=True).text
    written = session.scalars(
        select(Message.body)
        .join(Customer, Customer.id == Message.customer_id)
        .where(Customer.language == "pl", Message.kind == "invitation")
    ).all()

    assert '<html lang="pl" dir="ltr">' in shown
    assert "Cel wizyty: przegląd kotła." in shown
    assert len(written) == 2
    assert [
        body for body in written if not re.search(r"Cel wizyty: (przegl[aą]d|napraw|kontrol|monta[zż])", body)
    ] == []


def test_each_call_makes_a_new_password_link_and_ends_the_one_before(
    company: "Flask", client: "FlaskClient", session: "Session"
) -> None:
    first, second = (links_of(company)["Set that password, once"] for _ in range(2))

    assert first != second
    assert client.get(second).status_code == 200
    assert client.get(first).status_code != 200
    assert session.execute(select(Staff.email, Staff.role)).all() == [(DISPATCHER, "dispatcher")]


@on_sqlite
def test_the_letter_code_that_is_printed_opens_a_page(company: "Flask", client: "FlaskClient") -> None:
    match = re.search(r"code (\S+), postcode (.+)", run(company, "links").stdout)
    assert match is not None
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)

    answer = client.post("/", data={"csrf_token": token[1], "code": match[1], "postcode": match[2]})  # type: ignore[index]

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/v/")


@on_sqlite
def test_who_has_booked_makes_room_for_another_of_the_same_persona(
    company: "Flask", database: Database, clock: Any
) -> None:
    from app.work import carry_out
    from scheduling.actions import visits
    from scheduling.reads.asked import asked
    from scheduling.reads.offer import offer

    before = links_of(company)["Senior living alone"]
    with database.sessions.read() as reading, company.app_context():
        invitation_id = reading.scalars(
            select(Invitation.id)
            .join(Customer, Customer.id == Invitation.customer_id)
            .where(Customer.ref == "WE-1001")
        ).one()
        found = offer(reading, asked(reading, invitation_id), datetime.now(UTC))
        carry_out(visits.book, invitation_id, found.days[0].windows[0].window_id, uid_host="localhost")

    after = links_of(company)["Senior living alone"]

    assert after != before


@on_sqlite
def test_a_visit_that_is_over_is_not_shown_as_booked(company: "Flask", clock: Any) -> None:
    clock.shift(7 * 7 * 24 * 3600)

    assert "Booked already" not in links_of(company)


@on_sqlite
def test_over_other_data_no_customer_and_no_account_is_made_public(
    app: "Flask", client: "FlaskClient", tmp_path: Path, session: "Session"
) -> None:
    own = tmp_path / "areas.csv"
    own.write_text("area_ref,postcodes\nown,9711\n")
    app.test_cli_runner().invoke(args=["areas", "import", str(own)])

    printed = run(app, "links").stdout

    assert "/v/" not in printed
    assert "/staff/password/" not in printed
    assert count(session, Staff) == 0
    assert "not in this database" in client.get("/demo/", headers=IN_ENGLISH).text


@on_sqlite
def test_without_demo_only_the_sign_in_is_printed(settings: "Settings", clock: Any) -> None:
    from app import create_app

    app = create_app(replace(settings, demo=False))

    assert run(app, "links").stdout == "http://localhost:5000/staff/\n"


@pytest.mark.parametrize("path", ["/demo/", "/demo/messages", "/demo/messages?kind=change&customer=WE-1029"])
@pytest.mark.parametrize("language", ["nl", "en"])
@on_sqlite
def test_the_pages_are_valid_html_and_change_nothing(
    company: "Flask", client: "FlaskClient", session: "Session", path: str, language: str
) -> None:
    before = [count(session, table) for table in (History, Message, Staff)]

    answer = client.get(path, headers={"Accept-Language": language})

    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert [count(session, table) for table in (History, Message, Staff)] == before


@on_sqlite
def test_messages_are_shown_fifty_at_a_time_the_newest_first(
    company: "Flask", client: "FlaskClient", session: "Session"
) -> None:
    total = count(session, Message)

    first = client.get("/demo/messages", headers=IN_ENGLISH).text
    older = re.search(r'href="([^"]+)">Older messages', first)
    second = client.get(older[1], headers=IN_ENGLISH).text  # type: ignore[index]

    assert (len(articles(first)), len(articles(second))) == (50, total - 50)
    # The last thing that was written is the cancellation, by SMS and by e-mail.
    assert 'data-kind="cancellation"' in articles(first)[0]
    assert "Older messages" not in second


@on_sqlite
def test_a_personal_link_in_a_message_can_be_followed(company: "Flask", client: "FlaskClient") -> None:
    page = client.get("/demo/messages?customer=WE-1001", headers=IN_ENGLISH).text

    (message,) = articles(page)
    links = re.findall(r'<a href="http://localhost:5000(/v/\w+)">http://localhost:5000\1</a>', message)

    assert len(links) == 1
    assert "[[" not in message
    assert client.get(links[0]).status_code == 200


@on_sqlite
def test_filters_leave_only_what_was_asked_for(company: "Flask", client: "FlaskClient") -> None:
    everything = articles(client.get(f"/demo/messages?customer={CHANGES}").text)
    changes = articles(client.get(f"/demo/messages?customer={CHANGES}&kind=change").text)

    assert len(everything) > len(changes) == 1
    assert 'data-kind="change"' in changes[0]


@pytest.mark.parametrize(
    "query",
    ["customer=%00%27%22%3Cscript%3E", "kind=nonsense", "page=-3", "page=99999999999999999999", "page=x"],
)
@on_sqlite
def test_whatever_stands_in_the_address_the_page_answers(
    company: "Flask", client: "FlaskClient", query: str
) -> None:
    answer = client.get(f"/demo/messages?{query}")

    assert answer.status_code == 200
    assert "<script" not in answer.text


@on_sqlite
def test_names_with_quotes_and_signs_are_escaped(company: "Flask", client: "FlaskClient") -> None:
    page = client.get("/demo/messages?customer=WE-1015").text

    assert "Jansen &amp; Zn. &#34;De Kraan&#34;" in page


@on_sqlite
def test_letters_show_the_code_and_sms_their_parts(company: "Flask", client: "FlaskClient") -> None:
    (letter,) = articles(client.get("/demo/messages?customer=WE-1009", headers=IN_ENGLISH).text)
    (sms,) = articles(client.get("/demo/messages?customer=WE-1001", headers=IN_ENGLISH).text)

    assert 'class="paper paper--letter"' in letter
    assert re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", letter)
    assert 'class="paper paper--sms"' in sms
    assert "2 parts" in sms


@on_sqlite
def test_what_the_worker_sent_and_what_is_no_longer_true_say_so(
    company: "Flask", client: "FlaskClient"
) -> None:
    company.test_cli_runner().invoke(args=["worker", "--once"])

    sent = client.get("/demo/messages?customer=WE-1001", headers=IN_ENGLISH).text
    withdrawn = client.get(f"/demo/messages?customer={CHANGES}&kind=confirmation", headers=IN_ENGLISH).text

    assert re.search(r"<br>\w+, today 10:00", sent)
    assert 'data-state="waiting"' not in sent
    assert "Not sent: no longer true" in withdrawn


@on_sqlite
def test_that_nothing_leaves_is_only_said_where_it_is_so(settings: "Settings", clock: Any) -> None:
    from app import create_app

    said = {}
    for mail_url in ("console:", "smtp://localhost:2525"):
        app = create_app(replace(settings, mail_url=mail_url, mail_from="a@b.example"))
        run(app, "load")
        said[mail_url] = "No message leaves" in app.test_client().get("/demo/", headers=IN_ENGLISH).text

    assert said == {"console:": True, "smtp://localhost:2525": False}


@pytest.fixture
def at_night(settings: "Settings", clock: Any) -> "Flask":
    """The portal with the quiet hours that a company has, at 22:00 in Amsterdam."""
    from app import create_app

    clock.move_to(datetime(2026, 11, 24, 21, 0, tzinfo=UTC))
    return create_app(replace(settings, quiet_hours=QuietHours.parse("20:00-08:00")))


@on_sqlite
def test_a_message_that_waits_for_the_morning_says_so(at_night: "Flask") -> None:
    run(at_night, "load")

    page = at_night.test_client().get("/demo/messages?customer=WE-1001", headers=IN_ENGLISH).text

    assert "Waits until tomorrow 08:00: quiet hours" in page


@on_sqlite
def test_an_answer_to_the_customer_waits_for_no_morning(at_night: "Flask") -> None:
    run(at_night, "load")

    page = (
        at_night.test_client()
        .get(f"/demo/messages?customer={CANCELS}&kind=cancellation", headers=IN_ENGLISH)
        .text
    )

    assert "Due today 22:00, waits for the worker" in page
    assert "Waits until" not in page


def test_those_who_fill_the_day_live_where_the_day_is_full() -> None:
    homes = {person["customer_ref"]: person["postcode"][:2] for person in rows("people")}

    assert {homes[ref] for ref in (FULL, *FILLS_THE_DAY)} == {"38"}
