import re

from repository.core.settings import Settings
from tests.architecture.tracked import ROOT

ROW = re.compile(r"^\| `REPOSITORY_(\w+)` \|(.*)\|(.*)\|$", re.MULTILINE)


def test_every_setting_is_documented_and_no_other() -> None:
    page = (ROOT / "docs/how-to/settings.md").read_text()
    documented = {name.lower(): told.strip() for name, _default, told in ROW.findall(page)}
    assert documented.keys() == Settings.model_fields.keys()
    assert all(documented.values())


def test_documented_defaults_are_the_defaults() -> None:
    page = (ROOT / "docs/how-to/settings.md").read_text()
    wrong = {}
    for name, default, _told in ROW.findall(page):
        if quoted := re.fullmatch(r" `(.*)` ", default):
            value = Settings.model_fields[name.lower()].default
            actual = (
                str(value).lower() if isinstance(value, bool) else f"{value}".removesuffix(".0")
            )
            if actual != quoted[1]:
                wrong[name] = (quoted[1], actual)
    assert not wrong


def test_only_settings_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for folder in ("repository", "storage")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    ]
    assert not readers
