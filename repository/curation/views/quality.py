"""How good the records of a collection are, for those who look after it."""

from repository.accounts.identity import require_actor
from repository.core.errors import Forbidden
from repository.curation import collections
from repository.curation.roles import NOT_YOURS, has_role
from repository.curation.views.blueprint import blueprint
from repository.quality.views import overview_page
from repository.records.collections import CollectionRole
from repository.web.context import reading


@blueprint.get("/collections/<slug>/quality")
def quality(slug: str) -> str:
    work, actor = reading(), require_actor()
    collection = collections.find(work, slug)
    if not has_role(work, actor, collection, CollectionRole.CURATOR):
        raise Forbidden(NOT_YOURS)
    return overview_page(collection)
