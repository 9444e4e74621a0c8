"""Who may come through which door. Every route is declared here; one that is not makes this fail.

A new route is added to `ACCESS` together with its view, and the tests below hold it to what it was declared as.
"""

from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app import create_app
from app.config import TwilioAccount
from scheduling.links import LinkKeys
from tests.factories import an_invitation, working

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

# Open to everybody; says nothing about a customer who did not give a code, a link or a password.
PUBLIC = "public"
# Open to whoever holds a customer's link.
PERSONAL = "personal link"
# Open to whoever holds the one-time link to an account, or to a new number or address of theirs.
ONE_TIME = "one-time link"
# Open to who is signed in.
STAFF = "staff"
# Open to a supplier, by its signature.
HOOK = "signed hook"
# A file of ours, the same for everybody.
FILE = "file"
# Open to everybody, where there is demonstration data and nothing else.
DEMO = "demonstration"

ACCESS = {
    "static": FILE,
    "brand.style": FILE,
    "brand.logo": FILE,
    "brand.favicon": FILE,
    "brand.robots": FILE,
    "hooks.alive": PUBLIC,
    "hooks.ready": PUBLIC,
    "hooks.twilio_status": HOOK,
    "hooks.twilio_sms": HOOK,
    "customer.home": PUBLIC,
    "customer.enter_code": PUBLIC,
    "customer.shared": PUBLIC,
    "customer.send_link": PUBLIC,
    "customer.show": PERSONAL,
    "customer.choose": PERSONAL,
    "customer.review": PERSONAL,
    "customer.confirm": PERSONAL,
    "customer.start_change": PERSONAL,
    "customer.change": PERSONAL,
    "customer.choose_change": PERSONAL,
    "customer.review_change": PERSONAL,
    "customer.confirm_change": PERSONAL,
    "customer.start_cancel": PERSONAL,
    "customer.cancel": PERSONAL,
    "customer.confirm_cancel": PERSONAL,
    "customer.restore": PERSONAL,
    "customer.apart": PERSONAL,
    "customer.apart_windows": PERSONAL,
    "customer.choose_apart": PERSONAL,
    "customer.review_apart": PERSONAL,
    "customer.confirm_apart": PERSONAL,
    "customer.leave_part": PERSONAL,
    "customer.confirm_leave_part": PERSONAL,
    "customer.homes": PERSONAL,
    "customer.plan_homes": PERSONAL,
    "customer.confirm_plan": PERSONAL,
    "customer.no_fit": PERSONAL,
    "customer.leave_wishes": PERSONAL,
    "customer.wishes_received": PERSONAL,
    "customer.verify": PERSONAL,
    "customer.leave": PERSONAL,
    "customer.confirm_leave": PERSONAL,
    "customer.left": PERSONAL,
    "customer.come_back": PERSONAL,
    "customer.moved": PERSONAL,
    "customer.confirm_moved": PERSONAL,
    "customer.send_current_link": PERSONAL,
    "customer.lost": PUBLIC,
    "customer.send_lost_link": PUBLIC,
    "customer.link_is_on_its_way": PUBLIC,
    "customer.details": PERSONAL,
    "customer.correct_details": PERSONAL,
    "customer.send_check_again": PERSONAL,
    "customer.give_up_change": PERSONAL,
    "customer.say_right": PERSONAL,
    "customer.make_language": PERSONAL,
    "customer.contact_check": ONE_TIME,
    "customer.confirm_contact": ONE_TIME,
    "customer.visit_file": PERSONAL,
    "staff.sign_in": PUBLIC,
    "staff.check_sign_in": PUBLIC,
    "staff.sign_out": PUBLIC,
    "staff.new_password": ONE_TIME,
    "staff.keep_password": ONE_TIME,
    "staff.overview": STAFF,
    "staff.messages": STAFF,
    "staff.handle_said": STAFF,
    "staff.reopen_said": STAFF,
    "demo.start": DEMO,
    "demo.messages": DEMO,
}

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def demo_app(settings, clock) -> Flask:
    """The application with every door there is, and without form tokens, so that the doors themselves answer."""
    application = create_app(replace(settings, demo=True))
    application.testing = True
    application.config["WTF_CSRF_ENABLED"] = False
    return application


def doors(application: Flask, access: str) -> list[tuple[str, Rule]]:
    """Method and rule of every route that was declared as `access`."""
    return [
        (method, rule)
        for rule in application.url_map.iter_rules()
        for method in METHODS
        if ACCESS.get(rule.endpoint) == access and method in (rule.methods or ())
    ]


def path_of(rule: Rule, secret: str) -> str:
    """The rule's path, with `secret` for whatever it wants to know."""
    built = rule.build(dict.fromkeys(rule.arguments, secret))
    assert built is not None
    return str(built[1])


def undeclared(application: Flask) -> set[str]:
    return {rule.endpoint for rule in application.url_map.iter_rules()} - set(ACCESS)


@ON_SQLITE
def test_every_route_is_declared(demo_app):
    assert undeclared(demo_app) == set()


@ON_SQLITE
def test_every_declaration_is_of_a_route(demo_app):
    assert set(ACCESS) - {rule.endpoint for rule in demo_app.url_map.iter_rules()} == set()


@ON_SQLITE
def test_a_route_that_nobody_declared_is_caught(demo_app):
    demo_app.add_url_rule("/staff/new", "staff.new", lambda: "")

    assert undeclared(demo_app) == {"staff.new"}


@ON_SQLITE
def test_staff_doors_are_shut_to_who_is_not_signed_in(demo_app):
    client = demo_app.test_client()
    found = doors(demo_app, STAFF)

    for method, rule in found:
        answer = client.open(path_of(rule, "1"), method=method)
        if method == "GET":
            assert answer.status_code == 303, rule
            assert answer.location.startswith("/staff/sign-in"), rule
        else:
            assert answer.status_code == 403, rule
    assert found


def wrong_tokens(token: str) -> dict[str, str]:
    """Tokens that are nearly `token`, and some that are nothing like it."""
    other_keys = LinkKeys(("another key for personal links",))
    last = "0" if token[-1] != "0" else "1"
    return {
        "cut": token[:-1],
        "extended": token + "0",
        "changed": token[:-1] + last,
        "other case": token.swapcase(),
        "of other keys": other_keys.personal_token(1, 1),
        "nonsense": "x",
        "nul": "\x00" * 29,
        "not ascii": "é" * 29,
        "long": "a" * 3000,
    }


def test_a_personal_link_that_we_did_not_make_is_404_at_every_door(demo_app, database):
    with working(database.sessions) as work:
        invitation_id = an_invitation(work)
    client = demo_app.test_client()
    token = demo_app.extensions["portal"].link_keys.personal_token(invitation_id, 1)
    found = doors(demo_app, PERSONAL)

    for method, rule in found:
        for what, wrong in wrong_tokens(token).items():
            assert client.open(path_of(rule, wrong), method=method).status_code == 404, (rule, what)
        # The same door does know the right one; before there is a visit, `visit.ics` alone is 404 for it too.
        if not rule.rule.endswith(".ics"):
            assert client.open(path_of(rule, token), method=method).status_code != 404, rule
    assert found


@ON_SQLITE
def test_a_one_time_link_that_we_did_not_make_is_404(demo_app):
    client = demo_app.test_client()
    found = doors(demo_app, ONE_TIME)

    for method, rule in found:
        assert client.open(path_of(rule, "x" * 43), method=method).status_code == 404, rule
    assert found


@ON_SQLITE
def test_a_hook_refuses_who_does_not_sign(settings, clock):
    account = TwilioAccount(
        account_sid="AC" + "0" * 32, auth_token="secret", sender="+31612345678", api_url=None
    )
    application = create_app(replace(settings, sms_provider="twilio", twilio=account))
    found = doors(application, HOOK)

    for method, rule in found:
        answer = application.test_client().open(path_of(rule, "1"), method=method, data={"MessageSid": "SM1"})
        assert answer.status_code == 403, rule
    assert found


@ON_SQLITE
def test_every_form_but_a_hooks_wants_its_token(app, database):
    with working(database.sessions) as work:
        invitation_id = an_invitation(work)
    client = app.test_client()
    token = app.extensions["portal"].link_keys.personal_token(invitation_id, 1)
    posts = [
        rule
        for access in (PUBLIC, PERSONAL, ONE_TIME, STAFF)
        for method, rule in doors(app, access)
        if method != "GET"
    ]

    for rule in posts:
        assert client.post(path_of(rule, token), data={"window": "1"}).status_code == 400, rule
    assert posts


@ON_SQLITE
@pytest.mark.parametrize(
    "foreign",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.org"}, {"Origin": "null"}],
    ids=["site", "origin", "null"],
)
def test_a_form_on_somebody_elses_page_is_refused(demo_app, foreign):
    client = demo_app.test_client()

    for method, rule in doors(demo_app, PUBLIC):
        if method != "GET":
            assert client.post(path_of(rule, "1"), headers=foreign).status_code == 403, rule


@ON_SQLITE
def test_the_demonstration_is_not_there_where_customers_are_real(app, client):
    assert doors(app, DEMO) == []
    assert client.get("/demo/messages").status_code == 404
