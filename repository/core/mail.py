"""Mail: kept as a row in the transaction that makes it necessary, sent by the job `mail.send`.

Without an SMTP host messages stay rows, for an operator to read (`repository mail`): nothing that
sends one needs to know. A body may hold the secret of a link, so it is sealed while it waits and
forgotten once it is sent.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from enum import StrEnum
from secrets import token_hex
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Integer, LargeBinary, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base
from repository.core.runtime import Runtime
from repository.core.sealing import seal, unseal
from repository.core.settings import Settings
from repository.core.work import Work

JOB = "mail.send"
PURPOSE = "mail"
MAX_SUBJECT, MAX_BODY = 300, 100_000
KEPT_FOR = timedelta(days=90)
log = structlog.get_logger(__name__)


class MailState(StrEnum):
    WAITING = "waiting"  # for the job, or for an SMTP host to be configured
    SENT = "sent"
    REFUSED = "refused"  # by the server, for good; `error` says why


class Mail(Base):
    """One message to one address; `body` is sealed plain text, empty once it was sent."""

    __tablename__ = "mails"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    to_address: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(MAX_SUBJECT))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    message_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default=MailState.WAITING.value, index=True)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]


def post(work: Work, *, to: str, locale: str, subject: str, text: str) -> Mail:
    """Keep a message and ask for it to be sent. `subject` is made one line, whatever it holds."""
    settings = work.settings
    domain = urlsplit(settings.base_url).hostname or "localhost"
    mail = Mail(
        to_address=to,
        locale=locale,
        subject=" ".join(subject.split())[:MAX_SUBJECT],
        body=seal(settings.secret_key, PURPOSE, text[:MAX_BODY]),
        message_id=f"<{token_hex(16)}@{domain}>",
        created_at=work.clock.now(),
    )
    work.session.add(mail)
    work.session.flush()
    work.enqueue(JOB, f"{JOB}:{mail.id}", {"mail": mail.id})
    return mail


def text_of(settings: Settings, mail: Mail) -> str:
    """The body of a message that waits; empty for one that was sent."""
    return unseal(settings.secret_key, PURPOSE, mail.body) if mail.body else ""


def send(runtime: Runtime, mail_id: int) -> None:
    """Send a message that waits. A second run does nothing; should the first have ended between
    the server's answer and our commit, the message goes out again under the same Message-ID.

    Raises OSError or smtplib.SMTPException for what may be over later (the job is tried again);
    what the server refuses for good (RFC 5321, 5yz) is kept as such.
    """
    with runtime.read() as work:
        mail = work.session.get(Mail, mail_id)
        if mail is None or mail.state != MailState.WAITING:
            return
        message = _message(work.settings, mail)
    if not runtime.settings.smtp_host:
        log.info("mail kept: no SMTP host is configured", mail=mail_id, subject=mail.subject)
        return
    error = ""
    try:
        with connected(runtime.settings) as server:
            server.send_message(message)
    except smtplib.SMTPNotSupportedError as refused:
        error = str(refused)
    except smtplib.SMTPRecipientsRefused as refused:
        code, told = next(iter(refused.recipients.values()))
        if code < 500:
            raise
        error = f"{code} {told.decode('utf-8', 'replace')}"
    except smtplib.SMTPResponseException as refused:
        if refused.smtp_code < 500 or isinstance(refused, smtplib.SMTPAuthenticationError):
            raise
        error = str(refused)
    with runtime.work() as work:
        _note(work, mail_id, error)


def _note(work: Work, mail_id: int, error: str) -> None:
    mail = work.session.get_one(Mail, mail_id)
    mail.state = (MailState.REFUSED if error else MailState.SENT).value
    mail.error = error[:1000]
    mail.body = b""
    mail.sent_at = None if error else work.clock.now()
    if error:
        log.warning("mail refused", mail=mail_id, error=mail.error)


class _Policy(EmailPolicy):
    """Python's own folding of a long subject loses the blank between two encoded words, which
    every reader leaves out (RFC 2047, section 6.2); that of `email.header` encodes it.
    """

    def fold(self, name: str, value: str) -> str:
        if name != "Subject" or value.isascii():
            return str(super().fold(name, value))
        told = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {told}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject" or value.isascii():
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


def _message(settings: Settings, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=_Policy())
    message["From"] = settings.smtp_from or settings.admin_email
    message["To"] = mail.to_address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes in return
    message.set_content(text_of(settings, mail))
    message["Content-Language"] = mail.locale
    return message


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A session with the server, signed in. Certificates are checked. Raises OSError,
    smtplib.SMTPException.
    """
    context = ssl.create_default_context()
    host, port, seconds = settings.smtp_host, settings.smtp_port, settings.smtp_timeout
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
        if settings.smtp_tls == "tls"
        else smtplib.SMTP(host, port, timeout=seconds)
    )
    with server:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield server


def forget_old(runtime: Runtime) -> None:
    """Drop messages of more than 90 days ago, sent or not: addresses are personal data."""
    with runtime.work() as work:
        work.session.execute(delete(Mail).where(Mail.created_at < work.clock.now() - KEPT_FOR))


def problems(runtime: Runtime) -> Iterator[str]:
    """For `repository doctor`: a server that does not answer, messages that it refused."""
    if runtime.settings.smtp_host:
        try:
            with connected(runtime.settings) as server:
                server.noop()
        except (OSError, smtplib.SMTPException) as error:
            yield f"Mail: {runtime.settings.smtp_host} does not take messages: {error}"
    with runtime.read() as work:
        refused = select(func.count()).where(Mail.state == MailState.REFUSED.value)
        if count := work.session.scalar(refused):
            yield f"Mail: {count} messages were refused; see: repository mail list --state refused"
