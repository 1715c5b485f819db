"""How often records are used: one record's numbers, and COUNTER's dataset report."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Response, jsonify, request

from repository import __version__
from repository.access.documents import document_for, find_named
from repository.access.rules import visible_to
from repository.accounts.identity import current_actor
from repository.accounts.models import Actor
from repository.api.blueprint import answers, blueprint, query
from repository.api.representations import usage
from repository.api.schemas import ReportOutput, ReportQuery, StatsOutput
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Version
from repository.stats.reports import Used, used_in
from repository.stats.rules import Count
from repository.stats.services import months
from repository.web.context import reading

PAGE = 100
METRICS: dict[str, Callable[[Count], int]] = {
    "total-dataset-investigations": lambda used: used.views + used.downloads,
    "unique-dataset-investigations": lambda used: used.unique_any,
    "total-dataset-requests": lambda used: used.downloads,
    "unique-dataset-requests": lambda used: used.unique_downloads,
}


@blueprint.get("/records/<id>/stats")
@answers(200, StatsOutput, summary="Read how often a record was used", bearer=False)
def read_stats(id: str) -> Response:  # noqa: A002 - the field's name for it
    """Views and downloads of this version and of all, as InvenioRDM has them, and by month."""
    work, actor = reading(), current_actor()
    version = find_named(work, actor, id)
    return jsonify(
        {
            **usage(work, version),
            "months": [
                {"month": m.first.strftime("%Y-%m"), "views": m.views, "downloads": m.downloads}
                for m in months(work, version.record_id)
            ],
        }
    )


@blueprint.get("/reports/dsr")
@answers(200, ReportOutput, summary="Dataset report of a span of time (COUNTER)", bearer=False)
@query(ReportQuery)
def dataset_report() -> Response:
    """COUNTER Code of Practice for Research Data, DSR; 100 versions at a time, `links.next` on."""
    work, actor = reading(), current_actor()
    first, last = _period(work)
    after = request.args.get("after", "")
    seen = visible_to(actor, work.clock.now())
    ids, used = used_in(work, seen, first, last, after=after, limit=PAGE)
    period = {"begin-date": first.isoformat(), "end-date": last.isoformat()}
    datasets = [_dataset(work, actor, each, used[each], period) for each in ids]
    asked = f"begin_date={period['begin-date']}&end_date={period['end-date']}"
    address = f"{work.settings.base_url}/api/reports/dsr?{asked}"
    links = {"self": address}
    if len(ids) == PAGE:
        links["next"] = f"{address}&after={quote(ids[-1])}"
    return jsonify(
        {
            "report-header": {
                "report-name": "dataset report",
                "report-id": "dsr",
                "release": "rd1",
                "created": work.clock.now().date().isoformat(),
                "created-by": f"{work.settings.site_name_en} {__version__}",
                "reporting-period": period,
                "report-filters": [],
                "report-attributes": [],
                "exceptions": _exceptions(work, last, bool(ids)),
            },
            "report-datasets": [each for each in datasets if each],
            "links": links,
        }
    )


def _period(work: Work) -> tuple[date, date]:
    """From `begin_date` to `end_date`, each a day or a month as in SUSHI (COUNTER's API);
    or the `month`; this one where nothing is asked. Raises ValidationFailed.
    """
    month, *dates = (request.args.get(name, "") for name in ("month", "begin_date", "end_date"))
    if not any(dates):
        days = _days(month or f"{work.clock.now():%Y-%m}")
        if days is None or len(month) not in (0, len("2026-11")):
            raise ValidationFailed(errors=[FieldError("/month", N_("Write the month as 2026-11."))])
        return days
    begin, end = map(_days, dates)
    wrong = [FieldError("/month", N_("Give the month or the dates, not both."))] if month else []
    wrong += [
        FieldError(name, N_("Both dates are needed, as months or days: 2026-11 or 2026-11-30."))
        for name, days in (("/begin_date", begin), ("/end_date", end))
        if days is None
    ]
    if begin and end and end[1] < begin[0]:
        wrong.append(FieldError("/end_date", N_("The end is before the beginning.")))
    if wrong or begin is None or end is None:
        raise ValidationFailed(errors=wrong)
    return begin[0], end[1]


def _days(text: str) -> tuple[date, date] | None:
    """The first and last day of a month or a day; None for what is neither."""
    try:
        first = date.fromisoformat(f"{text}-01" if len(text) == len("2026-11") else text)
    except ValueError:
        return None
    if len(text) != len("2026-11"):
        return first, first
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _exceptions(work: Work, last: date, found: bool) -> list[dict[str, Any]]:
    """What SUSHI says beside a report (COUNTER Code of Practice, appendix F), in its words."""
    told = [] if found else [(3030, "No Usage Available for Requested Dates")]
    if last >= work.clock.now().date():
        told.append((3040, "Partial Data Returned"))
    return [{"code": code, "severity": "warning", "message": text} for code, text in told]


def _dataset(
    work: Work, actor: Actor, version_id: str, used: list[Used], period: dict[str, str]
) -> dict[str, Any]:
    version = work.session.get_one(Version, version_id)
    document = document_for(work, actor, version, files_limit=0)
    if document is None:
        return {}
    metadata = document.metadata
    identifier = {"type": "doi", "value": document.doi} if document.doi else None
    return {
        "dataset-title": metadata.titles[0].title,
        "dataset-id": [identifier or {"type": "uri", "value": document.url}],
        "dataset-contributors": [
            {"type": "name", "value": each.person_or_org.name} for each in metadata.creators[:3]
        ],
        "dataset-dates": [{"type": "pub-date", "value": str(metadata.publication_date)}],
        "publisher": metadata.publisher,
        "platform": work.settings.site_name_en,
        "yop": metadata.year,
        "data-type": metadata.resource_type.id,
        "uri": document.url,
        "performance": [
            {
                "period": period,
                "instance": [
                    {
                        "access-method": "machine" if each.machine else "regular",
                        "metric-type": name,
                        "count": figure(each.count),
                    }
                    for each in used
                    for name, figure in METRICS.items()
                    if figure(each.count)
                ],
            }
        ],
    }
