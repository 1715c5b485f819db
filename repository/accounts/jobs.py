"""Sending mail, and forgetting what was told long ago."""

from datetime import timedelta
from typing import Any

from repository.accounts import notices
from repository.core import jobs, mail
from repository.core.runtime import Runtime


@jobs.handler(mail.JOB, lane=jobs.Lane.OUTSIDE)
def send_mail(runtime: Runtime, payload: dict[str, Any]) -> None:
    mail.send(runtime, payload["mail"])


@jobs.handler("mail.forget", every=timedelta(days=1))
def forget_old(runtime: Runtime, _payload: dict[str, Any]) -> None:
    mail.forget_old(runtime)
    notices.forget_old(runtime)
