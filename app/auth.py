"""Who may see what: personal links of customers, sign-in of staff, and what was verified on this device."""

import hashlib
import secrets
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import ParamSpec, TypeVar

from flask import Flask, abort, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from app.portal import now, portal
from app.work import reading
from scheduling.errors import LinkEnded, LinkUnknown
from scheduling.links import PersonalLink
from scheduling.reads import staff as staff_reads
from scheduling.reads.asked import check_link

MOST_VERIFIED = 20
"""Invitations remembered as verified on one device; the oldest give way."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

login_manager = LoginManager()


def link_of(token: str) -> PersonalLink:
    """What a token stands for, by arithmetic alone; whether it still opens is to be checked. Refuses: LinkUnknown."""
    link = portal().link_keys.read_personal_token(token)
    if link is None:
        raise LinkUnknown
    return link


def invitation_of(token: str, *, also_withdrawn: bool = False) -> int:
    """The invitation that a personal link stands for.

    A token that we never made is refused before the database is asked. `also_withdrawn`: a calendar has to hear that a
    visit is off, also when the company itself ended it. Refuses: LinkUnknown, LinkEnded.
    """
    link = link_of(token)
    try:
        check_link(reading(), link.invitation_id, link.version, now())
    except LinkEnded as ended:
        if not (also_withdrawn and ended.facts["reason"] == "withdrawn"):
            raise
    return link.invitation_id


def is_verified(invitation_id: int) -> bool:
    """Whether postcode and house number were given for this invitation on this device."""
    return invitation_id in session.get("verified", [])


def remember_verified(invitation_id: int) -> None:
    """Remembers it in the device's own signed cookie."""
    known = [known for known in session.get("verified", []) if known != invitation_id]
    session["verified"] = [*known, invitation_id][-MOST_VERIFIED:]


def network() -> str:
    """Where a request comes from, for counting attempts; never logged or stored as it is."""
    place = _place(request.remote_addr or "")
    return hashlib.sha256(f"{portal().settings.secret_key}|{place}".encode()).hexdigest()


def _place(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: whoever has one address of that has all 2^64 of them (RFC 6177)."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if isinstance(read, IPv6Address):
        mapped = read.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((read, 64), strict=False))
    return address


class SignedIn(UserMixin):  # type: ignore[misc]
    """A member of staff who is signed in. The id in the cookie ends with the account's session version."""

    def __init__(self, account: staff_reads.Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """`<id>.<session version>`: raising the version ends every session."""
        return f"{self.account.staff_id}.{self.account.session_version}"


def staff_only(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer | Response]:
    """Lets staff in and sends everybody else to the sign-in page."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer | Response:
        if not current_user.is_authenticated:
            if request.method != "GET":
                abort(403)
            return redirect(url_for("staff.sign_in", next=request.path), 303)
        g.actor = f"staff:{current_user.account.staff_id}"
        return view(*args, **kwargs)

    return guarded


def init_app(app: Flask) -> None:
    """Staff sessions."""
    login_manager.init_app(app)
    login_manager.session_protection = None


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(cookie_id: str) -> SignedIn | None:
    staff_id, _, version = cookie_id.partition(".")
    if not staff_id.isdigit():
        return None
    account = staff_reads.by_id(reading(), int(staff_id))
    if account is None or not secrets.compare_digest(str(account.session_version), version):
        return None
    return SignedIn(account)
