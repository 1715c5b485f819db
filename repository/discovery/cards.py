"""A record as one entry of a list: of results, of what is new, of what is like another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from repository.access.files import count_files
from repository.access.rules import status
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.discovery.highlight import Highlighter
from repository.discovery.hits import subjects_of
from repository.discovery.people import display_name
from repository.records.metadata.languages import same_language
from repository.records.models import Version
from repository.web.markdown import to_text

NAMES = 4
TOPICS = 4
SUMMARY = 5000


@dataclass(frozen=True)
class Card:
    """`file_count` is of the files that the reader may have. The summary is of the description that
    has most of what was asked for, and `topics` begin with those that name some of it.
    """

    id: str
    title: Markup
    title_lang: str
    other_title: Markup
    other_lang: str
    creators: list[str]
    more_creators: int
    summary: Markup
    summary_lang: str
    resource_type: str
    access: str
    year: str
    published_at: datetime
    updated_at: datetime
    file_count: int
    file_bytes: int
    topics: list[str]
    found_topics: set[str]


def cards_of(
    work: Work, actor: Actor, versions: Iterable[Version], words: Sequence[str] = (), lang: str = ""
) -> list[Card]:
    """For versions that `actor` may see, with `words` highlighted and `lang` first."""
    highlighter = Highlighter(words)
    return [_card(work, actor, version, highlighter, lang) for version in versions]


def _card(work: Work, actor: Actor, version: Version, words: Highlighter, lang: str) -> Card:
    metadata = version.metadata_json
    now = work.clock.now()
    titles = _in_order(metadata.get("titles", ()), "title", lang)
    texts = _in_order(metadata.get("descriptions", ()), "description", lang)
    creators = [
        display_name(person["name"], person.get("family_name"), person.get("given_name"))
        for person in (each["person_or_org"] for each in metadata.get("creators", ()))
    ]
    plain = [to_text(text[:SUMMARY], SUMMARY) for text, _lang in texts]
    summary, told = words.best_snippet(plain) if plain else (Markup(""), 0)
    other = titles[1] if len(titles) > 1 else ("", "")
    topics = subjects_of(version)
    found = set(filter(words.names, topics))
    counted = count_files(work, actor, version)
    return Card(
        id=version.id,
        title=words.whole(titles[0][0]) if titles else escape(version.id),
        title_lang=titles[0][1] if titles else "",
        other_title=words.whole(other[0]),
        other_lang=other[1],
        creators=creators[:NAMES],
        more_creators=max(0, len(creators) - NAMES),
        summary=summary,
        summary_lang=texts[told][1] if texts else "",
        resource_type=str((metadata.get("resource_type") or {}).get("id") or ""),
        access=status(version, now.date()),
        year=str(metadata.get("publication_date") or "")[:4],
        published_at=version.published_at or version.created_at,
        updated_at=version.updated_at,
        file_count=counted.files,
        file_bytes=counted.size,
        topics=sorted(topics, key=found.__contains__, reverse=True)[:TOPICS],
        found_topics=found,
    )


def _in_order(texts: Iterable[dict[str, object]], key: str, lang: str) -> list[tuple[str, str]]:
    """Text and language, the reader's language first."""
    found = [(str(each[key]), str(each.get("lang") or "")) for each in texts if each.get(key)]
    return sorted(found, key=lambda text: not same_language(text[1], lang))
