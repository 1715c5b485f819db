"""Collections as InvenioRDM's communities; a collection's id is its slug."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from repository.access.documents import find_named
from repository.accounts.identity import current_actor, require_actor
from repository.api.blueprint import answers, blueprint, json_body, query
from repository.api.idempotency import Answer, once
from repository.api.inputs import json_object
from repository.api.records import absolute, body_of
from repository.api.schemas import (
    CommunitiesInput,
    CommunityInput,
    CommunityListOutput,
    CommunityOutput,
    MemberListOutput,
    MembersInput,
    RecordListOutput,
    SearchQuery,
)
from repository.core.errors import FieldError, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import collections, members, placing
from repository.discovery.engines.base import Sort
from repository.discovery.search import SearchRequest, search
from repository.records.collections import Collection
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.messages import translate

# InvenioRDM's words for kinds and policies, and ours.
KINDS = {"organization": "institution", "topic": "theme"}
POLICIES = {
    "open": {"record_submission_policy": "open", "review_policy": "open"},
    "review": {"record_submission_policy": "open", "review_policy": "closed"},
    "members": {"record_submission_policy": "closed", "review_policy": "members"},
}
POINTERS = {
    "/title_vi": "/metadata/title",
    "/description_vi": "/metadata/description",
    "/policy": "/metadata/curation_policy",
    "/website": "/metadata/website",
    "/ror": "/metadata/organizations",
    "/kind": "/metadata/type/id",
    "/submission": "/access",
    "/parent": "/parent/id",
}
MAX_AT_ONCE = 50


def community(work: Work, found: Collection) -> dict[str, Any]:
    api = f"{work.settings.base_url}/api/communities/{found.slug}"
    page = f"{work.settings.base_url}/collections/{found.slug}"
    kinds = {ours: theirs for theirs, ours in KINDS.items()}
    links = {"self": api, "self_html": page}
    links |= {name: f"{api}/{name}" for name in ("records", "members")}
    if found.logo_sha256:
        links["logo"] = f"{page}/logo"
    return {
        "id": found.slug,
        "slug": found.slug,
        "created": found.created_at.isoformat(),
        "updated": found.updated_at.isoformat(),
        "revision_id": found.revision,
        "links": links,
        "access": {"visibility": "public", "member_policy": "closed", **POLICIES[found.submission]},
        "metadata": {
            "title": found.title_vi,
            "description": found.description_vi,
            "titles": _by_language(found.title_vi, found.title_en),
            "descriptions": _by_language(found.description_vi, found.description_en),
            "curation_policy": found.policy,
            "type": {"id": kinds.get(found.kind, found.kind)},
            "website": found.website,
            "organizations": [{"id": found.ror}] if found.ror else [],
        },
        "parent": {"id": found.parent.slug} if found.parent else None,
        "checklist": found.checklist,
        "terms": _by_language(found.terms_vi, found.terms_en),
    }


def _by_language(vi: str, en: str) -> dict[str, str]:
    return {code: text for code, text in (("vi", vi), ("en", en)) if text}


def _values(body: dict[str, Any]) -> dict[str, Any]:
    """The columns that a body names; what it leaves out stays as it is."""
    metadata, access = _object(body, "/metadata"), _object(body, "/access")
    titles = _object(metadata, "/metadata/titles")
    texts = _object(metadata, "/metadata/descriptions")
    told = {
        "slug": body.get("slug"),
        "title_vi": titles.get("vi", metadata.get("title")),
        "title_en": titles.get("en"),
        "description_vi": texts.get("vi", metadata.get("description")),
        "description_en": texts.get("en"),
        "policy": metadata.get("curation_policy"),
        "website": metadata.get("website"),
        "checklist": body.get("checklist"),
        "terms_vi": _object(body, "/terms").get("vi"),
        "terms_en": _object(body, "/terms").get("en"),
        "submission": _policy(access),
    }
    if "type" in metadata:
        kind = str(_object(metadata, "/metadata/type").get("id"))
        told["kind"] = KINDS.get(kind, kind)
    if isinstance(metadata.get("organizations"), list):
        first: Any = next(iter(metadata["organizations"]), {})
        told["ror"] = first.get("id", "") if isinstance(first, dict) else ""
    values = {name: value for name, value in told.items() if value is not None}
    if "parent" in body:
        values["parent"] = _object(body, "/parent").get("id")
    return values


def _object(body: dict[str, Any], pointer: str) -> dict[str, Any]:
    """The object under the last name of a pointer; an empty one where it is left out or null."""
    found = body.get(pointer.rpartition("/")[2]) or {}
    if not isinstance(found, dict):
        raise ValidationFailed(errors=[FieldError(pointer, N_("Send a JSON object."))])
    return found


def _policy(access: dict[str, Any]) -> str | None:
    if access.get("record_submission_policy") == "closed":
        return "members"
    reviewed = access.get("review_policy")
    return {"open": "open", "closed": "review", "members": "members"}.get(str(reviewed))


def _saved(act: Callable[[Work], Answer]) -> Callable[[Work], Answer]:
    """With the names that wrong values have in the body."""

    def with_pointers(work: Work) -> Answer:
        try:
            return act(work)
        except ValidationFailed as error:
            raise ValidationFailed(
                errors=[
                    FieldError(POINTERS.get(e.pointer, e.pointer), e.message, e.params)
                    for e in error.errors
                ]
            ) from error

    return with_pointers


@blueprint.get("/communities")
@answers(200, CommunityListOutput, summary="List and search collections", bearer=False)
@query(SearchQuery)
def list_communities() -> Response:
    work, page = reading(), paging.requested()
    kind = request.args.get("type", "")
    found, total = collections.listed(
        work,
        text=request.args.get("q", ""),
        kind=KINDS.get(kind, kind),
        offset=page.offset,
        limit=page.size,
    )
    hits = [community(work, each) for each in found]
    return jsonify({"hits": {"hits": hits, "total": total}, "links": absolute(page.links(total))})


@blueprint.post("/communities")
@answers(201, CommunityOutput, 403, 409, summary="Make a collection")
@json_body(CommunityInput)
def create_community() -> tuple[Response, int]:
    actor, body = require_actor(), json_object()

    def act(work: Work) -> Answer:
        return community(work, collections.create(work, actor, _values(body))), 201

    return once(_saved(act))


@blueprint.get("/communities/<slug>")
@answers(200, CommunityOutput, summary="Read a collection", bearer=False)
def read_community(slug: str) -> Response:
    work = reading()
    return jsonify(community(work, collections.find(work, slug)))


@blueprint.put("/communities/<slug>")
@answers(200, CommunityOutput, 403, summary="Change a collection")
@json_body(CommunityInput)
def update_community(slug: str) -> Response:
    actor, body = require_actor(), json_object()

    def act(work: Work) -> Answer:
        return community(work, collections.update(work, actor, slug, _values(body))), 200

    with writing() as work:
        saved, _status = _saved(act)(work)
    return jsonify(saved)


@blueprint.delete("/communities/<slug>")
@answers(204, None, 403, 409, summary="Remove a collection")
def delete_community(slug: str) -> tuple[str, int]:
    with writing() as work:
        collections.delete(work, require_actor(), slug)
    return "", 204


@blueprint.get("/communities/<slug>/records")
@answers(200, RecordListOutput, summary="Search the records of a collection", bearer=False)
@query(SearchQuery)
def list_community_records(slug: str) -> Response:
    work, actor, page = reading(), current_actor(), paging.requested()
    collection = collections.find(work, slug)
    asked = SearchRequest(
        query=request.args.get("q", ""),
        chosen={"collection": [collection.slug]},
        sort=Sort(sort) if (sort := request.args.get("sort", "")) in set(Sort) else None,
        offset=page.offset,
        limit=page.size,
        facets=(),
    )
    found = search(work, actor, asked)
    hits = [body_of(work, actor, version, files=0) for version in found.versions]
    links = absolute(page.links(found.total))
    return jsonify({"hits": {"hits": hits, "total": found.total}, "links": links})


@blueprint.get("/communities/<slug>/members")
@answers(200, MemberListOutput, 403, summary="List the members of a collection")
@query(SearchQuery)
def list_community_members(slug: str) -> Response:
    work, page = reading(), paging.requested()
    collection = collections.find(work, slug)
    found, total = members.members_of(
        work, require_actor(), collection, offset=page.offset, limit=page.size
    )
    return jsonify(
        {
            "hits": {"hits": [_member(each) for each in found], "total": total},
            "links": absolute(page.links(total)),
        }
    )


def _member(each: members.Member) -> dict[str, Any]:
    return {
        "id": each.membership.id,
        "member": {"type": "user", "id": each.user.email, "name": each.user.name},
        "role": each.membership.role,
        "created": each.membership.added_at.isoformat(),
    }


@blueprint.post("/communities/<slug>/members")
@answers(200, MemberListOutput, 403, 409, summary="Add members, or change their role")
@json_body(MembersInput)
def add_community_members(slug: str) -> tuple[Response, int]:
    """`{"members": [{"type": "user", "id": E-MAIL}], "role": "reader"}`."""
    actor, body = require_actor(), json_object()
    named = _listed(body, "members")

    def act(work: Work) -> Answer:
        collection = collections.find(work, slug)
        role = str(body.get("role") or "")
        added = [
            members.set_member(work, actor, collection, email=email, role=role) for email in named
        ]
        hits = [_member(each) for each in added]
        return {"hits": {"hits": hits, "total": len(hits)}, "links": {}}, 200

    return once(act)


@blueprint.delete("/communities/<slug>/members/<int:member_id>")
@answers(204, None, 403, summary="Remove a member")
def remove_community_member(slug: str, member_id: int) -> tuple[str, int]:
    with writing() as work:
        collection = collections.find(work, slug)
        members.remove_member(work, require_actor(), collection, member_id)
    return "", 204


@blueprint.get("/records/<id>/communities")
@answers(200, CommunityListOutput, summary="List the collections of a record", bearer=False)
def list_record_communities(id: str) -> Response:  # noqa: A002 - the field's name for it
    work, actor = reading(), current_actor()
    found = placing.collections_of(work, find_named(work, actor, id).record_id)
    hits = [community(work, each) for each in found]
    return jsonify({"hits": {"hits": hits, "total": len(hits)}, "links": {}})


@blueprint.post("/records/<id>/communities")
@answers(200, None, 403, 409, summary="Put a record into collections")
@json_body(CommunitiesInput)
def add_record_communities(id: str) -> tuple[Response, int]:  # noqa: A002
    """`{"communities": [{"id": SLUG}]}`; what was refused is told in `errors`."""
    return _each_community(
        lambda work, collection: placing.add_record(work, require_actor(), collection, id)
    )


@blueprint.delete("/records/<id>/communities")
@answers(200, None, 403, 409, summary="Take a record out of collections")
@json_body(CommunitiesInput)
def remove_record_communities(id: str) -> tuple[Response, int]:  # noqa: A002
    return _each_community(
        lambda work, collection: placing.remove_record(work, require_actor(), collection, id)
    )


def _each_community(act: Callable[[Work, Collection], object]) -> tuple[Response, int]:
    require_actor()
    done: list[dict[str, str]] = []
    errors: list[dict[str, str]] = []
    refused: RepositoryError | None = None
    for slug in _listed(json_object(), "communities"):
        try:
            with writing() as work:
                act(work, collections.find(work, slug))
            done.append({"community": slug, "community_id": slug})
        except RepositoryError as error:
            refused = error
            message = translate(error.message, error.params)
            errors.append({"community": slug, "message": message})
    if refused is not None and not done:
        raise refused
    return jsonify({"processed": done, "errors": errors}), 200


def _listed(body: dict[str, Any], name: str) -> list[str]:
    """The ids of `[{"id": …}, …]` under this name."""
    told = body.get(name)
    each_told = told if isinstance(told, list) else []
    ids = [each.get("id") for each in each_told if isinstance(each, dict)]
    if not ids or len(ids) > MAX_AT_ONCE or not all(isinstance(each, str) for each in ids):
        message = N_("Send a list of 1 to %(count)s objects with an id.")
        raise ValidationFailed(errors=[FieldError(f"/{name}", message, {"count": MAX_AT_ONCE})])
    return [str(each) for each in ids]
