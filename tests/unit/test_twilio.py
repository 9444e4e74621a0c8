"""Twilio's SDK against a double that holds every request to Twilio's own description."""

import logging
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from twilio.request_validator import RequestValidator

from notifications.providers import Outgoing, Permanent, Transient
from notifications.providers.twilio import REASONS, Twilio, reason_of, state_of, valid_signature
from tests.doubles.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SERVICE_SID, running_twilio

SMS = Outgoing(
    message_id=12,
    channel="sms",
    to="+31612345678",
    text="Beste Zoë,\nWij komen € 0 & 1+1=2",
    language="nl",
    written_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def double():
    with running_twilio() as running:
        yield running


def twilio(double, *, sender=NUMBER, token=AUTH_TOKEN, timeout_seconds=5.0):
    return Twilio(
        ACCOUNT_SID,
        token,
        sender=sender,
        public_url="https://afspraak.example/",
        api_url=double.url,
        timeout_seconds=timeout_seconds,
    )


def test_an_sms_goes_out_as_twilio_describes_it(double):
    sent = twilio(double).send(SMS)

    assert sent.provider_id == f"SM{len(double.accepted):032x}"
    assert double.accepted[-1] == {
        "To": "+31612345678",
        "From": NUMBER,
        "Body": "Beste Zoë,\nWij komen € 0 & 1+1=2",
        "StatusCallback": "https://afspraak.example/hooks/twilio/status?message=12",
    }
    assert double.complaints == []


def test_a_messaging_service_is_named_as_such(double):
    twilio(double, sender=SERVICE_SID).send(SMS)

    assert double.accepted[-1]["MessagingServiceSid"] == SERVICE_SID
    assert "From" not in double.accepted[-1]
    assert double.complaints == []


def test_the_double_complains_of_what_twilio_does_not_describe(double):
    sender = twilio(double)
    sender._account_sid = "AC-not-an-account"
    with pytest.raises(Transient):
        sender.send(SMS)

    twilio(double, sender="MG-too-short").send(SMS)

    assert double.complaints
    double.complaints.clear()


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21614])
def test_a_number_that_cannot_be_reached_is_refused_for_good_in_words(double, code):
    double.answer_next(("refuse", 400, code, {}))

    with pytest.raises(Permanent) as refused:
        twilio(double).send(SMS)

    assert refused.value.reason == f"{REASONS[code]} ({code})"
    assert "316" not in refused.value.reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="not told"),
        pytest.param({"Retry-After": "17"}, 17.0, id="seconds"),
        pytest.param({"Retry-After": "soon"}, None, id="nonsense"),
    ],
)
def test_too_many_requests_are_tried_again_when_twilio_says(double, headers, seconds):
    double.answer_next(("refuse", 429, 20429, headers))

    with pytest.raises(Transient) as refused:
        twilio(double).send(SMS)

    assert refused.value.retry_after == seconds


@pytest.mark.parametrize("status", [500, 502, 503])
def test_trouble_at_twilio_is_tried_again(double, status):
    double.answer_next(("refuse", status, 20500, {"Retry-After": "3"}))

    with pytest.raises(Transient) as refused:
        twilio(double).send(SMS)

    assert refused.value.retry_after == 3.0
    assert str(status) in refused.value.reason


def test_a_slow_answer_is_given_up_in_time(double):
    double.answer_next(("slow", 1.0))

    with pytest.raises(Transient, match="in time"):
        twilio(double, timeout_seconds=0.2).send(SMS)


def test_a_broken_connection_is_tried_again(double):
    double.answer_next(("drop",))

    with pytest.raises(Transient, match="cannot be reached"):
        twilio(double).send(SMS)


def test_no_one_at_home_is_tried_again(double):
    nobody = Twilio(
        ACCOUNT_SID, AUTH_TOKEN, sender=NUMBER, public_url="http://x", api_url="http://127.0.0.1:9"
    )

    with pytest.raises(Transient, match="cannot be reached"):
        nobody.send(SMS)


def test_an_answer_that_is_no_answer_is_tried_again(double):
    double.answer_next(("nonsense",))

    with pytest.raises(Transient):
        twilio(double).send(SMS)


def test_a_wrong_token_waits_for_the_operator_to_mend_it(double):
    with pytest.raises(Transient, match="account or token"):
        twilio(double, token="wrong").send(SMS)


def test_one_request_is_made_for_one_attempt(double):
    before = double.requests
    double.answer_next(("refuse", 503, 20503, {}))

    with pytest.raises(Transient):
        twilio(double).send(SMS)

    assert double.requests == before + 1


def test_nothing_about_the_customer_or_the_account_is_logged(double, caplog):
    caplog.set_level(logging.DEBUG)

    twilio(double).send(SMS)

    lines = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("openapi")
    )
    assert SMS.to not in lines
    assert "Zoë" not in lines
    assert AUTH_TOKEN not in lines


def test_the_sdk_is_not_loaded_before_it_is_needed():
    script = (
        "import sys, notifications.providers.twilio; sys.exit(bool({'twilio', 'requests'} & {*sys.modules}))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_webhook_is_believed_only_with_twilios_signature():
    url = "https://afspraak.example/hooks/twilio/status?message=12"
    params = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered"}
    signature = RequestValidator(AUTH_TOKEN).compute_signature(url, params)

    assert valid_signature(AUTH_TOKEN, url, params, signature)
    assert not valid_signature(AUTH_TOKEN, url, params, "")
    assert not valid_signature(AUTH_TOKEN, url, {**params, "MessageStatus": "failed"}, signature)
    assert not valid_signature(AUTH_TOKEN, url.replace("12", "13"), params, signature)
    assert not valid_signature("another token", url, params, signature)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "sent"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("undelivered", "failed"),
        ("new", None),
    ],
)
def test_twilios_status_words_are_ours(status, state):
    assert state_of(status) == state


def test_an_unknown_error_code_still_says_something():
    assert reason_of(39999) == "Twilio could not deliver it (39999)"
    assert reason_of(None) == "Twilio could not deliver it"
