"""The language of a page: chosen in the address, else the reader's own, else the site's."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from flask_babel import format_date, format_datetime

from repository.accounts import services
from repository.core.runtime import Runtime
from repository.i18n.formats import date_text, filesize, number, opening
from tests.webapp import make_user, sign_in


def test_the_site_speaks_vietnamese_first(client: FlaskClient) -> None:
    page = client.get("/account/sign-in", headers={"Accept-Language": "en"})
    assert '<html lang="vi">' in page.text
    assert "<h1>Đăng nhập</h1>" in page.text


def test_a_choice_is_carried_from_link_to_link_without_a_cookie(client: FlaskClient) -> None:
    page = client.get("/nowhere?lang=en")
    assert '<html lang="en">' in page.text
    assert 'href="/account/sign-in?lang=en"' in page.text
    assert 'name="lang" value="en"' in page.text, "the search form carries it too"
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("lang", ["fr", "", "en'><script>"])
def test_a_language_that_is_not_spoken_is_no_choice(client: FlaskClient, lang: str) -> None:
    page = client.get("/nowhere", query_string={"lang": lang})
    assert '<html lang="vi">' in page.text
    assert 'href="/account/sign-in"' in page.text


def test_a_choice_of_the_default_needs_no_carrying(client: FlaskClient) -> None:
    assert 'href="/account/sign-in"' in client.get("/nowhere?lang=vi").text


def test_switches_keep_the_rest_of_the_address(client: FlaskClient) -> None:
    page = client.get("/nowhere?q=l%C3%BAa+g%E1%BA%A1o&lang=en")
    assert 'href="/nowhere?q=l%C3%BAa+g%E1%BA%A1o&amp;lang=vi"' in page.text


def test_a_signed_in_reader_has_their_own(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    user = make_user(sqlite_runtime)
    with sqlite_runtime.work() as work:
        services.set_locale(work, user.id, "en")
    sign_in(client, user)
    page = client.get("/account/")
    assert '<html lang="en">' in page.text
    assert 'href="/account/tokens"' in page.text, "their own needs no carrying"
    assert '<html lang="vi">' in client.get("/account/?lang=vi").text


def test_links_for_programs_carry_no_language(app: Flask) -> None:
    app.add_url_rule("/api/things", "things", lambda: "")
    with app.test_request_context("/?lang=en"):
        assert url_for("accounts.sign_in") == "/account/sign-in?lang=en"
        assert url_for("accounts.sign_in", lang=None) == "/account/sign-in"
        assert url_for("things") == "/api/things"
        assert "lang" not in url_for("static", filename="site.css")


@pytest.mark.parametrize(
    ("lang", "day", "count", "size"),
    [
        ("vi", "24 tháng 11, 2026", "1.234,5", "1,2 MB"),
        ("en", "November 24, 2026", "1,234.5", "1.2 MB"),
    ],
)
def test_dates_and_numbers(app: Flask, lang: str, day: str, count: str, size: str) -> None:
    evening = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)  # past midnight in Hà Nội
    with app.test_request_context(f"/?lang={lang}"):
        assert format_date(evening) == day
        assert "01:30" in format_datetime(evening, "HH:mm")
        assert number(1234.5) == count
        assert filesize(1_234_567) == size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_949, "999.9 kB"), (999_950, "1 MB"),
     (50 * 10**9, "50 GB"), (10**19, "10,000 PB")],
)  # fmt: skip
def test_sizes(app: Flask, size: int, text: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert filesize(size) == text


@pytest.mark.parametrize(
    ("zone", "lang", "told"),
    [
        ("Asia/Ho_Chi_Minh", "en", "March 1, 2027, 07:00 Vietnam Time (00:00 UTC)"),
        ("Asia/Ho_Chi_Minh", "vi", "1 tháng 3, 2027, 07:00 giờ Việt Nam (00:00 UTC)"),
        (
            "America/New_York",
            "en",
            "February 28, 2027, 19:00 United States (New York) Time (00:00 UTC)",
        ),
        ("UTC", "en", "March 1, 2027, 00:00 UTC"),
    ],
)
def test_the_end_of_an_embargo_is_told_by_the_clocks_of_the_place(
    app: Flask, zone: str, lang: str, told: str
) -> None:
    app.extensions["babel"].default_timezone = zone
    with app.test_request_context(f"/?lang={lang}"):
        assert opening(date(2027, 3, 1)) == told


@pytest.mark.parametrize(
    ("written", "vi", "en"),
    [
        ("2024-03-15", "15 tháng 3, 2024", "March 15, 2024"),
        ("2024-03", "tháng 3 năm 2024", "March 2024"),
        ("2019-01-01/2023", "1 tháng 1, 2019 – 2023", "January 1, 2019 – 2023"),
        ("2019/..", "2019 – …", "2019 – …"),
        *((text, text, text) for text in ("2024", "321 BCE", "2024-02-30", "a/b", "")),
    ],
)
def test_dates_are_told_as_far_as_they_are_known(written: str, vi: str, en: str) -> None:
    assert (date_text(written, "vi"), date_text(written, "en")) == (vi, en)
