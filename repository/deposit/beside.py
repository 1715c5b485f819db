"""What was said in a review of single fields and files, at the places of the deposit form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.curation import reviews
from repository.deposit import review as acts
from repository.deposit.form.page import FormPage
from repository.records.models import Draft
from repository.records.reviews import UNDER_REVIEW, ReviewEvent

FILES = "/files/"
KINDS = ("comment", "suggestion")


@dataclass(frozen=True)
class Said:
    """A comment or suggestion, and who made it; `may_take` where the reader may take it over."""

    event: ReviewEvent
    name: str
    may_take: bool

    @property
    def before(self) -> Any:
        return self.event.suggestion.get("before")


Places = Mapping[str, Sequence[Said]]


def said(work: Work, actor: Actor, draft: Draft, form: FormPage) -> tuple[Places, Places]:
    """By the name of the input or group, and by the path of the file. What no input stands for
    any more is in the conversation alone.
    """
    review = reviews.of_version(work, draft.version_id)
    fields: dict[str, list[Said]] = {}
    files: dict[str, list[Said]] = {}
    if review is None or review.status not in UNDER_REVIEW:
        return fields, files
    sides = reviews.sides_of(work, actor, review)
    for event, name in reviews.events(work, review) if sides else ():
        if event.kind not in KINDS or not event.pointer:
            continue
        one = Said(event, name, reviews.DEPOSITOR in sides)
        if event.pointer.startswith(FILES):
            files.setdefault(event.pointer.removeprefix(FILES), []).append(one)
        else:
            fields.setdefault(form.where(event.pointer), []).append(one)
    return fields, files


def answer(work: Work, actor: Actor, version_id: str, act: str, event_id: int, text: str) -> None:
    """Reply to what was said, take a suggestion over, or undo that.

    Raises NotFound, ValidationFailed, Forbidden, Conflict as the review's own page does.
    """
    standing = reviews.of_version(work, version_id)
    if standing is None:
        raise NotFound
    review = reviews.find(work, actor, standing.id, lock=True)
    event = reviews.event_of(work, review, event_id)
    if act == "reply":
        reviews.comment(work, actor, review, text, pointer=event.pointer)
    elif act == "apply":
        acts.apply_suggestion(work, actor, review, event.id)
    else:
        acts.undo_suggestion(work, actor, review, event.id)
    acts.look(work, actor, review)
