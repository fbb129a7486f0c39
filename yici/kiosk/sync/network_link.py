"""Whether a network cable or radio link is up, from the kernel, to try again at once."""

from pathlib import Path

_INTERFACES = Path("/sys/class/net")


def read_links(directory: Path = _INTERFACES) -> frozenset[str]:
    """Names of the interfaces that carry a signal; loopback left out."""
    up = set()
    try:
        for interface in directory.iterdir():
            if interface.name != "lo" and _has_carrier(interface):
                up.add(interface.name)
    except OSError:
        return frozenset()
    return frozenset(up)


def _has_carrier(interface: Path) -> bool:
    try:
        return (interface / "carrier").read_text(encoding="ascii").strip() == "1"
    except (OSError, UnicodeDecodeError):
        return False  # an interface that is switched off answers EINVAL
