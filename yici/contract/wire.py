"""The base of every message: frozen, no unknown keys, one canonical byte form.

Signed and digested messages are stored and sent as the very bytes that were made once; they
are never serialised a second time.
"""

import base64
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

PROTOCOL_VERSION = "1"
PROTOCOL_HEADER = "Yici-Protocol"
TERMINAL_HEADER = "Yici-Terminal"


class Message(BaseModel):
    """A message that crosses the line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_bytes(self) -> bytes:
        """UTF-8 JSON without spaces, fields in declared order."""
        # what `model_dump_json` calls, without the way through `str`: a form is 4 KB
        return self.__pydantic_serializer__.to_json(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises pydantic.ValidationError for anything but this message."""
        return cls.model_validate_json(data)


def _decode(value: Any) -> Any:
    if isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return value


# bytes that travel as base64 text
Base64 = Annotated[
    bytes,
    BeforeValidator(_decode),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), return_type=str),
]
