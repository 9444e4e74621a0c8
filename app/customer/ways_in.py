"""Ways to the personal page: the start page with a letter's code, and what a shared calendar entry links to."""

from flask import g, redirect, render_template, url_for

from app import auth
from app.customer import bp
from app.customer.answers import Answer
from app.customer.forms import EnterCode
from app.i18n import gettext as _
from app.portal import now, portal
from app.work import carry_out, reading
from scheduling.actions import invitations
from scheduling.actions.attempts import count_attempt
from scheduling.errors import LinkUnknown
from scheduling.reads import letter_codes, shared_visit

MOST_CODES = 10
MOST_CODES_OF_A_NETWORK = 60
MOST_LINKS = 3
"""In a quarter of an hour: codes tried from one network at one postcode, and at any (the customers of one mobile
provider may share a network); links sent for one visit. A code has 39 bits: at this rate a network would guess one of a
postcode's in some ten thousand years, so nobody has to be kept out because of what others try."""


@bp.get("/")
def home() -> Answer:
    """What this is, and the form for the code of a letter."""
    return render_template("customer/home.html", errors={}, values={}, public_host=portal().public_host)


@bp.post("/")
def enter_code() -> Answer:
    """From a letter's code to the personal page."""
    form = EnterCode()
    _count_code(form.postcode.data or "")
    token = letter_codes.token_for(
        reading(), portal().link_keys, form.code.data or "", form.postcode.data or "", now()
    )
    if token is not None:
        return redirect(url_for("customer.show", token=token), 303)
    errors = {}
    if not form.code.data:
        errors["code"] = _("Fill in the code from our letter.")
    if not form.postcode.data:
        errors["postcode"] = _("Fill in the postcode of the address that the letter was sent to.")
    if not errors:
        errors["code"] = _("We do not know this code for this postcode. Compare both with the letter.")
    values = {"code": form.code.data or "", "postcode": form.postcode.data or ""}
    page = render_template(
        "customer/home.html", errors=errors, values=values, public_host=portal().public_host
    )
    return page, 422


def _count_code(postcode: str) -> None:
    # Every spelling of a postcode is the same one.
    where, at = auth.network(), "".join(letter for letter in postcode.upper() if letter.isalnum())
    carry_out(count_attempt, "letter-code", where, most=MOST_CODES_OF_A_NETWORK)
    carry_out(count_attempt, "letter-code", at, where, most=MOST_CODES)


@bp.get("/visit/<code>")
def shared(code: str) -> Answer:
    """What a shared calendar entry links to: the window alone."""
    return _shared(code, sent=False)


@bp.post("/visit/<code>")
def send_link(code: str) -> Answer:
    """Sends the personal link to the phone or e-mail on file, and never says whether there is one."""
    visit = _shared_visit(code)
    carry_out(count_attempt, "send-link", str(visit.invitation_id), most=MOST_LINKS)
    carry_out(invitations.send_link_again, visit.invitation_id)
    return _shared(code, sent=True)


def _shared(code: str, *, sent: bool) -> Answer:
    visit = _shared_visit(code)
    g.page_href = url_for("customer.shared", code=code)
    return render_template(
        "customer/shared-visit.html",
        visit=visit,
        send_action=url_for("customer.send_link", code=code),
        sent=sent,
    )


def _shared_visit(code: str) -> shared_visit.SharedVisit:
    """A code is letters and digits; anything else is refused before the database is asked."""
    if not (code.isascii() and code.isalnum()):
        raise LinkUnknown
    return shared_visit.by_code(reading(), code)
