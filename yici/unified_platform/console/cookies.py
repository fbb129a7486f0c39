"""The session cookie: `__Host-` and Secure over TLS, strict everywhere."""

from enum import StrEnum

from starlette.responses import Response

from yici.unified_platform.accounts.staff import LONGEST


class Transport(StrEnum):
    """How browsers reach the console."""

    TLS = "tls"
    LOOPBACK = "loopback"  # plain HTTP on this machine only


def cookie_name(transport: Transport) -> str:
    """The `__Host-` prefix needs TLS (RFC 6265bis)."""
    return "__Host-yici-staff" if transport is Transport.TLS else "yici-staff"


def put_cookie(response: Response, transport: Transport, token: str) -> None:
    """For this host and path / only; scripts can't read it."""
    response.set_cookie(
        cookie_name(transport),
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=transport is Transport.TLS,
        httponly=True,
        samesite="strict",
    )


def drop_cookie(response: Response, transport: Transport) -> None:
    """At sign-out."""
    response.delete_cookie(
        cookie_name(transport),
        path="/",
        secure=transport is Transport.TLS,
        httponly=True,
        samesite="strict",
    )
