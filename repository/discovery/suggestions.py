"""Help with a search: what was perhaps meant, what could be meant, what is like this."""

from collections.abc import Mapping, Sequence
from itertools import islice

from whoosh.support.levenshtein import distance

from repository.accounts.models import Actor
from repository.core import fold
from repository.core.work import Work
from repository.discovery.documents import access_filter
from repository.discovery.engines.base import Search
from repository.discovery.engines.nodes import And, Fuzzy, Keyword, Node, Not, Or, Prefix, Term
from repository.discovery.hits import subjects_of, summary_texts, visible_in_order
from repository.discovery.readers import ask
from repository.records.models import Version


def did_you_mean(work: Work, actor: Actor, words: Sequence[str]) -> str | None:
    """A query of words that occur, for one that found nothing; None where nothing is near.

    Where nothing has something near each word, those that the nearest record has. The words come
    from records that the reader may see, never from the index as a whole.
    """
    tokens = [token for word in words for token in fold.tokens(word)]
    near = tuple(Or((_near(token), Term("text", token))) for token in tokens)
    for nearly, most in ((And(near), 10), (Or(near), 1)):
        found = ask(work.settings, Search(nearly, [access_filter(work, actor)], limit=most))
        versions = visible_in_order(work, actor, found.ids) if found else []
        if versions:
            known = _words_of(versions)
            better = [_nearest(token, known, keep=most > 1) for token in tokens]
            kept = [each for each in better if each]
            return " ".join(kept) if kept and kept != tokens else None
    return None


def _near(token: str) -> Node:
    return Fuzzy("text", token, _tolerance(token)) if len(token) > 2 else Term("text", token)


def _tolerance(token: str) -> int:
    return 1 if len(token) < 6 else 2


def _words_of(versions: Sequence[Version]) -> dict[str, tuple[str, int]]:
    """For each folded word how it is written most recently and how often it occurs."""
    known: dict[str, tuple[str, int]] = {}
    for version in versions:
        for text in [*summary_texts(version), *subjects_of(version)]:
            for word, _, _ in fold.words(text[:5000]):
                folded = fold.fold(word)
                known[folded] = (word.lower(), known.get(folded, ("", 0))[1] + 1)
    return known


def _nearest(token: str, known: Mapping[str, tuple[str, int]], *, keep: bool) -> str:
    """The known word that is most like this one; else the token where it is to be kept, or none."""
    if token in known:
        return known[token][0]
    near = [
        (distance(token, other), -count, written)
        for other, (written, count) in known.items()
        if abs(len(other) - len(token)) <= 2
    ]
    best = min(near, default=(9, 0, token))
    if best[0] <= (2 if keep else _tolerance(token)):
        return best[2]
    return token if keep else ""


def suggest(work: Work, actor: Actor, typed: str, limit: int = 8) -> list[Version]:
    """Records whose titles have all the words typed so far, the last of which may be unfinished;
    of a single letter there is nothing to tell yet.
    """
    tokens = fold.tokens(typed[:100])
    if len(tokens) > 1 and len(tokens[-1]) < 2:
        tokens = tokens[:-1]
    if not tokens or len(tokens[-1]) < 2:
        return []
    done = [Term("title", token) for token in tokens[:-1]]
    tree = And((*done, Or((Prefix("title", tokens[-1]), Term("title", tokens[-1], 2.0)))))
    filters = [access_filter(work, actor)]
    found = ask(work.settings, Search(tree, filters, limit=limit))
    return visible_in_order(work, actor, found.ids) if found else []


def more_like(work: Work, actor: Actor, version: Version, limit: int = 5) -> list[Version]:
    """Other records that share most subjects and words of the title."""
    titles = (each["title"] for each in version.metadata_json.get("titles", ()))
    about = list(islice((t for s in subjects_of(version) for t in fold.tokens(s)), 12))
    named = list(islice((t for title in titles for t in fold.tokens(title)), 20))
    ways: list[Node] = [Term("subject", token, 2.0) for token in dict.fromkeys(about)]
    ways += [Term("title", token) for token in dict.fromkeys(named) if len(token) > 2]
    if not ways:
        return []
    others: list[Node] = [
        access_filter(work, actor),
        Not(Keyword("record", version.record_id)),
    ]
    found = ask(work.settings, Search(Or(tuple(ways)), others, limit=limit))
    return visible_in_order(work, actor, found.ids) if found else []
