"""The people of a demo. Their passwords are public, so `serve` refuses to start with them."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class DemoUser:
    """`role` is the value of `accounts.models.Role` that the account gets."""

    name: str
    email: str
    role: Literal["admin", "curator", "researcher"]
    password: str = field(repr=False)


DEMO_USERS = (
    DemoUser("Tô Thị Mây Trắng", "admin@example.org", "admin", "demo-quan-tri"),
    DemoUser("Vũ Thị Vần Thơ", "curator@example.org", "curator", "demo-bien-tap"),
    DemoUser("Chu Nguồn Mở", "researcher@example.org", "researcher", "demo-nghien-cuu"),
)
