import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from repository.core.db import Database
from repository.migrate import is_current
from tests.services.postgres import Postgres


def test_a_postgres_database_keeps_what_is_written(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (word text)"))
        connection.execute(text("INSERT INTO words VALUES ('dữ liệu')"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT word FROM words")) == "dữ liệu"
    engine.dispose()


def test_each_database_is_apart(postgres: Postgres) -> None:
    first = postgres.create()
    with psycopg.connect(postgres.url(first).replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE only_here (n int)")
    second, copied = postgres.create(), postgres.create(template=first)
    tables = {}
    for name in (first, second, copied):
        engine = create_engine(postgres.url(name))
        tables[name] = inspect(engine).get_table_names()
        engine.dispose()
        postgres.drop(name)
    assert tables == {first: ["only_here"], second: [], copied: ["only_here"]}


@pytest.mark.parametrize("copy", [1, 2])
def test_both_databases_come_with_the_tables_of_this_release(database_url: str, copy: int) -> None:
    database = Database(database_url)
    assert is_current(database)
    with database.session(write=True) as session:
        assert session.scalar(text("SELECT count(*) FROM records")) == 0
    database.dispose()
