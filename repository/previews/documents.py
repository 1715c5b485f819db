"""Documents for reading: PDF in the browser's own viewer, Markdown as a page."""

from repository.core.messages import N_
from repository.previews.base import NOT_WHAT_IT_SAYS, CannotShow, Preview, Source
from repository.previews.text import CUT, decode
from repository.web.markdown import to_html


class Pdf:
    """The browser's viewer shows it in a frame; of the file we only look at the first bytes."""

    name = "pdf"

    def knows(self, source: Source) -> bool:
        return source.media_type == "application/pdf" and not source.member

    def show(self, source: Source) -> Preview:
        if b"%PDF-" not in source.head(1024):
            raise CannotShow(NOT_WHAT_IT_SAYS)
        return Preview("pdf")


class Markdown:
    name = "markdown"

    def knows(self, source: Source) -> bool:
        return source.media_type == "text/markdown" or source.ending in ("md", "markdown")

    def show(self, source: Source) -> Preview:
        decoded = decode(source)
        notes = (CUT,) if decoded.is_cut else ()
        return Preview("markdown", {"html": to_html(decoded.text)}, (*notes, NO_IMAGES))


NO_IMAGES = N_("Images that the text points at are not loaded.")
