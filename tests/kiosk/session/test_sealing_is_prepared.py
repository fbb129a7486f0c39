"""While the resident reads and fills in, the keys are sealed; after submit only the cover is."""

from typing import Any

import pytest
from driver import SessionDriver

from yici.contract.envelope.intl import IntlSuite
from yici.contract.sealing import SubmissionSealer
from yici.drivers.id_card_reader.personas import Persona


def test_submit_waits_for_no_key_to_be_sealed(
    desk: SessionDriver, personas: dict[str, Persona], monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    seal_key, seal_cover = IntlSuite.seal_data_key, SubmissionSealer.seal

    def key(*arguments: Any) -> bytes:
        happened.append("key")
        return seal_key(*arguments)

    def cover(*arguments: Any, **named: Any) -> Any:
        happened.append("cover")
        return seal_cover(*arguments, **named)

    monkeypatch.setattr(IntlSuite, "seal_data_key", key)
    monkeypatch.setattr(SubmissionSealer, "seal", cover)
    desk.hand_in_certificate(personas["P02"])
    desk.submit()
    assert happened == ["key", "key", "cover"]
