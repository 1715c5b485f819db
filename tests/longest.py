"""The longest files first: one that begins at the end would be waited for by an idle worker."""

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
LONGEST = (
    "access/test_canaries.py",
    "pid/test_faults.py",
    "test_cli.py",
    "preservation/test_extortion.py",
    "api/test_openapi.py",
    "browser/test_review.py",
    "browser/test_deposit.py",
    "discovery/test_in_browser.py",
    "docs/test_readme.py",
    "discovery/test_packages.py",
    "discovery/test_fair.py",
    "bulk/test_editing.py",
    "discovery/test_indexing.py",
    "test_worker.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {TESTS / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
