"""Suite `gm-1`: SM2 (DER, C1C3C2) wraps a 128-bit data key, SM4-GCM (RFC 8998), SM2 with SM3.

SM3 and SM4 come from `cryptography`, SM2 from GmSSL (x86-64 only). SM2 encryption has no
associated data: the digest of the context travels inside, beside the data key.

Signatures (GB/T 32918.2) are DER of r and s (GM/T 0009), made with the default signer identity
`1234567812345678` on the curve of GB/T 32918.5. A private key is the scalar, then its public key;
a public key is x and y, 32 bytes each.
"""

import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from gmssl_pyx import (
    GmsslInnerError,
    sm2_decrypt,
    sm2_encrypt,
    sm2_key_generate,
    sm2_sign,
    sm2_verify,
)

from yici.contract.envelope.suite import BadCiphertext, BadSignature, KeyPair, SigningKey

_TAG_LENGTH = 16
_DATA_KEY_LENGTH = 16
_SCALAR_LENGTH = 32
_PUBLIC_LENGTH = 64
# GB/T 32918.5: y² = x³ + ax + b over the field of p elements
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
# RFC 9421's registry has no SM2: this name is ours alone, as the prefix says
_REQUEST_ALGORITHM = "yici-sm2-sm3"


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _is_der_of_two_numbers(signature: bytes) -> bool:
    """DER allows one encoding of r and s; what is not it never reaches the C library."""
    try:
        return encode_dss_signature(*decode_dss_signature(signature)) == signature
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, repr=False)
class _Sm2SigningKey:
    """Both halves: SM2 signs over its own public key."""

    private: bytes
    public: bytes

    def sign(self, message: bytes) -> bytes:
        return bytes(sm2_sign(self.private, self.public, message))


class GmSuite:
    """See `yici.contract.envelope.suite.Suite`."""

    suite_id = "gm-1"
    digest_algorithm = "sm3"
    request_algorithm = _REQUEST_ALGORITHM

    def new_signing_key(self) -> KeyPair:
        public, private = sm2_key_generate()
        # SM2 signs over its own public key: the private half carries it
        return KeyPair(bytes(private) + bytes(public), bytes(public))

    new_sealing_key = new_signing_key

    def is_signing_public_key(self, public_key: bytes) -> bool:
        if len(public_key) != _PUBLIC_LENGTH:
            return False
        x, y = (int.from_bytes(half, "big") for half in (public_key[:32], public_key[32:]))
        return max(x, y) < _P and (y * y - (x * x * x + _A * x + _B)) % _P == 0

    def sign(self, private_key: bytes, message: bytes) -> bytes:
        return self.load_signing_key(private_key).sign(message)

    def load_signing_key(self, private_key: bytes) -> SigningKey:
        return _Sm2SigningKey(private_key[:_SCALAR_LENGTH], private_key[_SCALAR_LENGTH:])

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> None:
        if not (self.is_signing_public_key(public_key) and _is_der_of_two_numbers(signature)):
            raise BadSignature
        try:
            good = sm2_verify(public_key, message, signature)
        except (GmsslInnerError, ValueError) as error:
            raise BadSignature from error
        if not good:
            raise BadSignature

    def new_data_key(self) -> bytes:
        return secrets.token_bytes(_DATA_KEY_LENGTH)

    def encrypt(self, data_key: bytes, number: int, plaintext: bytes, context: bytes) -> bytes:
        mode = modes.GCM(number.to_bytes(12, "big"))
        encryptor = Cipher(algorithms.SM4(data_key), mode).encryptor()
        encryptor.authenticate_additional_data(context)
        return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag

    def decrypt(self, data_key: bytes, number: int, ciphertext: bytes, context: bytes) -> bytes:
        body, tag = ciphertext[:-_TAG_LENGTH], ciphertext[-_TAG_LENGTH:]
        try:
            mode = modes.GCM(number.to_bytes(12, "big"), tag)
            decryptor = Cipher(algorithms.SM4(data_key), mode).decryptor()
            decryptor.authenticate_additional_data(context)
            return decryptor.update(body) + decryptor.finalize()
        except (InvalidTag, ValueError) as error:
            raise BadCiphertext from error

    def seal_data_key(self, data_key: bytes, public_key: bytes, context: bytes) -> bytes:
        return bytes(sm2_encrypt(public_key, data_key + _sm3(context)))

    def open_data_key(self, sealed: bytes, private_key: bytes, context: bytes) -> bytes:
        try:
            opened = bytes(sm2_decrypt(private_key[:_SCALAR_LENGTH], sealed))
        except (GmsslInnerError, ValueError) as error:
            raise BadCiphertext from error
        data_key, bound = opened[:_DATA_KEY_LENGTH], opened[_DATA_KEY_LENGTH:]
        if not hmac.compare_digest(bound, _sm3(context)):
            raise BadCiphertext
        return data_key
