"""Pages for whoever tries the product: where to begin, and what was written to whom. Registered only with DEMO=1.

They are the operator's view: personal links are filled in, so they are for a database of people who do not exist.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.demo.links import demo_letter, demo_links
from app.i18n import language
from app.portal import now, portal
from app.work import reading
from notifications.links import CONTACT_LINK, LINK, Links
from notifications.models import KINDS, WAITING, Message
from scheduling.clock import to_local, zone
from scheduling.models import Customer
from scheduling.reads.names import NAME_COLUMNS, name_of
from scheduling.rules.phone import for_people

bp = Blueprint("demo", __name__)

A_PAGE = 50
LAST_PAGE = 100_000
LONGEST_REF = 100


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; one with an address is a link."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as whoever tries the product sees it. Times are local to the company; `pieces` make up its text."""

    kind: str
    channel: str
    customer_ref: str
    customer_name: str
    to: str
    subject: str
    pieces: Sequence[Piece]
    language: str
    parts: int | None
    state: str
    is_held_back: bool
    attempts: int
    error: str
    written: datetime
    due: datetime
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages are asked for; empty text for any."""

    customer: str
    kind: str

    @classmethod
    def asked_for(cls) -> "Filter":
        """From the address of the page. What no message can have is taken as it is, and finds none."""
        customer = request.args.get("customer", "").replace("\0", "").strip()[:LONGEST_REF]
        kind = request.args.get("kind", "")
        return cls(customer, kind if kind in KINDS else "")

    def href(self, page: int) -> str:
        """The address of a page of these messages."""
        values: dict[str, Any] = {
            "customer": self.customer,
            "kind": self.kind,
            "page": page if page > 1 else "",
        }
        return url_for("demo.messages", **{name: value for name, value in values.items() if value})


@bp.get("/")
def start() -> str:
    """Where to begin: a link for each persona, the staff's door, the messages."""
    links = portal().links
    return render_template(
        "demo/start.html",
        customers=demo_links(reading(), links, now()),
        letter=demo_letter(reading(), links, now()),
        nothing_leaves=portal().settings.mail_url == "console:",
        messages_href=url_for("demo.messages"),
        staff_href=url_for("staff.overview"),
        home_href=url_for("customer.home"),
    )


@bp.get("/messages")
def messages() -> str:
    """What was written, the newest first."""
    wanted, page = Filter.asked_for(), _page()
    found = _messages(reading(), portal().links, wanted, limit=A_PAGE + 1, offset=(page - 1) * A_PAGE)
    return render_template(
        "demo/messages.html",
        messages=found[:A_PAGE],
        wanted=wanted,
        kinds=KINDS,
        today=to_local(now(), zone(portal().announce.time_zone)).date(),
        newer_href=wanted.href(page - 1) if page > 1 else None,
        older_href=wanted.href(page + 1) if len(found) > A_PAGE else None,
        all_href=url_for("demo.messages"),
        start_href=url_for("demo.start"),
    )


def _page() -> int:
    page: int = request.args.get("page", 1, type=int)
    return min(max(page, 1), LAST_PAGE)


def _messages(
    session: Session, links: Links, wanted: Filter, *, limit: int, offset: int
) -> Sequence[ShownMessage]:
    query: Select[*tuple[Any, ...]] = (
        select(Message, *NAME_COLUMNS)
        .join(Customer, Customer.id == Message.customer_id)
        .order_by(Message.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if wanted.customer:
        query = query.where(Customer.ref == wanted.customer)
    if wanted.kind:
        query = query.where(Message.kind == wanted.kind)
    return [_shown(row, links) for row in session.execute(query)]


def _shown(row: Row[*tuple[Any, ...]], links: Links) -> ShownMessage:
    message: Message = row.Message
    local = zone(portal().announce.time_zone)
    return ShownMessage(
        kind=message.kind,
        channel=message.channel,
        customer_ref=row.customer_ref,
        customer_name=name_of(row, language()),
        to=for_people(message.to) if message.channel == "sms" else message.to,
        subject=message.subject,
        pieces=_pieces(message, links),
        language=message.language,
        parts=message.segments,
        state=message.state,
        # Without a try before it, only quiet hours make a message wait.
        is_held_back=message.state == WAITING and message.attempts == 0 and message.due_at > now(),
        attempts=message.attempts,
        error=message.error,
        written=to_local(message.created_at, local),
        due=to_local(message.due_at, local),
        sent=to_local(message.sent_at, local) if message.sent_at else None,
    )


def _pieces(message: Message, links: Links) -> list[Piece]:
    """The text as the customer reads it, cut at its links."""
    pieces: list[Piece] = []
    for text in re.split(f"({re.escape(LINK)}|{re.escape(CONTACT_LINK)})", message.body):
        filled = links.fill(
            text,
            invitation_id=message.invitation_id,
            version=message.link_version,
            contact_change_id=message.contact_change_id,
        )
        if text in (LINK, CONTACT_LINK):
            pieces.append(Piece(filled, filled))
        elif text:
            pieces.append(Piece(filled))
    return pieces
