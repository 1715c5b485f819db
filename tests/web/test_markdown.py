"""What people wrote is shown, and does nothing else."""

import pytest

from repository.web.markdown import to_html, to_text


def test_markdown() -> None:
    assert to_html("# Lúa\n\nMột *câu*.") == "<h3>Lúa</h3>\n<p>Một <em>câu</em>.</p>\n"
    assert "<td>1</td>" in to_html("|a|\n|-|\n|1|")


def test_html_of_other_repositories_stays() -> None:
    assert to_html("<p>Rice <b>yield</b></p>") == "<p>Rice <b>yield</b></p>"


def test_links_lend_no_weight() -> None:
    link = to_html("[x](https://example.org)")
    assert 'href="https://example.org"' in link
    assert 'rel="nofollow ugc noopener"' in link


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<a href="java&#x09;script:alert(1)">x</a>',
        '<img src="https://example.org/track.gif" onerror="alert(1)">',
        "![x](https://example.org/track.gif)",
        '<iframe src="https://example.org"></iframe>',
        '<p style="position:fixed" onclick="alert(1)" id="main" class="card">x</p>',
        '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_hostile_text_is_harmless(text: str) -> None:
    shown = to_html(text).lower()
    for word in ("<script", 'href="j', "onerror=", "onclick", "<img", "<iframe", "style", "id="):
        assert word not in shown


def test_summaries_are_plain_and_short() -> None:
    assert to_text("**A** [b](https://example.org) &lt;c&gt;") == "A b <c>"
    short = to_text("lúa gạo " * 100, limit=20)
    assert short == "lúa gạo lúa gạo lúa…"
