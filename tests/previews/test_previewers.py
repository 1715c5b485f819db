"""Each previewer with what is meant for it, and with what was made to do harm."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import h5py
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.previews.archives import opener_of
from repository.previews.base import CannotShow, Preview, Source
from repository.previews.images import dimensions
from repository.previews.registry import PREVIEWERS, member_of, previewer_for
from repository.records.media_types import media_type_of

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]><l x="&b;">&b;&f;</l>"""


def source(name: str, content: bytes) -> Source:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield content[start : start + length]

    return Source(name, media_type_of(name, content[:8192]), len(content), read, url="/it")


def show(name: str, content: bytes) -> Preview:
    found = source(name, content)
    previewer = previewer_for(found)
    assert previewer is not None, name
    return previewer.show(found)


def png(width: int, height: int) -> bytes:
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        ("Lượng mưa".encode(), "UTF-8", "Lượng mưa"),
        ("Lượng mưa".encode("utf-8-sig"), "UTF-8-SIG", "Lượng mưa"),
        ("Lượng mưa".encode("utf-16"), "UTF-16", "Lượng mưa"),
        (("Hà Nội: mưa, nắng và gió. " * 30).encode("cp1258", "replace"), None, "gi"),
    ],
)
def test_text_in_the_encoding_found(content: bytes, encoding: str | None, said: str) -> None:
    shown = show("a.txt", content)
    assert said in shown.values["lines"][0]
    assert encoding is None or shown.values["encoding"] == encoding


def test_long_text_is_cut_between_letters() -> None:
    shown = show("a.txt", ("đ" * 300_000).encode())
    assert shown.notes
    assert set(shown.values["lines"][0]) == {"đ"}


def test_html_is_text_and_binary_is_not() -> None:
    assert show("a.html", b"<script>alert(1)</script>").name == "text"
    with pytest.raises(CannotShow):
        show("a.txt", b"\0\1\2")


def test_markdown_is_cleaned() -> None:
    html = show("a.md", b"# T\n\n<script>alert(1)</script>[x](javascript:alert(1))").values["html"]
    assert "<h3>T</h3>" in html
    assert "<script" not in html
    assert "href" not in html


def test_images_too_large_to_open_are_not() -> None:
    assert show("a.png", PNG).values["size"] == (1, 1)
    with pytest.raises(CannotShow):
        show("a.png", png(60_000, 60_000))
    assert dimensions(b"GIF89a\x02\x00\x03\x00") == (2, 3)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x05\x00\x06\x03"
    assert dimensions(jpeg) == (6, 5)
    assert dimensions(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x04\0\0\x02\0\0") == (5, 3)


def test_svg_is_shown_as_an_image_alone() -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    assert show("a.svg", svg).values["src"] == "/it"
    member = member_of(source("a.zip", b""), "b.svg", svg)
    previewer = previewer_for(member)
    assert previewer is None or previewer.name == "text"


def test_a_pdf_that_is_none() -> None:
    assert show("a.pdf", b"%PDF-1.7").name == "pdf"
    with pytest.raises(CannotShow):
        show("a.pdf", b"<script>alert(1)</script>")


def test_trees() -> None:
    root = show("a.json", json.dumps({"a": [1, {"b": "chữ"}]}).encode()).values["root"]
    assert (root.kind, root.children[0].label, root.children[0].count) == ("{}", "a", 2)
    root = show("a.xml", b"<a x='1'><b>c</b><!-- d --></a>").values["root"]
    assert [(each.label, each.value) for each in root.children] == [("@x", "1"), ("b", "c")]


def test_deep_wide_and_false_json() -> None:
    assert show("a.json", b"[" * 100_000 + b"]" * 100_000).name == "text"
    deep = show("a.json", b"[" * 500 + b"]" * 500)
    assert deep.notes
    wide = show("a.json", json.dumps(list(range(50_000))).encode())
    assert len(wide.values["root"].children) <= 3000
    assert show("a.json", b"{not json").name == "text"


def test_xml_with_entities_is_text() -> None:
    shown = show("a.xml", BOMB)
    assert shown.name == "text"
    assert "root:" not in "".join(shown.values["lines"])
    deep = b"<a>" * 300 + b"</a>" * 300
    assert show("a.xml", deep).notes


def notebook(*outputs: dict[str, object]) -> bytes:
    cells: list[dict[str, object]] = [
        {"cell_type": "markdown", "source": ["# Mưa\n", "<script>alert(1)</script>"]},
        {"cell_type": "code", "source": "1+1", "execution_count": 2, "outputs": list(outputs)},
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}).encode()


def test_notebooks_run_nothing() -> None:
    import base64

    image = base64.b64encode(PNG).decode()
    shown = show(
        "a.ipynb",
        notebook(
            {"output_type": "stream", "text": ["a\n", "\x1b[31mb"]},
            {"output_type": "display_data", "data": {"image/png": image}},
            {"output_type": "display_data", "data": {"image/png": "x\" onerror='alert(1)"}},
            {
                "output_type": "execute_result",
                "data": {
                    "text/html": "<table onclick=x><tr><td>1<script>alert(1)</script></table>"
                },
            },
            {
                "output_type": "display_data",
                "data": {"application/javascript": "alert(1)", "text/plain": "<js>"},
            },
            {"output_type": "error", "traceback": ["\x1b[0;31mZeroDivisionError"]},
        ),
    )
    markdown, code = shown.values["cells"]
    assert "<h3>Mưa</h3>" in markdown.html
    assert "script" not in markdown.html
    text, picture, broken, table, script, error = code.outputs
    assert text.text == "a\nb"
    assert picture.image.startswith("data:image/png;base64,iVBOR")
    assert broken.image == ""
    assert "<td>1</td>" in table.html
    assert "onclick" not in table.html
    assert (script.text, script.html) == ("<js>", None)
    assert error.is_error
    assert show("a.ipynb", b'{"cells": 3}').name == "text"


def test_geojson_on_the_map() -> None:
    places = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "Đồng Ví Dụ", "mm": 12},
                "geometry": {"type": "Point", "coordinates": [105.8, 21.0]},
            },
            {
                "type": "Feature",
                "properties": None,
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[105, 20], [106, 20], [106, 21], [105, 20]]],
                },
            },
        ],
    }
    shown = show("a.geojson", json.dumps(places).encode())
    assert shown.name == "map"
    first, second = shown.values["shapes"]
    assert first["name"] == "Đồng Ví Dụ"
    (x, y), sheet = first["points"][0], shown.values["ground"]
    assert 0 < x < sheet.width
    assert 0 < y < sheet.height
    assert second["areas"].endswith("Z")
    assert sheet.land, "the coast of the Gulf of Tonkin is near"


def test_maps_of_what_is_no_place() -> None:
    metres = {"type": "Point", "coordinates": [588000, 2325000]}
    assert show("a.geojson", json.dumps(metres).encode()).name == "text"
    nan = b'{"type": "Point", "coordinates": [NaN, Infinity]}'
    assert show("a.geojson", nan).name == "text"
    many = {"type": "LineString", "coordinates": [[105, 21]] * 50_000}
    assert show("a.geojson", json.dumps(many).encode()).notes
    assert show("a.geojson", b'{"type": "FeatureCollection", "features": []}').name == "map"


def test_kml_tells_names_and_places_alone() -> None:
    kml = b"""<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
    <NetworkLink><Link><href>http://evil.example/</href></Link></NetworkLink>
    <Placemark><name>&lt;b&gt;A</name><description><![CDATA[<script>alert(1)</script>]]></description>
    <Point><coordinates>105.8,21,0</coordinates></Point></Placemark>
    <Placemark><LineString><coordinates>105,20 106,21</coordinates></LineString></Placemark>
    </Document></kml>"""
    shown = show("a.kml", kml)
    assert [each.name for each in shown.values["features"]] == ["<b>A", ""]
    assert "script" not in repr(shown.values)
    assert show("a.kml", BOMB).name == "text"


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_zip_lists_and_opens_one_member() -> None:
    found = source("a.zip", zipped(a=b"mot", b=b"hai"))
    assert [each.name for each in show("a.zip", zipped(a=b"mot")).values["entries"]] == ["a"]
    opener = opener_of(found)
    assert opener is not None
    assert opener.member(found, "b") == b"hai"


def test_bombs_do_not_unpack() -> None:
    bomb = source("a.zip", zipped(a=bytes(200 << 20)))
    opener = opener_of(bomb)
    assert opener is not None
    with pytest.raises(CannotShow):
        opener.member(bomb, "a")
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.size = 100 << 20
        archive.addfile(info, io.BytesIO(bytes(info.size)))
    packed = gzip.compress(inside.getvalue(), 1)
    with pytest.raises(CannotShow):
        show("a.tar.gz", packed)


def test_tar_lists_and_opens_and_follows_no_links() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("thư mục/a.txt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"mot"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    found = source("a.tgz", packed.getvalue())
    assert [each.name for each in show("a.tgz", packed.getvalue()).values["entries"]] == [
        "thư mục/a.txt"
    ]
    opener = opener_of(found)
    assert opener is not None
    assert opener.member(found, "thư mục/a.txt") == b"mot"


def test_hdf5_structure(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["title"] = "Mưa"
        group = file.create_group("trạm")
        group.create_dataset("mm", data=[1.0, 2.0]).attrs["units"] = "mm"
        group["vòng"] = file["/"]
        file["ngoài"] = h5py.ExternalLink("/etc/passwd", "/")
    shown = show("a.h5", path.read_bytes()).values
    assert [group["path"] for group in shown["groups"]] == ["/", "/trạm"]
    assert shown["groups"][0]["attributes"] == [{"name": "title", "value": "Mưa"}]
    assert shown["groups"][1]["variables"][0]["shape"] == "2"
    with pytest.raises(CannotShow):
        show("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(500))


def test_netcdf_classic_structure() -> None:
    def text(value: str) -> bytes:
        packed = value.encode()
        return len(packed).to_bytes(4, "big") + packed + bytes(-len(packed) % 4)

    def number(value: int) -> bytes:
        return value.to_bytes(4, "big")

    header = b"CDF\x01" + number(0)
    header += number(10) + number(1) + text("time") + number(3)
    header += number(12) + number(1) + text("title") + number(2) + text("Mưa")
    header += number(11) + number(1) + text("rain") + number(1) + number(0)
    header += number(12) + number(1) + text("scale") + number(5) + number(1)
    header += bytes.fromhex("3f000000") + number(5) + number(12) + number(200)
    group = show("a.nc", header).values["groups"][0]
    assert group["attributes"] == [{"name": "title", "value": "Mưa"}]
    assert group["variables"] == [
        {
            "name": "rain",
            "type": "float",
            "shape": "time 3",
            "attributes": [{"name": "scale", "value": "0.5"}],
        }
    ]
    with pytest.raises(CannotShow):
        show("a.nc", header[:60])


NAMES = (
    *("a.png", "a.md", "a.ipynb", "a.geojson", "a.kml", "a.json", "a.xml", "a.zip", "a.tar"),
    *("a.tar.gz", "a.nc", "a.txt", "a.pdf"),
)
STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"CDF\x01", b"CDF\x05", b"\x1f\x8b\x08", b'{"cells":[', b"\x89PNG", b"<a>"]
)


@settings(deadline=None, max_examples=150)
@given(name=st.sampled_from(NAMES), start=STARTS, rest=st.binary(max_size=600))
def test_any_bytes_are_shown_or_refused(name: str, start: bytes, rest: bytes) -> None:
    found = source(name, start + rest)
    for previewer in PREVIEWERS:
        if previewer.knows(found):
            with suppress(CannotShow):
                assert previewer.show(found).name
