"""Who had the files of a record that are not for everyone, and who accepted its terms: for those
who manage it.
"""

from flask import render_template

from repository.access import entries, grants, terms
from repository.accounts.identity import require_actor
from repository.core.messages import N_
from repository.deposit.views.blueprint import blueprint
from repository.web import paging
from repository.web.context import reading

ACTS = {
    entries.DOWNLOAD: N_("downloaded"),
    entries.LOOK: N_("looked inside"),
    entries.REVIEWED: N_("downloaded for anonymous review"),
}
REASONS = {
    "owner": N_("as the owner"),
    "curator": N_("as a curator of this repository"),
    "admin": N_("as an administrator"),
    "grant": N_("was given access"),
    "domain": N_("with an address of an institution that was given access"),
    "provider": N_("signed in by an identity provider whose people were given access"),
    "membership": N_("as a member of a collection"),
    "link": N_("by a link"),
    "review": N_("by a link for anonymous review"),
    "public": N_("was public then"),
    "terms": N_("accepted the terms"),
}


@blueprint.get("/<id>/access/log")
def access_log(id: str) -> str:  # noqa: A002 - the API calls it so too
    work, page = reading(), paging.requested(size=50)
    record = grants.managed_record(work, require_actor(), id)
    total = entries.count_entries(work, record)
    return render_template(
        "deposit/access_log.html",
        id=id,
        told=entries.entries_of(work, record, page.offset, page.size),
        total=total,
        acts=ACTS,
        reasons=REASONS,
        paging=page,
    )


@blueprint.get("/<id>/access/acceptances")
def acceptances(id: str) -> str:  # noqa: A002
    work, page = reading(), paging.requested(size=50)
    record = grants.managed_record(work, require_actor(), id)
    return render_template(
        "deposit/acceptances.html",
        id=id,
        told=terms.acceptances_of(work, record, page.offset, page.size),
        total=terms.count_acceptances(work, record),
        paging=page,
    )
