"""What the operations on a record's access take and answer: grants, links, its owner."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class OwnerInput(BaseModel):
    user: str = Field(description="The e-mail address of the new owner's account.")
    keeps: Literal["view", "download", "edit", "manage"] | None = Field(
        default=None, description="What the owner until now may still do."
    )


class OwnerOutput(BaseModel):
    id: str
    owned_by: dict[str, str]


class GrantSubject(BaseModel):
    type: Literal["user", "domain", "provider"]
    id: str = Field(description="A user's address, an institution's domain, a provider's name.")
    subdomains: bool = Field(default=False, description="Of a domain: those below it too.")
    claim: str | None = Field(default=None, description="Of a provider: what it tells of people.")
    value: str | None = Field(default=None, description="What it has to tell of those who may.")


class GrantInput(BaseModel):
    """To whom, how much, and until when; without `expires_at` for good."""

    subject: GrantSubject
    permission: Literal["view", "download", "edit", "manage"]
    expires_at: datetime | None = None


class GrantsInput(BaseModel):
    grants: list[GrantInput] = Field(min_length=1, max_length=50)


class GrantOutput(GrantInput):
    id: int
    created: datetime
    expired: bool
    links: dict[str, str]


class GrantListHits(BaseModel):
    hits: list[GrantOutput]
    total: int


class GrantListOutput(BaseModel):
    hits: GrantListHits


class LinkInput(BaseModel):
    """`review` shows one version without the names of its people; the others, all versions."""

    permission: Literal["view", "download", "edit", "review"]
    description: str = Field(default="", max_length=200, description="For whom; only you see it.")
    expires_at: datetime | None = None
    max_uses: int | None = Field(default=None, ge=1, le=1_000_000)


class LinkOutput(LinkInput):
    id: int
    created_at: datetime
    uses: int
    last_used_at: datetime | None
    expired: bool
    token: str | None = Field(default=None, description="The secret; only when it is made.")
    links: dict[str, str]


class LinkListHits(BaseModel):
    hits: list[LinkOutput]
    total: int


class LinkListOutput(BaseModel):
    hits: LinkListHits
