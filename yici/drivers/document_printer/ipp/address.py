"""What a setting may say to reach an IPP printer."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from yici.drivers.transports.http_call import HttpEndpoint

DEFAULT_PORT: Final = 631
CUPS_SOCKET: Final = Path("/run/cups/cups.sock")

_QUEUE = re.compile(r"[^\x00-\x20\x7f/#?\"'\\]{1,127}")


@dataclass(frozen=True, slots=True)
class IppAddress:
    """`uri` is the printer's own name in every request; `path` is asked over HTTP."""

    endpoint: HttpEndpoint
    path: str
    uri: str


def parse_address(address: str, *, cups_socket: Path = CUPS_SOCKET) -> IppAddress:
    """`ipp://HOST[:PORT]/PATH`, or `cups:QUEUE` for a queue of this machine's CUPS.

    Raises ValueError with a sentence for anything else.
    """
    scheme, _, rest = address.partition(":")
    if scheme == "cups":
        if not _QUEUE.fullmatch(rest):
            raise ValueError(f"{address!r} names no queue; write cups:QUEUE, such as cups:A4")
        path = f"/printers/{quote(rest)}"
        endpoint = HttpEndpoint("localhost", DEFAULT_PORT, str(cups_socket))
        return IppAddress(endpoint, path, f"ipp://localhost{path}")
    if scheme == "ipps":
        raise ValueError("ipps: is not spoken; set up a CUPS queue for it and write cups:QUEUE")
    return _parse_ipp(address)


def _parse_ipp(address: str) -> IppAddress:
    wrong = ValueError(
        f"{address!r} is no printer's address;"
        " write ipp://HOST:PORT/ipp/print, ipp://HOST:PORT/printers/QUEUE or cups:QUEUE"
    )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        raise wrong from None
    plain = address.isascii() and address.isprintable() and " " not in address
    extra = parts.query or parts.fragment or parts.username is not None
    if parts.scheme != "ipp" or not host or not plain or extra:
        raise wrong
    path = parts.path or "/"
    shown = f"[{host}]" if ":" in host else host
    return IppAddress(HttpEndpoint(host, port), path, f"ipp://{shown}:{port}{path}")
