"""Keeping that somebody looked inside a file that is not for everyone."""

from repository.access.entries import LOOK, note_access
from repository.access.file_rules import is_for_everyone
from repository.accounts.models import Actor
from repository.records.models import File, Version
from repository.web.context import reading, runtime


def note_look(actor: Actor, version: Version, file: File) -> None:
    if not is_for_everyone(version, file, reading().clock.now()):
        with runtime().work() as work:
            note_access(work, actor, version, file.path, LOOK)
