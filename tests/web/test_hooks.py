"""The doors for machines: alive, ready, and Twilio's webhooks with their signature."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app import create_app, migrations
from app.config import TwilioAccount
from notifications.models import Message
from scheduling.models import ContactHistory
from tests.databases import empty_url
from tests.factories import an_invitation, working

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TOKEN = "the auth token of a test account"
BASE = "https://visits.example.org"
SID = "SM" + "0" * 32


@pytest.fixture
def app(settings, clock):
    """The portal with a Twilio account, behind a proxy that the world knows as `BASE`."""
    account = TwilioAccount(
        account_sid="AC" + "0" * 32, auth_token=TOKEN, sender="+31612345678", api_url=None
    )
    application = create_app(replace(settings, sms_provider="twilio", twilio=account, public_url=BASE))
    application.testing = True
    return application


@pytest.fixture
def message_id(app, database):
    """An invitation by SMS that was handed to Twilio under SID."""
    with working(database.sessions, announce=app.extensions["portal"].announce) as work:
        an_invitation(work)
        work.session.execute(update(Message).values(state="sent", provider_id=SID, attempts=1))
        return work.session.scalar(select(Message.id))


def signature(url, params, token=TOKEN):
    """As Twilio describes it: the address, then every name and value by name, HMAC-SHA1, base64."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def post(client, path, params, *, signed=None, **headers):
    sign = signature(BASE + path, params) if signed is None else signed
    return client.post(path, data=params, headers={"X-Twilio-Signature": sign, **headers})


def message(session, message_id):
    return session.execute(select(Message.state, Message.error).where(Message.id == message_id)).one()


def report(status, **values):
    return {"MessageSid": SID, "MessageStatus": status, **values}


def test_alive_needs_no_database(settings):
    nowhere = replace(settings, database_url="postgresql+psycopg://nobody@localhost:1/none")

    answer = create_app(nowhere).test_client().get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok")


def test_ready_with_a_database_that_is_up_to_date(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (200, "ok")


@ON_SQLITE
def test_not_ready_without_a_database(settings):
    nowhere = replace(settings, database_url="postgresql+psycopg://nobody@localhost:1/none")

    answer = create_app(nowhere).test_client().get("/readyz")

    assert (answer.status_code, answer.text) == (503, "database")


def test_not_ready_with_an_empty_database(settings, database, tmp_path):
    empty = replace(settings, database_url=empty_url(database.kind, tmp_path))

    answer = create_app(empty).test_client().get("/readyz")

    assert (answer.status_code, answer.text) == (503, "schema")


@ON_SQLITE
def test_not_ready_with_an_older_schema(settings, client):
    migrations.downgrade(settings.database_url, "0001")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, "schema")


def test_a_delivery_report_moves_the_message_on(client, message_id, session):
    answer = post(client, f"/hooks/twilio/status?message={message_id}", report("delivered"))

    assert (answer.status_code, answer.data) == (204, b"")
    assert message(session, message_id).state == "delivered"


def test_a_failure_comes_with_its_reason_in_words(client, message_id, session):
    answer = post(client, "/hooks/twilio/status", report("undelivered", ErrorCode="30005"))

    assert answer.status_code == 204
    assert message(session, message_id) == ("failed", "this number does not exist (30005)")


@ON_SQLITE
def test_a_report_that_overtook_the_answer_finds_its_message(client, message_id, database, session):
    with database.sessions.write() as writing, writing.begin():
        writing.execute(update(Message).values(provider_id=None))

    post(client, f"/hooks/twilio/status?message={message_id}", report("delivered"))

    assert message(session, message_id).state == "delivered"


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/hooks/twilio/status", {"MessageSid": "SM" + "9" * 32, "MessageStatus": "delivered"}),
        ("/hooks/twilio/status?message=99999999999999999999", report("sent", MessageSid="SMother")),
        ("/hooks/twilio/status?message=-1", report("sent", MessageSid="SMother")),
        ("/hooks/twilio/status", report("a status of tomorrow")),
        ("/hooks/twilio/status", {"MessageStatus": "delivered"}),
        ("/hooks/twilio/status", {"MessageSid": SID}),
        ("/hooks/twilio/status", report("sent", ErrorCode="not a number")),
    ],
    ids=["unknown", "large-id", "negative-id", "new-status", "no-sid", "no-status", "odd-code"],
)
def test_a_report_that_we_cannot_use_is_taken_and_left(client, message_id, session, path, params):
    answer = post(client, path, params)

    assert answer.status_code == 204
    assert message(session, message_id) == ("sent", "")


@pytest.mark.parametrize("path", ["/hooks/twilio/status", "/hooks/twilio/sms"])
@pytest.mark.parametrize(
    "signed",
    [
        "",
        "not a signature",
        "é",
        signature(BASE + "/hooks/twilio/other", report("delivered")),
        signature("http://localhost/hooks/twilio/status", report("delivered")),
        signature(BASE + "/hooks/twilio/status", report("delivered", Body="other")),
        signature(BASE + "/hooks/twilio/status", report("delivered"), "another token"),
    ],
    ids=["none", "nonsense", "not-ascii", "other-path", "other-host", "other-values", "other-token"],
)
def test_what_twilio_did_not_sign_is_refused(client, message_id, session, path, signed):
    answer = post(client, path, report("delivered"), signed=signed)

    assert answer.status_code == 403
    assert message(session, message_id).state == "sent"
    assert session.scalar(select(ContactHistory.id)) is None


def test_what_was_asked_for_is_part_of_what_is_signed(client, message_id, session):
    for_one = signature(f"{BASE}/hooks/twilio/status?message=1", report("delivered"))

    answer = post(client, "/hooks/twilio/status?message=2", report("delivered"), signed=for_one)

    assert answer.status_code == 403


def an_sms(**values):
    return {"MessageSid": SID, "From": "+31612345678", "Body": "Kan het ook 's avonds? ë 🙂", **values}


def test_an_sms_is_kept_with_its_customer_and_answered_with_nothing(client, message_id, session):
    answer = post(client, "/hooks/twilio/sms", an_sms())

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    kept = session.execute(select(ContactHistory)).scalar_one()
    assert (kept.kind, kept.direction, kept.body) == ("sms", "in", "Kan het ook 's avonds? ë 🙂")
    assert kept.customer_id is not None


def test_the_same_sms_twice_is_kept_once(client, message_id, session):
    answers = [post(client, "/hooks/twilio/sms", an_sms()).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert len(session.scalars(select(ContactHistory.id)).all()) == 1


def test_an_sms_from_nobody_we_know_is_kept_too(client, session):
    answer = post(client, "/hooks/twilio/sms", an_sms(From="+31699999999", Body=""))

    assert answer.status_code == 200
    assert session.execute(select(ContactHistory.customer_id, ContactHistory.body)).one() == (None, "")


@ON_SQLITE
def test_an_sms_without_an_id_is_refused(client, session):
    answer = post(client, "/hooks/twilio/sms", {"From": "+31612345678", "Body": "x"})

    assert answer.status_code == 400
    assert session.scalar(select(ContactHistory.id)) is None


@ON_SQLITE
@pytest.mark.parametrize("path", ["/hooks/twilio/status", "/hooks/twilio/sms"])
def test_without_twilio_its_doors_are_not_there(settings, path):
    client = create_app(settings).test_client()

    assert post(client, path, report("delivered")).status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("path", ["/hooks/twilio/status", "/hooks/twilio/sms"])
def test_a_webhook_cannot_be_opened_in_a_browser(client, path):
    assert client.get(path).status_code == 405
