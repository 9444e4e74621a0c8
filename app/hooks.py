"""Doors for machines: alive, ready, and what Twilio tells us. A signature stands in for a form token here.

What comes back from a supplier is handed over (`notifications.inbound`) and answered at once; what it means for a
message or a customer is decided there.
"""

import logging

from flask import Blueprint, Flask, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from app import migrations
from app.portal import portal
from app.security import csrf
from app.work import carry_out
from notifications import inbound
from notifications.providers.twilio import reason_of, state_of, valid_signature
from scheduling.actions.work import Work

logger = logging.getLogger("portal.hooks")
bp = Blueprint("hooks", __name__)

LARGEST_ID = 2**31 - 1
"""What an integer column of PostgreSQL holds."""

NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""TwiML for: nothing to say to this SMS."""


@bp.get("/healthz")
def alive() -> Response:
    """The process answers. Asks nobody else, so that a database that is down does not get the process restarted."""
    return _word("ok", 200)


@bp.get("/readyz")
def ready() -> Response:
    """Ready to serve: the database can be reached, and has the schema that this code was written for."""
    try:
        is_current = migrations.is_current(portal().sessions.engine)
    except SQLAlchemyError as error:
        logger.warning("not ready", extra={"facts": {"why": "database", "error": type(error).__name__}})
        return _word("database", 503)
    return _word("ok", 200) if is_current else _word("schema", 503)


@bp.post("/hooks/twilio/status")
def twilio_status() -> Response:
    """A delivery report. One that we cannot use is taken and left, for Twilio would only send it again."""
    _refuse_unsigned()
    state = state_of(request.form.get("MessageStatus", ""))
    provider_id = request.form.get("MessageSid", "")
    if state is None or not provider_id:
        logger.warning("a delivery report that says nothing we know")
    else:
        carry_out(
            _take_report,
            provider_id,
            state,
            reason_of(request.form.get("ErrorCode", type=int)),
            _reported_message(),
        )
    return Response(status=204)


@bp.post("/hooks/twilio/sms")
def twilio_sms() -> Response:
    """An SMS from a customer: kept for staff; nothing is answered yet."""
    _refuse_unsigned()
    provider_id = request.form.get("MessageSid", "")
    if not provider_id:
        abort(400)
    carry_out(
        inbound.incoming_sms,
        provider_id=provider_id,
        sender=request.form.get("From", ""),
        body=request.form.get("Body", ""),
    )
    return Response(NO_ANSWER, mimetype="text/xml")


def init_app(app: Flask) -> None:
    """Opens the doors, and keeps them out of what protects forms."""
    csrf.exempt(bp)
    app.register_blueprint(bp)


def _take_report(work: Work, provider_id: str, state: str, reason: str, message_id: int | None) -> bool:
    return inbound.delivery_report(
        work.session, provider_id, state=state, reason=reason, message_id=message_id
    )


def _reported_message() -> int | None:
    # Which message the report is about, as we wrote it into the address that it is sent to.
    message_id = request.args.get("message", type=int)
    return message_id if message_id is not None and 0 < message_id <= LARGEST_ID else None


def _refuse_unsigned() -> None:
    account = portal().settings.twilio
    if account is None:
        abort(404)
    # Twilio signs the address that we gave it. Behind a proxy ours looks different from here, so it is put together
    # again: the public base, and what was asked for below it.
    query = request.query_string.decode("ascii", "replace")
    url = portal().settings.public_url + request.path + (f"?{query}" if query else "")
    if not valid_signature(
        account.auth_token, url, request.form, request.headers.get("X-Twilio-Signature", "")
    ):
        logger.warning("a webhook whose signature is not Twilio's", extra={"facts": {"path": request.path}})
        abort(403)


def _word(word: str, status: int) -> Response:
    return Response(word, status, mimetype="text/plain")
