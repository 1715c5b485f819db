"""Scoring records and keeping the scores, against reading the same records from the database.

python3 dev.py bench quality [RECORDS]
"""

import sys

from sqlalchemy import select

from benchmarks._common import median_seconds, show, temporary_folder
from benchmarks._oai_data import build
from repository.core.runtime import Runtime
from repository.quality import services
from repository.records.models import Record, Version

BATCH = 500


def read(runtime: Runtime) -> None:
    with runtime.read() as work:
        query = select(Version).execution_options(yield_per=BATCH)
        for version in work.session.scalars(query):
            assert version.metadata_json


def assess(runtime: Runtime) -> None:
    with runtime.read() as work:
        records = list(work.session.scalars(select(Record.id)))
    for start in range(0, len(records), BATCH):
        with runtime.work() as work:
            services.assess_records(work, records[start : start + BATCH])


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with temporary_folder() as folder:
        runtime = Runtime.from_settings(build(folder, records, 250))
        limit = median_seconds(lambda: read(runtime), 3)
        ours = median_seconds(lambda: assess(runtime), 3)
        runtime.close()
    rows = [
        ["read", f"{limit:.2f}", f"{records / limit:.0f}", "1.0"],
        ["scored and kept", f"{ours:.2f}", f"{records / ours:.0f}", f"{ours / limit:.1f}"],
    ]
    show("Quality, median of 3", ["", "seconds", "records/s", "times the limit"], rows)


if __name__ == "__main__":
    main()
