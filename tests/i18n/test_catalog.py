"""Everything that is said is said in Vietnamese too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.core.paths import templates_dir
from repository.i18n import catalog

UPDATE = "run `python -m repository.i18n.catalog update`, then fill in the Vietnamese"


def test_the_vietnamese_catalogue_is_complete() -> None:
    found = list(catalog.problems("vi"))
    assert not found, "\n".join([UPDATE, *found])


def test_a_gap_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vi" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    text = catalog.path_of("vi").read_text()
    text = text.replace('msgstr "Đăng nhập"', 'msgstr ""', 1)
    text = text.replace('msgid "Sign out"', 'msgid "Sign right out"')
    path.write_text(text.replace("tối đa %(count)s ký tự", "tối đa %(number)s ký tự"))
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    found = sorted(line.rpartition(": ")[0] for line in catalog.problems("vi"))
    assert found[0] == "missing"
    assert "no longer spoken" in found
    assert "untranslated" in found
    assert len(found) == 4, "and the placeholder that does not fit"


def test_updating_keeps_what_is_translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vi" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(catalog.path_of("vi").read_bytes())
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    catalog.update("vi")
    real = Path(catalog.__file__).parent / "translations" / "vi" / "LC_MESSAGES" / "messages.po"
    assert path.read_text() == real.read_text(), UPDATE


def raised_with_literal_messages() -> Iterator[tuple[str, str]]:
    """Messages of errors that no `N_()` marks: extraction does not see them."""
    for path in catalog.PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = 1 if node.func.id == "FieldError" else 0
            is_error = node.func.id == "FieldError" or node.func.id in ERRORS
            if is_error and len(node.args) > place:
                argument = node.args[place]
                if isinstance(argument, ast.Constant | ast.JoinedStr):
                    yield f"{path.relative_to(catalog.PACKAGE)}:{node.lineno}", node.func.id


ERRORS = {
    "ValidationFailed", "Unauthenticated", "Forbidden", "NotFound", "Conflict", "Gone",
    "PreconditionFailed", "TooLarge", "RateLimited", "Unavailable",
}  # fmt: skip


def test_messages_of_errors_are_marked() -> None:
    found = [
        f"{where} {name}(…): mark its message with N_()"
        for where, name in raised_with_literal_messages()
    ]
    assert not found, "\n".join(found)


JINJA = re.compile(r"\{#.*?#\}|\{%-?\s*trans.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
CODE = re.compile(r"<(script|style|svg|code|pre|kbd)\b.*?</\1>", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r'\s(?:alt|title|placeholder|aria-label)="([^"]*[^\W\d_][^"]*)"')
LOOSE_ATTRIBUTE = re.compile(r'(?:aria-(?!label)|data-)[a-z]+(?:="[^"]*")?')
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {
    *("API", "CKAN", "DCAT", "ResourceSync", "ROR", "OAI-PMH", "ORCID", "DOI"),
    *("Tiếng Việt", "English", "JSON", "XML", "SHA-256"),
}


@pytest.mark.parametrize(
    "path", sorted(templates_dir().rglob("*.html")), ids=lambda path: path.stem
)
def test_templates_say_nothing_untranslated(path: Path) -> None:
    text = JINJA.sub("", path.read_text())
    text = CODE.sub("", text)
    text = LOOSE_ATTRIBUTE.sub("", text)
    spoken = [*SPOKEN_ATTRIBUTE.findall(text), *re.sub(r"<[^>]*>", "\n", text).splitlines()]
    bare = [words.strip(" ·…") for words in spoken if WORD.search(words)]
    bare = [words for words in bare if words not in NAMES]
    assert not bare, f"put into _(): {bare}"
