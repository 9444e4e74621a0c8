"""What programs ask for that have not read a page: an icon, and what search engines may look at."""

from urllib.robotparser import RobotFileParser

import pytest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def robots(client):
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    parser = RobotFileParser()
    parser.parse(answer.text.splitlines())
    return parser


@pytest.mark.parametrize(
    "path",
    ["/v/0123", "/v/0123/visit.ics", "/visit/abc", "/calendar/abc.ics", "/staff/", "/hooks/twilio/sms"],
)
def test_what_is_made_for_one_reader_is_not_for_search_engines(robots, path):
    assert not robots.can_fetch("Googlebot", f"http://localhost:5000{path}")


@pytest.mark.parametrize("path", ["/", "/?lang=pl", "/static/css/base.css"])
def test_the_start_page_and_its_files_are(robots, path):
    assert robots.can_fetch("Googlebot", f"http://localhost:5000{path}")


def test_every_route_with_a_secret_in_it_is_kept_from_them(app, robots):
    personal = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.arguments & {"token", "code"} and "GET" in rule.methods
    ]

    assert personal
    assert not [rule for rule in personal if robots.can_fetch("Googlebot", f"http://localhost:5000{rule}")]


def test_the_icon_is_there_for_who_looks_where_icons_used_to_be(client):
    with client.get("/favicon.ico", follow_redirects=True) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.history[0].status_code == 302
