"""Suite `intl-1`: HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), AES-256-GCM, Ed25519."""

import secrets

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

from yici.contract.envelope.suite import BadCiphertext, BadSignature, KeyPair, SigningKey

_ED25519_PUBLIC_LENGTH = 32
_HPKE = HpkeSuite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class IntlSuite:
    """See `yici.contract.envelope.suite.Suite`."""

    suite_id = "intl-1"
    digest_algorithm = "sha256"
    request_algorithm = "ed25519"  # registered by RFC 9421

    def new_signing_key(self) -> KeyPair:
        key = Ed25519PrivateKey.generate()
        return KeyPair(key.private_bytes_raw(), key.public_key().public_bytes_raw())

    def is_signing_public_key(self, public_key: bytes) -> bool:
        return len(public_key) == _ED25519_PUBLIC_LENGTH

    def new_sealing_key(self) -> KeyPair:
        key = X25519PrivateKey.generate()
        return KeyPair(key.private_bytes_raw(), key.public_key().public_bytes_raw())

    def sign(self, private_key: bytes, message: bytes) -> bytes:
        return self.load_signing_key(private_key).sign(message)

    def load_signing_key(self, private_key: bytes) -> SigningKey:
        return Ed25519PrivateKey.from_private_bytes(private_key)

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise BadSignature from error

    def new_data_key(self) -> bytes:
        return secrets.token_bytes(32)

    def encrypt(self, data_key: bytes, number: int, plaintext: bytes, context: bytes) -> bytes:
        return AESGCM(data_key).encrypt(number.to_bytes(12, "big"), plaintext, context)

    def decrypt(self, data_key: bytes, number: int, ciphertext: bytes, context: bytes) -> bytes:
        try:
            return AESGCM(data_key).decrypt(number.to_bytes(12, "big"), ciphertext, context)
        except (InvalidTag, ValueError) as error:
            raise BadCiphertext from error

    def seal_data_key(self, data_key: bytes, public_key: bytes, context: bytes) -> bytes:
        return _HPKE.encrypt(data_key, X25519PublicKey.from_public_bytes(public_key), info=context)

    def open_data_key(self, sealed: bytes, private_key: bytes, context: bytes) -> bytes:
        key = X25519PrivateKey.from_private_bytes(private_key)
        try:
            return _HPKE.decrypt(sealed, key, info=context)
        except (InvalidTag, ValueError) as error:
            raise BadCiphertext from error
