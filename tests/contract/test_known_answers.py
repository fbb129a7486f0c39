"""Cryptography that gives a wrong answer stops the process before anything is sealed with it."""

import sys

import pytest

from yici.contract.envelope import known_answers
from yici.contract.envelope.known_answers import SelfTestFailed, check_gm, check_intl
from yici.contract.envelope.suite import UnknownSuite
from yici.contract.envelope.suites import SUITE_IDS, get_suite

# past the cache, so that no other test gets a suite from here
make_suite = get_suite.__wrapped__

VECTORS = [
    ("intl-1", "_ED25519_SIGNATURE", "Ed25519"),
    ("intl-1", "_SHA256_ABC", "SHA-256"),
    ("intl-1", "_AES_GCM_14", "AES-256-GCM"),
    ("gm-1", "_SM3_ABC", "SM3"),
    ("gm-1", "_SM4_CIPHER", "SM4-GCM"),
    ("gm-1", "_SM4_TAG", "SM4-GCM"),
    ("gm-1", "_SM2_PRIVATE", "SM2 signing"),
]


def test_this_installation_answers_as_published() -> None:
    check_intl()
    check_gm()


@pytest.mark.parametrize(("suite_id", "vector", "named"), VECTORS)
def test_one_wrong_answer_stops_the_suite_and_is_named(
    suite_id: str, vector: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = getattr(known_answers, vector)
    monkeypatch.setattr(known_answers, vector, known[::-1])
    with pytest.raises(SelfTestFailed, match=named):
        make_suite(suite_id)


def test_a_signature_that_does_not_hold_stops_the_gm_suite(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = known_answers._SM2_SIGNATURE[:-1] + b"\x00"
    monkeypatch.setattr(known_answers, "_SM2_SIGNATURE", wrong)
    with pytest.raises(SelfTestFailed, match="SM2"):
        make_suite("gm-1")


def test_unknown_suite_names_those_that_exist() -> None:
    with pytest.raises(UnknownSuite, match="intl-1"):
        get_suite("intl-0")


@pytest.mark.parametrize("suite_id", SUITE_IDS)
def test_a_suite_carries_the_name_it_is_asked_by(suite_id: str) -> None:
    assert get_suite(suite_id).suite_id == suite_id
    assert get_suite(suite_id) is get_suite(suite_id)


@pytest.mark.parametrize(
    ("machine", "says"),
    [("x86_64", "install the package gmssl-pyx"), ("aarch64", "this is aarch64; use intl-1")],
)
def test_suite_that_this_machine_can_not_have_says_why_and_what_to_do(
    machine: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.delitem(sys.modules, "yici.contract.envelope.gm", raising=False)
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)  # as if it were not installed
    with pytest.raises(UnknownSuite, match=says):
        make_suite("gm-1")
