"""What is mine: drafts and records, newest work first."""

from typing import Any

from flask import Response, jsonify
from sqlalchemy import func, or_, select

from repository.accounts.identity import require_actor
from repository.api.blueprint import answers, blueprint, query
from repository.api.drafts import draft_body
from repository.api.records import absolute, body_of
from repository.api.schemas import PageQuery, RecordListOutput
from repository.records.models import Draft, Record, Version
from repository.web import paging
from repository.web.context import reading


@blueprint.get("/user/records")
@answers(200, RecordListOutput, summary="List my drafts and records")
@query(PageQuery)
def user_records() -> Response:
    """One entry a version; where a draft of it is open, the draft."""
    work, actor, page = reading(), require_actor(), paging.requested()
    mine = (
        select(Version, Draft)
        .join(Record, Record.id == Version.record_id)
        .outerjoin(Draft, Draft.version_id == Version.id)
        .where(
            Record.owner_id == actor.user_id,
            or_(Draft.version_id.is_not(None), Record.latest_id == Version.id),
        )
    )
    total = work.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    newest = func.coalesce(Draft.updated_at, Version.updated_at).desc()
    rows = work.session.execute(
        mine.order_by(newest, Version.id).offset(page.offset).limit(page.size)
    )
    hits: list[dict[str, Any]] = [
        draft_body(work, draft) if draft else body_of(work, actor, version, files=0)
        for version, draft in rows
    ]
    return jsonify({"hits": {"hits": hits, "total": total}, "links": absolute(page.links(total))})
