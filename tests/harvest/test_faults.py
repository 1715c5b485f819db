"""Sources that fail, and sources that mean harm: what they say goes over a socket."""

import itertools
import os
import re
import signal
import warnings
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from repository.app import create_app
from repository.core import failpoints
from repository.core.clock import FixedClock
from repository.core.errors import ValidationFailed
from repository.core.jobs import Job
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.harvest import working
from repository.harvest.models import HarvestSource, RunState
from repository.records.models import State
from tests.harvest.conftest import Here, There
from tests.harvest.test_harvesting import TITLES, counts

Answer = Callable[[Request], Response]
Answering = Callable[[Callable[..., Any]], str]
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-11-23T09:30:00Z</responseDate><request>x</request>%s</OAI-PMH>"""
IDENTIFY = """<Identify><repositoryName>Nguồn</repositoryName><deletedRecord>no</deletedRecord>
<granularity>YYYY-MM-DD</granularity></Identify>"""
FORMATS = """<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix>
</metadataFormat></ListMetadataFormats>"""
DC = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">%s</oai_dc:dc>"""


@pytest.fixture
def here(sqlite_runtime: Runtime) -> Here:
    return Here(sqlite_runtime)


def xml(inside: str) -> Response:
    return Response((PAGE % inside).encode(), content_type="text/xml")


def record(number: int | str, inside: str = "", identifier: str = "") -> str:
    told = f"""<dc:title>Sách {number}</dc:title><dc:creator>Trần, Văn B</dc:creator>
<dc:date>2019-04-02</dc:date><dc:identifier>https://nguon.example.org/{number}</dc:identifier>"""
    name = identifier or f"oai:nguon:{number}"
    return f"""<record><header><identifier>{name}</identifier><datestamp>2026-11-20</datestamp>
</header><metadata>{DC % (inside or told)}</metadata></record>"""


def listed(records: Iterable[str], token: str = "") -> Response:
    rest = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return xml(f"<ListRecords>{''.join(records)}{rest}</ListRecords>")


def source(lists: Answer) -> Callable[..., Any]:
    """Answers what a harvester asks first, and leaves the lists to `lists`."""

    @Request.application
    def app(request: Request) -> Response:
        verb = request.args.get("verb")
        if verb in ("Identify", "ListMetadataFormats"):
            return xml(IDENTIFY if verb == "Identify" else FORMATS)
        return lists(request)

    return app


def refused(here: Here) -> list[str]:
    return [item.problem % item.params for item in here.items().values() if item.problem]


def test_a_killed_run_goes_on_with_its_page(here: Here, there: There, clock: FixedClock) -> None:
    """The fifth record is the second of the second page."""
    there.publish(*TITLES)
    here.add(there.address)
    run_id = here.begin()
    assert killed_at(here, 5) == signal.SIGKILL
    assert (here.run(run_id).pages, here.run(run_id).created) == (1, 5)
    clock.advance(timedelta(minutes=2))  # the lease of who died is over
    run_until_idle(here.runtime)
    done = here.run(run_id)
    assert (done.state, done.pages, counts(done)) == (RunState.DONE, 3, (7, 0, 0, 0, 0))
    assert set(here.versions()) == set(TITLES)


def killed_at(here: Here, item: int) -> int:
    """The signal that ended a process which did the jobs, killed after the Nth item; 0: none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        child = os.fork()
    if child == 0:
        try:
            steps = itertools.count(1)
            failpoints.acts["harvest.item"] = lambda: (
                os.kill(os.getpid(), signal.SIGKILL) if next(steps) == item else None
            )
            run_until_idle(Runtime.from_settings(here.runtime.settings, here.runtime.clock))
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_a_busy_source_is_asked_when_it_says(
    here: Here, answering: Answering, clock: FixedClock
) -> None:
    answers = iter([Response(status=503, headers={"Retry-After": "600"}), listed([record(1)])])
    here.add(answering(source(lambda _request: next(answers))))
    run = here.harvest()
    assert (run.state, run.attempts) == (RunState.RUNNING, 1)
    with here.runtime.read() as work:
        job = work.session.query(Job).filter(Job.kind == "harvest.run").one()
        assert job.run_at == clock.now() + timedelta(minutes=10)
    clock.advance(timedelta(minutes=11))
    run_until_idle(here.runtime)
    assert counts(here.run(run.id)) == (1, 0, 0, 0, 0)


def test_a_source_that_is_down_for_long_is_given_up_until_the_next_time(
    here: Here, answering: Answering, clock: FixedClock
) -> None:
    here.add(answering(source(lambda _request: Response(status=500))))
    run = here.harvest()
    for _ in range(working.MAX_ATTEMPTS):
        clock.advance(timedelta(hours=2))
        run_until_idle(here.runtime)
    failed = here.run(run.id)
    assert failed.state == RunState.FAILED
    assert failed.problem % failed.params == "The source answers with HTTP status 500."
    with here.runtime.read() as work:
        due = work.session.get_one(HarvestSource, here.source_id).due_at
    assert due is not None
    assert due > clock.now()


def test_a_token_that_expired_begins_the_list_again(here: Here, answering: Answering) -> None:
    asked: list[str] = []

    def lists(request: Request) -> Response:
        token = request.args.get("resumptionToken", "")
        asked.append(token)
        if token == "a" and asked.count("a") == 1:
            return xml('<error code="badResumptionToken">expired</error>')
        return listed([record(2)]) if token else listed([record(1)], "a")

    here.add(answering(source(lists)))
    run = here.harvest()
    assert asked == ["", "a", "", "a"]
    assert (run.state, counts(run)) == (RunState.DONE, (2, 0, 0, 0, 0))


def endless(_request: Request) -> Response:
    return listed([record(next(NUMBERS))], f"t{next(NUMBERS)}")


def circle(request: Request) -> Response:
    token = request.args.get("resumptionToken", "t0")
    following = (int(token[1:]) + 1) % 4
    return listed([record(token)], f"t{following}")


NUMBERS = itertools.count()
BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">&b;</OAI-PMH>"""


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        (lambda _: listed([record(1)], "same"), "gives the same resumptionToken again"),
        (circle, "goes round in a circle"),
        (endless, r"more than 20 records \(REPOSITORY_HARVEST_MAX_RECORDS\)"),
        (lambda _: listed([], f"t{next(NUMBERS)}"), "goes round in a circle"),
        (lambda _: listed([record(1)], "x" * 5000), "resumptionToken is too long"),
        (lambda _: Response(BOMB, content_type="text/xml"), "Remove the DOCTYPE"),
        (lambda _: Response("<html><body>hi</body></html>"), "something else answers there"),
        (lambda _: Response("<a"), "cannot be read: This is not well-formed"),
        (lambda _: xml('<error code="badArgument">no</error>'), "refuses: badArgument: no"),
        (lambda _: xml("<Identify/>"), "has no ListRecords in it"),
        (lambda _: Response(status=404), "HTTP status 404"),
        (lambda _: Response(status=302, headers={"Location": "http://[::1]/"}), "a redirect"),
    ],
)
def test_a_source_that_means_harm_ends_its_run(
    here: Here, answering: Answering, lists: Answer, problem: str
) -> None:
    here.configure(harvest_max_records=20)
    here.add(answering(source(lists)))
    run = here.harvest()
    assert run.state == RunState.FAILED
    assert re.search(problem, run.problem % run.params)
    assert run.token == ""
    assert run.pages < 30


def test_a_page_without_end_is_not_read(
    here: Here, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.harvest.services.MAX_PAGE", 100_000)

    def flood(_request: Request) -> Response:
        return Response(
            (b"<a>" + b"x" * 10_000 for _ in itertools.count()), content_type="text/xml"
        )

    here.add(answering(source(flood)))
    run = here.harvest()
    assert run.state == RunState.FAILED
    assert "too large" in run.problem


def test_records_are_refused_one_by_one(here: Here, answering: Answering) -> None:
    bad = [
        record(2, "<dc:title>Không ai viết</dc:title><dc:date>2020</dc:date>"),
        """<record><header><identifier>oai:nguon:3</identifier></header>
        <metadata><x xmlns="urn:y"/></metadata></record>""",
        "<record><header><identifier>oai:nguon:4</identifier></header></record>",
        record(5, identifier="oai:" + "n" * 600),
        record(6, "<dc:title>&#1;&#x1F;Sạch\x02</dc:title><dc:creator>A, B</dc:creator>"),
    ]
    here.add(answering(source(lambda _request: listed([record(1), *bad]))))
    run = here.harvest()
    assert (run.state, counts(run)) == (RunState.DONE, (2, 0, 0, 0, 4))
    assert set(here.versions()) == {"Sách 1", "Sạch"}
    reasons = refused(here)
    assert any("/metadata/creators" in reason for reason in reasons)
    assert any("'urn:y' are not read" in reason for reason in reasons)
    assert any("no metadata in the record" in reason for reason in reasons)
    assert any("longer than 500 characters" in reason for reason in reasons)
    clean = here.versions()["Sạch"].metadata_json
    assert clean["publication_date"] == "2026-11-20"  # no date told: when it changed last
    assert clean["publisher"] == "Viện Mẫu"


def test_what_others_have_is_not_theirs_to_bring(
    here: Here, there: There, answering: Answering
) -> None:
    (theirs,) = there.publish(TITLES[0])
    here.add(there.address)
    here.harvest()
    mine = here.versions()[TITLES[0]]
    told = "<dc:title>Cướp</dc:title><dc:creator>A, B</dc:creator><dc:identifier>%s</dc:identifier>"
    thief = [
        record(1, told % f"https://doi.org/10.5555/{theirs}", f"oai:there.test:{theirs}"),
        record(2, told % "https://doi.org/10.5072/our-own"),
        f"""<record><header status="deleted"><identifier>oai:there.test:{theirs}</identifier>
        <datestamp>2026-11-22</datestamp></header></record>""",
    ]
    here.add(answering(source(lambda _request: listed(thief))), name="Kẻ trộm")
    run = here.harvest()
    assert counts(run)[:4] == (0, 0, 0, 0)
    after = here.versions()
    assert set(after) == {TITLES[0]}
    assert (after[TITLES[0]].revision, after[TITLES[0]].state) == (mine.revision, State.PUBLISHED)
    reasons = " ".join(refused(here))
    assert "10.5072/our-own is of this repository's own prefix" in reasons


def test_html_in_descriptions_does_no_harm(here: Here, answering: Answering) -> None:
    inside = """<dc:title>&lt;b&gt;Đậm&lt;/b&gt;</dc:title><dc:creator>A, B</dc:creator>
<dc:description>&lt;p onclick="x()"&gt;Mưa&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;
</dc:description>
<dc:identifier>javascript:alert(1)</dc:identifier><dc:date>31/12/2019</dc:date>"""
    here.add(answering(source(lambda _request: listed([record(1, inside)]))))
    here.harvest()
    one = here.versions()["Đậm"]
    page = create_app(here.runtime).test_client().get(f"/records/{one.id}").text
    body = page.partition("<main")[2]
    assert "<p>Mưa</p>" in body
    assert "onclick" not in body
    assert "alert(1)</script>" not in body
    assert 'href="javascript' not in body
    assert here.origin(one).url == ""


def test_addresses_inside_are_for_the_operator_to_allow(here: Here, there: There) -> None:
    here.configure(harvest_inside=())
    with pytest.raises(ValidationFailed) as caught:
        here.add(there.address)
    assert caught.value.errors[0].pointer == "/address"


def test_dates_that_cannot_be_do_not_move_the_beginning(
    here: Here, answering: Answering, clock: FixedClock
) -> None:
    def lists(_request: Request) -> Response:
        body = (PAGE % f"<ListRecords>{record(1)}</ListRecords>").replace(
            "2026-11-23", "2199-01-01"
        )
        return Response(body, content_type="text/xml")

    here.add(answering(source(lists)))
    here.harvest()
    with here.runtime.read() as work:
        assert work.session.get_one(HarvestSource, here.source_id).synced_to == clock.now()
