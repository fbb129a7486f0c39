"""Content addresses: `sha256-<hex>` or `sm3-<hex>`, the name of a sealed part everywhere."""

import hashlib
from typing import Annotated

from cryptography.hazmat.primitives import hashes
from pydantic import StringConstraints

Digest = Annotated[str, StringConstraints(pattern=r"^(sha256|sm3)-[0-9a-f]{64}$")]
ALGORITHMS = ("sha256", "sm3")


class RunningDigest:
    """A digest over bytes that arrive in pieces."""

    def __init__(self, algorithm: str) -> None:
        if algorithm not in ALGORITHMS:
            raise ValueError(f"unknown digest algorithm {algorithm!r}; known: {ALGORITHMS}")
        self._algorithm = algorithm
        self._sha256 = hashlib.sha256() if algorithm == "sha256" else None
        self._sm3 = hashes.Hash(hashes.SM3()) if algorithm == "sm3" else None

    def update(self, data: bytes) -> None:
        """Take in the next piece."""
        if self._sha256 is not None:
            self._sha256.update(data)
        elif self._sm3 is not None:
            self._sm3.update(data)

    def text(self) -> str:
        """The finished content address."""
        if self._sha256 is not None:
            return f"sha256-{self._sha256.hexdigest()}"
        assert self._sm3 is not None  # noqa: S101 - one of the two is always made
        return f"sm3-{self._sm3.copy().finalize().hex()}"


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    """The content address of some bytes."""
    if algorithm == "sha256":
        return f"sha256-{hashlib.sha256(data).hexdigest()}"
    running = RunningDigest(algorithm)
    running.update(data)
    return running.text()


def algorithm_of(digest: str) -> str:
    """`sha256` or `sm3`."""
    return digest.partition("-")[0]
