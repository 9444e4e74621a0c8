"""Mail and SMS: whether the supplier takes our name and password. Nothing is sent."""

from collections.abc import Iterator
from datetime import datetime

from app.doctor.findings import Finding, fail, ok, warn
from app.portal import Portal
from notifications.providers import Permanent, Transient

ANSWER_SECONDS = 5.0
"""For each step; a healthy supplier takes less than one."""


def mail(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """The mail server lets us in."""
    settings = portal.settings
    if settings.mail_url == "console:":
        finding = "console: keeps e-mail and sends none"
        yield warn("mail", finding, "set MAIL_URL to smtp://USER:PASSWORD@HOST:587 or smtps://...")
        return
    from notifications.providers.smtp import Smtp

    server = Smtp(
        settings.mail_url, sender=settings.mail_from, sender_name="", timeout_seconds=ANSWER_SECONDS
    )
    try:
        is_tls = server.try_out()
    except Transient as refusal:
        yield fail("mail", refusal.reason, "look at MAIL_URL: host, port, name, password")
        return
    if is_tls:
        yield ok("mail", "the server lets us in, over TLS")
    else:
        finding = "the server lets us in without TLS: what we write can be read on its way"
        yield warn(
            "mail", finding, "use smtps://, or a server that offers STARTTLS, unless it is this machine"
        )


def sms(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Twilio knows our account and our sender."""
    account = portal.settings.twilio
    if account is None:
        finding = "console keeps SMS and sends none"
        yield warn(
            "SMS", finding, "set SMS_PROVIDER=twilio and TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM"
        )
        return
    from notifications.providers.twilio import Twilio

    twilio = Twilio(
        account.account_sid,
        account.auth_token,
        sender=account.sender,
        public_url=portal.settings.public_url,
        api_url=account.api_url,
        timeout_seconds=ANSWER_SECONDS,
    )
    try:
        state = twilio.account_state()
    except (Transient, Permanent) as refusal:
        yield fail(
            "SMS", refusal.reason, "look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in Twilio's console"
        )
        return
    yield _account(state.status, is_trial=state.is_trial)
    yield _sender(state.knows_sender)


def _account(status: str, *, is_trial: bool) -> Finding:
    if status != "active":
        return fail(
            "SMS",
            f"our Twilio account is {status}",
            "look at the account's balance and notices in Twilio's console",
        )
    if is_trial:
        finding = "a trial account: it writes only to numbers confirmed in Twilio's console"
        return warn("SMS", finding, "upgrade the account before the first customer")
    return ok("SMS", "Twilio knows our account")


def _sender(is_known: bool | None) -> Finding:
    if is_known is None:
        finding = (
            "the sender is a name: customers cannot answer, and Twilio does not say whether it may be used"
        )
        return warn(
            "SMS sender", finding, "use a number or a messaging service, so that customers can answer"
        )
    if is_known:
        return ok("SMS sender", "belongs to the account")
    return fail(
        "SMS sender",
        "does not belong to our Twilio account",
        "choose TWILIO_FROM from the account's numbers or services",
    )
