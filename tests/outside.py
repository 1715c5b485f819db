"""Programs and schemas of `.venv-outside`, which `dev.py test` makes: asked, never imported."""

import shutil
from pathlib import Path

BIN = Path(__file__).resolve().parents[1] / ".venv-outside/bin"
MISSING = "`python3 dev.py test` installs it into .venv-outside"


def program(name: str) -> str | None:
    """Where a program is: in that environment, or else on the PATH."""
    return shutil.which(name, path=str(BIN)) or shutil.which(name)


def iso_19139() -> Path | None:
    """The entry to the schemas of ISO 19139, as pycsw carries them."""
    folder = "site-packages/pycsw/plugins/profiles/apiso/schemas/ogc/iso/19139/20060504/gmd/gmd.xsd"
    return next(BIN.parent.glob(f"lib/*/{folder}"), None)
