"""The blueprint that the pages of this capability are put on."""

from flask import Blueprint

blueprint = Blueprint("preservation", __name__)
