"""Mail goes out once, through the outbox; what cannot be sent is kept and told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from repository.core import mail
from repository.core.clock import FixedClock
from repository.core.jobs import Job
from repository.core.mail import Mail
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from tests.services.smtp import Mailbox


def _post(runtime: Runtime, to: str = "lan@example.org", text: str = "Xin chào\n") -> int:
    with runtime.work() as work:
        return mail.post(work, to=to, locale="vi", subject="Chào\nBcc: x@example.org", text=text).id


def _mail(runtime: Runtime, mail_id: int) -> Mail:
    with runtime.read() as work:
        return work.session.get_one(Mail, mail_id)


def test_a_message_goes_out_once_and_its_text_is_forgotten(
    mailing_runtime: Runtime, mailbox: Mailbox
) -> None:
    mail_id = _post(mailing_runtime, text="Liên kết: http://repository.test/x?token=secret\n")
    run_until_idle(mailing_runtime)
    mail.send(mailing_runtime, mail_id)  # as after a worker that died before it said so
    (sent,) = mailbox.messages
    assert sent["To"] == "lan@example.org"
    assert sent["From"] == "admin@example.org"
    assert sent["Subject"] == "Chào Bcc: x@example.org"
    assert sent["Bcc"] is None
    assert sent["Auto-Submitted"] == "auto-generated"
    assert "token=secret" in sent.get_content()
    kept = _mail(mailing_runtime, mail_id)
    assert (kept.state, kept.body) == ("sent", b"")
    assert kept.message_id == sent["Message-ID"]


def test_without_a_server_it_is_kept_sealed_and_nothing_fails(runtime: Runtime) -> None:
    mail_id = _post(runtime, text="mật khẩu tạm: bí mật")
    run_until_idle(runtime)
    kept = _mail(runtime, mail_id)
    assert kept.state == "waiting"
    assert "bí mật".encode() not in kept.body
    assert mail.text_of(runtime.settings, kept) == "mật khẩu tạm: bí mật"
    with runtime.read() as work:
        assert not work.session.scalars(select(Job).where(Job.state == "failed")).all()
    assert not list(mail.problems(runtime))


def test_a_mailbox_that_does_not_exist_is_not_tried_again(
    mailing_runtime: Runtime, mailbox: Mailbox
) -> None:
    mailbox.answers["nobody"] = "550 no such user"
    mail_id = _post(mailing_runtime, to="nobody@example.org")
    run_until_idle(mailing_runtime)
    kept = _mail(mailing_runtime, mail_id)
    assert (kept.state, kept.body) == ("refused", b"")
    assert "550" in kept.error
    assert [line for line in mail.problems(mailing_runtime) if "1 messages were refused" in line]


def test_a_busy_server_is_asked_again_later(
    mailing_runtime: Runtime, mailbox: Mailbox, clock: FixedClock
) -> None:
    mailbox.answers["lan"] = "451 try again"
    mail_id = _post(mailing_runtime)
    run_until_idle(mailing_runtime)
    assert _mail(mailing_runtime, mail_id).state == "waiting"
    mailbox.answers.clear()
    clock.advance(timedelta(seconds=5))
    run_until_idle(mailing_runtime)
    assert _mail(mailing_runtime, mail_id).state == "sent"
    assert len(mailbox.messages) == 1


def test_a_server_that_is_away_is_tried_only_so_often(
    mailing_runtime: Runtime, clock: FixedClock
) -> None:
    settings = mailing_runtime.settings.model_copy(update={"smtp_port": 9, "job_max_attempts": 2})
    away = Runtime(settings, mailing_runtime.database, mailing_runtime.store, clock)
    mail_id = _post(away)
    for _ in range(4):
        run_until_idle(away)
        clock.advance(timedelta(hours=7))
    with away.read() as work:
        job = work.session.scalar(select(Job).where(Job.key == f"{mail.JOB}:{mail_id}"))
        assert job is not None
        assert (job.state, job.attempts) == ("failed", 2)
    assert [line for line in mail.problems(away) if "does not take messages" in line]


def test_a_wrong_password_keeps_the_message(mailing_runtime: Runtime, clock: FixedClock) -> None:
    settings = mailing_runtime.settings.model_copy(update={"smtp_user": "somebody else"})
    wrong = Runtime(settings, mailing_runtime.database, mailing_runtime.store, clock)
    mail_id = _post(wrong)
    run_until_idle(wrong)
    assert _mail(wrong, mail_id).state == "waiting"


def test_old_messages_are_dropped(runtime: Runtime, clock: FixedClock) -> None:
    _post(runtime)
    clock.advance(timedelta(days=91))
    newer = _post(runtime)
    mail.forget_old(runtime)
    with runtime.read() as work:
        assert work.session.scalars(select(Mail.id)).all() == [newer]


def test_what_rolls_back_is_not_sent(mailing_runtime: Runtime, mailbox: Mailbox) -> None:
    def failing() -> None:
        with mailing_runtime.work() as work:
            mail.post(work, to="lan@example.org", locale="vi", subject="x", text="x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    run_until_idle(mailing_runtime)
    assert not mailbox.messages
