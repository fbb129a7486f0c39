"""What a handler gets and gives; handlers know nothing of HTTP servers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yici.contract.problems import MEDIA_TYPE, Problem
from yici.contract.wire import Message
from yici.unified_platform.fleet.terminals import Terminal

JSON = "application/json"
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose size and signature were checked. `headers` have lower-case names."""

    terminal: Terminal
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, bytes and headers."""

    status: int
    body: bytes = b""
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def message_reply(message: Message, headers: Mapping[str, str] = NO_HEADERS) -> Reply:
    """200 with a message."""
    return Reply(200, message.to_bytes(), JSON, headers)


def problem_reply(problem: Problem, headers: Mapping[str, str] = NO_HEADERS) -> Reply:
    """The problem's own status, as problem details."""
    return Reply(problem.status, problem.model_dump_json().encode(), MEDIA_TYPE, headers)
