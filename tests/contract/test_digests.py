"""Content addresses: the same bytes, the same name, however they arrived."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from yici.contract.digests import ALGORITHMS, Digest, RunningDigest, algorithm_of, digest_of

KNOWN = {  # of b"abc": FIPS 180-4 and GB/T 32905
    "sha256": "sha256-ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sm3": "sm3-66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_published_digest(algorithm: str) -> None:
    assert digest_of(b"abc", algorithm) == KNOWN[algorithm]
    assert algorithm_of(KNOWN[algorithm]) == algorithm


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(pieces=st.lists(st.binary(max_size=200), max_size=8))
def test_pieces_make_the_digest_of_the_whole(algorithm: str, pieces: list[bytes]) -> None:
    running = RunningDigest(algorithm)
    for piece in pieces:
        running.update(piece)
        running.text()  # a look in between changes nothing
    assert running.text() == digest_of(b"".join(pieces), algorithm)


def test_an_unknown_algorithm_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match="md5"):
        RunningDigest("md5")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256-",
        "md5-" + "0" * 64,
        "sha256-" + "0" * 63,
        "sha256-" + "A" * 64,
        "sha256-" + "0" * 64 + "\n",
        "sha256-" + "0" * 60 + "/../",
        "../sha256-" + "0" * 64,
    ],
)
def test_what_is_no_digest_can_not_become_a_file_name(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Digest).validate_python(text)
