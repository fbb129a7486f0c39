"""Identifiers that sort by time, and codes that survive being read aloud and typed."""

import time
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from yici.contract.crockford import ALPHABET, new_code, normalise_code
from yici.contract.submission_ids import (
    SLIP_CODE_LENGTH,
    format_slip_code,
    new_id,
    new_slip_code,
    normalise_slip_code,
)

codes = st.text(ALPHABET, min_size=SLIP_CODE_LENGTH, max_size=SLIP_CODE_LENGTH)


def test_new_ids_are_uuid7_of_this_moment_and_never_the_same() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(2000)]
    after_ms = time.time_ns() // 1_000_000
    assert len(set(made)) == len(made)
    assert {(identifier.version, identifier.variant) for identifier in made} == {(7, RFC_4122)}
    assert all(before_ms <= identifier.int >> 80 <= after_ms for identifier in made)


def test_every_random_bit_of_an_id_varies() -> None:
    made = [new_id().int for _ in range(500)]
    random_bits = [bit for bit in range(76) if bit not in (62, 63)]
    assert all(len({value >> bit & 1 for value in made}) == 2 for bit in random_bits)


def test_new_codes_use_the_whole_alphabet() -> None:
    letters = "".join(new_slip_code() for _ in range(300))
    assert set(letters) == set(ALPHABET)
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)


@given(code=codes)
def test_a_formatted_code_is_read_back(code: str) -> None:
    assert normalise_slip_code(format_slip_code(code)) == code


@given(code=codes, data=st.data())
def test_blanks_dashes_case_and_lookalikes_do_not_matter(code: str, data: st.DataObject) -> None:
    lookalikes = {"1": "1iIlL", "0": "0oO"}
    typed = "".join(
        data.draw(st.sampled_from(lookalikes.get(letter, letter + letter.lower())))
        + data.draw(st.sampled_from(["", " ", "-", " - "]))
        for letter in code
    )
    assert normalise_slip_code(typed) == code


@given(text=st.text())
def test_whatever_is_typed_is_a_whole_code_or_none(text: str) -> None:
    read = normalise_slip_code(text)
    assert read is None or (len(read) == SLIP_CODE_LENGTH and set(read) <= set(ALPHABET))


@given(code=codes, cut=st.integers(1, SLIP_CODE_LENGTH))
def test_a_code_of_another_length_is_none(code: str, cut: int) -> None:
    assert normalise_slip_code(code[:-cut]) is None
    assert normalise_slip_code(code + new_code(cut)) is None
    assert normalise_code(code, SLIP_CODE_LENGTH + cut) is None


def test_u_is_no_letter_of_a_code() -> None:
    assert normalise_slip_code("ABCDEFGHJU") is None
