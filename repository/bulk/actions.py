"""What is done to each record: set, add, remove, replace a field; put into a collection or out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from repository.bulk.fields import FIELDS, MAX_VALUE, Context
from repository.core.errors import FieldError, NotFound, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.curation import collections

Json = dict[str, Any]
COLLECTION = "collection"
VERBS = {
    "set": N_("Set to"),
    "add": N_("Add"),
    "remove": N_("Remove"),
    "replace": N_("Replace"),
}
MAX_ACTIONS = 20


@dataclass(frozen=True)
class Action:
    """`old` is what `replace` looks for; `value` may be empty for `set`: nothing is left then."""

    verb: str
    field: str
    value: str = ""
    old: str = ""

    def stored(self) -> Json:
        return asdict(self)


def of_json(told: Iterable[Mapping[str, Any]]) -> list[Action]:
    return [Action(**each) for each in told]


def checked(context: Context, told: Sequence[Mapping[str, Any]]) -> list[Action]:
    """Actions as they were sent, with their values as the fields write them.

    Raises ValidationFailed with a pointer to each value that cannot be.
    """
    errors: list[FieldError] = []
    if not told or len(told) > MAX_ACTIONS:
        message = N_("Name 1 to %(count)s changes.")
        raise ValidationFailed(errors=[FieldError("/actions", message, {"count": MAX_ACTIONS})])
    actions = [_checked(context, each, f"/actions/{i}", errors) for i, each in enumerate(told)]
    if errors:
        raise ValidationFailed(errors=errors)
    return actions


def _checked(
    context: Context, told: Mapping[str, Any], pointer: str, errors: list[FieldError]
) -> Action:
    verb, field = str(told.get("action") or ""), str(told.get("field") or "")
    value, old = (str(told.get(name) or "").strip() for name in ("value", "old"))
    action = Action(verb, field, value, old)
    choose = N_("Choose one of: %(known)s.")
    known = {**dict.fromkeys(FIELDS), COLLECTION: None}
    if field not in known:
        errors.append(FieldError(f"{pointer}/field", choose, {"known": ", ".join(known)}))
        return action
    verbs = verbs_of(field)
    if verb not in verbs:
        errors.append(FieldError(f"{pointer}/action", choose, {"known": ", ".join(verbs)}))
        return action
    if max(len(value), len(old)) > MAX_VALUE:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError(f"{pointer}/value", message, {"count": MAX_VALUE}))
        return action
    needed = {"value": verb != "set", "old": verb == "replace"}
    texts = {"value": value, "old": old if verb == "replace" else ""}
    for name, text in texts.items():
        if needed[name] and not text:
            errors.append(FieldError(f"{pointer}/{name}", N_("This is needed.")))
        elif text:
            texts[name] = _text(context, field, text, f"{pointer}/{name}", errors)
    return Action(verb, field, texts["value"], texts["old"])


def verbs_of(field: str) -> tuple[str, ...]:
    if field == COLLECTION:
        return ("add", "remove")
    return tuple(VERBS) if FIELDS[field].many else ("set", "replace")


def _text(context: Context, field: str, text: str, pointer: str, errors: list[FieldError]) -> str:
    try:
        if field == COLLECTION:
            return collections.find(context.work, text).slug
        return FIELDS[field].canonical(context, text)
    except NotFound:
        message = N_("There is no collection %(value)s.")
        errors.append(FieldError(pointer, message, {"value": text}))
    except RepositoryError as error:
        errors.extend(FieldError(pointer, e.message, e.params) for e in error.errors)
    return text


def applied(context: Context, metadata: Json, actions: Iterable[Action]) -> Json:
    """Metadata as the actions make them; the same where they change nothing."""
    for action in actions:
        if action.field == COLLECTION:
            continue
        field = FIELDS[action.field]
        texts = field.read(context, metadata)
        wanted = _wanted(action, texts)
        if wanted != texts:
            metadata = field.write(context, metadata, wanted)
    return metadata


def _wanted(action: Action, texts: list[str]) -> list[str]:
    if action.verb == "set":
        return [action.value] if action.value else []
    if action.verb == "add":
        return texts if action.value in texts else [*texts, action.value]
    if action.verb == "remove":
        return [text for text in texts if text != action.value]
    if action.old not in texts:
        return texts
    return list(dict.fromkeys(action.value if text == action.old else text for text in texts))


def of_row(context: Context, metadata: Json, row: Mapping[str, str], separator: str) -> Json:
    """Metadata as a row of a table says them; cells that say what is there change nothing."""
    for name, cell in row.items():
        field = FIELDS[name]
        texts = field.read(context, metadata)
        told = cell.split(separator) if field.many else [cell]
        known = {_plain(text): text for text in texts}
        wanted = [
            known.get(_plain(t)) or field.canonical(context, _plain(t)) for t in told if t.strip()
        ]
        if wanted != texts:
            metadata = field.write(context, metadata, wanted)
    return metadata


def _plain(text: str) -> str:
    """As a spreadsheet gives it back: line ends of its own, no blanks around."""
    return text.replace("\r\n", "\n").strip()
