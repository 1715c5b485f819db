"""Asking the endpoint in the process, and harvesting from it."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from lxml import etree
from werkzeug.test import TestResponse

from repository.app import create_app
from repository.core.runtime import Runtime
from repository.oai.conformance import Pairs, Reply

NS = "{http://www.openarchives.org/OAI/2.0/}"


def make_app(runtime: Runtime) -> Flask:
    return create_app(runtime)


class Endpoint:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def get(self, **arguments: str) -> TestResponse:
        """An answer; `from_` is `from`."""
        named = {name.rstrip("_"): value for name, value in arguments.items()}
        return self.client.get("/oai2d", query_string=named)

    def xml(self, **arguments: str) -> etree._Element:
        answer = self.get(**arguments)
        assert answer.status_code == 200, answer.text
        return etree.fromstring(answer.data)

    def error(self, **arguments: str) -> str | None:
        error = self.xml(**arguments).find(f"{NS}error")
        return None if error is None else error.get("code")

    def pages(self, verb: str, **arguments: str) -> Iterator[etree._Element]:
        """The verb's element of each page; nothing where no records match."""
        root = self.xml(verb=verb, **arguments)
        while (page := root.find(f"{NS}{verb}")) is not None:
            yield page
            token = page.findtext(f"{NS}resumptionToken")
            if not token:
                return
            root = self.xml(verb=verb, resumptionToken=token)

    def records(self, prefix: str = "oai_dc", **arguments: str) -> dict[str, "Harvested"]:
        """What a harvester has after one harvest, by identifier."""
        found: dict[str, Harvested] = {}
        for page in self.pages("ListRecords", metadataPrefix=prefix, **arguments):
            for record in page.iter(f"{NS}record"):
                one = Harvested(record)
                found[one.identifier] = one
        return found

    def identifiers(self, **arguments: str) -> list[str]:
        return [
            header.findtext(f"{NS}identifier") or ""
            for page in self.pages("ListIdentifiers", metadataPrefix="oai_dc", **arguments)
            for header in page.iter(f"{NS}header")
        ]

    def fetch(self, method: str, pairs: Pairs) -> Reply:
        """As `conformance.Fetch`."""
        how = {"query_string": list(pairs)} if method == "GET" else {"data": _form(pairs)}
        answer = self.client.open("/oai2d", method=method, **how)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, headers, answer.data)


def _form(pairs: Pairs) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


class Harvested:
    def __init__(self, record: Any) -> None:
        header = record.find(f"{NS}header")
        self.identifier = header.findtext(f"{NS}identifier")
        self.datestamp = header.findtext(f"{NS}datestamp")
        self.sets = {found.text for found in header.findall(f"{NS}setSpec")}
        self.deleted = header.get("status") == "deleted"
        metadata = record.find(f"{NS}metadata")
        self.metadata = None if metadata is None else metadata[0]

    @property
    def titles(self) -> list[str]:
        if self.metadata is None:
            return []
        return [t.text for t in self.metadata.iter("{http://purl.org/dc/elements/1.1/}title")]
