"""Controlled lists in InvenioRDM's shapes: vocabularies, subjects, organisations, awards."""

from typing import Any

from flask import jsonify, request
from pydantic import BaseModel
from werkzeug.wrappers import Response

from repository.api.blueprint import answers, blueprint, query
from repository.api.records import absolute
from repository.api.schemas import PageQuery
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.vocabularies.models import Kind, Term, Vocabulary
from repository.vocabularies.subjects import key_of
from repository.vocabularies.terms import (
    ancestors,
    children,
    found_by,
    term_of,
    vocabularies,
    vocabulary_of,
)
from repository.web import paging
from repository.web.caching import public
from repository.web.context import reading

Json = dict[str, Any]


class TermQuery(PageQuery):
    """`suggest` and `q` are the same: words, of which each begins a word of the term."""

    q: str = ""
    suggest: str = ""


class TermOutput(BaseModel):
    id: str
    title: dict[str, str]
    links: dict[str, str]


class TermHits(BaseModel):
    hits: list[dict[str, Any]]
    total: int


class TermListOutput(BaseModel):
    hits: TermHits
    links: dict[str, str]


def _typed() -> str:
    return (request.args.get("suggest") or request.args.get("q") or "")[:200]


def _listed(kind: str = "", vocabulary: str = "") -> Response:
    work, page = reading(), paging.requested()
    lists = {each.id: each for each in vocabularies(work)}
    terms, total = found_by(
        work, _typed(), kind=kind, vocabulary=vocabulary, offset=page.offset, limit=page.size
    )
    hits = [_shape(work, lists[term.vocabulary_id], term) for term in terms]
    links = absolute(page.links(total))
    return public(jsonify({"hits": {"hits": hits, "total": total}, "links": links}))


def _one(work: Work, vocabulary: Vocabulary, code: str) -> Response:
    term = term_of(work, vocabulary.id, code)
    if term is None:
        raise NotFound
    told = _shape(work, vocabulary, term)
    near = (*ancestors(work, term)[-1:], *children(work, vocabulary.id, term.code))
    told["parent"] = term.parent or None
    told["children"] = [each.code for each in near if each.parent == term.code]
    return public(jsonify(told))


def _shape(work: Work, vocabulary: Vocabulary, term: Term) -> Json:
    """What every kind has; then what its own has in InvenioRDM."""
    base = f"{work.settings.base_url}/api"
    told: Json = {
        "id": term.code,
        "type": vocabulary.id,
        "title": term.labels,
        "props": {n: str(v) for n, v in term.props.items() if isinstance(v, str | int) and v != ""},
        "tags": [],
        "created": vocabulary.created_at.isoformat(),
        "updated": vocabulary.updated_at.isoformat(),
        "revision_id": max(term.seen, 1),
        "links": {"self": f"{base}/vocabularies/{vocabulary.id}/{term.code}"},
    }
    if term.retired:
        told |= {"deprecated": True, "replaced_by": term.replaced_by or None}
    shaped = _SHAPES.get(vocabulary.kind)
    return told | shaped(vocabulary, term, base) if shaped else told


def _subject(vocabulary: Vocabulary, term: Term, base: str) -> Json:
    key = key_of(vocabulary.id, term.code)
    identifiers = [{"scheme": "url", "identifier": term.uri}] if term.uri else []
    return {
        "id": key,
        "subject": term.label("en"),
        "scheme": vocabulary.scheme,
        "scheme_uri": vocabulary.scheme_uri,
        "classification_code": term.code,
        "identifiers": identifiers,
        "links": {"self": f"{base}/subjects/{key}"},
    }


def _organisation(vocabulary: Vocabulary, term: Term, base: str) -> Json:
    path = "funders" if vocabulary.kind == Kind.FUNDERS else "affiliations"
    known = term.props.get("identifiers") or []
    identifiers = [*([{"scheme": "ror", "identifier": term.code}] if term.uri else []), *known]
    return {
        "name": term.label("en"),
        "acronym": term.props.get("acronym", ""),
        "country": term.props.get("country", ""),
        "country_name": term.props.get("country_name", ""),
        "location_name": term.props.get("location_name", ""),
        "identifiers": identifiers,
        "links": {"self": f"{base}/{path}/{term.code}"},
    }


def _award(vocabulary: Vocabulary, term: Term, base: str) -> Json:
    identifiers = [{"scheme": "url", "identifier": term.uri}] if term.uri else []
    return {
        "number": term.props.get("number") or term.code.rpartition("::")[2],
        "acronym": term.props.get("acronym", ""),
        "funder": {"id": term.props.get("funder", ""), "name": term.props.get("funder_name", "")},
        "identifiers": identifiers,
        "links": {"self": f"{base}/awards/{term.code}"},
    }


_SHAPES = {
    Kind.SUBJECTS.value: _subject,
    Kind.AFFILIATIONS.value: _organisation,
    Kind.FUNDERS.value: _organisation,
    Kind.AWARDS.value: _award,
}


@blueprint.get("/vocabularies")
@answers(200, TermListOutput, summary="List the vocabularies", bearer=False)
def list_vocabularies() -> Response:
    work = reading()
    base = f"{work.settings.base_url}/api/vocabularies"
    hits = [
        {
            "id": each.id,
            "type": each.kind,
            "title": {"vi": each.title_vi, "en": each.title_en},
            "scheme": each.scheme,
            "scheme_uri": each.scheme_uri,
            "version": each.version,
            "source": each.source,
            "count": each.terms,
            "links": {"self": f"{base}/{each.id}"},
        }
        for each in vocabularies(work)
    ]
    return public(jsonify({"hits": {"hits": hits, "total": len(hits)}, "links": {"self": base}}))


@blueprint.get("/vocabularies/<vocabulary>")
@answers(200, TermListOutput, summary="Search a vocabulary's terms", bearer=False)
@query(TermQuery)
def list_terms(vocabulary: str) -> Response:
    return _listed(vocabulary=vocabulary_of(reading(), vocabulary).id)


@blueprint.get("/vocabularies/<vocabulary>/<path:term>")
@answers(200, TermOutput, summary="Read a vocabulary's term", bearer=False)
def read_term(vocabulary: str, term: str) -> Response:
    work = reading()
    return _one(work, vocabulary_of(work, vocabulary), term)


@blueprint.get("/subjects/<path:term>")
@answers(200, TermOutput, summary="Read a subject", bearer=False)
def read_subject(term: str) -> Response:
    vocabulary, _, code = term.partition(":")
    work = reading()
    return _one(work, vocabulary_of(work, vocabulary), code)


def _list_of(path: str, kind: Kind, summary: str) -> None:
    """The route that lists the terms of all vocabularies of a kind."""

    @blueprint.get(f"/{path}", endpoint=f"list_{path}")
    @answers(200, TermListOutput, summary=summary, bearer=False)
    @query(TermQuery)
    def list_kind() -> Response:
        return _listed(kind.value)


def _term_of(path: str, name: str, kind: Kind, summary: str) -> None:
    """The route that reads a term by its code, in whichever vocabulary of the kind has it."""

    @blueprint.get(f"/{path}/<path:term>", endpoint=f"read_{name}")
    @answers(200, TermOutput, summary=summary, bearer=False)
    def read_one(term: str) -> Response:
        work = reading()
        for vocabulary in vocabularies(work, kind.value):
            if term_of(work, vocabulary.id, term):
                return _one(work, vocabulary, term)
        raise NotFound


_list_of("subjects", Kind.SUBJECTS, "Search the subjects of all classifications")
_list_of("affiliations", Kind.AFFILIATIONS, "Search organisations")
_list_of("funders", Kind.FUNDERS, "Search funders")
_list_of("awards", Kind.AWARDS, "Search projects and grants")
_term_of("affiliations", "affiliation", Kind.AFFILIATIONS, "Read an organisation")
_term_of("funders", "funder", Kind.FUNDERS, "Read a funder")
_term_of("awards", "award", Kind.AWARDS, "Read a project or grant")
