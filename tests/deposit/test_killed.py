"""`kill -9` at every step of uploading, completing and publishing.

A child process uploads a file in parts, completes and publishes it, and writes down what it was
told is done; at a step drawn by a seed it kills itself. What was acknowledged has to be there, what
was not may be, but never by half; and whoever goes on afterwards comes to the end. A short run is
part of the suite; the long one: REPOSITORY_TEST_KILLS=200 python3 dev.py test
tests/deposit/test_killed.py
"""

import hashlib
import io
import itertools
import os
import random
import signal
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from repository.core import failpoints
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import doctor, files, placing, upload_rows, uploads
from repository.deposit.models import UNDER_WAY
from repository.deposit.publish import publish
from repository.records import quotas
from repository.records.models import File, Scope, State, Version
from repository.records.quotas import Holder
from tests.deposit.conftest import COMPLETE, Depositor

ROUNDS = int(os.environ.get("REPOSITORY_TEST_KILLS", "12"))
SEED = 20261128
PART = 64 << 10
NAMES = ("upload.part", "upload.finalising", "upload.joined", "upload.before-commit", "upload.done")


class Run:
    """One upload in parts and publication, by a process that may end at any moment."""

    moments = 40  # a whole run has about so many; a round that none ends is a round, too

    def __init__(self, runtime: Runtime, who: Depositor, version_id: str, number: int) -> None:
        self.runtime, self.actor, self.version_id = runtime, who.actor, version_id
        self.data = random.Random(number).randbytes(3 * PART - number)
        self.path = "dữ liệu/đo.bin"

    def begin(self) -> None:
        settings = self.runtime.settings.model_copy(update={"upload_part_size": PART})
        wanted = uploads.plan(settings, self.path, len(self.data))
        handle = self.runtime.store.parts.begin()
        with self.runtime.work() as work:
            uploads.begin(work, self.actor, self.version_id, wanted, handle)

    def send(self, number: int) -> None:
        part = self.data[(number - 1) * PART : number * PART]
        stream, length = io.BytesIO(part), len(part)
        uploads.receive_part(
            self.runtime, self.actor, self.version_id, self.path, number, stream, length=length
        )

    def complete(self) -> None:
        uploads.complete(self.runtime, self.actor, self.version_id, self.path)

    def publish(self) -> None:
        with self.runtime.work() as work:
            publish(work, self.actor, self.version_id)

    def steps(self, order: list[int]) -> list[tuple[str, Callable[[], None]]]:
        sent = [(f"part {n}", lambda n=n: self.send(n)) for n in order]
        return [
            ("begin", self.begin),
            *sent,
            ("complete", self.complete),
            ("publish", self.publish),
        ]

    def go_on(self) -> None:
        """What a client does that comes back: look, and send what is missing."""
        with self.runtime.read() as work:
            version = work.session.get_one(Version, self.version_id)
            file = placing.find_file(work, self.version_id, self.path)
            under_way = upload_rows.find(work, self.version_id, self.path, UNDER_WAY)
        if version.state == State.PUBLISHED:
            return
        if file is None or not file.committed:
            if under_way is None:
                self.begin()
            with self.runtime.read() as work:
                upload = uploads.get(work, self.actor, self.version_id, self.path)
            there = {part.number for part in uploads.held(self.runtime, upload)}
            for number in {1, 2, 3} - there:
                self.send(number)
            self.complete()
        self.publish()


class InOneRequest(Run):
    """The same of a file that comes whole, in one request without an announcement."""

    moments = 10

    def steps(self, order: list[int]) -> list[tuple[str, Callable[[], None]]]:
        return [("complete", self.complete), ("publish", self.publish)]

    def complete(self) -> None:
        with self.runtime.read() as work:
            files.check_awaited(work, self.actor, self.version_id, self.path, len(self.data))
        stored = files.receive(self.runtime, io.BytesIO(self.data), size=len(self.data))
        with self.runtime.work() as work:
            files.take_in(work, self.actor, self.version_id, self.path, stored)

    def go_on(self) -> None:
        with self.runtime.read() as work:
            version = work.session.get_one(Version, self.version_id)
        if version.state != State.PUBLISHED:
            self.complete()
            self.publish()


def test_whenever_the_plug_is_pulled(sqlite_runtime: Runtime, clock: FixedClock) -> None:
    lan, seeded = Depositor(sqlite_runtime, "lan@example.org"), random.Random(SEED)
    ended = []
    for number in range(ROUNDS):
        kind = InOneRequest if number % 4 == 3 else Run
        run = kind(sqlite_runtime, lan, lan.draft({**COMPLETE}), number)
        order = seeded.sample([1, 2, 3], 3)
        told = sqlite_runtime.settings.data_dir / f"told-{number}"
        told.touch()
        ended.append(killed_at(run, order, seeded.randint(1, run.moments), told))
        said = told.read_text().splitlines()
        check(run, said)
        clock.advance(timedelta(minutes=3))  # then the job takes over
        run_until_idle(sqlite_runtime)
        check(run, said)
        run.go_on()
        check(run, [*said, "complete", "publish"])
    assert signal.SIGKILL in ended
    run_until_idle(sqlite_runtime)
    assert [line for line in doctor.problems(sqlite_runtime) if "not in the store" in line] == []
    with sqlite_runtime.read() as work:
        holder = Holder(Scope.USER, str(lan.user.id))
        found = quotas.standing(work, holder)
        assert (found.used_bytes, found.used_files) == quotas.counted(work, holder)
        assert found.used_files == ROUNDS


def check(run: Run, said: list[str]) -> None:
    """What was acknowledged is there; what is visible is whole."""
    with run.runtime.read() as work:
        version = work.session.get_one(Version, run.version_id)
        file = placing.find_file(work, run.version_id, run.path)
        upload = upload_rows.find(work, run.version_id, run.path, UNDER_WAY)
        assert work.session.query(File).filter_by(version_id=run.version_id).count() <= 1
    if file is not None and file.committed:
        assert file.sha256 == hashlib.sha256(run.data).hexdigest()
        assert b"".join(run.runtime.store.read(file.sha256)) == run.data
    else:
        assert "complete" not in said
        assert version.state == State.DRAFT
        if upload is not None:
            held = {f"part {part.number}" for part in uploads.held(run.runtime, upload)}
            assert {line for line in said if line.startswith("part")} <= held
        else:
            assert "begin" not in said
    if "publish" in said:
        assert version.state == State.PUBLISHED
    if version.state == State.PUBLISHED:
        assert (version.file_count, version.file_bytes) == (1, len(run.data))


def killed_at(run: Run, order: list[int], moment: int, told: Path) -> int:
    """The signal that ended a process which did all steps, killed at the Nth moment; 0: none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        child = os.fork()
    if child == 0:
        try:
            run.runtime = Runtime.from_settings(run.runtime.settings, run.runtime.clock)
            kill_at(moment)
            with told.open("a") as said:
                for name, step in run.steps(order):
                    step()
                    said.write(f"{name}\n")
                    said.flush()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def kill_at(step: int) -> None:
    """Moments: each failpoint; before and after each commit, and each name that a file gets."""
    moments = itertools.count(1)

    def moment() -> None:
        if next(moments) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def surrounded(*args: Any, **kwargs: Any) -> Any:
            moment()
            result = function(*args, **kwargs)
            moment()
            return result

        return surrounded

    for name in NAMES:
        failpoints.acts[name] = moment
    Session.commit = around(Session.commit)  # type: ignore[method-assign]
    Path.rename = around(Path.rename)  # type: ignore[method-assign]
