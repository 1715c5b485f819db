"""A query as a tree that every engine can translate.

The language people type is parsed in `discovery.query`, once; an engine sees only these. Tokens
are folded already. A text field is one of `base.TEXT_FIELDS`, a keyword field one of
`base.KEYWORD_FIELDS`, a number field one of `base.NUMBER_FIELDS`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One token in a text field. In the `stem` field the engine stems it first."""

    field: str
    token: str
    boost: float = 1.0


@dataclass(frozen=True)
class Phrase:
    """Tokens that follow each other with at most `slop` words between; at least two of them."""

    field: str
    tokens: tuple[str, ...]
    slop: int = 0
    boost: float = 1.0


@dataclass(frozen=True)
class Prefix:
    field: str
    token: str
    boost: float = 1.0


@dataclass(frozen=True)
class Fuzzy:
    """Tokens that differ from this one by at most `distance` letters: 1 or 2."""

    field: str
    token: str
    distance: int = 1


@dataclass(frozen=True)
class Keyword:
    """A whole value of a keyword field, unanalysed."""

    field: str
    value: str


@dataclass(frozen=True)
class AnyOf:
    """One of these whole values of a keyword field, however many they are; it does not score."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """A number field within bounds, both included; None is open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True)
class And:
    children: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    children: tuple[Node, ...]


@dataclass(frozen=True)
class Prefer:
    """What matches `child`; of it, what also matches some of `better` comes first."""

    child: Node
    better: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    child: Node


@dataclass(frozen=True)
class Everything:
    """Every document."""


Leaf = Term | Phrase | Prefix | Fuzzy | Keyword | AnyOf | Range | Everything
Node = Leaf | And | Or | Prefer | Not
NOTHING = Or(())
EVERYTHING = Everything()


def matching(node: Node) -> Node:
    """What matches the same documents, without what only tells which of them come first."""
    match node:
        case Prefer(child):
            return matching(child)
        case And(children):
            return And(tuple(map(matching, children)))
        case Or(children):
            return Or(tuple(map(matching, children)))
        case Not(child):
            return Not(matching(child))
    return node
