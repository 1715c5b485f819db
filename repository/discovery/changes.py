"""What changed from one version to a later one, as a reader would tell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from markupsafe import Markup

from repository.core.messages import N_
from repository.discovery.page import Page, page_of
from repository.discovery.people import Person
from repository.records.document import Document, FileEntry
from repository.web.markdown import to_text

MOST_FILES = 5000  # of one version; beyond that files are not compared one by one
MOST_TEXT = 20_000  # characters of one text that are compared word by word
ALIKE = 0.4  # texts less alike than this are shown one after the other


@dataclass(frozen=True)
class Change:
    """`label` is an English msgid; `lines` hold `del` and `ins` around what went and came."""

    label: str
    lines: list[Markup]


@dataclass(frozen=True)
class Files:
    """`moved` are pairs of the old path and the new of the same bytes."""

    added: list[FileEntry] = field(default_factory=list)
    removed: list[FileEntry] = field(default_factory=list)
    changed: list[tuple[FileEntry, FileEntry]] = field(default_factory=list)
    moved: list[tuple[FileEntry, FileEntry]] = field(default_factory=list)
    same: int = 0
    uncompared: bool = False

    @property
    def is_same(self) -> bool:
        return not (self.added or self.removed or self.changed or self.moved or self.uncompared)


def described_changes(old: Document, new: Document, language: str) -> list[Change]:
    """Of the metadata. Both are what one and the same reader may know."""
    before, after = page_of(old, language), page_of(new, language)
    pairs = zip(_parts(old, before), _parts(new, after), strict=True)
    return [Change(label, list(_lines(was, now))) for (label, was), (_, now) in pairs if was != now]


def _parts(document: Document, page: Page) -> Iterator[tuple[str, list[str]]]:
    metadata = document.metadata
    yield N_("Title"), [each.text for each in page.titles]
    yield N_("Type"), [page.resource_type]
    yield N_("Version"), [metadata.version or str(document.number)]
    yield N_("Published"), [page.published]
    yield N_("Publisher"), [page.publisher]
    yield N_("Creators"), [_person(each) for each in page.creators]
    yield N_("Contributors"), [_person(each) for each in page.contributors]
    yield N_("Description"), list(_paragraphs(document))
    yield N_("Subjects"), [each.text for each in page.subjects]
    yield N_("Licence"), [each.title for each in page.licences]
    yield N_("Funding"), [" · ".join(filter(None, (e.text, e.note))) for e in page.funding]
    yield N_("Related works"), [f"{each.kind}: {each.text}" for each in page.related]
    yield (
        N_("Dates"),
        [" ".join(filter(None, (f"{e.kind}: {e.text}", e.note))) for e in page.dates],
    )
    yield N_("Language"), page.languages
    yield N_("Places"), page.places
    yield N_("Extent"), page.sizes


def _person(each: Person) -> str:
    role = f" ({each.role})" if each.role else ""
    return f"{each.name}{role}{f', {each.orcid}' if each.orcid else ''}"


def _paragraphs(document: Document) -> Iterator[str]:
    for each in document.metadata.descriptions:
        text = each.description[:MOST_TEXT]
        yield from (
            to_text(part, MOST_TEXT) for part in text.replace("\r\n", "\n").split("\n\n") if part
        )


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Markup]:
    """Only what differs; of texts that are much the same, the words that do."""
    for kind, o1, o2, n1, n2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            continue
        went, came = list(old[o1:o2]), list(new[n1:n2])
        while went and came and (both := _within(went[0], came[0])):
            yield both
            del went[0], came[0]
        yield from (Markup("<del>{}</del>").format(text) for text in went)
        yield from (Markup("<ins>{}</ins>").format(text) for text in came)


def _within(old: str, new: str) -> Markup | None:
    """One text with its changed words marked; None where hardly a word stayed."""
    words, others = old.split(), new.split()
    matcher = SequenceMatcher(None, words, others)
    if matcher.ratio() < ALIKE:
        return None
    found = []
    for kind, o1, o2, n1, n2 in matcher.get_opcodes():
        went, came = " ".join(words[o1:o2]), " ".join(others[n1:n2])
        if kind == "equal":
            found.append(Markup("{}").format(went))
            continue
        if went:
            found.append(Markup("<del>{}</del>").format(went))
        if came:
            found.append(Markup("<ins>{}</ins>").format(came))
    return Markup(" ").join(found)


def file_changes(old: Document, new: Document) -> Files:
    """By path, and by content for files that only moved."""
    if max(old.file_count, new.file_count) > MOST_FILES:
        return Files(uncompared=True)
    before = {each.path: each for each in old.files}
    after = {each.path: each for each in new.files}
    both = before.keys() & after.keys()
    changed = [
        (before[path], after[path])
        for path in sorted(both)
        if before[path].sha256 != after[path].sha256
    ]
    removed = {path: each for path, each in before.items() if path not in both}
    by_content = {each.sha256: each for each in removed.values()}
    added, moved = [], []
    for path, each in after.items():
        if path in both:
            continue
        was = by_content.pop(each.sha256, None)
        if was is None:
            added.append(each)
        else:
            moved.append((was, each))
            del removed[was.path]
    return Files(added, list(removed.values()), changed, moved, len(both) - len(changed))
