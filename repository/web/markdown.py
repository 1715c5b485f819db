"""Text that people wrote, as HTML that can do no harm."""

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

MAX_LENGTH = 200_000
TAGS = {
    *("p", "br", "hr", "div", "span", "blockquote", "pre", "code", "kbd"),
    *("h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("em", "strong", "b", "i", "u", "s", "del", "ins", "sub", "sup", "small", "abbr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}


class _Renderer(RendererHTML):
    """Headings begin at h3: above them stand the page's own."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        for token in tokens:
            token.tag = HEADINGS.get(token.tag, token.tag)
        return super().render(tokens, options, env)


_parser = MarkdownIt("commonmark", renderer_cls=_Renderer).enable(["table", "strikethrough"])
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "doi"},
    link_rel="nofollow ugc noopener",
)
# Where one of these begins or ends, words do: `</p><p>` is no hyphen.
_BLOCK = re.compile(r"(?=</?(?:p|div|br|li|ul|ol|h[1-6]|tr|t[dh]|blockquote)\b)", re.IGNORECASE)
_stripper = nh3.Cleaner(tags=set(), attributes={})


def to_html(text: str) -> Markup:
    """Markdown (or the HTML that other repositories hand over) as sanitised HTML.

    No images: they would be fetched from elsewhere, and tell elsewhere who reads. Text beyond
    MAX_LENGTH characters is cut.
    """
    return Markup(_cleaner.clean(_parser.render(text[:MAX_LENGTH])))  # noqa: S704 sanitised


def to_text(text: str, limit: int = 300) -> str:
    """The first `limit` characters without markup, cut at a word; for summaries and meta tags."""
    spaced = _BLOCK.sub(" ", _parser.render(text[:MAX_LENGTH]))
    plain = Markup(_stripper.clean(spaced)).unescape()  # noqa: S704
    words = " ".join(plain.split())
    if len(words) <= limit:
        return words
    return words[:limit].rsplit(" ", 1)[0] + "…"
