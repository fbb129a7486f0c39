"""Drivers are found by the name in the settings."""

import pytest

from yici.drivers.id_card_reader.registry import DRIVERS, get_connect


def test_every_driver_is_found_by_its_name() -> None:
    for name, connect in DRIVERS.items():
        assert get_connect(name) is connect


def test_unknown_driver_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'sdt'.*sam"):
        get_connect("sdt")
