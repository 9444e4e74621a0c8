"""SMS through Twilio, by its own SDK, which is loaded when the first message leaves and not before."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from notifications.providers import Outgoing, Permanent, Sent, Transient

TIMEOUT_SECONDS = 15
"""For connecting and again for the answer; Twilio answers in well under a second."""

STATUS_PATH = "/hooks/twilio/status"
"""Where Twilio reports to, under our public URL; `?message=<id>` says about which message."""

# https://www.twilio.com/docs/api/errors, read 2026-11-22. What a dispatcher can do something about, in words.
REASONS = {
    20003: "Twilio refuses our account or token",
    20404: "Twilio does not know our account or sender",
    20429: "Twilio asks us to slow down",
    21211: "this is not a phone number that can be reached",
    21212: "our sender's number is not valid",
    21408: "our Twilio account may not send to this country",
    21601: "our sender cannot send SMS",
    21606: "our sender does not belong to our Twilio account",
    21610: "this person has told our number to stop (STOP)",
    21611: "too many messages are waiting at Twilio",
    21612: "this number cannot be reached from our sender",
    21614: "this number cannot receive SMS",
    21617: "the text is too long for Twilio",
    30001: "too many messages were waiting at Twilio",
    30002: "our Twilio account is suspended",
    30003: "the phone cannot be reached: switched off or out of use",
    30004: "the phone does not take messages from us",
    30005: "this number does not exist",
    30006: "this number is a landline or cannot receive SMS",
    30007: "the network took the message for spam",
    30008: "the message was lost in the network",
    30034: "our sender is not registered with the network",
    30410: "the network did not answer in time",
}

# Ours to mend, or soon over: the message waits for it and is not given up.
_MAY_PASS = frozenset({20003, 20429, 21611, 30001, 30002})
_NOT_OUR_ACCOUNT = (401, 403)
_NOT_FOUND = 404
_TOO_MANY_REQUESTS = 429

_STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountState:
    """What Twilio says of the account. `status` is active, suspended or closed; a trial account writes only to numbers
    that its owner confirmed. `knows_sender` is None for a sender that is a name, which cannot be looked up.
    """

    status: str
    is_trial: bool
    knows_sender: bool | None


class Twilio:
    """One Twilio account.

    `sender` is a number (E.164), an alphanumeric sender, or the SID of a messaging service ("MG..."). `public_url` is
    ours, for delivery reports. `api_url` stands in for https://api.twilio.com.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        sender: str,
        public_url: str,
        api_url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._account_sid, self._auth_token, self._sender = account_sid, auth_token, sender
        self._public_url, self._api_url = public_url.rstrip("/"), api_url
        self._timeout_seconds = timeout_seconds

    def send(self, outgoing: Outgoing) -> Sent:
        """Hands the SMS to Twilio. Refuses: Transient (429, 5xx, no answer, account trouble), Permanent (the rest).

        An answer that does not come may belong to a message that Twilio took: sending it again can then mean twice.
        """
        from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

        by_service = self._sender.startswith("MG")
        sender = {"messaging_service_sid" if by_service else "from_": self._sender}
        try:
            message = self._client.messages.create(
                to=outgoing.to,
                body=outgoing.text,
                status_callback=f"{self._public_url}{STATUS_PATH}?message={outgoing.message_id}",
                **sender,
            )
        except (TwilioRestException, TwilioServiceException) as error:
            raise _refusal(error.status, error.code) from None
        except (TwilioException, ValueError) as error:
            _log.warning("Twilio answered in a way that the SDK cannot read: %s", type(error).__name__)
            raise Transient("Twilio's answer could not be read") from None
        return Sent(message.sid)

    def account_state(self) -> AccountState:
        """Asks Twilio about the account and the sender; sends nothing. Refuses: Transient, Permanent, like `send`."""
        from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

        try:
            account = self._client.api.v2010.accounts(self._account_sid).fetch()
            return AccountState(account.status, account.type == "Trial", self._knows_sender())
        except (TwilioRestException, TwilioServiceException) as error:
            raise _refusal(error.status, error.code) from None
        except (TwilioException, ValueError):
            raise Transient("Twilio's answer could not be read") from None

    def _knows_sender(self) -> bool | None:
        from twilio.base.exceptions import TwilioRestException, TwilioServiceException

        if self._sender.startswith("+"):
            return bool(self._client.incoming_phone_numbers.list(phone_number=self._sender, limit=1))
        if not self._sender.startswith("MG"):
            return None
        try:
            self._client.messaging.v1.services(self._sender).fetch()
        except (TwilioRestException, TwilioServiceException) as error:
            if error.status == _NOT_FOUND:
                return False
            raise
        return True

    @cached_property
    def _client(self) -> Any:
        from twilio.rest import Client

        return Client(
            self._account_sid, self._auth_token, http_client=_Http(self._api_url, self._timeout_seconds)
        )


class _Http:
    """What the SDK sends through: elsewhere if told so, and with the answers that may pass told apart.

    The SDK's own errors lack the headers, and its own log lines have the account and the addresses in them.
    """

    def __init__(self, api_url: str | None, timeout_seconds: float) -> None:
        from twilio.http.http_client import TwilioHttpClient

        silent = logging.getLogger(f"{__name__}.sdk")
        silent.disabled = True
        self._base = urlsplit(api_url) if api_url else None
        self._client = TwilioHttpClient(timeout=timeout_seconds, logger=silent, max_retries=0)

    def request(self, method: str, uri: str, **arguments: Any) -> Any:
        """Refuses: Transient, where trying again later may help."""
        from requests import RequestException, Timeout

        # The SDK passes None, which would mean its client's own time-out anyway.
        arguments.pop("timeout", None)
        try:
            response = self._client.request(method, self._elsewhere(uri), **arguments)
        except Timeout:
            raise Transient("Twilio does not answer in time") from None
        except RequestException:
            raise Transient("Twilio cannot be reached") from None
        if response.status_code == _TOO_MANY_REQUESTS:
            raise Transient(f"{REASONS[20429]} (429)", _retry_after(response.headers or {}))
        if response.status_code >= 500:
            reason = f"Twilio has trouble of its own ({response.status_code})"
            raise Transient(reason, _retry_after(response.headers or {}))
        return response

    def _elsewhere(self, uri: str) -> str:
        if self._base is None:
            return uri
        asked = urlsplit(uri)
        path = self._base.path.rstrip("/") + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))


def valid_signature(auth_token: str, url: str, params: Mapping[str, Any], signature: str) -> bool:
    """Whether Twilio signed this webhook. `url` is the whole one as Twilio called it, with its query."""
    from twilio.request_validator import RequestValidator

    return bool(RequestValidator(auth_token).validate(url, params, signature))


def state_of(status: str) -> str | None:
    """Our word for Twilio's status of a message; None for one that we do not know."""
    return _STATES.get(status.lower())


def reason_of(code: int | None) -> str:
    """An error code in words, the code in brackets."""
    if not code:
        return "Twilio could not deliver it"
    return f"{REASONS.get(code, 'Twilio could not deliver it')} ({code})"


def _refusal(status: int, code: int | None) -> Transient | Permanent:
    reason = reason_of(code if code and code != status else None)
    if status in _NOT_OUR_ACCOUNT and code not in REASONS:
        return Transient(f"{REASONS[20003]} ({status})")
    return Transient(reason) if code in _MAY_PASS else Permanent(reason)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait (RFC 9110 10.2.3): told as such, or as a date, which counts from the answer's own."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())
