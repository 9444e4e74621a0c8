"""Every route with anything in its address, form, cookies and headers: an answer of ours, and never an error of ours.

Each example is a household of its own in one company, so that what one request does shuts no door to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Rule

from app import create_app
from app.config import TwilioAccount, read_settings
from scheduling.models import Invitation
from scheduling.reads import staff as staff_reads
from tests.databases import Database, fresh_database
from tests.environment import ENVIRONMENT, NOW
from tests.factories import A_THURSDAY, EIGHT, TWO, a_window, an_area, an_invitation, working
from tests.page import PageBrowser
from tests.property.effort import effort
from tests.property.hostile import BODIES, COOKIES, HEADERS, HOSTS, NAMES, PAIRS, TYPES, VALUES, as_sent
from tests.property.promises import check_promises
from tests.web.staff import an_account

ACCOUNT = TwilioAccount(account_sid="AC" + "0" * 32, auth_token="secret", sender="+31612345678", api_url=None)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_networks = count(1)


@dataclass(frozen=True)
class Company:
    """The application with every door there is, and the area in which households are invited."""

    app: Flask
    database: Database
    staff_cookie_id: str

    def a_household(self, kinds: tuple[str, ...]) -> int:
        """The invitation of a new one."""
        with working(self.database.sessions) as work:
            return an_invitation(work, kinds=kinds)

    def token(self, invitation_id: int) -> str:
        """Of the link as it is now."""
        with self.database.sessions.read() as session:
            version = session.get_one(Invitation, invitation_id).version
        return str(self.app.extensions["portal"].link_keys.personal_token(invitation_id, version))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    """One for all examples."""
    with (
        TemporaryDirectory() as folder,
        fresh_database(request.param, Path(folder)) as database,
        time_machine.travel(NOW, tick=False),
    ):
        settings = read_settings({**ENVIRONMENT, "DATABASE_URL": database.url})
        app = create_app(replace(settings, demo=True, sms_provider="twilio", twilio=ACCOUNT))
        # An error that nobody expected answers 500 here, as it does for customers.
        app.config["PROPAGATE_EXCEPTIONS"] = False
        with working(database.sessions) as work:
            an_area(work)
            for day in range(3):
                for starts in (EIGHT, TWO):
                    a_window(work, day=A_THURSDAY + timedelta(days=7 * day), starts=starts, capacity=10_000)
        email = an_account(database.sessions)
        with database.sessions.read() as session:
            account = staff_reads.by_email(session, email)
            assert account is not None
        yield Company(app, database, f"{account.staff_id}.{account.session_version}")


@dataclass(frozen=True)
class Visitor:
    """Who asks, with the session that they have."""

    company: Company
    client: FlaskClient
    token: str
    csrf_token: str

    def send(self, method: str, path: str, **request: Any) -> None:
        """Asks, and holds the answer to what holds for every answer."""
        request.setdefault("environ_overrides", {}).setdefault(
            "REMOTE_ADDR", f"10.{next(_networks) % 250}.0.1"
        )
        answer = PageBrowser(self.client).open(path, method=method, **request)
        assert answer.status < 500, (answer, request)


def a_visitor(company: Company, who: str, kinds: tuple[str, ...]) -> Visitor:
    """A household on a device that was verified or not, a member of staff, or somebody without any session."""
    invitation_id = company.a_household(kinds)
    client = company.app.test_client()
    csrf_token = PageBrowser(client).get("/").token()
    with client.session_transaction() as session:
        if who == "verified":
            session["verified"] = [invitation_id]
        if who == "staff":
            session.update(_user_id=company.staff_cookie_id, _fresh=True, signed_in_at=int(NOW.timestamp()))
    if who == "nobody":
        client.delete_cookie("portal")
    return Visitor(company, client, company.token(invitation_id), csrf_token)


VISITORS = st.tuples(
    st.sampled_from(("verified", "verified", "unverified", "staff", "nobody")),
    st.sampled_from((("maintenance",), ("maintenance", "repair"))),
)


def rules(company: Company) -> list[Rule]:
    """All of them, in one order."""
    return sorted(company.app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))


def path_of(draw: Any, rule: Rule, visitor: Visitor) -> str:
    """The path of a rule with the visitor's own link, mostly, or anything in its place."""
    values = {}
    for name in sorted(rule.arguments):
        own = visitor.token if name == "token" else "1"
        values[name] = draw(st.one_of(st.just(own), st.just(own), VALUES))
    path = rule.rule
    for name, value in values.items():
        path = path.replace(f"<{name}>", quote_from_bytes(as_sent(value)))
        path = path.replace(f"<path:{name}>", quote_from_bytes(as_sent(value), safe="/"))
    return path


def written(pairs: list[tuple[str, str]]) -> str:
    """As in an address or a form."""
    return "&".join("=".join(quote_from_bytes(as_sent(part), safe="") for part in pair) for pair in pairs)


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    """A form with files, every second field one, its name as odd as its content."""
    parts = []
    for number, (name, value) in enumerate(pairs):
        file_name = f'; filename="{quote(value[:20], errors="replace")}"' if number % 2 else ""
        head = f'--b\r\nContent-Disposition: form-data; name="{quote(name, errors="replace")}"{file_name}\r\n\r\n'
        parts.append(head.encode() + as_sent(value) + b"\r\n")
    return b"".join(parts) + b"--b--\r\n"


def a_body(draw: Any, visitor: Visitor) -> dict[str, Any]:
    """A form that carries its token, mostly: as a browser writes it, with files, or nothing like a form."""
    pairs = draw(PAIRS)
    if draw(st.integers(0, 7)):
        pairs = [*pairs, ("csrf_token", visitor.csrf_token)]
    how = draw(st.sampled_from(("form", "form", "form", "multipart", "anything")))
    if how == "form":
        return {"data": written(pairs), "content_type": "application/x-www-form-urlencoded"}
    if how == "multipart":
        return {"data": multipart(pairs), "content_type": "multipart/form-data; boundary=b"}
    return {"data": draw(BODIES), "content_type": draw(TYPES)}


@effort(40)
@given(data=st.data(), visitors=VISITORS)
def test_every_route_takes_any_request(company, data, visitors):
    visitor = a_visitor(company, *visitors)
    all_rules = rules(company)

    for _ in range(4):
        rule = data.draw(st.sampled_from(all_rules), "rule")
        # The methods that it has, mostly; the others are few ways to the same page.
        methods = sorted(rule.methods or ())
        method = data.draw(
            st.one_of(st.sampled_from(methods), st.sampled_from(methods), st.sampled_from(METHODS))
        )
        query = written(data.draw(PAIRS, "query"))
        body = {} if method in {"GET", "HEAD"} else a_body(data.draw, visitor)
        visitor.send(method, f"{path_of(data.draw, rule, visitor)}?{query}", **body)

    with company.database.sessions.read() as session:
        check_promises(session)


@effort(25)
@given(data=st.data(), visitors=VISITORS, headers=HEADERS, host=HOSTS, cookie=st.none() | COOKIES)
def test_every_page_takes_any_headers_and_cookies(company, *, data, visitors, headers, host, cookie):
    visitor = a_visitor(company, *visitors)
    rule = data.draw(st.sampled_from([rule for rule in rules(company) if "GET" in (rule.methods or ())]))
    environ = {**headers, "HTTP_HOST": host.encode().decode("latin-1")}
    if cookie is not None:
        environ["HTTP_COOKIE"] = cookie

    visitor.send("GET", path_of(data.draw, rule, visitor), environ_overrides=environ)


@effort(25)
@given(data=st.data(), kinds=VISITORS, name=NAMES, value=VALUES, path=st.binary(max_size=30))
def test_no_path_and_no_single_field_breaks_a_form_of_the_household(
    company, *, data, kinds, name, value, path
):
    visitor = a_visitor(company, "verified", kinds[1])
    posts = [rule for rule in rules(company) if "POST" in (rule.methods or ()) and "token" in rule.arguments]
    rule = data.draw(st.sampled_from(posts))
    form = written([("csrf_token", visitor.csrf_token), (name, value)])

    visitor.send(
        "POST",
        rule.rule.replace("<token>", visitor.token),
        data=form,
        content_type="application/x-www-form-urlencoded",
    )
    visitor.send("GET", f"/{quote_from_bytes(path)}")
