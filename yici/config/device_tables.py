"""A device's table in the settings: which of its settings says where the device is."""

from collections.abc import Mapping
from typing import Final

_OWN_WORDS: Final[Mapping[str, str]] = {
    "id_card_reader": "port",
    "document_camera": "source",
    "face_camera": "source",
}


def address_setting(table: str) -> str:
    """The name of the setting that is empty when there is no such device."""
    return _OWN_WORDS.get(table, "address")


def device_table(table: str, driver: str, address: str) -> dict[str, str]:
    """What the settings say of one device."""
    return {"driver": driver, address_setting(table): address}
