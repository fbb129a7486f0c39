"""Enrolment: a one-time code, typed on both sides, proves each end to the other.

The code never travels. The first connection checks no certificate: the answer's authentication
code does, and it brings the certificate authority that every later connection is pinned to.
"""

import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from urllib3.exceptions import InsecureRequestWarning

from yici.contract.enrolment import (
    EnrolmentAnswer,
    EnrolmentRefused,
    EnrolmentRequest,
    authenticate_request,
    check_answer,
    check_digits,
    code_key,
    normalise_enrolment_code,
)
from yici.contract.envelope.known_answers import SelfTestFailed
from yici.contract.envelope.suite import BadSignature, Suite, UnknownSuite
from yici.contract.envelope.suites import DEFAULT_SUITE, get_suite
from yici.contract.problems import ProblemType
from yici.contract.wire import PROTOCOL_HEADER, PROTOCOL_VERSION
from yici.kiosk.identity import (
    AlreadyEnrolled,
    TerminalIdentity,
    find_identity,
    read_sealing_keys,
    save_identity,
)
from yici.kiosk.sync.core import Result
from yici.kiosk.sync.reply import judge_reply
from yici.kiosk.sync.wire import Line, TlsCheck

DEADLINE_S = 60.0


class NotEnrolled(Exception):
    """Nothing was saved; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The new identity, saved; both screens must show the same six digits."""

    identity: TerminalIdentity
    check_digits: str


def read_hardware_id() -> str:
    """What tells this machine from its siblings."""
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip() or "unknown"
    except (OSError, UnicodeDecodeError):
        return "unknown"


def enrol(
    state_dir: Path,
    platform_url: str,
    code: str,
    *,
    hall_code: str = "",
    hardware_id: str | None = None,
    suite_id: str = DEFAULT_SUITE,
) -> Enrolled:
    """Raises NotEnrolled, AlreadyEnrolled, BrokenIdentity or BadPlatformAddress.

    `suite_id` holds for the terminal's life: what it signs, what it seals with, and what the
    platform signs for it.
    """
    if find_identity(state_dir) is not None:
        raise AlreadyEnrolled(
            "This terminal is enrolled already: to enrol it anew, "
            f"move {state_dir / 'identity'} away first."
        )
    normalised = normalise_enrolment_code(code)
    if normalised is None:
        raise NotEnrolled("The code has ten letters and digits: read it again from the console.")
    suite = _get_suite(suite_id)
    key = code_key(normalised)
    pair = suite.new_signing_key()
    request = authenticate_request(
        EnrolmentRequest(
            suite=suite.suite_id,
            public_key=pair.public,
            hardware_id=hardware_id or read_hardware_id(),
            hall_code=hall_code,
            nonce=secrets.token_hex(16),
            mac=b"",
        ),
        key,
    )
    answer = _ask(platform_url, request)
    try:
        check_answer(answer, request, key)
        if answer.suite != suite.suite_id:
            raise EnrolmentRefused("the answer is for another suite")
        keys = read_sealing_keys(answer.sealing_keys, answer.suite, answer.signing_public_key)
    except (EnrolmentRefused, BadSignature) as error:
        raise NotEnrolled(
            "Something else than the platform answered: check the address and the network, "
            "then make a new code."
        ) from error
    identity = TerminalIdentity(
        terminal_id=answer.terminal_id,
        suite_id=answer.suite,
        private_key=pair.private,
        public_key=pair.public,
        signing_key_id=answer.signing_key_id,
        signing_public_key=answer.signing_public_key,
        sealing_statement=answer.sealing_keys,
        sealing_keys=keys,
        ca_pem=answer.ca_pem,
    )
    try:
        save_identity(state_dir, identity)
    except OSError as error:
        raise NotEnrolled(
            f"The identity can't be written to {state_dir} ({error.strerror}): "
            "check the directory's owner and the disk, then make a new code."
        ) from error
    return Enrolled(identity, check_digits(answer, request, key))


def _get_suite(suite_id: str) -> Suite:
    try:
        return get_suite(suite_id)
    except UnknownSuite as error:
        raise NotEnrolled(f"Not enrolled: {error}.") from error
    except SelfTestFailed as error:
        raise NotEnrolled(
            f"The cryptographic library of this machine computes {error} wrongly: install the "
            "terminal's software anew."
        ) from error


def _ask(platform_url: str, request: EnrolmentRequest) -> EnrolmentAnswer:
    line = Line(platform_url, ca_path=None, check=TlsCheck.NONE)
    headers = {"Content-Type": "application/json", PROTOCOL_HEADER: PROTOCOL_VERSION}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)
            raw = line.exchange(
                "POST", "/v1/enrolments", request.to_bytes(), headers, deadline_s=DEADLINE_S
            )
    finally:
        line.close()
    if raw is None:
        raise NotEnrolled(
            f"The platform at {platform_url} does not answer: check the address and the network."
        )
    reply = judge_reply(raw.status, raw.headers, raw.body, None)
    if reply.result is Result.OK:
        try:
            return EnrolmentAnswer.from_bytes(reply.body)
        except ValidationError as error:
            raise NotEnrolled(
                "The platform's answer can't be read: are both up to date?"
            ) from error
    if reply.result is Result.NOT_OURS:
        raise NotEnrolled(f"What answers at {platform_url} is not the platform: check the address.")
    if reply.problem is not None and reply.problem.kind is ProblemType.SUITE_NOT_OFFERED:
        raise NotEnrolled(
            f"The platform does not offer {request.suite}: its operator can add it with "
            f"`yici platform add-suite {request.suite}`, or enrol this terminal with another suite."
        )
    if reply.result is Result.LATER or reply.status == 429:
        raise NotEnrolled("Too many wrong codes: wait a few minutes, then use a new code.")
    raise NotEnrolled("The platform does not accept the code: make a new one in the console.")
