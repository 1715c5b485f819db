"""Files that the server brings into a draft itself: from an address, or out of an archive."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from repository.accounts.identity import require_actor
from repository.core.errors import RepositoryError
from repository.core.work import Work
from repository.deposit import intakes
from repository.deposit.importing.members import ENDINGS, is_archive
from repository.deposit.intakes import Wanted
from repository.deposit.models import Intake
from repository.deposit.views.blueprint import blueprint
from repository.web.context import reading, writing
from repository.web.limits import limiter
from repository.web.messages import translate


def _back(id: str) -> ResponseReturnValue:  # noqa: A002
    return redirect(url_for("deposit.edit", id=id, _anchor="files-section"))


def _told(error: RepositoryError) -> str:
    wrong = error.errors[0] if error.errors else error
    return translate(wrong.message, wrong.params)


@blueprint.post("/<id>/files/add-address")
@limiter.limit("60 per minute")
def add_address(id: str) -> ResponseReturnValue:  # noqa: A002 - the API calls it so too
    form = request.form
    wanted = Wanted(form.get("url", "").strip(), replace="replace" in form)
    return _asked(id, lambda work: intakes.add_address(work, require_actor(), id, wanted))


@blueprint.post("/<id>/files/unpack")
@limiter.limit("60 per minute")
def unpack_file(id: str) -> ResponseReturnValue:  # noqa: A002
    form = request.form
    wanted = Wanted(
        form.get("path", ""),
        form.get("folder", "").strip(),
        replace="replace" in form,
        keep="keep" in form,
    )
    return _asked(id, lambda work: intakes.unpack(work, require_actor(), id, wanted))


def _asked(id: str, ask: Callable[[Work], object]) -> ResponseReturnValue:  # noqa: A002
    try:
        with writing() as work:
            ask(work)
    except RepositoryError as error:
        if error.status not in (400, 409):
            raise
        flash(_told(error), "error")
    return _back(id)


@blueprint.post("/<id>/files/intakes/<intake>/undo")
def undo_intake(id: str, intake: str) -> ResponseReturnValue:  # noqa: A002
    with writing() as work:
        intakes.undo(work, require_actor(), id, intake)
    return _back(id)


@blueprint.post("/<id>/files/intakes/<intake>/dismiss")
def dismiss_intake(id: str, intake: str) -> ResponseReturnValue:  # noqa: A002
    with writing() as work:
        intakes.dismiss(work, require_actor(), id, intake)
    return _back(id)


def problem_of(intake: Intake) -> str:
    return translate(intake.problem, intake.params) if intake.problem else ""


def may_add_address() -> bool:
    return reading().settings.url_files


blueprint.add_app_template_global(problem_of, "intake_problem")
blueprint.add_app_template_global(may_add_address)
blueprint.add_app_template_global(lambda: ENDINGS, "archive_endings")
blueprint.add_app_template_test(is_archive, "archive_file")
