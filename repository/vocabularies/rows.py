"""A term as the importers read it, whatever file it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from repository.core import fold
from repository.vocabularies.models import MAX_CODE, MAX_FOLDED, MAX_LABEL


@dataclass(frozen=True)
class TermRow:
    """`parent` and `replaced_by` are codes of the same list; `names` are others to find it by."""

    code: str
    label_vi: str = ""
    label_en: str = ""
    uri: str = ""
    parent: str = ""
    replaced_by: str = ""
    retired: bool = False
    names: tuple[str, ...] = ()
    props: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """As they are stored; texts are cut at what the columns hold."""
        return {
            "uri": self.uri[:MAX_LABEL],
            "parent": self.parent[:MAX_CODE],
            "label_vi": self.label_vi[:MAX_LABEL],
            "label_en": self.label_en[:MAX_LABEL],
            "folded": folded((self.label_vi, self.label_en, self.code, *self.names)),
            "retired": self.retired or bool(self.replaced_by),
            "replaced_by": self.replaced_by[:MAX_CODE],
            "props": self.props,
        }


def folded(texts: Iterable[str]) -> str:
    """The words of names, without marks, each after a blank: ` khoa hoc trai dat`."""
    words = dict.fromkeys(word for text in texts for word in fold.tokens(text[:MAX_LABEL]))
    return "".join(f" {word}" for word in words)[:MAX_FOLDED]
