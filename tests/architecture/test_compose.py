"""docker-compose.yml, read as text: no engine is needed to see that it fits the settings."""

import re
from typing import Any

import pytest
import yaml

from repository.core.settings import Settings
from tests.architecture.tracked import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
OURS = ("web", "worker", "upkeep", "bucket")
ASKED = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def test_it_has_the_services_of_a_repository_beyond_one_machine() -> None:
    assert SERVICES.keys() == {*OURS, "postgres", "redis", "minio", "nginx"}
    assert "/health/live" in str(SERVICES["web"]["healthcheck"])
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    variables = [v for v in SERVICES[name]["environment"] if v.startswith("REPOSITORY_")]
    assert variables
    unknown = {v.removeprefix("REPOSITORY_").lower() for v in variables} - set(
        Settings.model_fields
    )
    assert not unknown


def test_the_repository_takes_these_values(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = {
        key: ASKED.sub(
            lambda match: (match[2] or "example") if ":-" in match[0] else "x" * 40, value
        )
        for key, value in SERVICES["web"]["environment"].items()
    }
    for key, value in filled.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    assert settings.storage == "s3"
    assert not settings.s3_secure
    assert settings.broker_url.get_secret_value().startswith("redis://redis")


def test_no_secret_has_a_default() -> None:
    for name, default in ASKED.findall(TEXT):
        if re.search(r"SECRET|PASSWORD|KEY", name):
            assert default == "set it in .env", name


def test_what_the_image_copies_is_there() -> None:
    dockerfile = SERVICES["web"]["build"]["dockerfile_inline"]
    copied = [
        w for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for w in line.split()
    ]
    assert {"repository", "storage", "templates", "migrations", "requirements.lock"} <= set(copied)
    missing = [name for name in copied if not (ROOT / name).exists()]
    assert not missing
