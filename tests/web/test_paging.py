"""Pages of a list have bounds, and their links keep what else was asked."""

import pytest
from flask import Flask

from repository.core.errors import ValidationFailed
from repository.web.paging import MAX_DEPTH, Paging, requested


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", Paging(1, 20)), ("page=3&size=50", Paging(3, 50)), ("page=&size=", Paging(1, 20))],
)
def test_what_may_be_asked(app: Flask, query: str, expected: Paging) -> None:
    with app.test_request_context(f"/list?{query}"):
        assert requested() == expected


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        *(("page=0", "/page"), ("page=-1", "/page"), ("page=a", "/page"), ("page=１", "/page")),
        *(("size=101", "/size"), ("size=9999999999999999999", "/size")),
        ("page=101&size=100", "/page"),
    ],
)
def test_what_may_not(app: Flask, query: str, pointer: str) -> None:
    with app.test_request_context(f"/list?{query}"), pytest.raises(ValidationFailed) as raised:
        requested()
    assert [wrong.pointer for wrong in raised.value.errors] == [pointer]


def test_links_keep_the_rest_of_the_address(app: Flask) -> None:
    with app.test_request_context("/list?q=l%C3%BAa&page=2&lang=en"):
        links = requested().links(total=50)
        assert links == {
            "prev": "/list?q=l%C3%BAa&page=1&lang=en",
            "self": "/list?q=l%C3%BAa&page=2&lang=en",
            "next": "/list?q=l%C3%BAa&page=3&lang=en",
        }


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (20, 1), (21, 2), (10**9, MAX_DEPTH // 20)])
def test_how_many_pages(total: int, pages: int) -> None:
    assert Paging(1, 20).pages(total) == pages
