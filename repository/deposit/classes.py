"""The class of a draft's data: anyone who may edit raises it, curators alone lower it."""

from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.preservation import placement
from repository.records.access import AccessSettings
from repository.records.data_class import DataClass
from repository.records.models import Draft

NOT_LOWER = N_("Only curators of this repository lower the class of data; ask one of them.")


def class_of(draft: Draft) -> DataClass:
    """As it was saved last: no save lowers it but a curator's, and what is published draws its
    drafts along when it is raised, so that publishing need not ask again.
    """
    return DataClass(draft.access.get("data_class") or DataClass.ORDINARY)


def may_lower(actor: Actor) -> bool:
    return actor.is_curator


def check_class(work: Work, actor: Actor, draft: Draft, access: AccessSettings) -> None:
    """Let `actor` give the draft this class, and note that it changes. Raises ValidationFailed."""
    before = class_of(draft)
    if access.data_class.is_below(before) and not may_lower(actor):
        raise ValidationFailed(errors=[FieldError("/access/data_class", NOT_LOWER)])
    if access.data_class != before:
        note(work, actor, draft.version_id, before, access.data_class)


def note(work: Work, actor: Actor, version_id: str, before: str, after: str, why: str = "") -> None:
    told = {"before": str(before), "after": str(after)} | ({"why": why} if why else {})
    placement.apply(work)
    log(work, actor.user_id, "data-class.change", "version", version_id, **told)
