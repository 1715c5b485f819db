"""What a visitor sees, reads and is told."""

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree

from repository.accounts.models import Role
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.records.models import Version
from tests.discovery.library import Depositor
from tests.webapp import make_user, sign_in

RESTRICTED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish({"mưa/ngày.csv": b"a,b\n", "đọc.txt": b"xin chao"})


def visible_text(page: str) -> str:
    return re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)


def test_home_before_anything_is_published(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "Chưa có gì được công bố" in page.text
    assert client.get("/search").status_code == 200, "there is no index yet"


def test_home(client: FlaskClient, record: str) -> None:
    page = client.get("/?lang=en")
    assert "Rainfall at Đồng Ví Dụ" in page.text
    assert f"/records/{record}" in page.text
    assert "public" in page.headers["Cache-Control"]


def test_landing_page_says_it_all(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}")
    text = visible_text(page.text)
    for said in (
        *("Lượng mưa ở Đồng Ví Dụ", "Rainfall at Đồng Ví Dụ", "Nguyễn Văn Ví", "Viện Ví Dụ"),
        *("Bộ dữ liệu", "Kho Ví Dụ", "17 tháng 5, 2024", "Daily rainfall.", "10.5072/abc"),
        *("Creative Commons Ghi công 4.0", "Ghi tên tác giả và nguồn", "Được trích dẫn bởi"),
        *("mưa/", "đọc.txt", "8 B", "BibTeX", "Nguyễn Văn Ví. (2024)."),
    ):
        assert said in text, said
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in page.text
    assert f"http://repository.test/doi/10.5072/{record}" in page.text


def test_what_people_wrote_cannot_run(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}").text
    assert "<strong>ngày</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_structured_data_and_typed_links(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert found
    assert json.loads(found[1])["@type"] == "Dataset"
    link = page.headers["Link"]
    assert len(link) <= 8192
    assert f'<http://repository.test/doi/10.5072/{record}>; rel="cite-as"' in link
    assert 'rel="item"' in link
    assert '<https://orcid.org/0000-0002-1825-0097>; rel="author"' in link
    linkset = client.get(f"/records/{record}/linkset").json
    assert linkset
    items = linkset["linkset"][0]["item"]
    assert len([each for each in items if "/files/" in each["href"]]) == 2
    assert len([each for each in items if "/packages/" in each["href"]]) == 3


def test_many_files_do_not_make_a_long_header(client: FlaskClient, depositor: Depositor) -> None:
    record = depositor.publish({f"{n:03}-{'tên' * 20}.txt": b"" for n in range(150)})
    assert len(client.get(f"/records/{record}").headers["Link"]) <= 8192
    linkset = client.get(f"/records/{record}/linkset").json
    assert linkset
    items = linkset["linkset"][0]["item"]
    assert len([each for each in items if "/files/" in each["href"]]) == 150


def test_a_copy_that_is_still_right_is_not_sent_again(client: FlaskClient, record: str) -> None:
    etag = client.get(f"/records/{record}").headers["ETag"]
    again = client.get(f"/records/{record}", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    english = client.get(f"/records/{record}?lang=en", headers={"If-None-Match": etag})
    assert english.status_code == 200


def test_a_page_that_is_remembered_is_the_same(
    client: FlaskClient, depositor: Depositor, record: str
) -> None:
    first, second = client.get(f"/records/{record}"), client.get(f"/records/{record}")
    assert first.data == second.data
    assert first.headers["Link"] == second.headers["Link"]
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Summary" in client.get(f"/records/{record}?lang=en").text
    sign_in(client, depositor.user)
    assert "Đăng xuất" in client.get(f"/records/{record}").text


def test_the_record_leads_to_its_newest_version(
    client: FlaskClient, sqlite_runtime: Runtime, record: str
) -> None:
    with sqlite_runtime.read() as work:
        concept = work.session.get_one(Version, record).record_id
    answer = client.get(f"/records/{concept}")
    assert (answer.status_code, answer.location) == (302, f"/records/{record}")


def test_content_negotiation(client: FlaskClient, record: str) -> None:
    for accept, media_type in {
        "text/html,application/xhtml+xml,*/*;q=0.8": "text/html",
        "*/*": "text/html",
        "application/x-bibtex": "application/x-bibtex",
        "application/ld+json, text/html;q=0.5": "application/ld+json",
        "application/vnd.citationstyles.csl+json": "application/vnd.citationstyles.csl+json",
    }.items():
        answer = client.get(f"/records/{record}", headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert "Accept" in answer.headers["Vary"]


def test_exports(client: FlaskClient, record: str) -> None:
    answer = client.get(f"/records/{record}/export/datacite-xml")
    assert etree.fromstring(answer.data).tag.endswith("resource")
    assert answer.headers["Content-Disposition"] == f'inline; filename="{record}.xml"'
    assert client.get(f"/records/{record}/export/no-such").status_code == 404


def test_a_restricted_record_is_nowhere(client: FlaskClient, depositor: Depositor) -> None:
    hidden = depositor.publish(
        {"bí mật.txt": b"secret"}, RESTRICTED, titles=[{"title": "Hoàn toàn bí mật"}]
    )
    for url in (
        *("/", "/search", "/search?q=hoan+toan+bi+mat", "/search/suggest?q=hoan+toan"),
        *("/feed.atom", "/sitemap.xml"),
    ):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "Hoàn toàn" not in answer.text, url
        assert hidden not in answer.text, url
    for url in ("", "/files", "/files/bí mật.txt", "/export/bibtex", "/linkset"):
        assert client.get(f"/records/{hidden}{url}").status_code == 404, url
    sign_in(client, depositor.user)
    owned = client.get(f"/records/{hidden}")
    assert "Hoàn toàn bí mật" in owned.text
    assert f"/{hidden}/new-version" in owned.text
    assert "private" in owned.headers["Cache-Control"]
    assert client.get(f"/records/{hidden}/files/bí mật.txt", buffered=True).data == b"secret"


def test_files_under_embargo_open_by_themselves(
    client: FlaskClient, depositor: Depositor, clock: FixedClock
) -> None:
    until = clock.now().date() + timedelta(days=1)
    access = {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": True, "until": until.isoformat(), "reason": "Chờ bài báo"},
    }
    version = depositor.publish({"kín.csv": b"1"}, access)
    page = client.get(f"/records/{version}").text
    assert "Chờ bài báo" in page
    assert "kín.csv" not in page
    assert client.get(f"/records/{version}/files").status_code == 403
    clock.advance(timedelta(days=1))
    assert "kín.csv" in client.get(f"/records/{version}").text


def test_a_withdrawn_version_leaves_a_tombstone(
    client: FlaskClient, depositor: Depositor, record: str
) -> None:
    curator = make_user(depositor.runtime, "curator@example.org", Role.CURATOR)
    with depositor.runtime.work() as work:
        version = work.session.get_one(Version, record)
        withdraw(work, depositor.actor, version, "error-in-data", "Sai đơn vị đo")
    run_until_idle(depositor.runtime)
    page = client.get(f"/records/{record}")
    assert page.status_code == 410
    assert "vì dữ liệu có lỗi" in page.text
    assert "Sai đơn vị đo" in page.text
    assert client.get(f"/records/{record}/files/đọc.txt").status_code == 404
    assert record not in client.get("/search").text
    assert record not in client.get("/sitemap.xml").text
    sign_in(client, curator)
    assert client.get(f"/records/{record}/files/đọc.txt").status_code == 404


def test_search_page(client: FlaskClient, record: str) -> None:
    page = client.get("/search?q=luong+mua&type=dataset&from=2020")
    assert "<mark>Lượng</mark> <mark>mưa</mark>" in page.text
    assert "Nguyễn Văn Ví" in page.text
    assert 'name="type" value="dataset" checked' in page.text
    assert "Bộ dữ liệu" in page.text
    assert "<strong>rainfall</strong>" in client.get("/search?q=reinfall").text  # did you mean


def test_any_query_has_a_page(client: FlaskClient, record: str) -> None:
    for query in ("%00", "%ff%fe", "(((", "NOT", '"', "year:x", "a" * 5000):
        assert client.get(f"/search?q={query}").status_code == 200, query


def test_a_wrong_argument_is_named(client: FlaskClient) -> None:
    for bad in ("page=0", "page=9999999", "size=1e3", "from=soon"):
        answer = client.get(f"/search?{bad}")
        assert answer.status_code == 400
        assert f"/{bad.split('=')[0]}" in answer.text


def test_suggestions(client: FlaskClient, record: str) -> None:
    assert "Lượng mưa" in client.get("/search/suggest?q=luong").text
    answer = client.get("/search/suggest?q=luong&format=opensearch").json
    assert answer
    assert answer[3] == [f"http://repository.test/records/{record}"]


def test_feeds_are_well_formed(client: FlaskClient, record: str) -> None:
    for url in ("/sitemap.xml", "/feed.atom?q=m%C6%B0a&type=dataset", "/opensearch.xml"):
        answer = client.get(url)
        etree.fromstring(answer.data)
        assert "public" in answer.headers["Cache-Control"]
        if "opensearch" not in url:
            assert f"http://repository.test/records/{record}" in answer.text
    assert "Sitemap: http://repository.test/sitemap.xml" in client.get("/robots.txt").text
    assert client.get("/sitemap-2.xml").status_code == 404


def test_folders(client: FlaskClient, depositor: Depositor) -> None:
    files = {f"bảng/{n:03}.csv": b"x" for n in range(120)} | {"bảng/sâu/a.txt": b"a", "z.txt": b"z"}
    record = depositor.publish(files)
    top = visible_text(client.get(f"/records/{record}").text)
    assert "121 tệp" in top
    assert "000.csv" not in top
    inside = client.get(f"/records/{record}/files?folder=bảng").text
    assert "sâu/" in inside
    assert "098.csv" in inside
    assert "099.csv" not in inside
    second = client.get(f"/records/{record}/files?folder=bảng&page=2").text
    assert "119.csv" in second
    part = client.get(f"/records/{record}/files?folder=bảng/sâu", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="file-list"')
    assert "a.txt" in part.text


def test_the_advanced_form_becomes_a_search(client: FlaskClient, record: str) -> None:
    assert "Tìm kiếm nâng cao" in client.get("/search/advanced").text
    asked = {
        "go": "1",
        "all": "mua (ngay",
        "phrase": 'lượng "mưa',
        "any": "rainfall OR snow",
        "none": "tuyet",
        "creator": "Nguyễn Văn Ví",
        "type": "dataset",
        "language": "",
        "from": "2020",
    }
    answer = client.get("/search/advanced", query_string=asked)
    assert answer.status_code == 303
    arguments = parse_qs(urlsplit(answer.location).query)
    assert arguments == {
        "q": [
            'mua ngay "lượng mưa" (rainfall OR snow) creator:"Nguyễn Văn Ví" NOT tuyet',
        ],
        "type": ["dataset"],
        "from": ["2020"],
    }
    assert record in client.get(answer.location).text


def test_a_search_within_a_region(client: FlaskClient, depositor: Depositor) -> None:
    point = {"type": "Point", "coordinates": [105.78, 10.03]}
    record = depositor.publish(locations={"features": [{"geometry": point, "place": "Cần Thơ"}]})
    assert record in client.get("/search?bbox=104.3,8.5,106.9,11.1").text
    assert "Đồng bằng sông Cửu Long" in client.get("/search?bbox=104.3,8.5,106.9,11.1").text
    assert record not in client.get("/search?bbox=0,0,10,10").text
    assert client.get("/search?bbox=0,0,10").status_code == 400
