"""How good a record is, for programs."""

from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel

from repository.access.documents import find_version
from repository.accounts.identity import current_actor
from repository.api.blueprint import answers, blueprint
from repository.quality import services
from repository.quality.fair import fair
from repository.quality.rules import score
from repository.quality.subjects import knows_files, subject_of
from repository.web.context import reading
from repository.web.messages import translate


class QualityOutput(BaseModel):
    score: int
    criteria: dict[str, int]
    checks: list[dict[str, Any]]
    fair: dict[str, Any]
    history: list[dict[str, Any]]


@blueprint.get("/records/<id>/quality")
@answers(200, QualityOutput, summary="Read a record's quality", bearer=False)
def record_quality(id: str) -> Response:  # noqa: A002 - the field's name for it
    """Six criteria with their checks (`passed` is null where one does not arise), and the score by
    the RDA FAIR Data Maturity Model. What is in files is told to those who may have them.
    """
    work, actor = reading(), current_actor()
    version = find_version(work, actor, id)
    subject = subject_of(work, version)
    found, of_files = score(subject), knows_files(work, actor, version)
    told = fair(subject, found)
    checks = [
        {
            "name": result.check.name,
            "criterion": each.criterion.name,
            "title": translate(result.check.title, {}),
            "remedy": translate(result.check.remedy, {}),
            "passed": result.passed,
            "points": round(result.points, 1),
        }
        for each in found.criteria
        for result in each.results
        if of_files or not result.check.of_files
    ]
    return jsonify(
        score=found.score,
        criteria={each.criterion.name: each.score for each in found.criteria},
        checks=checks,
        fair={
            "score": told.score,
            "letters": told.letters,
            "missing": [f"RDA-{name}" for name in told.missing] if of_files else [],
        },
        history=[
            {"at": each.at.isoformat(), "score": each.score, "fair": each.fair}
            for each in services.history(work, version.id)
        ],
    )
