"""One question to an IPP printer and its answer, with a deadline; every failure is a status."""

import time
from dataclasses import dataclass

from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.document_printer.ipp.address import IppAddress
from yici.drivers.document_printer.ipp.codec import IppCodecError, Message, decode, encode
from yici.drivers.document_printer.ipp.operations import IppStatus
from yici.drivers.document_printer.ipp.status import (
    failed_call_status,
    http_status,
    refusal_status,
    status_of,
)
from yici.drivers.transports.http_call import CallFailed, call

_MAX_REPLY_BYTES = 1 << 20
_HEADERS = {"Content-Type": "application/ipp"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """No usable answer. `code` is the IPP status when the printer gave one.

    `is_certain`: the request had no effect; without it, the printer may be at work on it.
    """

    status: DeviceStatus
    code: int | None = None
    is_certain: bool = False


class Conversation:
    """Numbers the requests of one printer; used from one thread."""

    def __init__(self, address: IppAddress) -> None:
        self._address = address
        self._request_id = 0

    @property
    def uri(self) -> str:
        return self._address.uri

    def next_id(self) -> int:
        self._request_id = self._request_id % 0x7FFFFFFF + 1
        return self._request_id

    def ask(self, request: Message, timeout_s: float) -> Message | Refusal:
        """The reply when its status is a success, else why there is none."""
        try:
            reply = call(
                self._address.endpoint,
                "POST",
                self._address.path,
                deadline_s=time.monotonic() + timeout_s,
                headers=_HEADERS,
                body=encode(request),
                max_reply_bytes=_MAX_REPLY_BYTES,
            )
        except CallFailed as failed:
            return Refusal(failed_call_status(failed.fault), is_certain=not failed.reached)
        if reply.status != 200:
            return Refusal(http_status(reply.status), is_certain=True)
        try:
            answer = decode(reply.body)
        except IppCodecError:
            return Refusal(_not_understood())
        if answer.request_id != request.request_id:
            return Refusal(_not_understood())
        if answer.code >= IppStatus.BAD_REQUEST:
            return Refusal(refusal_status(answer.code), answer.code, is_certain=True)
        return answer


def _not_understood() -> DeviceStatus:
    return status_of(DeviceState.WRONG_SETTING, "ipp.not_understood")
