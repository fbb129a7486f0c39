"""Where an ESC/POS printer is: `tcp://HOST:PORT`, `serial:PATH[@BAUD]` or `usb:PATH`."""

import re
from dataclasses import dataclass

import serial

DEFAULT_BAUD_RATE = 115200

_TCP = re.compile(r"tcp://(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})/?")
_SERIAL = re.compile(r"serial:(?P<path>/[^@\0]*[^@\0/])(@(?P<baud_rate>\d{1,7}))?")
_USB = re.compile(r"usb:(?P<path>/[^\0]*[^\0/])")


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A printer on the network."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """A printer on a serial port; `baud_rate` in bits per second, 8N1."""

    path: str
    baud_rate: int = DEFAULT_BAUD_RATE


@dataclass(frozen=True, slots=True)
class UsbAddress:
    """A printer behind the kernel's usblp driver, such as /dev/usb/lp0."""

    path: str


def parse_address(text: str) -> TcpAddress | SerialAddress | UsbAddress:
    """Raises ValueError with a sentence for whoever wrote the address."""
    if match := _TCP.fullmatch(text):
        port = int(match["port"])
        if not 0 < port < 0x10000:
            raise ValueError(f"{text}: a TCP port is a number from 1 to 65535")
        return TcpAddress(match["host"].strip("[]"), port)
    if match := _SERIAL.fullmatch(text):
        baud_rate = int(match["baud_rate"] or DEFAULT_BAUD_RATE)
        if baud_rate not in serial.Serial.BAUDRATES or baud_rate < 1200:
            raise ValueError(f"{text}: {baud_rate} is not a speed of a serial line (try 115200)")
        return SerialAddress(match["path"], baud_rate)
    if match := _USB.fullmatch(text):
        return UsbAddress(match["path"])
    raise ValueError(
        f"{text}: a printer's address looks like tcp://192.0.2.7:9100, usb:/dev/usb/lp0 or"
        " serial:/dev/kiosk/receipt-printer@115200"
    )
