"""SM2 signatures written from the standard's text (GB/T 32918.1 and .2), plain integers, slow.

A second implementation to hold the library's against; SM3 comes from OpenSSL by `cryptography`.
"""

from cryptography.hazmat.primitives import hashes

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int]
DEFAULT_SIGNER = b"1234567812345678"


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def add(left: Point | None, right: Point | None) -> Point | None:
    """None is the point at infinity."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if left == right:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(scalar: int, point: Point) -> Point:
    total: Point | None = None
    doubled: Point | None = point
    while scalar:
        if scalar & 1:
            total = add(total, doubled)
        doubled, scalar = add(doubled, doubled), scalar >> 1
    assert total is not None
    return total


def as_bytes(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)


def signer_digest(public: Point, signer: bytes = DEFAULT_SIGNER) -> bytes:
    """Z: the signer's name, the curve and the key."""
    bits = (len(signer) * 8).to_bytes(2, "big")
    return sm3(bits + signer + as_bytes(A, B, *G, *public))


def message_digest(public: Point, message: bytes) -> int:
    return int.from_bytes(sm3(signer_digest(public) + message), "big")


def sign(private: int, message: bytes, nonce: int) -> tuple[int, int]:
    public = multiply(private, G)
    r = (message_digest(public, message) + multiply(nonce, G)[0]) % N
    s = pow(1 + private, -1, N) * (nonce - r * private) % N
    assert r not in (0, N - nonce)
    assert s
    return r, s


def holds(public: Point, message: bytes, r: int, s: int) -> bool:
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    point = add(multiply(s, G), multiply(t, public))
    return point is not None and (message_digest(public, message) + point[0]) % N == r
