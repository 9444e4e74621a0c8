"""What is asked of the portal and of the floor, as requests that only have to be sent.

Links are derived from the keys that the portal was started with, and form tokens come off its own pages: what is posted
is what a browser would post. That work is done before any clock runs.
"""

import http.client
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from benchmarks.dataset import Size, area_of, window_for
from benchmarks.servers import SETTINGS
from scheduling.links import LinkKeys

BROWSERS = 32
"""Each with a session of its own; what is booked is a fresh invitation every time."""

PAGES = 200
"""Invitations that are never booked: their choose pages are asked for in turn."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_KEYS = LinkKeys((SETTINGS["LINK_KEYS"],))


class Unexpected(Exception):
    """The portal's page is not what a customer should see; nothing can be measured."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A cookie, and the form token that belongs to it."""

    cookie: str
    form_token: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Sessions of so many browsers. `page_bytes`: the size of a choose page; `first`: the first day it offers from."""

    browsers: Sequence[Browser]
    page_bytes: int


def prepare(port: int, size: Size) -> Prepared:
    """Lets browsers look at a choose page and a review, as customers do before they confirm. Refuses: Unexpected."""
    browsers, page_bytes = [], 0
    for number in range(BROWSERS):
        invitation_id = _looked_at(number, size)
        path = personal_path(invitation_id)
        choose, cookie = _page(port, path, "")
        review, cookie = _page(port, f"{path}/review?window={window_for(invitation_id, size)}", cookie)
        form_token = _TOKEN.search(review)
        if 'data-page="choose"' not in choose or 'data-page="review"' not in review or form_token is None:
            raise Unexpected(f"neither to choose nor to review: {choose[:300]}")
        browsers.append(Browser(cookie, form_token[1]))
        page_bytes = len(choose.encode())
    return Prepared(browsers, page_bytes)


def personal_path(invitation_id: int) -> str:
    """The personal page of an invitation, by the keys that the portal was started with."""
    return f"/v/{_KEYS.personal_token(invitation_id, 1)}"


def confirmations(prepared: Prepared, invitation_ids: Sequence[int], size: Size) -> list[bytes]:
    """A booking for each of these invitations, the browsers in turn."""
    requests = []
    for number, invitation_id in enumerate(invitation_ids):
        browser = prepared.browsers[number % len(prepared.browsers)]
        form = {"csrf_token": browser.form_token, "window": window_for(invitation_id, size)}
        requests.append(_post(f"{personal_path(invitation_id)}/confirm", form, browser.cookie))
    return requests


def choose_pages(prepared: Prepared, size: Size) -> list[bytes]:
    """The first page of customers who come back with the cookie of their first visit."""
    return [
        _get(personal_path(_looked_at(number, size)), prepared.browsers[number % BROWSERS].cookie)
        for number in range(PAGES)
    ]


def wrong_tokens(size: Size) -> list[bytes]:
    """Tokens of the right length and alphabet that no key of the portal has made."""
    foreign = LinkKeys(("a key that this portal never had",))
    return [
        _get(f"/v/{foreign.personal_token(number, 1)}") for number in range(1, min(size.invitations, 500))
    ]


def health() -> list[bytes]:
    """Of the portal."""
    return [_get("/healthz")]


def floor_claims(invitation_ids: Sequence[int], size: Size) -> list[bytes]:
    """A claim in the windows that bookings for these invitations would take."""
    return [_post("/claim", {"window": window_for(number, size)}) for number in invitation_ids]


def floor_slots(size: Size, first: date) -> list[bytes]:
    """The raw query for the areas of the choose pages."""
    areas = [area_of(_looked_at(number, size), size) for number in range(PAGES)]
    return [_get(f"/slots/{area_id}?first={first}") for area_id in areas]


def floor_page() -> list[bytes]:
    """A page of the same size, without a query."""
    return [_get("/page")]


def floor_health() -> list[bytes]:
    """A word."""
    return [_get("/health")]


def _looked_at(number: int, size: Size) -> int:
    """The last invitations: bookings begin with the first ones."""
    return size.invitations - number


def _get(path: str, cookie: str = "") -> bytes:
    return _request("GET", path, cookie, b"")


def _post(path: str, form: dict[str, object], cookie: str = "") -> bytes:
    return _request("POST", path, cookie, urlencode(form).encode())


def _request(method: str, path: str, cookie: str, body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost:5000", "Accept-Language: nl"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _page(port: int, path: str, cookie: str) -> tuple[str, str]:
    """A page and the cookie to come back with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": "localhost:5000", "Accept-Language": "nl"} | ({"Cookie": cookie} if cookie else {})
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    html, given = answer.read().decode(), answer.getheader("Set-Cookie")
    connection.close()
    return html, given.partition(";")[0] if given else cookie
