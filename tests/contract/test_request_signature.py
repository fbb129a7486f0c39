"""Signed requests: whatever the platform relies on is covered, and the clock has its own error."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.envelope.suites import get_suite
from yici.contract.request_signature import (
    MAX_SKEW,
    BadRequestSignature,
    SkewedClock,
    claimed_terminal,
    sign_request,
    verify_request,
)

SUITE = get_suite("intl-1")
KEYS = SUITE.new_signing_key()
STRANGER = SUITE.new_signing_key()
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TARGET = "/v1/changes?cursor=abc&wait=30"
BODY = b'{"items":[]}'


def signed(created: datetime = NOW, **headers: str) -> dict[str, str]:
    return sign_request(
        "POST",
        TARGET,
        BODY,
        suite=SUITE,
        terminal_id="T-1",
        private_key=KEYS.private,
        nonce="nonce-1",
        created=created,
        headers={"Content-Type": "application/json", "Idempotency-Key": "id-1", **headers},
    )


def verify(
    headers: dict[str, str],
    *,
    method: str = "POST",
    target: str = TARGET,
    body: bytes = BODY,
    public_key: bytes = KEYS.public,
    now: datetime = NOW,
) -> object:
    return verify_request(
        method, target, headers, body, suite=SUITE, public_key=public_key, now=now
    )


def test_genuine_request_says_who_when_and_with_which_nonce() -> None:
    verified = verify_request(
        "POST", TARGET, signed(), BODY, suite=SUITE, public_key=KEYS.public, now=NOW
    )
    assert (verified.terminal_id, verified.nonce, verified.created) == ("T-1", "nonce-1", NOW)


def test_header_names_may_arrive_in_any_case() -> None:
    headers = signed()
    verify({name.lower(): value for name, value in headers.items()})
    verify({name.upper(): value for name, value in headers.items()})
    assert claimed_terminal({"YICI-TERMINAL": "T-1"}) == "T-1"


def test_proxies_may_rewrite_what_is_not_covered() -> None:
    verify({**signed(), "Host": "inner.gov.invalid:8443", "Content-Type": "text/plain"})


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"target": "/v1/changes2?cursor=abc&wait=30"},
        {"target": "/v1/changes?cursor=abc&wait=31"},
        {"target": "/v1/changes"},
        {"body": b'{"items":[1]}'},
        {"body": b""},
        {"public_key": STRANGER.public},
    ],
    ids=["method", "path", "query", "no query", "body", "no body", "key"],
)
def test_changed_request_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(BadRequestSignature):
        verify(signed(), **changed)  # type: ignore[arg-type]  # one keyword of several types


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Yici-Terminal", "T-2"),
        ("Yici-Protocol", "2"),
        ("Idempotency-Key", "id-2"),
        ("Content-Digest", "sha-256=:AAAA:"),
        ("Signature", "yici=:AAAA:"),
        ("Signature", "rubbish"),
        ("Signature-Input", "rubbish"),
    ],
)
def test_changed_header_is_refused(header: str, value: str) -> None:
    with pytest.raises(BadRequestSignature):
        verify({**signed(), header: value})


@pytest.mark.parametrize(
    "header",
    ["Yici-Terminal", "Yici-Protocol", "Content-Digest", "Signature", "Signature-Input"],
)
def test_missing_header_is_refused(header: str) -> None:
    headers = signed()
    del headers[header]
    with pytest.raises(BadRequestSignature):
        verify(headers)


def test_an_idempotency_key_slipped_in_later_is_refused() -> None:
    headers = sign_request(
        "GET",
        TARGET,
        b"",
        suite=SUITE,
        terminal_id="T-1",
        private_key=KEYS.private,
        nonce="n",
        created=NOW,
    )
    verify(headers, method="GET", body=b"")
    with pytest.raises(BadRequestSignature):
        verify({**headers, "Idempotency-Key": "id-9"}, method="GET", body=b"")


def test_covering_less_than_needed_is_refused() -> None:
    """An attacker with the key of T-1 can't make the platform trust an uncovered body."""
    headers = signed()
    narrowed = headers["Signature-Input"].replace('"content-digest" ', "")
    assert narrowed != headers["Signature-Input"]
    with pytest.raises(BadRequestSignature):
        verify({**headers, "Signature-Input": narrowed})


@given(offset_s=st.integers(-100_000, 100_000))
def test_the_clock_may_be_off_by_five_minutes_and_no_more(offset_s: int) -> None:
    headers = signed(created=NOW + timedelta(seconds=offset_s))
    if abs(offset_s) <= MAX_SKEW.total_seconds():
        verify(headers)
    else:
        with pytest.raises(SkewedClock):
            verify(headers)


def test_a_wrong_key_is_no_skewed_clock() -> None:
    """Only a genuine signature may make a terminal correct its clock."""
    with pytest.raises(BadRequestSignature) as caught:
        verify(signed(created=NOW - timedelta(days=40)), public_key=STRANGER.public)
    assert not isinstance(caught.value, SkewedClock)
