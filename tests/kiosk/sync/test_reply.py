"""Whose reply is it, and what does it mean?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal_under_test import TerminalUnderTest

from yici.contract.problems import ProblemType, problem
from yici.contract.terminal import TerminalState
from yici.kiosk.sync.core import Result
from yici.kiosk.sync.reply import judge_reply

OURS = {"Yici-Protocol": "1"}


def body_of(kind: ProblemType, statement: str | None = None) -> bytes:
    return problem(kind, "no", statement=statement).model_dump_json().encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, b"{}", Result.NOT_OURS),
        (200, {"Server": "portal"}, b"<html>", Result.NOT_OURS),
        (204, {}, b"", Result.NOT_OURS),
        (401, {}, b"", Result.NOT_OURS),
        (302, OURS, b"", Result.NOT_OURS),
        (200, {"yici-protocol": "1"}, b"{}", Result.OK),
        (304, OURS, b"", Result.OK),
        (200, {"Yici-Protocol": "2"}, b"{}", Result.UPGRADE_REQUIRED),
        (401, OURS, b"not a problem", Result.UNAUTHORISED),
        (401, OURS, body_of(ProblemType.CLOCK_SKEW), Result.CLOCK_SKEW),
        (403, OURS, body_of(ProblemType.TERMINAL_BLOCKED), Result.UNAUTHORISED),
        (403, OURS, body_of(ProblemType.TERMINAL_BLOCKED, "{}"), Result.UNAUTHORISED),
        (404, OURS, b"", Result.NOT_FOUND),
        (409, OURS, b"", Result.STALE),
        (410, OURS, b"", Result.CURSOR_GONE),
        (413, OURS, b"", Result.TOO_LARGE),
        (422, OURS, b"", Result.REFUSED),
        (426, OURS, b"", Result.UPGRADE_REQUIRED),
        (429, OURS | {"Retry-After": "7"}, b"", Result.LATER),
        (503, OURS, b"", Result.SERVER),
        (500, OURS | {"Retry-After": "5"}, b"", Result.SERVER),
    ],
)
def test_judgement(status: int, headers: dict[str, str], body: bytes, expected: Result) -> None:
    assert judge_reply(status, headers, body, None).result is expected


def test_retry_after_as_a_date_is_measured_against_the_replys_own_clock() -> None:
    headers = OURS | {
        "Date": "Wed, 25 Nov 2026 10:00:00 GMT",
        "Retry-After": "Wed, 25 Nov 2026 10:02:00 GMT",
    }
    assert judge_reply(503, headers, b"", None).retry_after_s == 120


def test_only_a_genuine_standing_about_this_terminal_bars_it(terminal: TerminalUnderTest) -> None:
    platform, identity = terminal.platform, terminal.identity
    platform.state = TerminalState.REVOKED

    def judge(statement: str) -> Result:
        body = body_of(ProblemType.TERMINAL_BLOCKED, statement)
        return judge_reply(403, OURS, body, identity).result

    assert judge(platform.standing()) is Result.BLOCKED
    assert judge(platform.standing(forged=True)) is Result.UNAUTHORISED
    platform.terminal_id = "t-other"
    assert judge(platform.standing()) is Result.UNAUTHORISED
    platform.terminal_id, platform.state = "t-test", TerminalState.ACTIVE
    assert judge(platform.standing()) is Result.UNAUTHORISED


@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["Yici-Protocol", "Retry-After", "Date", "Content-Type"]), st.text()
    ),
    st.binary(max_size=200),
)
def test_no_reply_whatever_raises(status: int, headers: dict[str, str], body: bytes) -> None:
    assert judge_reply(status, headers, body, None).result in Result
