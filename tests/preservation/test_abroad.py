"""Which copies may lie in another country: by the rules of the operator, and core data never."""

from dataclasses import replace
from pathlib import Path

import pytest

from repository.core.copies import STORE
from repository.core.errors import ValidationFailed
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.classifying import classify
from repository.deposit.drafts import create_draft
from repository.preservation import backup, placement, watch
from repository.preservation.exposure import exposure
from repository.preservation.policies import save_site
from repository.preservation.sites import Site
from repository.records.access import AccessSettings
from repository.records.data_class import DataClass
from storage.base import NotStored
from tests.preservation.conftest import administrator, publish
from tests.preservation.damage import sha256
from tests.preservation.test_sites import DATA, keep_at
from tests.preservation.test_stores import ABROAD, ARCHIVE, LARGE, SMALL, copies, rule, several

__all__ = ["several"]


def test_what_may_not_be_abroad_goes_from_there_at_once(several: Runtime, tmp_path: Path) -> None:
    rule(several, ABROAD)
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})
    run_until_idle(several)
    assert copies(several, LARGE) == {ABROAD: False}
    with pytest.raises(ValidationFailed):
        rule(several, ABROAD, country="VN")
    rule(several, ARCHIVE, country="VN")
    with several.work() as work:
        placement.raise_rule(work, administrator(several), placement.rules(work)[-1].id)
    run_until_idle(several)
    assert copies(several, LARGE) == {ARCHIVE: False}
    with pytest.raises(NotStored):
        several.stores[ABROAD].size(sha256(LARGE))


def test_a_rule_without_a_country_keeps_the_days_of_grace(several: Runtime, tmp_path: Path) -> None:
    rule(several, ABROAD)
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE, "b.bin": SMALL})
    run_until_idle(several)
    rule(several, ARCHIVE, max_bytes=10, country="VN")
    rule(several, ARCHIVE)
    actor = administrator(several)
    with several.work() as work:
        placement.remove(work, actor, placement.rules(work)[0].id)
    run_until_idle(several)
    assert copies(several, SMALL) == {ARCHIVE: False}, "its rule names a country"
    assert copies(several, LARGE) == {ABROAD: True, ARCHIVE: False}, "the other one does not"
    assert several.stores[ABROAD].size(sha256(LARGE))


def test_core_data_go_home_whatever_the_rules_say(several: Runtime, tmp_path: Path) -> None:
    actor = administrator(several)
    rule(several, ABROAD)
    with pytest.raises(ValidationFailed) as raised:
        rule(several, ABROAD, data_class="core")
    assert [wrong.pointer for wrong in raised.value.errors] == ["/place"]
    rule(several, ABROAD, data_class="important")
    version_id = publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})
    publish(several, tmp_path / "in", "gio", {"same.bin": LARGE, "b.bin": SMALL})
    run_until_idle(several)
    assert [copies(several, data) for data in (LARGE, SMALL)] == [{ABROAD: False}] * 2
    with several.work() as work:
        classify(work, actor, version_id, "core", "Danh mục 2027")
    run_until_idle(several)
    assert copies(several, LARGE) == {STORE: False}
    assert copies(several, SMALL) == {ABROAD: False}
    with pytest.raises(NotStored):
        several.stores[ABROAD].size(sha256(LARGE))
    with several.work() as work:
        secret = AccessSettings(data_class=DataClass.CORE)
        draft = create_draft(work, actor, {}, access=secret).version_id
    assert placement.place_for(several, draft, 1) == STORE


def test_classed_data_go_where_their_strictest_class_says(several: Runtime, tmp_path: Path) -> None:
    actor = administrator(several)
    with pytest.raises(ValidationFailed) as raised:
        rule(several, ARCHIVE, data_class="secret")
    assert [wrong.pointer for wrong in raised.value.errors] == ["/data_class"]
    rule(several, ARCHIVE, data_class="important", country="VN")
    rule(several, ABROAD)
    classed = publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})
    publish(several, tmp_path / "in", "gio", {"same.bin": LARGE, "b.bin": SMALL})
    run_until_idle(several)
    assert [copies(several, data) for data in (LARGE, SMALL)] == [{ABROAD: False}] * 2
    for name in ("important", "core"):
        with several.work() as work:
            classify(work, actor, classed, name, "Danh mục 2027")
        run_until_idle(several)
        assert copies(several, LARGE) == {ARCHIVE: False}, name
    assert copies(several, SMALL) == {ABROAD: False}
    with several.work() as work:
        drafts = [
            create_draft(work, actor, {}, access=AccessSettings(data_class=each)).version_id
            for each in DataClass
        ]
    assert [placement.place_for(several, each, 1) for each in drafts] == [ABROAD, ARCHIVE, ARCHIVE]


def test_no_core_data_go_to_a_site_abroad(keyed: Runtime, tmp_path: Path) -> None:
    settings = keyed.settings.model_copy(update={"storage_country": "VN"})
    home = replace(keyed, settings=settings)
    far = Site("far", str(tmp_path / "far"), country="DE")
    with pytest.raises(ValidationFailed, match="Core data must not leave") as raised:
        keep_at(home, far)
    assert [wrong.pointer for wrong in raised.value.errors] == ["/sites"]

    core = publish(home, tmp_path / "in", "mua", {"core.csv": DATA})
    publish(home, tmp_path / "in", "gio", {"same.csv": DATA, "else.csv": b"not core"})
    publish(home, tmp_path / "in", "song", {"open.csv": b"open"})
    files_alone = {"database": False, "configuration": False, "classes": ["public", "protected"]}
    [duty] = keep_at(home, far, policy="abroad", **files_alone)
    with home.work() as work:
        classify(work, administrator(home), core, "core", "Danh mục 2027")
    made = backup.run(home, duty=duty)
    assert (made.manifest.contents.count, made.manifest.contents.missing) == (1, 0)
    assert [path.name for path in (tmp_path / "far").rglob("*.csv")] == ["open.csv"]
    with home.read() as work:
        assert exposure(work, duty.policy).count == 0
        assert not any("core data" in each.text() for each in watch.warnings(work))
    near = Site("near", str(tmp_path / "near"), country="VN")
    [kept] = keep_at(home, near, policy="home")
    assert backup.run(home, duty=kept).manifest.contents.count == 3
    moved = Site("near", near.address, country="DE")
    with home.work() as work, pytest.raises(ValidationFailed, match="Core data") as raised:
        save_site(work, administrator(home), moved)
    assert [wrong.pointer for wrong in raised.value.errors] == ["/country"]
    abroad = replace(home, settings=settings.model_copy(update={"storage_country": "LA"}))
    with pytest.raises(ValidationFailed, match="Core data"):
        backup.run(abroad, duty=kept)
    with abroad.read() as work:
        told = [each.text() for each in watch.warnings(work)]
    assert any("1 files of core data" in line for line in told)
