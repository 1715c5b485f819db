"""What is looked at before anything starts, so that what is wrong is said in one clear line."""

import shutil
import socket
import tempfile

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from repository import migrate
from repository.accounts.models import User
from repository.accounts.passwords import verify_password
from repository.core.db import Database
from repository.core.paths import UNFINISHED
from repository.core.runtime import Runtime
from repository.core.settings import MIB, Settings
from repository.sample.users import DEMO_USERS

LEAST_FREE_SPACE = 100 * MIB


class CannotStart(Exception):
    """Its text is the one line the operator reads."""


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "REPOSITORY_" + "_".join(str(part) for part in wrong["loc"]).upper()
        raise CannotStart(f"{name}: {wrong['msg']}.") from error


def prepare(settings: Settings) -> Runtime:
    """Check the data folder, open the parts, bring the database up to date."""
    _check_folder(settings)
    try:
        runtime = Runtime.from_settings(settings)
        migrate.upgrade(runtime.database)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise CannotStart(f"The database cannot be used: {reason}") from error
    except migrate.OtherRelease as error:
        raise CannotStart(f"The database is of another release: {error}.") from error
    return runtime


def _check_folder(settings: Settings) -> None:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0" * 4096)
            probe.flush()
    except OSError as error:
        raise CannotStart(f"Cannot write to the data folder {folder}: {error.strerror}.") from error
    if (folder / UNFINISHED).exists():
        raise CannotStart(
            f"A restore into {folder} was broken off. Give the same command once more: it goes on."
        )
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_SPACE:
        raise CannotStart(
            f"Only {free // MIB} MiB are free in {folder}; at least {LEAST_FREE_SPACE // MIB} MiB "
            "are needed."
        )


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port."
            ) from error


def refuse_demo_secrets(settings: Settings, database: Database) -> None:
    """A server that others reach never runs with a secret or password that everybody knows."""
    if settings.is_demo_secret:
        raise CannotStart(
            "Set REPOSITORY_SECRET_KEY to a long random value, for example the output of: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    if len(settings.secret_key.get_secret_value()) < 32:
        raise CannotStart("REPOSITORY_SECRET_KEY is shorter than 32 characters.")
    known = {user.email: user.password for user in DEMO_USERS}
    with database.session(write=False) as session:
        for user in session.scalars(select(User).where(User.email.in_(known), User.active)):
            if verify_password(user.password_hash, known[user.email]):
                raise CannotStart(
                    f"{user.email} still has its demo password. Start with an empty data folder."
                )
