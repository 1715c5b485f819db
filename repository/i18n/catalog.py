"""The catalogue of messages: read at start, kept complete by `python -m repository.i18n.catalog`.

English is the msgid; `translations/vi/LC_MESSAGES/messages.po` says it in Vietnamese. It is
compiled in memory when the application starts (some milliseconds), so no compiled file can
fall behind it.
"""

import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import NullTranslations, Translations

from repository.core.paths import templates_dir

PACKAGE = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "translations"
SOURCE, LOCALES = "en", ("vi", "en")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
JINJA = {"extensions": "jinja2.ext.i18n", "silent": "false"}
WIDTH = 100
HEADER = rb"""msgid ""
msgstr ""
"Language: %s\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""


def path_of(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=locale)


@cache
def translations(locale: str) -> NullTranslations:
    """What gettext looks messages up in; the messages themselves for English."""
    if locale == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read(locale))
    compiled.seek(0)
    return Translations(compiled)


def extract() -> Catalog:
    """Every message that the code and the templates speak."""
    catalog = Catalog(charset="utf-8")
    for folder, methods in (
        (PACKAGE, [("**.py", "python")]),
        (templates_dir(), [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]),
    ):
        options = {pattern: JINJA for pattern, method in methods if method == "jinja2"}
        found = extract_from_dir(folder, methods, options, KEYWORDS, strip_comment_tags=True)
        for _file, _line, message, _comments, context in found:
            catalog.add(message, context=context)
    return catalog


def problems(locale: str) -> Iterator[str]:
    """What is wrong with a catalogue, a line each: missing, untranslated, obsolete, misfit."""
    spoken, catalog = extract(), read(locale)
    for message in spoken:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"missing: {_name(message)}"
    for message in catalog:
        if not message.id:
            continue
        if spoken.get(message.id, message.context) is None:
            yield f"no longer spoken: {_name(message)}"
        elif message.fuzzy or not all(_forms(message)):
            yield f"untranslated: {_name(message)}"
        else:
            yield from (f"{error}: {_name(message)}" for error in message.check(catalog))


def update(locale: str) -> None:
    """Add new messages, drop those no longer spoken, keep every translation. Sorted by message
    and without line numbers, so that work done side by side merges.
    """
    catalog = read(locale)
    catalog.update(extract(), no_fuzzy_matching=True, update_header_comment=False)
    with path_of(locale).open("wb") as file:
        file.write(HEADER % locale.encode())
        write_po(
            file,
            catalog,
            width=WIDTH,
            sort_output=True,
            no_location=True,
            ignore_obsolete=True,
            omit_header=True,  # Babel's has the present time in it
        )


def _forms(message: Message) -> tuple[str, ...]:
    text = message.string or ""
    return (text,) if isinstance(text, str) else tuple(text)


def _name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def main(arguments: list[str]) -> int:
    """`update` the catalogue from the code, or `check` it; 1 when something is left to do."""
    if arguments not in (["update"], ["check"]):
        sys.stderr.write("usage: python -m repository.i18n.catalog update|check\n")
        return 2
    if arguments == ["update"]:
        update("vi")
    found = list(problems("vi"))
    sys.stdout.write("\n".join(found or ["complete"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
