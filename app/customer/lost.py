"""Links that are old or lost: sent once more to the phone or e-mail on file, never shown, never to what is typed."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for

from app import auth
from app.customer import bp
from app.customer.answers import Answer
from app.customer.exit_forms import LostLink
from app.portal import portal
from app.work import carry_out
from scheduling.actions import lost_links
from scheduling.actions.attempts import count_attempt
from scheduling.errors import LinkEnded
from scheduling.rules.exits import NOT_FOR_ME

MOST_BY_A_LINK = 3
MOST_OF_A_NETWORK = 20
"""In a quarter of an hour: links sent by one old link; links asked for from one network, which a household, an office
or the customers of one mobile provider may share."""


@bp.post("/v/<token>/send-link")
def send_current_link(token: str) -> Answer:
    """Sends the link that opens now, to who holds one of ours that is old; the answer is the same whoever that is."""
    link = auth.link_of(token)
    carry_out(count_attempt, "send-link", str(link.invitation_id), most=MOST_BY_A_LINK)
    carry_out(lost_links.send_by_old_link, link.invitation_id)
    return redirect(url_for("customer.link_is_on_its_way"), 303)


@bp.get("/lost")
def lost() -> Answer:
    """For whoever has neither message nor letter any more."""
    return _lost_page()


@bp.post("/lost")
def send_lost_link() -> Answer:
    """Sends the links of whoever that is; one answer for all, so that nobody learns who is a customer."""
    carry_out(count_attempt, "lost-link", auth.network(), most=MOST_OF_A_NETWORK)
    form = LostLink()
    asked, errors = form.read()
    if asked is None:
        g.page_href = url_for("customer.lost")
        return _lost_page(values=form.data, errors=errors), 422
    carry_out(lost_links.send_to_who_lost_it, *asked)
    return redirect(url_for("customer.link_is_on_its_way"), 303)


@bp.get("/lost/sent")
def link_is_on_its_way() -> Answer:
    """Where to look for it, and what to do where nothing comes."""
    return _lost_page(sent=True)


def ended_page(ended: LinkEnded) -> Response:
    """410: why the link does not open any more, and every way on from there."""
    token = (request.view_args or {}).get("token", "")
    reason = str(ended.facts["reason"])
    can_send = reason not in {NOT_FOR_ME, "withdrawn"} and portal().link_keys.read_personal_token(token)
    html = render_template(
        "customer/expired.html",
        reason=reason,
        come_back_action=url_for("customer.come_back", token=token)
        if ended.facts.get("can_return")
        else None,
        send_action=url_for("customer.send_current_link", token=token) if can_send else None,
    )
    return make_response(html, 410)


def _lost_page(*, sent: bool = False, **filled: Any) -> str:
    return render_template(
        "customer/lost.html",
        sent=sent,
        values=filled.get("values", {}),
        errors=filled.get("errors", {}),
        lost_action=url_for("customer.send_lost_link"),
    )
