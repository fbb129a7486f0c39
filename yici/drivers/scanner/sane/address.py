"""What a setting may say to reach a scanner, and the SANE configuration that it takes."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from yici.drivers.transports.http_call import HttpEndpoint

# sane-airscan's own name for the first device of its configuration file
_AIRSCAN_DEVICE: Final = "airscan:e0:Scanner"
_SANE_NAME = re.compile(r"[A-Za-z0-9_][!-~]{0,200}")
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+){0,8}/?")

_AIRSCAN_CONF: Final = """[devices]
"Scanner" = {url}, eSCL
[options]
discovery = disable
ws-discovery = off
protocol = manual
"""


@dataclass(frozen=True, slots=True)
class EsclService:
    """An eSCL scanner's root, such as /eSCL, on its HTTP port."""

    endpoint: HttpEndpoint
    root: str


@dataclass(frozen=True, slots=True)
class SaneAddress:
    """`device` is scanimage's; `config_files` (name → text) make a private configuration.

    Without `config_files` the system's configuration in /etc/sane.d is used.
    """

    device: str
    config_files: tuple[tuple[str, str], ...] = ()
    escl: EsclService | None = None


def parse_address(address: str) -> SaneAddress:
    """`sane:DEVICE` (as `scanimage -L` names it) or `escl:http://HOST[:PORT]/eSCL`.

    Raises ValueError with a sentence for anything else.
    """
    scheme, _, rest = address.partition(":")
    if scheme == "sane" and _SANE_NAME.fullmatch(rest):
        return SaneAddress(rest)
    if scheme == "escl":
        escl = _parse_escl(rest)
        if escl is not None:
            shown = f"[{escl.endpoint.host}]" if ":" in escl.endpoint.host else escl.endpoint.host
            url = f"http://{shown}:{escl.endpoint.port}{escl.root}"
            files = (("dll.conf", "airscan\n"), ("airscan.conf", _AIRSCAN_CONF.format(url=url)))
            return SaneAddress(_AIRSCAN_DEVICE, files, escl)
    raise ValueError(
        f"{address!r} is no scanner's address; write sane:DEVICE as scanimage -L shows it,"
        " or escl:http://HOST:PORT/eSCL"
    )


def _parse_escl(url: str) -> EsclService | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return None
    # the address is written into a configuration file: nothing may end its line or its field
    fits = host is not None and _HOST.fullmatch(host) and _PATH.fullmatch(parts.path)
    extra = parts.query or parts.fragment or parts.username is not None
    if parts.scheme != "http" or host is None or not fits or extra:
        return None
    return EsclService(HttpEndpoint(host, port), parts.path.rstrip("/") or "/eSCL")
