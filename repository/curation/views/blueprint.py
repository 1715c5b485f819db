"""The blueprint that the pages of collections share."""

from flask import Blueprint, url_for

from repository.core.messages import N_
from repository.records.collections import Collection
from repository.web.messages import translate

blueprint = Blueprint("curation", __name__)
KINDS = {
    "institution": N_("Institution"),
    "collection": N_("Collection"),
    "project": N_("Project"),
    "theme": N_("Theme"),
}
SUBMISSION = {
    "open": N_("Everybody may put records in"),
    "review": N_("Everybody may submit; a curator looks first"),
    "members": N_("Only members may put records in"),
}
ROLES = {
    "reader": N_("Reader: sees what is restricted"),
    "submitter": N_("Submitter: may put records in"),
    "curator": N_("Curator: reviews and improves records"),
    "manager": N_("Manager: also says who is a member"),
}


@blueprint.app_template_filter("collection_word")
def collection_word(value: str) -> str:
    """What a kind, a policy or a role is called; no value is in two of the lists."""
    return translate((KINDS | SUBMISSION | ROLES).get(value, value), {})


@blueprint.app_template_global("logo_url")
def logo_url(collection: Collection) -> str:
    """With the digest, so that a new picture is asked for at once."""
    digest = (collection.logo_sha256 or "")[:12]
    return url_for("curation.logo", slug=collection.slug, v=digest)
