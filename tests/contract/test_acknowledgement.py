"""Acknowledgements form a chain: a lost, reordered or foreign one shows."""

from datetime import UTC, datetime

import pytest

from yici.contract.acknowledgement import (
    CHAIN_START,
    Acknowledgement,
    chain_digest,
    read_acknowledgement,
)
from yici.contract.digests import digest_of
from yici.contract.envelope.suite import BadSignature
from yici.contract.envelope.suites import get_suite
from yici.contract.statement import Purpose, SignedStatement, sign_statement
from yici.contract.submission_ids import new_id
from yici.contract.terminal import SealingKey

SUITE = get_suite("intl-1")
KEYS = SUITE.new_signing_key()


def acknowledged(
    sequence: int, previous: str, purpose: Purpose = Purpose.ACKNOWLEDGEMENT
) -> SignedStatement:
    message = Acknowledgement(
        terminal_id="T-1",
        submission_id=new_id(),
        digest=digest_of(b"manifest"),
        part_digests=(digest_of(b"part"),),
        case_number="43018112320260001",
        received_at=datetime(2026, 11, 25, 9, 30, sequence, tzinfo=UTC),
        sequence=sequence,
        previous=previous,
    )
    return sign_statement(SUITE, purpose, message, key_id="sign-1", private_key=KEYS.private)


def chain(length: int) -> list[SignedStatement]:
    links: list[SignedStatement] = []
    for sequence in range(1, length + 1):
        previous = chain_digest(links[-1]) if links else CHAIN_START
        links.append(acknowledged(sequence, previous))
    return links


def is_unbroken(links: list[SignedStatement]) -> bool:
    expected = CHAIN_START
    for link in links:
        if read_acknowledgement(SUITE, link, KEYS.public).previous != expected:
            return False
        expected = chain_digest(link)
    return True


def test_each_names_the_one_before_also_after_travelling() -> None:
    links = [SignedStatement.from_bytes(link.to_bytes()) for link in chain(4)]
    assert is_unbroken(links)
    numbers = [read_acknowledgement(SUITE, link, KEYS.public).sequence for link in links]
    assert numbers == [1, 2, 3, 4]


def test_a_lost_swapped_or_repeated_link_shows() -> None:
    first, second, third, fourth = chain(4)
    assert not is_unbroken([first, third, fourth])
    assert not is_unbroken([second, third, fourth])
    assert not is_unbroken([first, third, second, fourth])
    assert not is_unbroken([first, first, second])


def test_another_chains_link_does_not_fit() -> None:
    ours, theirs = chain(3), chain(3)
    assert not is_unbroken([ours[0], theirs[1], ours[2]])


def test_only_the_platforms_word_for_this_purpose_counts() -> None:
    (link,) = chain(1)
    with pytest.raises(BadSignature):
        read_acknowledgement(SUITE, link, SUITE.new_signing_key().public)
    with pytest.raises(BadSignature):
        read_acknowledgement(SUITE, acknowledged(1, CHAIN_START, Purpose.WELCOME), KEYS.public)


def test_a_signed_something_else_is_no_acknowledgement() -> None:
    other = sign_statement(
        SUITE,
        Purpose.ACKNOWLEDGEMENT,
        SealingKey(key_id="k", public_key=b"p"),
        key_id="sign-1",
        private_key=KEYS.private,
    )
    with pytest.raises(BadSignature):
        read_acknowledgement(SUITE, other, KEYS.public)
