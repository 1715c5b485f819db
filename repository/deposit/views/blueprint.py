"""The blueprint that the pages of depositing share. All of them want a signed-in user."""

from apiflask import APIBlueprint

from repository.accounts.identity import require_user

# APIFlask asks every blueprint that has a `before_request` whether it is part of the API.
blueprint = APIBlueprint("deposit", __name__, url_prefix="/deposit", enable_openapi=False)


@blueprint.before_request
def _signed_in() -> None:
    require_user()
