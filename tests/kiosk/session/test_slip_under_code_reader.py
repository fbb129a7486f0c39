"""A slip held under the code reader opens its progress, whatever else is held there."""

from collections.abc import Callable
from pathlib import Path

from driver import SessionDriver

from yici.config.declaration import CodeReaderSettings, DocumentCameraSettings
from yici.drivers.code_reader.serial_line.twin import SerialReaderTwin
from yici.drivers.id_card_reader.personas import Persona
from yici.kiosk.session.table import State


def test_slip_under_the_code_reader_is_looked_up(
    open_session: Callable[..., SessionDriver], personas: dict[str, Persona], tmp_path: Path
) -> None:
    twin = SerialReaderTwin(tmp_path / "code-reader")
    try:
        desk = open_session(
            code_reader=CodeReaderSettings(address=twin.address),
            document_camera=DocumentCameraSettings(),
        )
        desk.hand_in_certificate(personas["P01"])
        desk.submit()
        code = desk.submitted.slip_code
        desk.session.end()
        desk.close()

        following = open_session(
            code_reader=CodeReaderSettings(address=twin.address),
            document_camera=DocumentCameraSettings(),
        )
        following.session.ask_progress()
        assert following.progress.scan_ways == ("reader",)
        twin.act("show_code", "https://example.invalid/nothing")
        following.work_for(0.5)
        assert following.progress.result == ""
        twin.act("show_code", code)
        following.until(lambda: following.progress.result == "stored", "found by its slip")
        following.session.back()
        assert following.screen is State.HOME
    finally:
        twin.close()


def test_code_reader_that_was_unplugged_reads_again(
    open_session: Callable[..., SessionDriver], tmp_path: Path
) -> None:
    twin = SerialReaderTwin(tmp_path / "code-reader")
    try:
        desk = open_session(code_reader=CodeReaderSettings(address=twin.address))
        desk.session.ask_progress()
        assert desk.progress.scan_ways == ("camera", "reader")
        twin.unplug()
        desk.until(lambda: desk.progress.scan_ways == ("camera",), "no longer offering the reader")
        twin.plug_in()
        desk.until(lambda: desk.progress.scan_ways == ("camera", "reader"), "offering it again")
        twin.act("show_code", "7K3M-QX2P-9D")
        desk.until(lambda: desk.progress.result != "", "read after the plug")
    finally:
        twin.close()
