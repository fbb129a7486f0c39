"""The small set of operations that a cryptographic suite offers; suites differ, callers don't.

EnvelopeError
├── BadSignature   the signature doesn't fit the bytes, key or purpose
├── BadCiphertext  wrong key, or bytes changed on the way
└── UnknownSuite   no suite of that name in this installation
"""

from dataclasses import dataclass
from typing import Protocol

DATA_KEY_LABEL = "yici data key"


class EnvelopeError(Exception):
    """Root of the tree above."""


class BadSignature(EnvelopeError):
    """The signature does not hold."""


class BadCiphertext(EnvelopeError):
    """The ciphertext does not open."""


class UnknownSuite(EnvelopeError):
    """No such suite here."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """Raw key bytes in the suite's own encoding; `repr` never shows the private half."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return "KeyPair(…)"


class SigningKey(Protocol):
    """A private signing key, checked and ready for use: loading it costs as much as signing."""

    def sign(self, message: bytes) -> bytes: ...


class Suite(Protocol):
    """Seal, open, sign, verify, digest. All inputs and outputs are bytes."""

    @property
    def suite_id(self) -> str: ...

    @property
    def digest_algorithm(self) -> str:
        """`sha256` or `sm3`: how this suite names sealed parts."""
        ...

    @property
    def request_algorithm(self) -> str:
        """How signed requests name this suite's signature (RFC 9421, parameter `alg`)."""
        ...

    def new_signing_key(self) -> KeyPair: ...

    def is_signing_public_key(self, public_key: bytes) -> bool:
        """Whether these bytes can be one: of the right length and, on a curve, a point of it."""
        ...

    def new_sealing_key(self) -> KeyPair: ...

    def sign(self, private_key: bytes, message: bytes) -> bytes: ...

    def load_signing_key(self, private_key: bytes) -> SigningKey:
        """For many signatures, or for one that somebody will wait for."""
        ...

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> None:
        """Raises BadSignature."""
        ...

    def new_data_key(self) -> bytes:
        """A random key for one submission."""
        ...

    def encrypt(self, data_key: bytes, number: int, plaintext: bytes, context: bytes) -> bytes:
        """AEAD with a nonce made of `number`; a number is used once per data key."""
        ...

    def decrypt(self, data_key: bytes, number: int, ciphertext: bytes, context: bytes) -> bytes:
        """Raises BadCiphertext."""
        ...

    def seal_data_key(self, data_key: bytes, public_key: bytes, context: bytes) -> bytes:
        """Encrypt a data key to a recipient."""
        ...

    def open_data_key(self, sealed: bytes, private_key: bytes, context: bytes) -> bytes:
        """Raises BadCiphertext."""
        ...
