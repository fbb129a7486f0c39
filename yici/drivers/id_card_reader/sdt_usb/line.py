"""The four endpoints as one line of bytes, so that frames need not know of USB.

    OUT 02  preamble and length      OUT 06  command … check
    IN  81  preamble and length      IN  85  status … check

Source: reader makers' descriptions of the standard USB reader (0400:C35A).
"""

import time

from yici.drivers.id_card_reader.sam.frames import LONGEST_REPLY, PREAMBLE
from yici.drivers.transports.usb_bulk import UsbBulkDevice, UsbId

SDT_READER = UsbId(0x0400, 0xC35A)

OUT_HEAD, OUT_BODY, IN_HEAD, IN_BODY = 0x02, 0x06, 0x81, 0x85
HEAD_SIZE = len(PREAMBLE) + 2  # preamble and length

_DRAIN_S = 0.005
_DRAINS = 64  # transfers; a device that never stops talking is no reason to wait for ever


class SdtUsbLine:
    """A `Line` for whole frames. Raises LineLost from every method but `close`."""

    def __init__(self, device: UsbBulkDevice) -> None:
        self._device = device
        self._body_left = 0  # bytes of the present reply that IN_BODY still owes
        self._is_clean = False  # nothing can be waiting in the device: a whole reply was the last

    def write(self, data: bytes, *, timeout_s: float) -> int:
        """One frame; returns how many of its bytes the device took within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        self._is_clean = False
        taken = self._device.write(OUT_HEAD, data[:HEAD_SIZE], timeout_s=timeout_s)
        if taken == HEAD_SIZE:
            left_s = deadline - time.monotonic()
            taken += self._device.write(OUT_BODY, data[HEAD_SIZE:], timeout_s=left_s)
        return taken

    def read(self, *, timeout_s: float) -> bytes:
        """The next part of a reply; b"" when nothing came in `timeout_s`."""
        if self._body_left == 0:
            return self._read_head(timeout_s)
        part = self._device.read(IN_BODY, self._body_left, timeout_s=timeout_s)
        self._body_left = max(0, self._body_left - len(part))
        self._is_clean = self._body_left == 0
        return part

    def discard_input(self) -> None:
        """Forget what the device still wanted to say; costs time only after something broke."""
        if self._is_clean:
            return
        self._body_left = 0
        for endpoint in (IN_HEAD, IN_BODY):
            for _ in range(_DRAINS):
                if not self._device.read(endpoint, LONGEST_REPLY, timeout_s=_DRAIN_S):
                    break
        self._is_clean = True

    def close(self) -> None:
        """Give the device back; may be called twice."""
        self._device.close()

    def _read_head(self, timeout_s: float) -> bytes:
        head = self._device.read(IN_HEAD, HEAD_SIZE, timeout_s=timeout_s)
        self._is_clean = False
        if len(head) == HEAD_SIZE and head.startswith(PREAMBLE):
            length = int.from_bytes(head[-2:], "big")
            self._body_left = length if length <= LONGEST_REPLY else 0
        return head
