"""Enrolment: the code never travels, and both ends prove that they know it."""

from datetime import UTC, datetime

import pytest

from yici.contract.enrolment import (
    CODE_LENGTH,
    EnrolmentAnswer,
    EnrolmentRefused,
    EnrolmentRequest,
    authenticate_answer,
    authenticate_request,
    check_answer,
    check_digits,
    code_key,
    new_enrolment_code,
    normalise_enrolment_code,
    request_matches,
)
from yici.contract.statement import Purpose, SignedStatement

CODE = "7K3M9PQ2XW"
KEY = code_key(CODE)  # slow on purpose: derived once
OTHER_KEY = code_key("7K3M9PQ2XV")
KEYS = SignedStatement(
    purpose=Purpose.SEALING_KEYS, key_id="sign-1", payload=b"{}", signature=b"s" * 64
)


def a_request() -> EnrolmentRequest:
    bare = EnrolmentRequest(
        suite="intl-1",
        public_key=b"p" * 32,
        hardware_id="board-1",
        hall_code="H430181123",
        nonce="n-1",
        mac=b"",
    )
    return authenticate_request(bare, KEY)


def an_answer(request: EnrolmentRequest) -> EnrolmentAnswer:
    bare = EnrolmentAnswer(
        terminal_id="T-430181-0001",
        suite="intl-1",
        signing_key_id="sign-1",
        signing_public_key=b"s" * 32,
        sealing_keys=KEYS,
        ca_pem="-----BEGIN CERTIFICATE-----",
        server_time=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        mac=b"",
    )
    return authenticate_answer(bare, request, KEY)


def test_both_ends_believe_each_other_and_show_the_same_six_digits() -> None:
    at_platform = EnrolmentRequest.from_bytes(a_request().to_bytes())
    assert request_matches(at_platform, KEY)
    answer = EnrolmentAnswer.from_bytes(an_answer(at_platform).to_bytes())
    check_answer(answer, a_request(), KEY)
    digits = check_digits(answer, a_request(), KEY)
    assert digits == check_digits(an_answer(at_platform), at_platform, KEY)
    assert len(digits) == 6
    assert digits.isdecimal()


def test_neither_the_code_nor_its_key_is_in_what_travels() -> None:
    request = a_request()
    travelling = request.to_bytes() + an_answer(request).to_bytes()
    for secret in (CODE.encode(), CODE.lower().encode(), KEY, KEY.hex().encode()):
        assert secret not in travelling


def test_wrong_code_is_refused_in_both_directions() -> None:
    request = a_request()
    assert not request_matches(request, OTHER_KEY)
    with pytest.raises(EnrolmentRefused):
        check_answer(an_answer(request), request, OTHER_KEY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("suite", "gm-1"),
        ("public_key", b"q" * 32),
        ("hardware_id", "board-2"),
        ("hall_code", "H430181124"),
        ("nonce", "n-2"),
        ("mac", b"m" * 32),
    ],
)
def test_request_changed_on_the_way_is_refused(field: str, value: object) -> None:
    assert not request_matches(a_request().model_copy(update={field: value}), KEY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("terminal_id", "T-2"),
        ("suite", "gm-1"),
        ("signing_key_id", "sign-2"),
        ("signing_public_key", b"x" * 32),
        ("sealing_keys", KEYS.model_copy(update={"payload": b"{ }"})),
        ("ca_pem", ""),
        ("server_time", datetime(2030, 1, 1, tzinfo=UTC)),
        ("mac", b""),
    ],
)
def test_answer_changed_on_the_way_is_refused(field: str, value: object) -> None:
    request = a_request()
    changed = an_answer(request).model_copy(update={field: value})
    with pytest.raises(EnrolmentRefused):
        check_answer(changed, request, KEY)


def test_answer_to_another_request_is_refused_and_shows_other_digits() -> None:
    request = a_request()
    other = authenticate_request(request.model_copy(update={"public_key": b"e" * 32}), KEY)
    answer = an_answer(request)
    with pytest.raises(EnrolmentRefused):
        check_answer(answer, other, KEY)
    assert check_digits(answer, request, KEY) != check_digits(answer, other, KEY)


def test_a_request_can_not_be_played_back_as_an_answer() -> None:
    """The two MACs are made for two sides, under the same key."""
    request = a_request()
    echoed = an_answer(request).model_copy(update={"mac": request.mac})
    with pytest.raises(EnrolmentRefused):
        check_answer(echoed, request, KEY)


def test_the_code_may_be_typed_with_blanks_and_lookalikes() -> None:
    code = new_enrolment_code()
    assert len(code) == CODE_LENGTH
    assert normalise_enrolment_code(f" {code[:5].lower()}-{code[5:]} ") == code
    assert normalise_enrolment_code(code[:-1]) is None
