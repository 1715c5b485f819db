"""What the reader should know: the notices of the site, for programs."""

from typing import Any

from flask import Response, jsonify

from repository.accounts import notices
from repository.accounts.identity import require_actor
from repository.accounts.models import Actor
from repository.api.blueprint import answers, blueprint, query
from repository.api.records import absolute
from repository.api.schemas import NoticeListOutput, NoticeOutput, PageQuery
from repository.core.errors import Unauthenticated
from repository.core.work import Work
from repository.i18n.locale import language
from repository.notices import services
from repository.notices.services import Shown
from repository.web import paging
from repository.web.context import reading, runtime, writing


def _body(work: Work, shown: Shown) -> dict[str, Any]:
    notice, base = shown.notice, work.settings.base_url
    this = f"{base}/api/user/notifications/{notice.id}"
    return {
        "id": notice.id,
        "type": notice.kind,
        "created": notice.created_at.isoformat(),
        "read": notice.read_at.isoformat() if notice.read_at else None,
        "text": shown.text,
        "links": {"read": f"{this}/actions/read", "target_html": base + notice.url},
    }


def _reader() -> tuple[Actor, int]:
    actor = require_actor()
    if actor.user_id is None:
        raise Unauthenticated
    return actor, actor.user_id


@blueprint.get("/user/notifications")
@answers(200, NoticeListOutput, summary="List my notices")
@query(PageQuery)
def list_notifications() -> Response:
    work, (actor, user_id), page = reading(), _reader(), paging.requested()
    shown, total = services.page(work, actor, language(), offset=page.offset, limit=page.size)
    return jsonify(
        {
            "hits": {"hits": [_body(work, each) for each in shown], "total": total},
            "unread": notices.unread_count(work, user_id),
            "links": absolute(page.links(total)),
        }
    )


@blueprint.post("/user/notifications/<int:notice_id>/actions/read")
@answers(200, NoticeOutput, summary="Mark a notice as read")
def read_notification(notice_id: int) -> Response:
    actor, user_id = _reader()
    with writing() as work:
        notice = notices.mark_read(work, user_id, notice_id)
        body = _body(work, services.shown(work, actor, notice, language()))
    return jsonify(body)


@blueprint.post("/user/notifications/actions/read")
@answers(204, None, summary="Mark all my notices as read")
def read_notifications() -> tuple[str, int]:
    _actor, user_id = _reader()
    with writing() as work:
        notices.mark_all_read(work, user_id, runtime().clock.now())
    return "", 204
