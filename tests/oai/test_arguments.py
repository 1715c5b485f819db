import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from repository.core.runtime import Runtime
from repository.core.slugs import slug
from repository.oai.arguments import VERBS, instant, read
from repository.oai.errors import BadArgument, BadVerb
from tests.oai.harvesting import NS, Endpoint, make_app

names = st.sampled_from(
    ["verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken", "x", ""]
)
values = st.one_of(
    st.sampled_from([*VERBS, "oai_dc", "2020-01-01", "2020-01-01T00:00:00Z", "a:b", "a.b.c"]),
    st.text(),
)
pairs = st.lists(st.tuples(names, values), max_size=6)


@given(pairs)
def test_any_arguments_are_read_or_refused(sent: list[tuple[str, str]]) -> None:
    try:
        found = read(sent)
    except (BadVerb, BadArgument) as error:
        etree.Element("x").text = error.message
    else:
        assert sorted([("verb", found.verb), *found.raw.items()]) == sorted(sent)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, sqlite_template: object) -> Endpoint:
    import shutil

    from tests.runtimes import make_settings

    folder = tmp_path_factory.mktemp("oai-fuzz")
    path = shutil.copy(str(sqlite_template), folder / "repository.db")
    return Endpoint(make_app(Runtime.from_settings(make_settings(folder, f"sqlite:///{path}"))))


@given(sent=pairs, method=st.sampled_from(["GET", "POST"]))
def test_any_request_gets_a_proper_answer(
    empty: Endpoint, sent: list[tuple[str, str]], method: str
) -> None:
    sent = [(name, value.encode("utf-8", "ignore").decode()) for name, value in sent]
    reply = empty.fetch(method, sent)
    assert reply.status == 200
    assert reply.root.tag == f"{NS}OAI-PMH"


@given(st.binary(max_size=200))
def test_any_query_string_gets_a_proper_answer(empty: Endpoint, query: bytes) -> None:
    quoted = "".join(f"%{byte:02x}" if byte % 3 else chr(byte % 128) for byte in query)
    safe = "".join(c for c in quoted if c.isprintable() and c != "#")
    answer = empty.client.get(f"/oai2d?{safe}")
    assert answer.status_code == 200
    assert etree.fromstring(answer.data).tag == f"{NS}OAI-PMH"


def test_a_day_is_its_first_or_last_second() -> None:
    assert instant("2020-02-29", end_of_day=False).isoformat() == "2020-02-29T00:00:00+00:00"
    assert instant("2020-02-29", end_of_day=True).isoformat() == "2020-02-29T23:59:59+00:00"
    with pytest.raises(BadArgument):
        instant("2019-02-29", end_of_day=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Khí hậu Đồng bằng", "khi-hau-dong-bang"),
        ("publication-article", "publication-article"),
        ("  --  ", None),
        ("地球", None),
    ],
)
def test_slugs_are_plain_words(text: str, expected: str | None) -> None:
    made = slug(text)
    assert made == expected or (expected is None and len(made) == 16)
