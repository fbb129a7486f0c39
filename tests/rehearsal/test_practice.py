"""Practice: everything works, all of it is marked, and the real terminal isn't touched."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from enrolled_terminal import Platform, enrol, stock_catalogue
from PIL import Image

from yici.command_line import main
from yici.config.load import load_settings
from yici.contract.delivery import CatalogueRelease
from yici.contract.digests import digest_of
from yici.contract.envelope.suite import EnvelopeError
from yici.contract.sealing import read_manifest
from yici.drivers.device import DeviceKind
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import DATABASE_NAME, OfflineCache
from yici.rehearsal.practice import (
    MARK,
    Practice,
    practice_settings,
    prepare_state,
    twins_for,
)
from yici.rehearsal.process_table import ProcessTable
from yici.ui import theme

SETTINGS = """
[hall]
name = "大围山镇便民服务中心"
[storage]
state_dir = "state"
[platform]
url = "https://platform.example"
[id_card_reader]
driver = "sdt_usb"
port = "usb:0400:c35a"
[receipt_printer]
address = "tcp://192.168.1.50:9100"
[code_reader]
address = "/dev/kiosk/code-reader"
"""
ANSWERS = {"alive_self": "yes", "verify_way": "身份证+窗口人工核对"}


class RealTerminal:
    """An enrolled terminal with a catalogue and a submission that waits."""

    def __init__(self, directory: Path) -> None:
        self.state_dir = directory / "state"
        self.settings_path = directory / "terminal.toml"
        self.settings_path.write_text(SETTINGS, "utf-8")
        self.platform: Platform = enrol(self.state_dir)
        stock_catalogue(self.state_dir, "RS-003")
        submit(self.state_dir, directory)

    def footprint(self) -> dict[str, tuple[object, ...]]:
        """Every file and directory: content, time of change, rights."""
        found: dict[str, tuple[object, ...]] = {}
        for path in (self.state_dir, *self.state_dir.rglob("*"), self.settings_path):
            status = path.stat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[str(path)] = (content, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)
        return found


def submit(state_dir: Path, directory: Path) -> dict[str, Any]:
    """Hand in a certificate of life, as the screen would."""
    form = directory / "answers.json"
    form.write_text(json.dumps(ANSWERS), "utf-8")
    done = CliRunner().invoke(
        main,
        [
            *("submit", "--item", "RS-003", "--persona", "P01", "--form", str(form)),
            *("--state-dir", str(state_dir), "--json"),
        ],
    )
    assert done.exit_code == 0, done.output
    said: dict[str, Any] = json.loads(done.output)
    return said


def _items() -> list[bytes]:
    return files("yici.catalogue").joinpath("items.jsonl").read_bytes().splitlines()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RealTerminal]:
    terminal = RealTerminal(tmp_path)
    # as on a terminal that runs: the newest catalogue is in the log beside the database
    with OfflineCache.open(terminal.state_dir) as cache:
        pack = b"\n".join(line for line in _items() if b'"RS-003"' in line or b'"TY-001"' in line)
        release = CatalogueRelease(
            version=2, digest=digest_of(pack), size_bytes=len(pack), item_count=2
        )
        cache.catalogue.replace(release, pack)
        assert (terminal.state_dir / f"{DATABASE_NAME}-wal").stat().st_size > 0
        yield terminal


def test_state_to_practise_in_has_the_catalogue_and_nothing_else(
    real: RealTerminal, tmp_path: Path
) -> None:
    before = real.footprint()
    prepare_state(real.state_dir, tmp_path / "practice" / "terminal")
    assert real.footprint() == before
    with OfflineCache.open(tmp_path / "practice" / "terminal") as cache:
        assert {item.code for item in cache.catalogue.items()} == {"RS-003", "TY-001"}
        assert cache.outbox.due_forms(read_boot_time(), limit=10) == ()
    assert {path.name for path in (tmp_path / "practice").iterdir()} == {"terminal"}


def test_terminal_without_a_catalogue_practises_with_the_sample_items(tmp_path: Path) -> None:
    prepare_state(tmp_path / "nothing", tmp_path / "practice" / "terminal")
    assert not (tmp_path / "nothing").exists()
    with OfflineCache.open(tmp_path / "practice" / "terminal") as cache:
        assert len(cache.catalogue.items()) > 10


def test_submission_made_in_practice_can_not_be_sent(
    real: RealTerminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = real.footprint()
    state_dir = tmp_path / "practice" / "terminal"
    prepare_state(real.state_dir, state_dir)
    made = submit(state_dir, tmp_path / "practice")
    assert made["state"], "handing in can be practised"
    with OfflineCache.open(state_dir) as cache:
        (form,) = cache.outbox.due_forms(read_boot_time(), limit=10)
        sealed = form.sealed()

    settings_path = tmp_path / "practice" / "terminal.toml"
    settings = practice_settings(load_settings(real.settings_path), state_dir, {})
    settings_path.write_text(settings, "utf-8")
    monkeypatch.setenv("YICI_SETTINGS", str(settings_path))
    sent = CliRunner().invoke(main, ["sync", "once"])
    assert sent.exit_code == 2
    assert "--platform is needed" in sent.output, "no platform is named"

    with pytest.raises(EnvelopeError):
        read_manifest(sealed, real.platform.terminal.public)  # not signed by this terminal
    with pytest.raises(EnvelopeError):
        real.platform.open(sealed)  # and not sealed to its platform
    assert real.footprint() == before


def test_twins_are_of_the_drivers_that_the_terminal_uses(real: RealTerminal) -> None:
    settings = load_settings(real.settings_path)
    twins = twins_for(settings)
    assert {kind: name for kind, name in twins.items() if name} == {
        DeviceKind.ID_CARD_READER: "sdt_usb",
        DeviceKind.RECEIPT_PRINTER: "escpos",
        DeviceKind.CODE_READER: "serial_line",
    }


def test_twin_that_does_not_start_here_gives_way_to_the_usual_drivers(
    real: RealTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(real.settings_path)
    for driver in ("vendor_library", "driver_of_a_package_that_is_gone"):
        reader = replace(settings.id_card_reader, driver=driver)
        monkeypatch.setenv("PATH", "/nowhere")  # no compiler
        twins = twins_for(replace(settings, id_card_reader=reader))
        assert twins[DeviceKind.ID_CARD_READER] == "sam"


def test_practice_settings_keep_the_hall_and_leave_out_what_is_real(
    real: RealTerminal, tmp_path: Path
) -> None:
    path = tmp_path / "practice.toml"
    devices = {"code_reader": {"driver": "serial_line", "address": "/tmp/code"}}
    real_settings = load_settings(real.settings_path)
    path.write_text(practice_settings(real_settings, tmp_path / "state-2", devices), "utf-8")
    settings = load_settings(path)
    assert (settings.hall.name, settings.hall.mark) == ("大围山镇便民服务中心", MARK)
    assert (settings.platform.url, settings.receipt_printer.address) == ("", "")
    assert settings.code_reader.address == "/tmp/code"
    assert settings.storage.state_dir == str(tmp_path / "state-2")


def test_what_a_killed_practice_left_behind_is_removed_and_a_running_one_stays(
    real: RealTerminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, running = tmp_path / "yici-practice-killed", tmp_path / "yici-practice-running"
    (killed / "terminal").mkdir(parents=True)
    other, link = tmp_path / "somebody-elses", tmp_path / "yici-practice-link"
    other.mkdir()
    link.symlink_to(other)
    table = ProcessTable(running)
    try:
        with Practice(load_settings(real.settings_path), tell=lambda _: None) as practice:
            assert practice.directory.stat().st_mode & 0o777 == 0o700
            assert not killed.exists()
            assert running.exists()
            assert other.exists()
    finally:
        table.close()
    assert not practice.directory.exists()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Debian's xvfb")
def test_practice_runs_marked_and_leaves_nothing(real: RealTerminal) -> None:
    before = real.footprint()
    command = [sys.executable, "-m", "yici", "practice", "--config", str(real.settings_path)]
    with subprocess.Popen(
        [*command, "--screen=virtual", "--page-port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C ends" in line:
                break
        page, state = re.search(r"panel +(http\S+)", said), re.search(r"state +(\S+)", said)
        assert page is not None, said
        assert state is not None, said
        with requests.get(page[1] + "api/state", timeout=60) as reply:
            assert set(reply.json()["devices"]) == {
                "id_card_reader",
                "receipt_printer",
                "code_reader",
            }
        with requests.get(page[1] + "api/screen.png", timeout=60) as reply:
            screen = Image.open(BytesIO(reply.content)).convert("RGB")
        band = theme.PALETTES[theme.Contrast.CALM].warn
        assert "#{:02X}{:02X}{:02X}".format(*screen.getpixel((4, 4))) == band  # type: ignore[misc]  # RGB
        assert Path(state[1]).is_dir()
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        assert process.wait(60) == 0, said
    assert "nothing of it is left" in said
    assert not Path(state[1]).parent.exists()
    assert real.footprint() == before
