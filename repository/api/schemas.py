"""Shapes of requests and answers, for the OpenAPI description.

Answers are built by `representations`; what is in `metadata` is told by `Metadata` itself.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from repository.records.file_access import FileAccess


class Problem(BaseModel):
    """RFC 9457 problem details; `errors` has a JSON pointer for each wrong value."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []


class DraftInput(BaseModel):
    """A draft as it is sent: anything may be missing or wrong until it is published."""

    model_config = ConfigDict(extra="allow")

    metadata: dict[str, Any] | None = Field(
        default=None, description="InvenioRDM metadata; titles and descriptions by language."
    )
    access: dict[str, Any] | None = None
    files: dict[str, Any] | None = Field(default=None, description='{"enabled": true}')
    pids: dict[str, Any] | None = None


class RecordOutput(BaseModel):
    """A record or a draft, as InvenioRDM has it."""

    model_config = ConfigDict(extra="allow")

    id: str
    created: datetime
    updated: datetime
    revision_id: int
    is_draft: bool
    is_published: bool
    links: dict[str, str]
    parent: dict[str, Any]
    pids: dict[str, Any]
    metadata: dict[str, Any]
    access: dict[str, Any]
    files: dict[str, Any]
    versions: dict[str, Any]
    errors: list[dict[str, str]] = []


class StatsOutput(BaseModel):
    """Views and downloads, as InvenioRDM has them, and by month."""

    this_version: dict[str, int]
    all_versions: dict[str, int]
    months: list[dict[str, Any]]


class ReportQuery(BaseModel):
    begin_date: str = Field(default="", description="As 2026-10 or 2026-10-01")
    end_date: str = Field(default="", description="As 2026-11 or 2026-11-30, that day with it")
    month: str = Field(
        default="", description="As 2026-11, instead of the dates; this month where all is left out"
    )
    after: str = ""


class ReportOutput(BaseModel):
    """COUNTER's dataset report (DSR) of a span of time."""

    model_config = ConfigDict(extra="allow")

    links: dict[str, str]


class RecordListHits(BaseModel):
    hits: list[RecordOutput]
    total: int


class RecordListOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    hits: RecordListHits
    aggregations: dict[str, Any] = {}
    links: dict[str, str]


class FileKey(BaseModel):
    model_config = ConfigDict(extra="allow")

    key: str
    size: int | None = Field(default=None, description="In bytes; needed for a file in parts.")
    checksum: str | None = Field(default=None, description="`sha256:` and 64 hexadecimal digits.")
    transfer: dict[str, Any] | None = Field(
        default=None,
        description='`{"type": "L"}` whole (the default), `{"type": "M"}` in parts, with '
        "`part_size` and `parts` if the client wants to choose them.",
    )


class FileInput(BaseModel):
    """A file's own access, where it differs from the record's; see FileAccess."""

    access: FileAccess


class TermsOutput(BaseModel):
    """`terms` tells this text from others; `text` is Markdown by language."""

    terms: str
    text: dict[str, str]
    accepted: bool
    links: dict[str, str]


class AcceptanceInput(BaseModel):
    terms: str = Field(description="Of the text that was read, as it is told with it.")


class AcceptanceOutput(BaseModel):
    """`token` is there for who sent none: a bearer token for the downloads."""

    terms: str
    accepted_at: datetime
    token: str = ""
    links: dict[str, str]


class DataClassInput(BaseModel):
    data_class: Literal["ordinary", "important", "core"]
    reason: str = Field(description="Why; kept in the audit log.")


class DataClassOutput(BaseModel):
    id: str
    data_class: str


class FileKeys(RootModel[list[FileKey]]):
    """The files to announce."""


class PageQuery(BaseModel):
    page: int = Field(default=1, ge=1, le=10_000)
    size: int = Field(default=20, ge=1, le=100)


class SearchQuery(PageQuery):
    q: str = Field(default="", max_length=1000, description="Words, phrases, AND OR NOT, field:…")
    sort: Literal[
        "bestmatch", "newest", "oldest", "title", "modified", "mostused", "mostviewed"
    ] = "bestmatch"
    bbox: str = Field(default="", max_length=100, description="west,south,east,north in degrees")
    cursor: str = Field(
        default="", max_length=40, description="`*`, then what `links.next` gives, by date"
    )


class FileOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    key: str
    status: str
    created: datetime
    updated: datetime
    links: dict[str, Any]
    size: int | None = None
    transfer: dict[str, Any] | None = None
    checksum: str | None = None
    mimetype: str | None = None
    puid: str | None = Field(default=None, description="Its format in the PRONOM registry.")


class FileListOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    enabled: bool
    entries: list[FileOutput]
    links: dict[str, str]
    quota: dict[str, Any] | None = Field(default=None, description="What a draft may still take.")


class NoticeOutput(BaseModel):
    id: int
    type: str
    created: datetime
    read: datetime | None
    text: str = Field(description="In the language of `Accept-Language`.")
    links: dict[str, str]


class NoticeListHits(BaseModel):
    hits: list[NoticeOutput]
    total: int


class NoticeListOutput(BaseModel):
    hits: NoticeListHits
    unread: int
    links: dict[str, str]


class CommunityInput(BaseModel):
    """A collection in InvenioRDM's words; `titles` and `descriptions` by language."""

    model_config = ConfigDict(extra="allow")

    slug: str | None = Field(default=None, description="Short name for addresses; stays for ever.")
    metadata: dict[str, Any] = Field(
        description="title or titles, description or descriptions, type, website, "
        "organizations, curation_policy"
    )
    access: dict[str, Any] | None = Field(
        default=None, description="record_submission_policy, review_policy"
    )
    parent: dict[str, str] | None = Field(default=None, description='{"id": SLUG}')
    checklist: list[str] | None = None
    terms: dict[str, str] | None = Field(
        default=None,
        description="To accept before download, by language, for records that bring none.",
    )


class CommunityOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    slug: str
    created: datetime
    updated: datetime
    revision_id: int
    links: dict[str, str]
    access: dict[str, str]
    metadata: dict[str, Any]


class CommunityListHits(BaseModel):
    hits: list[CommunityOutput]
    total: int


class CommunityListOutput(BaseModel):
    hits: CommunityListHits
    links: dict[str, str]


class CommunityId(BaseModel):
    id: str


class CommunitiesInput(BaseModel):
    communities: list[CommunityId] = Field(min_length=1, max_length=50)


class MemberSubject(BaseModel):
    type: Literal["user", "domain"]
    id: str = Field(description="A user's e-mail address, or the domain of an institution's.")
    subdomains: bool = Field(default=False, description="Of a domain: those below it too.")


class MembersInput(BaseModel):
    members: list[MemberSubject] = Field(min_length=1, max_length=50)
    role: Literal["reader", "submitter", "curator", "manager"]


class MemberOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: int
    member: MemberSubject
    role: str


class MemberListHits(BaseModel):
    hits: list[MemberOutput]
    total: int


class MemberListOutput(BaseModel):
    hits: MemberListHits
    links: dict[str, str]


class ReviewInput(BaseModel):
    model_config = ConfigDict(extra="allow")

    receiver: dict[str, str] = Field(description='{"community": SLUG}')
    type: Literal["community-submission"] = "community-submission"


class RequestOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    type: str
    title: str
    status: str
    is_open: bool
    created: datetime
    updated: datetime
    receiver: dict[str, str]
    topic: dict[str, str]
    links: dict[str, Any]


class RequestListHits(BaseModel):
    hits: list[RequestOutput]
    total: int


class RequestListOutput(BaseModel):
    hits: RequestListHits
    links: dict[str, str]


class CommentInput(BaseModel):
    payload: dict[str, Any] = Field(description="content, pointer, suggestion")


class TimelineOutput(BaseModel):
    hits: dict[str, Any]
