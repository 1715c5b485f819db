"""Where the shared sample data lies: beside the checkout, or where REPOSITORY_SHARED_DIR says."""

import os
from pathlib import Path


def _found() -> Path | None:
    configured = os.environ.get("REPOSITORY_SHARED_DIR")
    folder = Path(configured) if configured else Path(__file__).resolve().parents[2] / "shared"
    return folder if (folder / "data").is_dir() else None


SHARED: Path | None = _found()
