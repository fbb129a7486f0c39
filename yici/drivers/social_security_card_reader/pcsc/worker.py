"""The child process around libpcsclite: one call a question, JSON both ways.

A service that is stopped, restarted or hangs is the library's business: a call may never come
back, and a context may be worth nothing. Here that costs a child, which its parent ends.
Functions and constants: PC/SC Workgroup part 5 and pcsclite's `winscard.h`.
"""

import ctypes
import json
import os
from ctypes import Structure, byref, c_char, c_char_p, c_long, c_ulong, c_void_p
from typing import Any

from yici.drivers.transports.child_end import serve

OK = 0
NO_READERS_AVAILABLE = 0x8010002E
SCOPE_SYSTEM = 2
SHARE_EXCLUSIVE = 1
PROTOCOL_T0, PROTOCOL_T1 = 1, 2
UNPOWER_CARD = 2
LONGEST_ATR = 33
LONGEST_ANSWER = 264  # MAX_BUFFER_SIZE: 256 data bytes and what surrounds them


class ReaderState(Structure):
    """SCARD_READERSTATE."""

    _fields_ = (
        ("reader", c_char_p),
        ("user_data", c_void_p),
        ("current_state", c_ulong),
        ("event_state", c_ulong),
        ("atr_length", c_ulong),
        ("atr", c_char * LONGEST_ATR),
    )


class IoRequest(Structure):
    """SCARD_IO_REQUEST."""

    _fields_ = (("protocol", c_ulong), ("length", c_ulong))


class Refused(Exception):
    """The library said no; `code` is its word for it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code:#010x}")
        self.code = code


class Service:
    """One context, and at most one card."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libpcsclite.so.1")
        self._context: c_long | None = None
        self._card: c_long | None = None
        self._protocol = PROTOCOL_T0

    def readers(self) -> list[str]:
        """Names of all readers; none is an empty list."""
        context = self._get_context()
        size = c_ulong(0)
        try:
            self._call("SCardListReaders", context, None, None, byref(size))
            names = ctypes.create_string_buffer(size.value)
            self._call("SCardListReaders", context, None, names, byref(size))
        except Refused as refused:
            if refused.code == NO_READERS_AVAILABLE:
                return []
            raise
        return [name.decode("utf-8", "replace") for name in names.raw.split(b"\0") if name]

    def state(self, reader: str) -> int:
        """The reader's event state now: a set of SCARD_STATE_… bits."""
        state = ReaderState(reader=reader.encode(), current_state=0)
        self._call(
            "SCardGetStatusChange", self._get_context(), c_ulong(0), byref(state), c_ulong(1)
        )
        return int(state.event_state)

    def connect(self, reader: str) -> None:
        """Power the card in this reader, for us alone."""
        self.disconnect()
        card, protocol = c_long(0), c_ulong(0)
        self._call(
            "SCardConnect",
            self._get_context(),
            reader.encode(),
            c_ulong(SHARE_EXCLUSIVE),
            c_ulong(PROTOCOL_T0 | PROTOCOL_T1),
            byref(card),
            byref(protocol),
        )
        self._card, self._protocol = card, protocol.value

    def transmit(self, command: bytes) -> bytes:
        """One command to the connected card."""
        request = IoRequest(self._protocol, ctypes.sizeof(IoRequest))
        answer = ctypes.create_string_buffer(LONGEST_ANSWER)
        size = c_ulong(LONGEST_ANSWER)
        self._call(
            "SCardTransmit",
            self._card or c_long(0),
            byref(request),
            command,
            c_ulong(len(command)),
            None,
            answer,
            byref(size),
        )
        return answer.raw[: size.value]

    def disconnect(self) -> None:
        """Power the card off, if one is connected."""
        card, self._card = self._card, None
        if card is not None:
            self._library.SCardDisconnect(card, c_ulong(UNPOWER_CARD))

    def forget(self) -> None:
        """The context is worth nothing any more: the service was stopped or restarted."""
        context, self._context, self._card = self._context, None, None
        if context is not None:
            self._library.SCardReleaseContext(context)

    def _get_context(self) -> c_long:
        if self._context is None:
            context = c_long(0)
            self._call("SCardEstablishContext", c_ulong(SCOPE_SYSTEM), None, None, byref(context))
            self._context = context
        return self._context

    def _call(self, name: str, *arguments: Any) -> None:
        function = getattr(self._library, name)
        function.restype = c_long
        code = function(*arguments) & 0xFFFFFFFF
        if code != OK:
            raise Refused(code)


_service: Service | None = None


def answer(question: bytes) -> bytes:
    """Carry out one question; the answer has `code`, 0 when it went well."""
    asked = json.loads(question)
    try:
        said: dict[str, Any] = {"code": OK, **_carry_out(asked)}
    except Refused as refused:
        if _service is not None and asked["do"] == "look":
            _service.forget()
        said = {"code": refused.code}
    except OSError:
        said = {"code": -1}  # there is no such library
    return json.dumps(said).encode()


def _carry_out(asked: dict[str, Any]) -> dict[str, Any]:
    service = _get_service(asked.get("service", ""))
    match asked["do"]:
        case "look":
            names = service.readers()
            return {"readers": [{"name": name, "state": service.state(name)} for name in names]}
        case "connect":
            service.connect(asked["reader"])
        case "transmit":
            return {"answer": service.transmit(bytes.fromhex(asked["command"])).hex()}
        case "disconnect":
            service.disconnect()
    return {}


def _get_service(socket_path: str) -> Service:
    global _service  # noqa: PLW0603 - the child is one service
    if _service is None:
        if socket_path:  # the library reads it once
            os.environ["PCSCLITE_CSOCK_NAME"] = socket_path
        _service = Service()
    return _service


if __name__ == "__main__":
    serve(answer)
