"""A mail server of the tests' own (aiosmtpd), spoken to over the wire."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from repository.core.runtime import Runtime
from tests.services.process import free_port

USER, PASSWORD = "repository", "a password for the relay"


@dataclass
class Mailbox:
    """The server: what it took, and how it is to answer recipients whose address holds a word."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each in self.messages if each["To"] == address]

    def text_to(self, address: str) -> str:
        """The newest message to an address, as a person reads it."""
        return str(self.to(address)[-1].get_content())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for word, answer in self.answers.items():
            if word in address:
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def settings(self) -> dict[str, object]:
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_tls": "none",
            "smtp_user": USER,
            "smtp_password": PASSWORD,
            "smtp_timeout": 5,
        }


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox(free_port())
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        auth_require_tls=False,
        authenticator=_authenticate,
    )
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def mailing_runtime(sqlite_runtime: Runtime, mailbox: Mailbox) -> Runtime:
    """`sqlite_runtime` with the mail server in its settings."""
    settings = sqlite_runtime.settings.model_copy(
        update=type(sqlite_runtime.settings)
        .model_validate(mailbox.settings())
        .model_dump(include=set(mailbox.settings()))
    )
    return Runtime(settings, sqlite_runtime.database, sqlite_runtime.store, sqlite_runtime.clock)
