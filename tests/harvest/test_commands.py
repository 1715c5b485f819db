"""The commands of the how-to, run as they stand there; and what they say of what is wrong."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.accounts.models import Role
from repository.cli import main
from repository.core.runtime import Runtime
from repository.curation import collections
from repository.harvest import services
from tests.harvest.conftest import ADMIN, OWNER, Here, There
from tests.webapp import make_user

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "harvest-others.md"


@pytest.fixture
def here(sqlite_runtime: Runtime) -> Here:
    return Here(sqlite_runtime)


def run(here: Here, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["harvest", *arguments], obj=lambda: here.runtime)


def test_the_commands_of_the_how_to(here: Here, there: There) -> None:
    found = re.search(r"<!-- run by .*?-->\n```\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    script = found[1].replace("https://data.vienmau.example.org/oai2d", there.address)
    commands = [shlex.split(line)[4:] for line in script.splitlines()]
    there.publish("Một", "Hai")
    owner = make_user(here.runtime, "curator@example.org", Role.CURATOR)
    with here.runtime.work() as work:
        made = collections.create(work, ADMIN, {"slug": "vien-mau", "title_vi": "Viện Mẫu"})
        assert made.slug == "vien-mau"
    said = [run(here, *command) for command in commands]
    assert [each.exit_code for each in said] == [0] * 5, [each.output for each in said]
    added, first, listed, again, removed = (each.stdout for each in said)
    assert "oai_datacite" in added
    assert first.endswith("2 created, 0 updated, 0 unchanged, 0 deleted, 0 refused\n")
    assert listed.startswith(f"Viện Mẫu\t{there.address}\t\t24\tdone ")
    assert again.endswith("0 created, 0 updated, 2 unchanged, 0 deleted, 0 refused\n")
    assert removed == ""
    assert {each.record.owner_id for each in here.versions().values()} == {owner.id}
    assert run(here, *commands[0]).exit_code == 0
    known = run(here, *commands[1]).stdout  # the records of the source that was removed
    assert known.endswith("0 created, 0 updated, 2 unchanged, 0 deleted, 0 refused\n")


def test_what_is_wrong_is_said_at_its_place(here: Here, there: There) -> None:
    said = run(here, "add", "X", f"{there.address}/nowhere", "--owner", "nobody@example.org")
    assert said.exit_code == 1
    assert "/address: The source answers with HTTP status 404." in said.stderr
    said = run(here, "add", "X", there.address, "--owner", "nobody@example.org", "--review")
    assert "/owner: There is no active account" in said.stderr
    assert "/collection: Choose the collection" in said.stderr
    assert run(here, "run", "X").exit_code == 1


def test_a_run_that_fails_says_why(here: Here, there: There) -> None:
    there.publish("Một")
    here.add(there.address)
    here.configure(harvest_inside=())
    said = run(here, "run", "Viện Mẫu")
    assert said.exit_code == 1
    assert "Only https addresses are fetched." in said.stderr
    with here.runtime.read() as work:
        assert services.counted(work, services.found(work, here.source_id)) == 0
    said = run(here, "add", "Y", there.address, "--owner", OWNER)
    assert "/address: Give its https address; plain http is for hosts" in said.stderr
