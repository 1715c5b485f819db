"""Run as a program: prints the PRONOM identifiers of a folder's files, as a JSON object by name.

Stands alone, imports nothing of the repository, and limits itself before it reads: what it looks
into comes from anybody.
"""

import json
import resource
import sys
from pathlib import Path

MEMORY = 4 << 30
CPU_SECONDS = 60


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def identified(folder: Path) -> dict[str, str]:
    """`""` where no format fits, or more than one."""
    import pygfried  # its runtime starts threads, which the limits are to hold for

    found = {}
    for path in sorted(folder.iterdir()):
        try:
            [file] = pygfried.identify(str(path), detailed=True)["files"]
        except (OSError, KeyError, ValueError):
            found[path.name] = ""
            continue
        puids = [match["id"] for match in file["matches"] if match["ns"] == "pronom"]
        found[path.name] = puids[0] if len(puids) == 1 and puids[0] != "UNKNOWN" else ""
    return found


if __name__ == "__main__":
    limit()
    json.dump(identified(Path(sys.argv[1])), sys.stdout)
