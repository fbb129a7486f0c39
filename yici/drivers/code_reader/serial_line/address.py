"""Where a serial code reader is: `PORT[@BAUD][?prefix=aim]`.

/dev/kiosk/code-reader                     a USB reader in serial mode
/dev/ttyS1@115200?prefix=aim               an RS-232 reader that sends AIM identifiers
socket://192.0.2.7:4001                    behind a serial server
"""

import re
from dataclasses import dataclass

from yici.drivers.code_reader.code_lines import Prefix
from yici.drivers.transports.serial_line import check_settings

DEFAULT_BAUD_RATE = 9600  # what makers deliver; a USB reader has no speed and doesn't care
_OPTION = "?prefix="
_BAUD = re.compile(r"(?P<port>.+)@(?P<baud_rate>\d{1,7})")


@dataclass(frozen=True, slots=True)
class SerialReaderAddress:
    """`port` is a device path or socket://host:port; `baud_rate` in bits per second, 8N1."""

    port: str
    baud_rate: int = DEFAULT_BAUD_RATE
    prefix: Prefix = Prefix.NONE


def parse_address(text: str) -> SerialReaderAddress:
    """Raises ValueError with a sentence for whoever wrote the address."""
    rest, has_option, option = text.partition(_OPTION)
    if has_option and option not in tuple(Prefix):
        raise ValueError(f"{text!r}: the prefix is {' or '.join(Prefix)}, not {option!r}")
    port, baud_rate = rest, DEFAULT_BAUD_RATE
    if match := _BAUD.fullmatch(rest):
        port, baud_rate = match["port"], int(match["baud_rate"])
    if "://" not in port and not port.startswith("/"):
        raise ValueError(
            f"{text!r}: a code reader's address looks like /dev/kiosk/code-reader@9600"
            " or socket://192.0.2.7:4001"
        )
    check_settings(port, baud_rate)
    return SerialReaderAddress(port, baud_rate, Prefix(option) if has_option else Prefix.NONE)
