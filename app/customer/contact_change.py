"""Behind the link that was sent to a new number or address: one button, and from then on we use it.

Opening the link changes nothing, for programs that look at messages before people do open links too.
"""

from flask import g, render_template, url_for

from app.customer import bp
from app.customer.answers import Answer
from app.customer.details_page import shown_to
from app.i18n import speak
from app.portal import now, portal
from app.work import carry_out, reading
from scheduling.actions import contact_changes
from scheduling.errors import LinkEnded, LinkUnknown, WrongRecipientRefused
from scheduling.reads.details import contact_check as read_check


@bp.get("/contact/<token>")
def contact_check(token: str) -> Answer:
    """Asks whether the number or address is right."""
    return _page(token, _change_id(token))


@bp.post("/contact/<token>")
def confirm_contact(token: str) -> Answer:
    """It is: whoever pressed the button reads what is sent there."""
    change_id = _change_id(token)
    try:
        carry_out(contact_changes.confirm, change_id)
    except (LinkEnded, WrongRecipientRefused):
        return _page(token, change_id, has_ended=True)
    return _page(token, change_id)


def _change_id(token: str) -> int:
    change_id = portal().link_keys.read_contact_token(token)
    if change_id is None:
        raise LinkUnknown
    return change_id


def _page(token: str, change_id: int, *, has_ended: bool = False) -> Answer:
    check = read_check(reading(), change_id, now())
    speak(check.language, check.formality)
    g.page_href = url_for("customer.contact_check", token=token)
    state = "ended" if has_ended else check.state
    html = render_template(
        "customer/contact-check.html",
        state=state,
        field=check.field,
        value=shown_to(check.field, check.value).replace(" ", "\u00a0"),
        confirm_action=url_for("customer.confirm_contact", token=token),
    )
    return (html, 410) if state == "ended" else html
