"""Jupyter notebooks, cell by cell. Nothing runs; of outputs, text, images and cleaned tables."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from repository.core.messages import N_
from repository.core.settings import MIB
from repository.previews.base import CannotShow, Preview, Source
from repository.previews.images import MAX_PIXELS, dimensions
from repository.previews.text import shown_as_text
from repository.previews.trees import AS_TEXT
from repository.web.markdown import to_html

MAX_BYTES = 20 * MIB
MAX_CELLS = 300
MAX_OUTPUTS = 20
MAX_TEXT = 20_000
MAX_IMAGES = 4 * MIB
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SHORTENED = N_("Only a part of the notebook is shown.")


@dataclass(frozen=True)
class Output:
    """Text, cleaned HTML or the data: address of an image."""

    text: str = ""
    html: Markup | None = None
    image: str = ""
    is_error: bool = False


@dataclass(frozen=True)
class Cell:
    source: str
    html: Markup | None = None
    number: str = ""
    outputs: list[Output] = field(default_factory=list)


class Notebook:
    name = "notebook"

    def knows(self, source: Source) -> bool:
        return source.ending == "ipynb"

    def show(self, source: Source) -> Preview:
        try:
            found = json.loads(source.whole(MAX_BYTES))
            cells = found["cells"]
            language = str(_get(found, "metadata", "kernelspec", "display_name") or "")
            reader = _Reader()
            shown = [reader.cell(each) for each in cells[:MAX_CELLS] if isinstance(each, dict)]
        except (CannotShow, ValueError, TypeError, KeyError, RecursionError):
            return shown_as_text(source, AS_TEXT)
        notes = (SHORTENED,) if len(cells) > MAX_CELLS or reader.shortened else ()
        return Preview("notebook", {"cells": shown, "kernel": language[:80]}, notes)


class _Reader:
    def __init__(self) -> None:
        self.images_left = MAX_IMAGES
        self.shortened = False

    def cell(self, cell: dict[str, Any]) -> Cell:
        source = self._text(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            return Cell(source, html=to_html(source))
        outputs = cell.get("outputs") or []
        if not isinstance(outputs, list):
            outputs = []
        self.shortened |= len(outputs) > MAX_OUTPUTS
        shown = [self._output(each) for each in outputs[:MAX_OUTPUTS] if isinstance(each, dict)]
        return Cell(source, number=str(cell.get("execution_count") or "")[:8], outputs=shown)

    def _output(self, output: dict[str, Any]) -> Output:
        kind = output.get("output_type")
        if kind == "stream":
            return Output(text=self._text(output.get("text")))
        if kind == "error":
            said = self._text(output.get("traceback"), "\n")
            return Output(text=said or self._text(output.get("evalue")), is_error=True)
        data = output.get("data")
        if not isinstance(data, dict):
            return Output()
        for media_type in ("image/png", "image/jpeg"):
            image = self._image(media_type, data.get(media_type))
            if image:
                return Output(image=image, text=self._text(data.get("text/plain")))
        if "text/html" in data:
            html = to_html(self._text(data["text/html"]))
            if "<table" in html:
                return Output(html=html)
        return Output(text=self._text(data.get("text/plain")))

    def _image(self, media_type: str, value: object) -> str:
        """Checked to be base64 of a raster image of bearable size, and written anew."""
        packed = self._joined(value, "")
        if not packed or len(packed) > self.images_left:
            self.shortened |= bool(packed)
            return ""
        try:
            content = base64.b64decode("".join(packed.split()), validate=True)
        except (binascii.Error, ValueError):
            return ""
        size = dimensions(content)
        if size is None or size[0] * size[1] > MAX_PIXELS:
            return ""
        self.images_left -= len(packed)
        return f"data:{media_type};base64,{base64.b64encode(content).decode()}"

    def _text(self, value: object, between: str = "") -> str:
        text = ANSI.sub("", self._joined(value, between))
        self.shortened |= len(text) > MAX_TEXT
        return text[:MAX_TEXT]

    def _joined(self, value: object, between: str) -> str:
        """A text, or the list of lines as which nbformat 4 may store it."""
        if isinstance(value, list):
            return between.join(each for each in value if isinstance(each, str))
        return value if isinstance(value, str) else ""


def _get(found: Any, *names: str) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
