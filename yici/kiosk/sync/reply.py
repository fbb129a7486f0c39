"""Judging a reply: only what carries our protocol's header, and parses, is from the platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import ValidationError

from yici.contract.envelope.suite import BadSignature
from yici.contract.envelope.suites import get_suite
from yici.contract.problems import Problem, ProblemType
from yici.contract.statement import Purpose, SignedStatement, open_statement
from yici.contract.terminal import TerminalStanding, TerminalState
from yici.contract.wire import PROTOCOL_HEADER, PROTOCOL_VERSION, Message
from yici.kiosk.identity import TerminalIdentity
from yici.kiosk.sync.core import Result, StepOutcome

_M = TypeVar("_M", bound=Message)


@dataclass(frozen=True, slots=True)
class Reply:
    """One judged reply; header names are in lower case."""

    result: Result
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    problem: Problem | None = None
    standing: TerminalStanding | None = None
    retry_after_s: float | None = None

    def outcome(self) -> StepOutcome:
        """What the core has to know."""
        return StepOutcome(self.result, retry_after_s=self.retry_after_s)

    def find_message(self, kind: type[_M]) -> _M | None:
        """The body as this message, or None when it isn't one."""
        try:
            return kind.from_bytes(self.body)
        except (ValidationError, ValueError):
            return None


_BY_STATUS = {
    401: Result.UNAUTHORISED,
    403: Result.UNAUTHORISED,
    404: Result.NOT_FOUND,
    409: Result.STALE,
    410: Result.CURSOR_GONE,
    413: Result.TOO_LARGE,
    426: Result.UPGRADE_REQUIRED,
}


def judge_reply(
    status: int, headers: Mapping[str, str], body: bytes, identity: TerminalIdentity | None
) -> Reply:
    """Never raises: what can't be understood is somebody else's."""
    lowered = {name.lower(): value for name, value in headers.items()}
    protocol = lowered.get(PROTOCOL_HEADER.lower())
    if protocol is None:
        return Reply(Result.NOT_OURS, status, lowered)
    if protocol != PROTOCOL_VERSION:
        return Reply(Result.UPGRADE_REQUIRED, status, lowered)
    if 200 <= status < 300 or status == 304:
        return Reply(Result.OK, status, lowered, body)
    if status < 400:
        return Reply(Result.NOT_OURS, status, lowered)
    found = _find_problem(body)
    standing = _find_standing(found, identity)
    return Reply(
        _judge_error(status, lowered, found, standing),
        status,
        lowered,
        body,
        found,
        standing,
        _retry_after_s(lowered),
    )


def _judge_error(
    status: int,
    headers: Mapping[str, str],
    found: Problem | None,
    standing: TerminalStanding | None,
) -> Result:
    if status in (429, 503):
        return Result.LATER if _retry_after_s(headers) is not None else Result.SERVER
    if status >= 500:
        return Result.SERVER
    if status in (401, 403):
        if found is not None and found.kind is ProblemType.CLOCK_SKEW:
            return Result.CLOCK_SKEW
        barred = standing is not None and standing.state is not TerminalState.ACTIVE
        return Result.BLOCKED if barred else Result.UNAUTHORISED
    return _BY_STATUS.get(status, Result.REFUSED)


def _find_problem(body: bytes) -> Problem | None:
    try:
        return Problem.model_validate_json(body)
    except ValidationError:
        return None


def _find_standing(
    found: Problem | None, identity: TerminalIdentity | None
) -> TerminalStanding | None:
    """The signed word in a problem, when it is genuine and about this terminal."""
    if found is None or found.statement is None or identity is None:
        return None
    try:
        statement = SignedStatement.from_bytes(found.statement.encode())
        suite = get_suite(identity.suite_id)
        payload = open_statement(suite, Purpose.STANDING, statement, identity.signing_public_key)
        standing = TerminalStanding.from_bytes(payload)
    except (ValidationError, BadSignature, ValueError):
        return None
    return standing if standing.terminal_id == identity.terminal_id else None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds; the date form is measured against the same reply's Date, not our clock."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until, sent = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, TypeError):
        return None
