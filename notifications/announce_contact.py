"""Messages about a phone number or e-mail address: whether a new one arrives, and to the old one that it is replaced.

Both answer what somebody did a moment ago, so no quiet hours hold them back: a link is waited for, and a thief should
be noticed at once.
"""

from collections.abc import Mapping

from sqlalchemy import insert, select, update

from notifications.links import CONTACT_LINK
from notifications.models import SENDING, WAITING, WITHDRAWN, Message
from notifications.outbox_row import outbox_row
from notifications.writing import Writer
from scheduling.actions.work import AboutContact, ContactChanged, ContactChangeEnded, ContactCheckAsked, Work
from scheduling.db import table_of
from scheduling.reads.correspondence import Correspondence, correspondence
from scheduling.rules.phone import can_receive_sms

CHECK, CHANGED = "contact-check", "contact-changed"
_LONGEST_ADDRESS = 60


def announce_contact(work: Work, event: AboutContact, writer: Writer) -> None:
    """Writes what this event has to tell, and withdraws the link of a change that is given up."""
    if isinstance(event, ContactChangeEnded):
        _withdraw(work, event.contact_change_id)
    elif isinstance(event, ContactCheckAsked):
        about = correspondence(work.session, event.invitation_id)
        assert event.new is not None, "what is asked for is a number or an address"
        _write(
            work,
            about,
            writer,
            kind=CHECK,
            field=event.field,
            to=event.new,
            more={"link": CONTACT_LINK},
            contact_change_id=event.contact_change_id,
        )
    elif isinstance(event, ContactChanged):
        _tell_the_old(work, event, writer)


def _tell_the_old(work: Work, event: ContactChanged, writer: Writer) -> None:
    invitation_id = event.invitation_id or _asked_about(work, event.contact_change_id)
    if event.old is None or invitation_id is None:
        return
    about = correspondence(work.session, invitation_id)
    # A landline hears nothing of an SMS; then the e-mail on file is the next best.
    to = event.old if "@" in event.old or can_receive_sms(event.old) else about.correspondent.email
    if to is not None:
        _write(work, about, writer, kind=CHANGED, field=event.field, to=to, more=_what_changed(event))


def _what_changed(event: ContactChanged) -> Mapping[str, str]:
    """The one value of four that this change is told with: enough to recognise, too little to use."""
    values = dict.fromkeys(("new_phone", "new_email", "gone_phone", "gone_email"), "")
    shown = event.new or event.old or ""
    values[f"{'new' if event.new else 'gone'}_{event.field}"] = (
        shown[-2:] if event.field == "phone" else _recognisable(shown)
    )
    return values


def _recognisable(email: str) -> str:
    name, _, host = email.rpartition("@")
    return f"{name[:1]}...@{host}"[:_LONGEST_ADDRESS]


def _write(
    work: Work,
    about: Correspondence,
    writer: Writer,
    *,
    kind: str,
    field: str,
    to: str,
    more: Mapping[str, str],
    contact_change_id: int | None = None,
) -> None:
    channel = "email" if "@" in to else "sms"
    written = writer.write(about, kind=kind, channel=channel, tells_of_visit=False, more=more)
    assert written is not None, "both kinds have an SMS and an e-mail"
    row = outbox_row(
        work,
        about,
        written,
        # Each time anew: a link may be asked for again, and a number changed back and forth.
        event_key=f"{kind}:{about.invitation_id}:{field}:{contact_change_id or ''}:{work.now.isoformat()}",
        kind=kind,
        channel=channel,
        to=to,
        due_at=work.now,
        answers_customer=True,
        contact_change_id=contact_change_id,
    )
    work.session.connection().execute(insert(table_of(Message)), row)


def _withdraw(work: Work, contact_change_id: int) -> None:
    """A link that confirms nothing any more is not sent."""
    work.session.execute(
        update(Message)
        .where(
            Message.kind == CHECK,
            Message.contact_change_id == contact_change_id,
            Message.state.in_((WAITING, SENDING)),
        )
        .values(state=WITHDRAWN)
        .execution_options(synchronize_session=False)
    )


def _asked_about(work: Work, contact_change_id: int | None) -> int | None:
    """The invitation on whose page the change was asked for, as the message that asked has it."""
    return work.session.scalar(
        select(Message.invitation_id)
        .where(Message.kind == CHECK, Message.contact_change_id == contact_change_id)
        .order_by(Message.id)
        .limit(1)
    )
