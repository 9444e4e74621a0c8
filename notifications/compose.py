"""From a row of the outbox to what leaves: the link filled in, an e-mail with its HTML and the visit's calendar file.

Done at the moment of sending, so that a link stands nowhere and a calendar file shows the visit as it is now.
"""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from notifications.calendar_texts import calendar_visit
from notifications.company import Company
from notifications.email_html import render_html
from notifications.links import CONTACT_LINK, LINK, Links
from notifications.models import Message
from notifications.providers import Outgoing
from notifications.texts import Texts
from scheduling.calendars.write import Method, visit_calendar
from scheduling.reads.correspondence import correspondence
from scheduling.rules.addressing import display_name

_WITH_CALENDAR = frozenset({"confirmation", "change", "cancellation", "restored", "withdrawal", "exit"})


@dataclass(frozen=True, slots=True)
class Composer:
    """Fills in for one company. Called by the relay, in a transaction of its own that is over before sending."""

    company: Company
    texts: Texts
    links: Links

    def __call__(self, session: Session, message: Message) -> Outgoing:
        """`message` as it leaves."""
        text = self.filled(message)
        outgoing = Outgoing(
            message_id=message.id,
            channel=message.channel,
            to=message.to,
            text=text,
            language=message.language,
            written_at=message.created_at,
            subject=message.subject,
        )
        return self._email(session, message, outgoing) if message.channel == "email" else outgoing

    def filled(self, message: Message) -> str:
        """The body as the customer reads it."""
        return self.links.fill(
            message.body,
            invitation_id=message.invitation_id,
            version=message.link_version,
            contact_change_id=message.contact_change_id,
        )

    def _email(self, session: Session, message: Message, outgoing: Outgoing) -> Outgoing:
        html = render_html(
            outgoing.text,
            subject=message.subject,
            language=message.language,
            company=self.company,
            link=self._link(message),
        )
        calendar, method = self._calendar(session, message)
        return replace(outgoing, html=html, calendar=calendar, calendar_method=method)

    def _link(self, message: Message) -> str:
        """The link that the message carries; empty where it has none."""
        if message.contact_change_id is not None and CONTACT_LINK in message.body:
            return self.links.contact_check(message.contact_change_id)
        has_link = LINK in message.body
        return self.links.personal(message.invitation_id, message.link_version) if has_link else ""

    def _calendar(self, session: Session, message: Message) -> tuple[bytes, str]:
        """The visit as it is now, and how it is meant (RFC 5546); nothing where the message is about no visit."""
        if message.visit_id is None or message.kind not in _WITH_CALENDAR:
            return b"", ""
        about = correspondence(session, message.invitation_id, visit_id=message.visit_id)
        whom = about.correspondent
        # The customer may have a copy of what went to the contact who chose for them.
        name = display_name(whom.name, whom.language) if message.to == whom.email else ""
        visit = replace(
            calendar_visit(about, self.company, self.texts), attendee_name=name, attendee_email=message.to
        )
        if not self.company.email:
            return visit_calendar(visit, method="PUBLISH"), "PUBLISH"
        method: Method = "CANCEL" if visit.is_cancelled else "REQUEST"
        return visit_calendar(visit, method=method), method
