"""A real SMTP server on 127.0.0.1 that keeps what it gets, and can refuse or break off at any step."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Mailbox:
    """What arrived, and how the server behaves. `answers` by step ("rcpt", "data") are sent instead of accepting."""

    def __init__(self) -> None:
        self.url = ""
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.breaks_off_at = ""

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.breaks_off_at == "rcpt":
            server.transport.abort()
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.breaks_off_at == "data":
            server.transport.abort()
        if "data" in self.answers:
            return self.answers["data"]
        self.recipients.extend(envelope.rcpt_tos)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        if self.breaks_off_at == "quit":
            server.transport.abort()
        return "221 bye"


class _Controller(Controller):
    """Listens on whichever port is free; the original looks for itself on the one it asked for."""

    def _trigger_server(self) -> None:
        listening: Any = self.server
        self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running_mail_server(*, password: str = "", tls: Any = None) -> Iterator[Mailbox]:
    """A mail server until the block ends. With `password`, only somebody@ with it may send."""
    mailbox = Mailbox()

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == password.encode(), handled=False)

    controller = _Controller(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        tls_context=tls,
        authenticator=authenticate if password else None,
        auth_required=bool(password),
        auth_require_tls=False,
    )
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield mailbox
    finally:
        controller.stop()
