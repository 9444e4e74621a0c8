"""The settings: those that are well formed, so that the portal starts, and still not what a company wants."""

import os
import socket
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from app.config import Settings
from app.doctor.findings import Finding, fail, ok, some, warn
from app.portal import Portal

LONG_KEY = 32
"""Characters; `openssl rand -hex 32` makes 64."""

DIFFERENT_CHARACTERS = 10
LARGE_LOGO_BYTES = 200_000
SHORT_LEASE_SECONDS = 30
"""Twice what a supplier may take to answer."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def public_url(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Customers can open the links that they are sent, and nobody can read along."""
    url = portal.settings.public_url
    if _host(portal.settings) in LOCAL:
        advice = "set it to the https address that customers reach"
        yield warn("PUBLIC_URL", f"{url} opens on this machine alone", advice)
    elif not portal.settings.uses_https:
        advice = "put a proxy with TLS in front and begin it with https://"
        yield fail("PUBLIC_URL", f"{url} is not https: personal links can be read on their way", advice)
    else:
        yield ok("PUBLIC_URL", url)


def public_host(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """The name of our public address leads somewhere. Asks the name service."""
    host = _host(portal.settings)
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        yield fail("PUBLIC_URL", f"{host} is not known to the name service", "set its DNS record")
    else:
        yield ok("PUBLIC_URL", f"{host} is known to the name service")


def proxies(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """With TLS there is a proxy, and then everybody comes from its address unless we are told of it."""
    settings = portal.settings
    if settings.uses_https and not settings.trusted_proxies and _host(settings) not in LOCAL:
        finding = (
            "0, while PUBLIC_URL is https: all customers seem to come from one network, and share its limits"
        )
        yield warn(
            "TRUSTED_PROXIES", finding, "set it to the number of proxies in front that set X-Forwarded-For"
        )
    else:
        yield ok("TRUSTED_PROXIES", str(settings.trusted_proxies))


def keys(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Keys that nobody guesses, each for one purpose."""
    advice = "make each with `openssl rand -hex 32`; keep an old link key behind the new one, after a comma"
    settings = portal.settings
    if settings.secret_key in settings.link_keys:
        yield fail("keys", "SECRET_KEY is also one of LINK_KEYS", advice)
        return
    weak = [
        name for name, key in _keys(settings) if len(key) < LONG_KEY or len(set(key)) < DIFFERENT_CHARACTERS
    ]
    if weak:
        yield warn(
            "keys", f"{', '.join(weak)} could be guessed: short or of few different characters", advice
        )
    else:
        yield ok("keys", f"SECRET_KEY and {len(settings.link_keys)} in LINK_KEYS, long enough and different")


def company(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Customers can reach somebody."""
    of = portal.company
    missing = [
        name for name, value in (("COMPANY_PHONE", of.phone), ("COMPANY_EMAIL", of.email)) if not value
    ]
    if missing:
        finding = f"{' and '.join(missing)} not set: customers who are stuck find nobody to ask"
        yield warn("company", finding, "set both")
    else:
        yield ok("company", "name, phone and e-mail are set")


def own_texts(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Texts of the company's own can be read by this user."""
    folder = portal.settings.texts_dir
    if folder is None:
        yield ok("TEXTS_DIR", "not set: our own texts are used")
        return
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    closed = [str(path.relative_to(folder)) for path in files if not os.access(path, os.R_OK)]
    if not folder.is_dir():
        yield fail("TEXTS_DIR", "the folder is gone", "put it back or unset TEXTS_DIR")
    elif closed:
        yield fail("TEXTS_DIR", f"cannot be read: {some(closed)}", "give this user the right to read them")
    elif not files:
        yield warn("TEXTS_DIR", "has no file in it: our own texts are used", "put texts there or unset it")
    else:
        yield ok("TEXTS_DIR", f"{len(files)} texts of your own")


def logo(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """The logo is there, and small enough for a phone with little reception."""
    path = portal.settings.brand_logo
    if path is None:
        yield ok("BRAND_LOGO", "not set: the company's name is shown")
    elif not path.is_file() or not os.access(path, os.R_OK):
        yield fail("BRAND_LOGO", "the file is gone or cannot be read", "put it back or unset BRAND_LOGO")
    elif path.stat().st_size > LARGE_LOGO_BYTES:
        finding = f"{path.stat().st_size // 1000} kB is much for a phone"
        yield warn("BRAND_LOGO", finding, f"make it smaller than {LARGE_LOGO_BYTES // 1000} kB, best as SVG")
    else:
        yield ok("BRAND_LOGO", f"{path.stat().st_size // 1000 + 1} kB")


def sending(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """When messages leave, and when that of a dead worker is taken up again."""
    settings = portal.settings
    if settings.quiet_hours is None:
        finding = "off: invitations and reminders leave at night and on Sundays too"
        yield warn("QUIET_HOURS", finding, "unset it, or give hours like 20:00-08:00")
    else:
        yield ok(
            "QUIET_HOURS", "nothing unasked leaves in the quiet hours, nor on Sundays and public holidays"
        )
    if settings.worker_lease_seconds < SHORT_LEASE_SECONDS:
        finding = f"{settings.worker_lease_seconds} s is shorter than a supplier may take: a message could leave twice"
        yield warn("WORKER_LEASE", finding, "unset it (60)")
    else:
        yield ok("WORKER_LEASE", f"{settings.worker_lease_seconds} s")


def retention(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Personal data has an end date."""
    keep = portal.settings.keep
    for_ever = [
        f"KEEP_{name.upper()}"
        for name in ("customers", "messages", "said", "history")
        if getattr(keep, name) == 0
    ]
    if for_ever:
        finding = f"{', '.join(for_ever)} is 0: kept for ever, which needs a reason (GDPR art. 5(1)(e))"
        yield warn("retention", finding, "give a number of days")
    else:
        days = f"customers {keep.customers}, messages {keep.messages}, what they wrote {keep.said}"
        yield ok("retention", f"days: {days}, history {keep.history}")


def demonstration(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """The demonstration's pages show every message to everybody, so they are for one machine."""
    settings = portal.settings
    if settings.demo and _host(settings) not in LOCAL:
        finding = "1, and PUBLIC_URL is no local address: /demo/ shows every link and message to everybody"
        yield fail("DEMO", finding, "unset it, and start with an empty database")
    else:
        yield ok("DEMO", "the demonstration company" if settings.demo else "off")


def _host(settings: Settings) -> str:
    return urlsplit(settings.public_url).hostname or ""


def _keys(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "SECRET_KEY", settings.secret_key
    for number, key in enumerate(settings.link_keys, start=1):
        yield f"LINK_KEYS no. {number}", key
