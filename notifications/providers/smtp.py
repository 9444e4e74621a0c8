"""E-mail over SMTP: text, HTML and the visit as a calendar file."""

import smtplib
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from notifications.providers import Outgoing, Permanent, Sent, Transient

TIMEOUT_SECONDS = 20
"""For each step with the server; a message takes some ten of them at worst, a healthy server a second for all."""

_PORTS = {"smtp": 587, "smtps": 465}
_SIGN_IN_REFUSED = (530, 534, 535, 538)


class Smtp:
    """Sends through one mail server.

    `url` is smtp://user:password@host:port (STARTTLS where the server offers it) or smtps://... (TLS from the start);
    user and password may be left out, and are never sent without TLS to another machine. `sender` is the address that
    mail comes from, `sender_name` the company; `reply_to` where an answer goes, if elsewhere.
    """

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        sender_name: str,
        reply_to: str = "",
        timeout_seconds: float = TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("a mail server's URL begins with smtp:// or smtps://")
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._sender_name, self._reply_to = sender, sender_name, reply_to
        self._timeout_seconds, self._tls = timeout_seconds, tls

    def send(self, outgoing: Outgoing) -> Sent:
        """Hands the mail to the server. Refuses: Transient (no server, 4xx, sign-in), Permanent (5xx, bad address)."""
        mail = self.mail(outgoing)
        server: smtplib.SMTP | None = None
        try:
            server = self._connected()
            server.send_message(mail, from_addr=self._sender, to_addrs=[outgoing.to])
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise _refusal(code, "the mail server refuses the address") from None
        except smtplib.SMTPAuthenticationError:
            raise Transient("the mail server refuses our name or password") from None
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, "the mail server refuses the message") from None
        except smtplib.SMTPNotSupportedError:
            raise Permanent("the mail server cannot write to this address") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Transient(_without_answer(error)) from None
        finally:
            if server is not None:
                _say_goodbye(server)
        return Sent(str(mail["Message-ID"]))

    def try_out(self) -> bool:
        """Connects and signs in, sends nothing: whether it was over TLS. Refuses: Transient."""
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError:
            raise Transient("the mail server refuses our name or password") from None
        except smtplib.SMTPResponseException as error:
            raise Transient(f"the mail server does not talk to us ({error.smtp_code})") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Transient(_without_answer(error)) from None
        is_tls = isinstance(server.sock, ssl.SSLSocket)
        _say_goodbye(server)
        return is_tls

    def mail(self, outgoing: Outgoing) -> EmailMessage:
        """The mail as it is sent: the same for every attempt. Refuses: Permanent for what is no address."""
        mail = EmailMessage(policy=SMTP)
        try:
            user, _, domain = self._sender.rpartition("@")
            mail["From"] = Address(self._sender_name, user, domain)
            to = Address(addr_spec=outgoing.to)
            if not (to.username and to.domain):
                raise Permanent("this is not an e-mail address")
            mail["To"] = to
        except (ValueError, IndexError, MessageError):
            raise Permanent("this is not an e-mail address") from None
        mail["Date"] = outgoing.written_at
        mail["Subject"] = outgoing.subject
        if self._reply_to and self._reply_to != self._sender:
            mail["Reply-To"] = self._reply_to
        mail["Message-ID"] = self._message_id(outgoing, domain)
        # RFC 3834: nobody's out-of-office note needs to answer this.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(outgoing.text)
        if outgoing.html:
            mail.add_alternative(outgoing.html, subtype="html")
        if outgoing.calendar:
            self._add_calendar(mail, outgoing)
        # Last, for headers called Content-... move into the first part as soon as there is a second.
        mail["Content-Language"] = outgoing.language
        return mail

    def _add_calendar(self, mail: EmailMessage, outgoing: Outgoing) -> None:
        """As an alternative, which mail programs offer to take over, and as a file for the others (RFC 6047)."""
        words = outgoing.calendar.decode().replace("\r\n", "\n")
        parameters = {"method": outgoing.calendar_method}
        mail.add_alternative(words, subtype="calendar", cte="base64", params=parameters)
        mail.add_attachment(
            outgoing.calendar, maintype="application", subtype="ics", filename="visit.ics", params=parameters
        )

    def _message_id(self, outgoing: Outgoing, domain: str) -> str:
        """The same for every attempt, so that a mail program can tell a second copy; tells nothing by itself."""
        digest = sha256(f"{domain}/{outgoing.message_id}/{outgoing.to}".encode()).hexdigest()[:24]
        return f"<{outgoing.message_id}.{digest}@{domain}>"

    def _connected(self) -> smtplib.SMTP:
        context = self._tls or ssl.create_default_context()
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout_seconds)
        try:
            self._sign_in(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _sign_in(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo_or_helo_if_needed()
        is_private = self._is_tls or self._host in ("localhost", "127.0.0.1", "::1")
        if not self._is_tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_private = True
        if not self._user:
            return
        if not is_private:
            raise Transient("the mail server offers no TLS, and our password goes nowhere without it")
        try:
            server.login(self._user, self._password)
        except smtplib.SMTPNotSupportedError:
            raise Transient("the mail server takes no name and password") from None


def _say_goodbye(server: smtplib.SMTP) -> None:
    """What the server has accepted is sent, however it takes our leaving."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _refusal(code: int, words: str) -> Transient | Permanent:
    """RFC 5321 4.2.1: 4xx may pass, 5xx will not; but a sign-in that is missing can be mended by the operator."""
    reason = f"{words} ({code})"
    return Permanent(reason) if 500 <= code < 600 and code not in _SIGN_IN_REFUSED else Transient(reason)


def _without_answer(error: Exception) -> str:
    # While an answer is awaited, smtplib turns a time-out into a broken connection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "the mail server does not answer in time"
    if isinstance(error, ssl.SSLError):
        return "no safe connection to the mail server (TLS)"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the mail server broke off"
    return "the mail server cannot be reached"
