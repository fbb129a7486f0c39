"""Signed requests: whatever the platform relies on is covered, and the clock has its own error."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.envelope.suites import SUITE_IDS, get_suite
from yici.contract.request_signature import (
    MAX_SKEW,
    BadRequestSignature,
    SkewedClock,
    VerifiedRequest,
    claimed_terminal,
    find_claimed_algorithm,
    sign_request,
    verify_request,
)

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TARGET = "/v1/changes?cursor=abc&wait=30"
BODY = b'{"items":[]}'


class Signer:
    """A terminal of one suite and how the platform looks at its requests."""

    def __init__(self, suite_id: str) -> None:
        self.suite = get_suite(suite_id)
        self.keys, self.stranger = self.suite.new_signing_key(), self.suite.new_signing_key()

    def signed(self, created: datetime = NOW, **headers: str) -> dict[str, str]:
        return sign_request(
            "POST",
            TARGET,
            BODY,
            suite=self.suite,
            terminal_id="T-1",
            private_key=self.keys.private,
            nonce="nonce-1",
            created=created,
            headers={"Content-Type": "application/json", "Idempotency-Key": "id-1", **headers},
        )

    def verify(
        self,
        headers: dict[str, str],
        *,
        method: str = "POST",
        target: str = TARGET,
        body: bytes = BODY,
        public_key: bytes | None = None,
    ) -> VerifiedRequest:
        return verify_request(
            method,
            target,
            headers,
            body,
            suite=self.suite,
            public_key=public_key or self.keys.public,
            now=NOW,
        )


@pytest.fixture(scope="module", params=SUITE_IDS)
def signer(request: pytest.FixtureRequest) -> Signer:
    return Signer(request.param)


def test_genuine_request_says_who_when_and_with_which_nonce(signer: Signer) -> None:
    verified = signer.verify(signer.signed())
    assert (verified.terminal_id, verified.nonce, verified.created) == ("T-1", "nonce-1", NOW)


def test_header_names_may_arrive_in_any_case(signer: Signer) -> None:
    headers = signer.signed()
    signer.verify({name.lower(): value for name, value in headers.items()})
    signer.verify({name.upper(): value for name, value in headers.items()})
    assert claimed_terminal({"YICI-TERMINAL": "T-1"}) == "T-1"


def test_proxies_may_rewrite_what_is_not_covered(signer: Signer) -> None:
    signer.verify(
        {**signer.signed(), "Host": "inner.gov.invalid:8443", "Content-Type": "text/plain"}
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"target": "/v1/changes2?cursor=abc&wait=30"},
        {"target": "/v1/changes?cursor=abc&wait=31"},
        {"target": "/v1/changes"},
        {"body": b'{"items":[1]}'},
        {"body": b""},
    ],
    ids=["method", "path", "query", "no query", "body", "no body"],
)
def test_changed_request_is_refused(signer: Signer, changed: dict[str, object]) -> None:
    with pytest.raises(BadRequestSignature):
        signer.verify(signer.signed(), **changed)  # type: ignore[arg-type]  # of several types


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
def test_changed_header_is_refused(signer: Signer, header: str, value: str) -> None:
    with pytest.raises(BadRequestSignature):
        signer.verify({**signer.signed(), header: value})


@pytest.mark.parametrize(
    "header",
    ["Yici-Terminal", "Yici-Protocol", "Content-Digest", "Signature", "Signature-Input"],
)
def test_missing_header_is_refused(signer: Signer, header: str) -> None:
    headers = signer.signed()
    del headers[header]
    with pytest.raises(BadRequestSignature):
        signer.verify(headers)


def test_an_idempotency_key_slipped_in_later_is_refused(signer: Signer) -> None:
    headers = sign_request(
        "GET",
        TARGET,
        b"",
        suite=signer.suite,
        terminal_id="T-1",
        private_key=signer.keys.private,
        nonce="n",
        created=NOW,
    )
    signer.verify(headers, method="GET", body=b"")
    with pytest.raises(BadRequestSignature):
        signer.verify({**headers, "Idempotency-Key": "id-9"}, method="GET", body=b"")


def test_covering_less_than_needed_is_refused(signer: Signer) -> None:
    """An attacker with the key of T-1 can't make the platform trust an uncovered body."""
    headers = signer.signed()
    narrowed = headers["Signature-Input"].replace('"content-digest" ', "")
    assert narrowed != headers["Signature-Input"]
    with pytest.raises(BadRequestSignature):
        signer.verify({**headers, "Signature-Input": narrowed})


@given(offset_s=st.integers(-100_000, 100_000))
def test_the_clock_may_be_off_by_five_minutes_and_no_more(signer: Signer, offset_s: int) -> None:
    headers = signer.signed(created=NOW + timedelta(seconds=offset_s))
    if abs(offset_s) <= MAX_SKEW.total_seconds():
        signer.verify(headers)
    else:
        with pytest.raises(SkewedClock):
            signer.verify(headers)


def test_a_wrong_key_is_no_skewed_clock(signer: Signer) -> None:
    """Only a genuine signature may make a terminal correct its clock."""
    with pytest.raises(BadRequestSignature) as caught:
        signer.verify(
            signer.signed(created=NOW - timedelta(days=40)), public_key=signer.stranger.public
        )
    assert not isinstance(caught.value, SkewedClock)


# --- the algorithm


def test_request_of_ed25519_is_the_same_bytes_as_ever() -> None:
    """The key of RFC 8032 7.1 test 1; terminals in the field sign exactly so."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    headers = sign_request(
        "POST",
        TARGET,
        BODY,
        suite=get_suite("intl-1"),
        terminal_id="T-1",
        private_key=seed,
        nonce="nonce-1",
        created=NOW,
        headers={"Idempotency-Key": "id-1"},
    )
    assert headers["Signature-Input"] == (
        'yici=("@method" "@path" "@query" "content-digest" "yici-terminal" "yici-protocol" '
        '"idempotency-key");created=1795599000;keyid="T-1";alg="ed25519";nonce="nonce-1";'
        'tag="yici-terminal-1"'
    )
    assert headers["Signature"] == (
        "yici=:a5oFcuxj2kmp0mKezMYk4w4sVyRdxtdeZUsPzu4YufadzE5F5zQ3Bol"
        "+4Lx3upLv9SNVIJRkbxu6Huur4s7zBQ==:"
    )


def test_sm2_signs_the_signature_base_of_the_standard() -> None:
    """Signature base written by hand from RFC 9421 2.5, signature checked by the suite alone."""
    signer = Signer("gm-1")
    headers = signer.signed()
    parameters = headers["Signature-Input"].removeprefix("yici=")
    assert ';alg="yici-sm2-sm3";' in parameters
    base = "\n".join(
        [
            '"@method": POST',
            '"@path": /v1/changes',
            '"@query": ?cursor=abc&wait=30',
            f'"content-digest": {headers["Content-Digest"]}',
            '"yici-terminal": T-1',
            '"yici-protocol": 1',
            '"idempotency-key": id-1',
            f'"@signature-params": {parameters}',
        ]
    )
    signature = base64.b64decode(headers["Signature"].removeprefix("yici=:").removesuffix(":"))
    signer.suite.verify(signer.keys.public, base.encode(), signature)


def test_the_algorithm_is_the_enrolled_one_whatever_the_request_says() -> None:
    intl, gm = Signer("intl-1"), Signer("gm-1")
    assert find_claimed_algorithm(intl.signed()) == "ed25519"
    assert find_claimed_algorithm(gm.signed()) == "yici-sm2-sm3"
    assert find_claimed_algorithm({}) is None
    for enrolled, other in ((intl, gm), (gm, intl)):
        for key in (enrolled.keys.public, other.keys.public):
            with pytest.raises(BadRequestSignature):
                enrolled.verify(other.signed(), public_key=key)
        for name in ("ed25519", "yici-sm2-sm3", "hmac-sha256"):
            claimed = find_claimed_algorithm(other.signed())
            headers = other.signed()
            headers["Signature-Input"] = headers["Signature-Input"].replace(str(claimed), name)
            with pytest.raises(BadRequestSignature):
                enrolled.verify(headers)


@given(data=st.data())
def test_one_changed_character_anywhere_that_counts_is_refused(
    signer: Signer, data: st.DataObject
) -> None:
    headers = signer.signed()
    name = data.draw(
        st.sampled_from(
            [
                "Yici-Terminal",
                "Yici-Protocol",
                "Idempotency-Key",
                "Content-Digest",
                "Signature-Input",
                "Signature",
            ]
        )
    )
    value = headers[name]
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = value[:at] + other + value[at + 1 :]
    if not _means_the_same(name, value, changed):
        with pytest.raises(BadRequestSignature):
            signer.verify({**headers, name: changed})


def _means_the_same(name: str, value: str, changed: str) -> bool:
    """Base64 may leave bits unused in its last character: other text, the same signature."""
    if name != "Signature":
        return value == changed
    return _signature_bytes(value) == _signature_bytes(changed)


def _signature_bytes(value: str) -> bytes | None:
    match = re.fullmatch(r"yici=:([A-Za-z0-9+/]+=*):", value)
    try:
        return base64.b64decode(match[1]) if match else None
    except ValueError:
        return None
