"""`Idempotency-Key`: a POST that is sent again is answered again, and not done again."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from repository.accounts.identity import require_actor
from repository.api.models import IdempotentRequest
from repository.core.errors import Conflict, FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.web.context import writing

HEADER = "Idempotency-Key"
MAX_KEY = 255
Answer = tuple[dict[str, Any], int]


def once(act: Callable[[Work], Answer]) -> tuple[Response, int]:
    """Do `act` in a transaction that also remembers its answer under the request's key, if any.

    A second request with the key waits for the first and gets its answer. Following
    draft-ietf-httpapi-idempotency-key-header: the key belongs to one user and one request.
    Raises Conflict when the key comes with another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        with writing() as work:
            body, status = act(work)
        return jsonify(body), status
    if not 1 <= len(key) <= MAX_KEY:
        message = N_("An Idempotency-Key has 1 to 255 characters.")
        raise ValidationFailed(errors=[FieldError(f"/{HEADER}", message)])
    user_id = require_actor().user_id or 0
    with writing() as work:
        work.lock(f"idempotency:{user_id}:{key}")
        known = work.session.get(IdempotentRequest, (user_id, key))
        if known is None:
            body, status = act(work)
            _remember(work, user_id, key, body, status)
        elif known.fingerprint != _fingerprint():
            raise Conflict(N_("This Idempotency-Key was used for another request."))
        else:
            body, status = known.body, known.status
    return jsonify(body), status


def _remember(work: Work, user_id: int, key: str, body: dict[str, Any], status: int) -> None:
    work.session.add(
        IdempotentRequest(
            user_id=user_id,
            key=key,
            fingerprint=_fingerprint(),
            status=status,
            body=body,
            created_at=work.clock.now(),
        )
    )


def _fingerprint() -> str:
    told = f"{request.method} {request.full_path}\n".encode() + request.get_data(cache=True)
    return hashlib.sha256(told).hexdigest()
