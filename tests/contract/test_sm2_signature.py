"""SM2 with SM3 as the standard prints it, and as two other implementations compute it."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sm2_by_the_standard import (
    G,
    N,
    P,
    as_bytes,
    holds,
    message_digest,
    multiply,
    sign,
    signer_digest,
)

from yici.contract.envelope.suite import BadSignature
from yici.contract.envelope.suites import get_suite

SUITE = get_suite("gm-1")
MESSAGE = b"message digest"
# GB/T 32918.5-2017 annex A: the signature example on the recommended curve
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = (
    0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
)
SIGNER_DIGEST = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
DIGEST = 0xF0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA

PUBLIC_BYTES = as_bytes(*PUBLIC)
PRIVATE_BYTES = as_bytes(PRIVATE) + PUBLIC_BYTES
SIGNATURE = encode_dss_signature(R, S)


def test_every_step_of_the_published_example_comes_out_as_printed() -> None:
    assert multiply(PRIVATE, G) == PUBLIC
    assert signer_digest(PUBLIC).hex() == SIGNER_DIGEST
    assert message_digest(PUBLIC, MESSAGE) == DIGEST
    assert sign(PRIVATE, MESSAGE, NONCE) == (R, S)


def test_the_suite_takes_the_published_signature() -> None:
    SUITE.verify(PUBLIC_BYTES, MESSAGE, SIGNATURE)


@settings(max_examples=8)
@given(message=st.binary(max_size=200), private=st.integers(1, N - 2), nonce=st.integers(1, N - 1))
def test_suite_and_standard_take_each_others_signatures(
    message: bytes, private: int, nonce: int
) -> None:
    public = multiply(private, G)
    raw = as_bytes(*public)
    assert SUITE.is_signing_public_key(raw)
    SUITE.verify(raw, message, encode_dss_signature(*sign(private, message, nonce)))
    ours = SUITE.sign(as_bytes(private) + raw, message)
    assert holds(public, message, *decode_dss_signature(ours))


def test_new_keys_are_a_scalar_and_its_point() -> None:
    pair = SUITE.new_signing_key()
    scalar = int.from_bytes(pair.private[:32], "big")
    assert as_bytes(*multiply(scalar, G)) == pair.public == pair.private[32:]


# --- refused


@given(position=st.integers(0, len(SIGNATURE) * 8 - 1))
def test_signature_with_one_bit_changed_is_refused(position: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[position // 8] ^= 1 << position % 8
    with pytest.raises(BadSignature):
        SUITE.verify(PUBLIC_BYTES, MESSAGE, bytes(changed))


@given(message=st.binary(max_size=100).filter(lambda message: message != MESSAGE))
def test_signature_of_other_bytes_is_refused(message: bytes) -> None:
    with pytest.raises(BadSignature):
        SUITE.verify(PUBLIC_BYTES, message, SIGNATURE)


@given(signature=st.binary(max_size=100))
def test_rubbish_is_refused_and_never_raises_anything_else(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        SUITE.verify(PUBLIC_BYTES, MESSAGE, signature)


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE + b"\x00",
        b"\x30\x81" + SIGNATURE[1:],
        as_bytes(R, S),
        encode_dss_signature(0, S),
        encode_dss_signature(R, 0),
        encode_dss_signature(R + N, S),
        bytes.fromhex("3006020181020101"),
        encode_dss_signature(R, N - R),
    ],
    ids=["more bytes", "long length", "bare", "r=0", "s=0", "r over n", "r below 0", "t=0"],
)
def test_same_numbers_written_otherwise_or_out_of_range_are_refused(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        SUITE.verify(PUBLIC_BYTES, MESSAGE, signature)


@pytest.mark.parametrize(
    "key",
    [
        b"",
        bytes(64),
        PUBLIC_BYTES[:63],
        b"\x04" + PUBLIC_BYTES,
        as_bytes(PUBLIC[0], PUBLIC[1] ^ 1),
        as_bytes(PUBLIC[0], PUBLIC[1])[32:] + as_bytes(PUBLIC[0]),
        bytes(32) + as_bytes(P),
        get_suite("intl-1").new_signing_key().public,
    ],
    ids=["none", "zero", "short", "with a mark", "off", "swapped", "over p", "ed25519"],
)
def test_what_is_no_point_of_the_curve_is_no_key(key: bytes) -> None:
    assert not SUITE.is_signing_public_key(key)
    with pytest.raises(BadSignature):
        SUITE.verify(key, MESSAGE, SIGNATURE)


# --- OpenSSL


_CURVE = bytes.fromhex("06082a811ccf5501822d")  # 1.2.156.10197.1.301
_EC_KEY = bytes.fromhex("06072a8648ce3d0201")


def _pem(kind: str, der: bytes) -> str:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n"


def _openssl(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    (directory / "message").write_bytes(MESSAGE)
    return subprocess.run(
        [
            "openssl",
            "pkeyutl",
            *arguments,
            *("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"),
            *("-in", "message"),
        ],
        cwd=directory,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def openssl_keys(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command here to compare with")
    listed = subprocess.run(
        ["openssl", "list", "-signature-algorithms"], capture_output=True, timeout=60, check=True
    )
    if b"SM2" not in listed.stdout:
        pytest.skip("this openssl was built without SM2")
    public = b"\x03\x42\x00\x04" + PUBLIC_BYTES
    private_der = b"\x30\x77\x02\x01\x01\x04\x20" + as_bytes(PRIVATE)
    private_der += b"\xa0\x0a" + _CURVE + b"\xa1\x44" + public
    (tmp_path / "private.pem").write_text(_pem("EC PRIVATE KEY", private_der))
    public_der = b"\x30\x59\x30\x13" + _EC_KEY + _CURVE + public
    (tmp_path / "public.pem").write_text(_pem("PUBLIC KEY", public_der))
    return tmp_path


def test_the_suite_takes_a_signature_made_by_openssl(openssl_keys: Path) -> None:
    made = _openssl(openssl_keys, "-sign", "-inkey", "private.pem", "-out", "signature")
    assert made.returncode == 0, made.stderr
    SUITE.verify(PUBLIC_BYTES, MESSAGE, (openssl_keys / "signature").read_bytes())


def test_openssl_takes_a_signature_made_by_the_suite_and_no_other(openssl_keys: Path) -> None:
    verify = ("-verify", "-pubin", "-inkey", "public.pem", "-sigfile", "signature")
    (openssl_keys / "signature").write_bytes(SUITE.sign(PRIVATE_BYTES, MESSAGE))
    assert _openssl(openssl_keys, *verify).returncode == 0
    (openssl_keys / "signature").write_bytes(SUITE.sign(PRIVATE_BYTES, MESSAGE + b"!"))
    assert _openssl(openssl_keys, *verify).returncode == 1
