"""Twilio on 127.0.0.1: every message sent and its answer are held against Twilio's own description.

`answer_next` makes the next requests fail, each in its own way. What was accepted is in `accepted`.
"""

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

DESCRIPTION = Path(__file__).parent.parent / "data" / "twilio_messages_openapi.json"
ACCOUNT_SID = "AC" + "0a" * 16
AUTH_TOKEN = "a-token-that-only-the-double-knows"
NUMBER = "+31970102030"
SERVICE_SID = "MG" + "0b" * 16

CREATED = 201


@cache
def _description() -> OpenAPI:
    return OpenAPI.from_dict(json.loads(DESCRIPTION.read_text(encoding="utf-8")))


class _Request:
    """What openapi-core needs to know of a request, as if it had gone to Twilio itself."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.host_url, self.path, self.method = "https://api.twilio.com", path, "post"
        self.full_url_pattern = f"{self.host_url}{path}"
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(), header=Headers(headers), cookie=ImmutableMultiDict()
        )
        self.body, self.content_type = body, headers.get("Content-Type", "").partition(";")[0]


class _Response:
    def __init__(self, status: int, body: bytes) -> None:
        self.status_code, self.data, self.content_type = status, body, "application/json"
        self.headers = Headers()


class TwilioDouble:
    """A running double. `url` is what TWILIO_API_URL is set to."""

    def __init__(self) -> None:
        self.url = ""
        self.accepted: list[dict[str, str]] = []
        self.requests = 0
        self.complaints: list[str] = []
        self.account = {"status": "active", "type": "Full"}
        self.senders = {NUMBER, SERVICE_SID}
        self._answers: deque[tuple[Any, ...]] = deque()
        self._lock = threading.Lock()

    def answer_next(self, *answers: tuple[Any, ...]) -> None:
        """One for each of the next requests.

        They are ("refuse", status, code, headers), ("slow", seconds), ("drop",) and ("nonsense",).
        """
        self._answers.extend(answers)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        with self._lock:
            self.requests += 1
            answer = self._answers.popleft() if self._answers else ("accept",)
        if answer[0] == "drop":
            handler.close_connection = True
            handler.connection.close()
            return
        if answer[0] == "slow":
            time.sleep(answer[1])
        if answer[0] == "nonsense":
            self._reply(handler, CREATED, b"<html>not JSON</html>", {})
        elif answer[0] == "refuse":
            status, code, headers = answer[1:]
            # As Twilio does, which tells to whom it was.
            to = parse_qs(body.decode()).get("To", ["?"])[0]
            refusal = {
                "code": code,
                "message": f"The 'To' number {to} is refused",
                "more_info": "https://www.twilio.com/docs",
                "status": status,
            }
            self._reply(handler, status, json.dumps(refusal).encode(), headers)
        else:
            self._accept(handler, body)

    def look_up(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers what is asked about the account and its senders."""
        if self._answers:
            self.handle(handler)
        elif self._signed_in(handler):
            status, answer = self._looked_up(*handler.path.partition("?")[::2])
            self._reply(handler, status, json.dumps(answer).encode(), {})

    def _looked_up(self, path: str, query: str) -> tuple[int, dict[str, Any]]:
        account = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
        if path == f"{account}.json":
            return 200, {"sid": ACCOUNT_SID, **self.account}
        if path == f"{account}/IncomingPhoneNumbers.json":
            (number,) = parse_qs(query)["PhoneNumber"]
            found = [{"sid": "PN" + "0d" * 16, "phone_number": number}] if number in self.senders else []
            return 200, {"incoming_phone_numbers": found, "next_page_uri": None}
        sid = path.removeprefix("/v1/Services/")
        if sid in self.senders:
            return 200, {"sid": sid, "account_sid": ACCOUNT_SID}
        return 404, {"code": 20404, "message": "not found", "more_info": "", "status": 404}

    def _signed_in(self, handler: BaseHTTPRequestHandler) -> bool:
        signed_in = f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()
        if handler.headers.get("Authorization") == "Basic " + base64.b64encode(signed_in).decode():
            return True
        refusal = {"code": 20003, "message": "Authenticate", "more_info": "", "status": 401}
        self._reply(handler, 401, json.dumps(refusal).encode(), {})
        return False

    def _accept(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if not self._signed_in(handler):
            return
        request = _Request(handler.path, dict(handler.headers.items()), body)
        form = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
        with self._lock:
            self.accepted.append(form)
            sid = f"SM{len(self.accepted):032x}"
        answer = json.dumps(_message(form, sid)).encode()
        try:
            _description().validate_request(request)
            _description().validate_response(request, _Response(CREATED, answer))
        except Exception as complaint:  # the test that owns the double shows it
            self.complaints.append(f"{type(complaint).__name__}: {complaint} {complaint.__cause__}")
        self._reply(handler, CREATED, answer, {})

    def _reply(
        self, handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]
    ) -> None:
        try:
            handler.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            # Whoever asked has hung up, as they do when we are slow.
            handler.close_connection = True


def _message(form: dict[str, str], sid: str) -> dict[str, Any]:
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}"
    return {
        "sid": sid,
        "account_sid": ACCOUNT_SID,
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "from": form.get("From"),
        "to": form["To"],
        "body": form["Body"],
        "status": "accepted" if "MessagingServiceSid" in form else "queued",
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "date_created": "Tue, 24 Nov 2026 09:00:00 +0000",
        "date_updated": "Tue, 24 Nov 2026 09:00:00 +0000",
        "date_sent": None,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "api_version": "2010-04-01",
        "uri": f"{path}.json",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }


@contextmanager
def running_twilio() -> Iterator[TwilioDouble]:
    """A double that listens until the block ends."""
    double = TwilioDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            double.handle(self)

        def do_GET(self) -> None:
            double.look_up(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
