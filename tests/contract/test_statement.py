"""A signature holds for one key, one purpose and these very bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.envelope.suite import BadSignature, KeyPair, Suite
from yici.contract.envelope.suites import SUITE_IDS, get_suite
from yici.contract.statement import (
    Purpose,
    SignedStatement,
    open_statement,
    sign_bytes,
    sign_statement,
    verify_bytes,
)
from yici.contract.terminal import SealingKey

MESSAGE = SealingKey(key_id="seal-1", public_key=b"k" * 32)


@pytest.fixture(params=SUITE_IDS)
def suite(request: pytest.FixtureRequest) -> Suite:
    return get_suite(request.param)


@pytest.fixture
def keys(suite: Suite) -> KeyPair:
    return suite.new_signing_key()


def signed(suite: Suite, keys: KeyPair, purpose: Purpose) -> SignedStatement:
    return sign_statement(suite, purpose, MESSAGE, key_id="sign-1", private_key=keys.private)


def test_statement_opens_to_the_bytes_that_were_signed(suite: Suite, keys: KeyPair) -> None:
    statement = SignedStatement.from_bytes(signed(suite, keys, Purpose.CATALOGUE).to_bytes())
    assert open_statement(suite, Purpose.CATALOGUE, statement, keys.public) == MESSAGE.to_bytes()


@pytest.mark.parametrize("other", [p for p in Purpose if p is not Purpose.WELCOME])
def test_statement_made_for_one_purpose_is_no_other(
    suite: Suite, keys: KeyPair, other: Purpose
) -> None:
    statement = signed(suite, keys, Purpose.WELCOME)
    relabelled = statement.model_copy(update={"purpose": other})
    for presented in (statement, relabelled):
        with pytest.raises(BadSignature):
            open_statement(suite, other, presented, keys.public)


def test_the_purpose_and_the_payload_can_not_flow_into_each_other(
    suite: Suite, keys: KeyPair
) -> None:
    signature = sign_bytes(suite, Purpose.MANIFEST, b":x", keys.private)
    with pytest.raises(BadSignature):
        verify_bytes(suite, Purpose.MANIFEST, b"x", signature, keys.public)


def test_another_key_did_not_sign_it(suite: Suite, keys: KeyPair) -> None:
    statement = signed(suite, keys, Purpose.STANDING)
    with pytest.raises(BadSignature):
        open_statement(suite, Purpose.STANDING, statement, suite.new_signing_key().public)


@pytest.mark.parametrize("suite_id", SUITE_IDS)
@given(data=st.data())
def test_every_changed_byte_is_noticed(suite_id: str, data: st.DataObject) -> None:
    suite = get_suite(suite_id)
    keys = suite.new_signing_key()
    statement = signed(suite, keys, Purpose.CATALOGUE)
    field = data.draw(st.sampled_from(["payload", "signature"]))
    changed = bytearray(getattr(statement, field))
    place = data.draw(st.integers(0, 9999)) % len(changed)  # DER's length is not always the same
    changed[place] ^= data.draw(st.integers(1, 255))
    forged = statement.model_copy(update={field: bytes(changed)})
    with pytest.raises(BadSignature):
        open_statement(suite, Purpose.CATALOGUE, forged, keys.public)


@pytest.mark.parametrize("suite_id", SUITE_IDS)
@given(key=st.binary(max_size=80), signature=st.binary(max_size=80))
def test_rubbish_for_a_key_or_a_signature_is_a_bad_signature(
    suite_id: str, key: bytes, signature: bytes
) -> None:
    with pytest.raises(BadSignature):
        verify_bytes(get_suite(suite_id), Purpose.MANIFEST, b"payload", signature, key)
