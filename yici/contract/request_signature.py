"""Signed requests (RFC 9421): the terminal signs each request with its own key.

Covered: method, path, query, Content-Digest (always, also of an empty body), Yici-Terminal,
Yici-Protocol and, where present, Idempotency-Key. Authority and scheme are left out because
proxies of a government network rewrite them. `created` may be off by 300 s after correction;
the nonce is remembered by the platform for longer than that.

The algorithm is that of the terminal's suite: `ed25519` for `intl-1`; for `gm-1` `yici-sm2-sm3`,
a private name, because RFC 9421's registry has none for SM2 (GB/T 32918) and its value is the DER
of r and s. The verifier is told the suite and never takes it from the request. Content-Digest
stays SHA-256 in both: RFC 9530's registry has no SM3 either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import HTTPSignatureAlgorithm
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from yici.contract.envelope.suite import Suite
from yici.contract.envelope.suites import get_suite
from yici.contract.wire import PROTOCOL_HEADER, PROTOCOL_VERSION, TERMINAL_HEADER

MAX_SKEW = timedelta(seconds=300)
_TAG = "yici-terminal-1"
_COVERED = (
    "@method",
    "@path",
    "@query",
    "content-digest",
    TERMINAL_HEADER.lower(),
    PROTOCOL_HEADER.lower(),
)
_IDEMPOTENCY = "idempotency-key"
_ALGORITHM = re.compile(r';alg="([^"]{1,40})"')


class BadRequestSignature(Exception):
    """The signature is missing, wrong, or doesn't cover what it must."""


class SkewedClock(BadRequestSignature):
    """The signature is genuine but made at a time too far from the platform's."""


@dataclass(slots=True)
class _Request:
    """What the signature library reads of a request."""

    method: str
    url: str
    headers: dict[str, str]


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = timedelta(days=36500)  # the clock is judged by us, with its own error


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, private: bytes | None = None, public: bytes | None = None) -> None:
        self._private, self._public = private, public

    def resolve_private_key(self, key_id: str) -> bytes | None:
        del key_id
        return self._private

    def resolve_public_key(self, key_id: str) -> bytes | None:
        del key_id
        return self._public


@cache
def _algorithm(suite_id: str) -> type[HTTPSignatureAlgorithm]:
    """A suite's signature as the signature library wants it."""
    suite = get_suite(suite_id)

    class SuiteAlgorithm(HTTPSignatureAlgorithm):
        algorithm_id = suite.request_algorithm

        def __init__(
            self, public_key: bytes | None = None, private_key: bytes | None = None
        ) -> None:
            self._public, self._private = public_key or b"", private_key or b""

        def sign(self, message: bytes) -> bytes:
            return suite.sign(self._private, message)

        def verify(self, signature: bytes, message: bytes) -> None:
            suite.verify(self._public, message, signature)

    return SuiteAlgorithm


def _url(target: str) -> str:
    return f"http://terminal.invalid{target}"  # only path and query are covered


def sign_request(
    method: str,
    target: str,
    body: bytes,
    *,
    suite: Suite,
    terminal_id: str,
    private_key: bytes,
    nonce: str,
    created: datetime,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """All headers to send: those given, ours, Content-Digest, Signature-Input and Signature.

    `target` is path with query, as on the request line. `created` is the platform's time as
    the terminal knows it.
    """
    sent = {**(headers or {}), TERMINAL_HEADER: terminal_id, PROTOCOL_HEADER: PROTOCOL_VERSION}
    request = _Request(method, _url(target), sent)
    covered = [*_COVERED]
    if any(name.lower() == _IDEMPOTENCY for name in sent):
        covered.append(_IDEMPOTENCY)
    signer = HTTPMessageSigner(
        signature_algorithm=_algorithm(suite.suite_id), key_resolver=_Keys(private=private_key)
    )
    signer.sign(
        request,
        key_id=terminal_id,
        created=created,
        nonce=nonce,
        label="yici",
        tag=_TAG,
        covered_component_ids=tuple(covered),
        body=body,
    )
    return sent


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """Who signed, with which nonce, at what time."""

    terminal_id: str
    nonce: str
    created: datetime


def claimed_terminal(headers: Mapping[str, str]) -> str | None:
    """The terminal that the request says it comes from, before anything is verified."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return lowered.get(TERMINAL_HEADER.lower())


def find_claimed_algorithm(headers: Mapping[str, str]) -> str | None:
    """What the request says it is signed with, before anything is verified."""
    lowered = {name.lower(): value for name, value in headers.items()}
    found = _ALGORITHM.search(lowered.get("signature-input", ""))
    return found and found[1]


def verify_request(
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    suite: Suite,
    public_key: bytes,
    now: datetime,
) -> VerifiedRequest:
    """Raises BadRequestSignature, or SkewedClock when only the time is wrong.

    `suite` and `public_key` are those of the terminal's enrolment.
    The caller remembers nonces; a signature seen twice is genuine here.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    request = _Request(method, _url(target), sent)
    required = list(_COVERED) + ([_IDEMPOTENCY] if _IDEMPOTENCY in sent else [])
    verifier = _Verifier(
        signature_algorithm=_algorithm(suite.suite_id), key_resolver=_Keys(public=public_key)
    )
    try:
        results = _verify(verifier, request, body, required)
    except (HTTPMessageSignaturesException, ValueError, KeyError) as error:
        raise BadRequestSignature(str(error)) from error
    return _checked(results, sent, now)


def _verify(verifier: Any, request: _Request, body: bytes, required: list[str]) -> list[Any]:
    return list(
        verifier.verify(
            request,
            body=body,
            max_age=None,
            require_components=tuple(required),
            expect_tag=_TAG,
        )
    )


def _checked(results: list[Any], sent: Mapping[str, str], now: datetime) -> VerifiedRequest:
    if len(results) != 1:
        raise BadRequestSignature("exactly one signature is expected")
    parameters = results[0].parameters
    terminal_id, nonce = str(parameters.get("keyid", "")), str(parameters.get("nonce", ""))
    if terminal_id != sent.get(TERMINAL_HEADER.lower()) or not nonce:
        raise BadRequestSignature("the signature names another terminal, or has no nonce")
    created = datetime.fromtimestamp(int(parameters["created"]), UTC)
    if abs(now - created) > MAX_SKEW:
        raise SkewedClock(f"signed {abs(now - created)} away from the platform's clock")
    return VerifiedRequest(terminal_id, nonce, created)
