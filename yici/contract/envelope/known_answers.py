"""Known-answer tests run when a suite is first used: a process with broken cryptography stops.

Vectors: RFC 8032 7.1 test 1 (Ed25519), FIPS 180-4 (SHA-256 of "abc"), RFC 9180 A.1 uses
AES-128, so AES-256-GCM is checked with the zero-key vector of NIST's GCM submission (test
case 14); GB/T 32905 (SM3 of "abc"), RFC 8998 A.1 (SM4-GCM), GB/T 32918.5 annex A (SM2 signature
of "message digest"). SM2 signing is random, so beside the published signature a fresh one by the
published key has to hold, and must not hold for other bytes.
"""

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yici.contract.envelope.suite import EnvelopeError

_ED25519_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
_ED25519_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    "d25bf5f0595bbe24655141438e7a100b"
)
_SHA256_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_AES_GCM_14 = bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
_SM3_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
_SM4_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
_SM4_NONCE = bytes.fromhex("00001234567800000000abcd")
_SM4_CONTEXT = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_SM4_PLAIN = bytes.fromhex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
)
_SM4_CIPHER = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
)
_SM4_TAG = bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec")
_SM2_PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_SM2_MESSAGE = b"message digest"
_SM2_PUBLIC = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_SM2_SIGNATURE = bytes.fromhex(  # DER of r and s
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


class SelfTestFailed(EnvelopeError):
    """The cryptographic library gives a wrong answer: nothing may be sealed or signed with it."""


def _expect(name: str, *, actual: object, known: object) -> None:
    if actual != known:
        raise SelfTestFailed(name)


def check_intl() -> None:
    """Raises SelfTestFailed."""
    signature = Ed25519PrivateKey.from_private_bytes(_ED25519_SEED).sign(b"")
    _expect("Ed25519", actual=signature, known=_ED25519_SIGNATURE)
    _expect("SHA-256", actual=hashlib.sha256(b"abc").hexdigest(), known=_SHA256_ABC)
    sealed = AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), None)
    _expect("AES-256-GCM", actual=sealed, known=_AES_GCM_14)


def check_gm() -> None:
    """Raises SelfTestFailed."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    _expect("SM3", actual=digest.finalize().hex(), known=_SM3_ABC)
    encryptor = Cipher(algorithms.SM4(_SM4_KEY), modes.GCM(_SM4_NONCE)).encryptor()
    encryptor.authenticate_additional_data(_SM4_CONTEXT)
    ciphertext = encryptor.update(_SM4_PLAIN) + encryptor.finalize()
    _expect("SM4-GCM", actual=(ciphertext, encryptor.tag), known=(_SM4_CIPHER, _SM4_TAG))
    from gmssl_pyx import sm2_sign, sm2_verify  # present only where this suite is

    good = sm2_verify(_SM2_PUBLIC, _SM2_MESSAGE, _SM2_SIGNATURE)
    _expect("SM2", actual=bool(good), known=True)
    fresh = sm2_sign(_SM2_PRIVATE, _SM2_PUBLIC, _SM2_MESSAGE)
    verdicts = [bool(sm2_verify(_SM2_PUBLIC, m, fresh)) for m in (_SM2_MESSAGE, b"other")]
    _expect("SM2 signing", actual=verdicts, known=[True, False])
