"""A repository in which every text of every kind of version holds a word found nowhere else."""

import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from repository.access.grants import grant_access, grant_to_provider, managed_record
from repository.access.jobs import tell_of_lifted_embargoes
from repository.access.links import create_link
from repository.accounts.identities import link
from repository.accounts.models import Actor, Role, Scope, User
from repository.accounts.oidc import Told
from repository.accounts.tokens import create_token
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.curation.collections import create
from repository.curation.placing import add_record
from repository.deposit import review
from repository.deposit.classifying import classify
from repository.deposit.drafts import create_draft, edit_published, save_draft
from repository.deposit.files import put_file, receive, set_file_access
from repository.deposit.publish import publish, withdraw
from repository.pid import services as pid
from repository.pid.rules import prefix_of
from repository.records.access import AccessSettings
from repository.records.file_access import FileAccess
from repository.records.models import Permission
from repository.sharing.services import set_policy
from tests.webapp import make_user

EXPECTED: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "expectations.toml").read_text(encoding="utf-8")
)
LINKS = ("view-link", "download-link", "edit-link", "review-link")
# To keep the time down, links are tried on versions where they make a difference.
LINKED = (
    *("draft", "embargoed-record", "restricted-files", "restricted-record", "one-restricted"),
    "withdrawn-restricted",
)
READERS = (
    *("anonymous", "stranger", "former", "viewer", "downloader", "owner", "curator", "admin"),
    *LINKS,
)
KINDS = {
    "metadata": ("title", "about", "creator", "family", "institute", "keyword", "place", "funder"),
    "blind": ("title", "about", "keyword", "place"),
    "files": ("filename",),
    "content": ("content",),
    "listed": ("listedname",),
    "apart": ("listedinside", "hiddenname", "hiddeninside"),
    "plain": ("plainname", "plaininside"),
    "reason": ("reason",),
    "note": ("note",),
    "edit": ("edit",),
    "terms": ("terms",),
    "asked": ("askterms", "question"),
}
COLLECTION = "kho-thu"
PROVIDER = {"issuer": "https://idp.test", "client_id": "x", "claims": ["lab"]}
CLOSED = {"record": "restricted", "files": "restricted"}


def word(state: str, place: str) -> str:
    """One word for tokenizers, in lower case for folding: `kanarirestrictedfilestitle`."""
    return f"kanari{state.replace('-', '')}{place}"


def words(state: str, kind: str) -> set[str]:
    return {word(state, place) for place in KINDS[kind]}


LONGER = re.compile(r"kanari[a-z]*")
ALL_WORDS = {word(state, p) for state in EXPECTED for places in KINDS.values() for p in places}


def promised(reader: str) -> set[str]:
    """All words that a reader may see, anywhere."""
    return {
        each
        for state, by in EXPECTED.items()
        for kind in by[reader if state in tried(reader) else "anonymous"]
        for each in words(state, kind)
    }


def tried(reader: str) -> tuple[str, ...]:
    """The versions that are asked for, one by one, as this reader."""
    return LINKED if reader in LINKS else tuple(EXPECTED)


def found_in(text: str) -> set[str]:
    """The words in a text, or words that contain one of them: none is part of another."""
    longer = "\n".join(set(LONGER.findall(text)))
    return {each for each in ALL_WORDS if each in longer} if longer else set()


def metadata(state: str) -> dict[str, Any]:
    return {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": f"Phép thử {word(state, 'title')}", "lang": "vi"}],
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "given_name": word(state, "creator").capitalize(),
                    "family_name": word(state, "family").capitalize(),
                },
                "affiliations": [{"name": word(state, "institute")}],
            }
        ],
        "descriptions": [{"description": f"Về {word(state, 'about')}.", "lang": "vi"}],
        "subjects": [{"subject": word(state, "keyword")}],
        "locations": {"features": [{"place": word(state, "place")}]},
        "funding": [{"funder": {"name": word(state, "funder")}}],
        "publication_date": "2026-11-20",
        "rights": [{"id": "cc-by-4.0"}],
    }


@dataclass(frozen=True)
class Planted:
    id: str
    record_id: str
    path: str
    prefix: str
    others: tuple[str, ...] = ()
    secrets: dict[str, str] = field(default_factory=dict)  # of links, by reader
    review_link: int = 0


@dataclass
class World:
    runtime: Runtime
    users: dict[str, User]
    tokens: dict[str, str]
    versions: dict[str, Planted]


def plant(runtime: Runtime, clock: FixedClock) -> World:
    """All versions of the table, published the way everybody publishes, and their jobs done."""
    users = {
        "stranger": make_user(runtime, "stranger@example.org"),
        "former": make_user(runtime, "former@example.org"),
        "viewer": make_user(runtime, "viewer@example.org"),
        "downloader": make_user(runtime, "downloader@example.org"),
        "owner": make_user(runtime, "owner@example.org"),
        "curator": make_user(runtime, "curator@example.org", Role.CURATOR),
        "admin": make_user(runtime, "admin@example.org", Role.ADMIN),
        "edit-link": make_user(runtime, "editor@example.org"),
    }
    with runtime.work() as work:
        tokens = {
            name: create_token(work, user, name="t", scopes=[*Scope])[1]
            for name, user in users.items()
        }
    owner = Actor.of(users["owner"])
    today = clock.now().date()
    clock.advance(timedelta(days=-2))
    world = World(runtime, users, tokens, {})
    for state in EXPECTED:
        end = today if state in ("lifted", "deleted-files") else today + timedelta(days=30)
        world.versions[state] = _plant(runtime, owner, state, _access(state, end.isoformat()))
    _classify(world, owner)
    _ask_terms(world, owner)
    _collect(world, owner)
    _submit(world, owner)
    _grant(world, owner, "former", Permission.DOWNLOAD, clock.now() + timedelta(days=1))
    _grant(world, owner, "viewer", Permission.VIEW, clock.now() + timedelta(days=90))
    _grant_to_affiliated(world, owner)
    _link(world, owner)
    run_until_idle(runtime)
    clock.advance(timedelta(days=2))
    tell_of_lifted_embargoes(runtime, {})
    run_until_idle(runtime)
    return world


def _classify(world: World, owner: Actor) -> None:
    """As core what was published as ordinary data."""
    with world.runtime.work() as work:
        classify(work, owner, world.versions["core"].id, "core", "Theo danh mục")


def _ask_terms(world: World, owner: Actor) -> None:
    """What the owners of these want to know of those who ask for files."""
    for state in ("restricted-files", "restricted-record", "core"):
        with world.runtime.work() as work:
            set_policy(
                work,
                owner,
                managed_record(work, owner, world.versions[state].id),
                takers="everyone",
                terms=word(state, "askterms"),
                questions=[word(state, "question")],
            )


def _grant(
    world: World, owner: Actor, to: str, permission: Permission, until: datetime | None
) -> None:
    """Of every record; `former`'s will be over when the others are asked."""
    with world.runtime.work() as work:
        for planted in world.versions.values():
            record = managed_record(work, owner, planted.id)
            email = world.users[to].email
            grant_access(work, owner, record, email=email, permission=permission, expires_at=until)


def _grant_to_affiliated(world: World, owner: Actor) -> None:
    """To have the files of every record, for those of whom a provider tells `lab`: `downloader` is
    one of them, `stranger` signs in there too and is none.
    """
    with world.runtime.work() as work:
        for name, labs in (("downloader", ["other", "lab"]), ("stranger", ["other"])):
            told = Told("https://idp.test", name, "", False, "", {"lab": labs})
            link(work, world.users[name].id, told)
        for planted in world.versions.values():
            grant_to_provider(
                *(work, owner, managed_record(work, owner, planted.id)),
                provider="example",
                claim="lab",
                value="lab",
                permission=Permission.DOWNLOAD,
            )


def _link(world: World, owner: Actor) -> None:
    """A link of each kind to every record."""
    for state in LINKED:
        planted = world.versions[state]
        with world.runtime.work() as work:
            record = managed_record(work, owner, planted.id)
            for reader in LINKS:
                permission = reader.removesuffix("-link")
                link, secret = create_link(
                    work, owner, record, permission=permission, version_id=planted.id
                )
                planted.secrets[reader] = secret
            world.versions[state] = replace(planted, review_link=link.id)


def _collect(world: World, owner: Actor) -> None:
    """Every record in one collection, which has a page, counts, a feed, a set of its own."""
    with world.runtime.work() as work:
        values = {"title_vi": "Kho thử", "slug": COLLECTION, "submission": "open"}
        collection = create(work, Actor.of(world.users["curator"]), values)
        for planted in world.versions.values():
            add_record(work, owner, collection, planted.record_id)


def _submit(world: World, owner: Actor) -> None:
    """The draft, under review in a collection that has no members."""
    with world.runtime.work() as work:
        values = {"title_vi": "Kho duyệt", "slug": "kho-duyet", "submission": "review"}
        create(work, Actor.of(world.users["curator"]), values)
        review.choose(work, owner, world.versions["draft"].id, "kho-duyet")
        review.submit(work, owner, world.versions["draft"].id)


def _access(state: str, until: str) -> AccessSettings:
    embargo = {"active": True, "until": until, "reason": word(state, "reason")}
    settings: dict[str, dict[str, Any]] = {
        "embargoed-files": {"files": "restricted", "embargo": embargo},
        "embargoed-record": CLOSED | {"embargo": embargo},
        "lifted": CLOSED | {"embargo": embargo},
        "restricted-files": {"files": "restricted"},
        "deleted-files": {"retention": {"delete_files_at": until, "reason": "Theo cam kết"}},
        "one-public": {"files": "restricted"},
        "terms": {"terms": {"vi": f"Điều khoản {word(state, 'terms')}"}},
        "restricted-record": CLOSED,
        "withdrawn-restricted": CLOSED,
    }
    return AccessSettings.model_validate(settings.get(state, {}))


def _plant(runtime: Runtime, owner: Actor, state: str, access: AccessSettings) -> Planted:
    with_files = state != "metadata-only"
    path = f"dữ liệu/{word(state, 'filename')}.txt"
    with runtime.work() as work:
        draft = create_draft(work, owner, metadata(state), access, files_enabled=with_files)
        identifier, record_id = draft.version_id, draft.version.record_id
        prefix = prefix_of(pid.reserve(work, draft.version) or "")
    if with_files:
        stored = receive(runtime, io.BytesIO(word(state, "content").encode()))
        with runtime.work() as work:
            put_file(work, owner, identifier, path, stored)
    others = tuple(_plant_apart(runtime, owner, state, identifier))
    if state == "draft":
        return Planted(identifier, record_id, path, prefix)
    with runtime.work() as work:
        version = publish(work, owner, identifier)
        if state.startswith("withdrawn"):
            work.session.flush()
            withdraw(work, owner, version, "other", word(state, "note"))
    if state == "public":
        _begin_edit(runtime, owner, identifier)
    return Planted(identifier, record_id, path, prefix, others)


APART = {
    "one-restricted": {"listed": "restricted", "hidden": "hidden"},
    "one-public": {"plain": "public"},
}


def _plant_apart(runtime: Runtime, owner: Actor, state: str, identifier: str) -> Iterator[str]:
    """Files with access of their own."""
    for place, access in APART.get(state, {}).items():
        path = f"{word(state, place + 'name')}.txt"
        stored = receive(runtime, io.BytesIO(word(state, place + "inside").encode()))
        with runtime.work() as work:
            put_file(work, owner, identifier, path, stored)
            settings = FileAccess.model_validate({"files": access})
            set_file_access(work, owner, identifier, path, settings)
        yield path


def _begin_edit(runtime: Runtime, owner: Actor, identifier: str) -> None:
    with runtime.work() as work:
        edit_published(work, owner, identifier)
        told = metadata("public") | {"titles": [{"title": word("public", "edit")}]}
        save_draft(work, owner, identifier, metadata=told)
