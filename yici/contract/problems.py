"""Problem details for HTTP APIs (RFC 9457): every error that crosses the line has this shape.

`type` is a stable URN; its last word is one of ProblemType. `title` is a sentence for staff.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:yici:problem:"


class ProblemType(StrEnum):
    """Closed set; the status that goes with each is in STATUS."""

    BAD_REQUEST = "bad-request"
    BAD_SIGNATURE = "bad-signature"
    CLOCK_SKEW = "clock-skew"
    REPLAYED = "replayed"
    TERMINAL_BLOCKED = "terminal-blocked"
    ENROLMENT_REFUSED = "enrolment-refused"
    SUITE_NOT_OFFERED = "suite-not-offered"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    STALE_UPLOAD = "stale-upload"
    CURSOR_GONE = "cursor-gone"
    TOO_LARGE = "too-large"
    DIGEST_MISMATCH = "digest-mismatch"
    INVALID_SUBMISSION = "invalid-submission"
    UNREADABLE_ENVELOPE = "unreadable-envelope"
    TOO_MANY_REQUESTS = "too-many-requests"
    UPGRADE_REQUIRED = "upgrade-required"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


_WORDS = frozenset(kind.value for kind in ProblemType)
STATUS: dict[ProblemType, int] = {
    ProblemType.BAD_REQUEST: 400,
    ProblemType.BAD_SIGNATURE: 401,
    ProblemType.CLOCK_SKEW: 401,
    ProblemType.REPLAYED: 401,
    ProblemType.TERMINAL_BLOCKED: 403,
    ProblemType.ENROLMENT_REFUSED: 403,
    ProblemType.SUITE_NOT_OFFERED: 422,
    ProblemType.NOT_FOUND: 404,
    ProblemType.CONFLICT: 422,
    ProblemType.STALE_UPLOAD: 409,
    ProblemType.CURSOR_GONE: 410,
    ProblemType.TOO_LARGE: 413,
    ProblemType.DIGEST_MISMATCH: 400,
    ProblemType.INVALID_SUBMISSION: 422,
    ProblemType.UNREADABLE_ENVELOPE: 422,
    ProblemType.TOO_MANY_REQUESTS: 429,
    ProblemType.UPGRADE_REQUIRED: 426,
    ProblemType.UNAVAILABLE: 503,
    ProblemType.INTERNAL: 500,
}


class FieldProblem(BaseModel):
    """One field's fault: JSON pointer into the form, machine code, sentence."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    code: str
    message: str


class Problem(BaseModel):
    """The body of every error reply, media type `application/problem+json`."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[FieldProblem, ...] = ()
    # a signed TerminalStanding, so that a proxy can't make a terminal wipe itself
    statement: str | None = None

    @property
    def kind(self) -> ProblemType | None:
        """The word behind the prefix, or None when it isn't one of ours."""
        word = self.type.removeprefix(_PREFIX)
        return ProblemType(word) if word in _WORDS else None


def problem(
    kind: ProblemType,
    title: str,
    *,
    detail: str = "",
    errors: tuple[FieldProblem, ...] = (),
    statement: str | None = None,
) -> Problem:
    """A problem with the URN and the status of its kind."""
    return Problem(
        type=_PREFIX + kind.value,
        title=title,
        status=STATUS[kind],
        detail=detail,
        errors=errors,
        statement=statement,
    )
