"""The child process behind a scan: it never outlives us, never holds us, and keeps nothing."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from yici.drivers.device import DeviceState, NeedsStaff, NotReady
from yici.drivers.scanner import PaperSource, ScanEnd, ScannedPage
from yici.drivers.scanner.escl_twin import EsclTwin
from yici.drivers.scanner.sane.driver import SaneDeadlines, connect

QUICK = SaneDeadlines(open_s=1.5, status_s=1.0, stop_s=0.5, finish_s=2.0, busy_s=0.3)
OPTIONS = "printf '    --mode Color [Color]\\n    --source Flatbed|ADF [Flatbed]\\n'; exit 0"

_VICTIM = """
import sys
from pathlib import Path
from yici.drivers.scanner import PaperSource
from yici.drivers.scanner.sane.driver import connect
scanner = connect("sane:test:0", config_dir=Path(sys.argv[1]))
scanner.sources()
print("scanning", flush=True)
scanner.scan(PaperSource.FLATBED, print, resolution_dpi=600)
"""


@pytest.fixture
def put_scanimage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A program of our own under the name of scanimage: it lists options, then does `script`."""

    def put(script: str, *, listing: str = OPTIONS) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / "scanimage"
        program.write_text(
            "#!/bin/sh\n"
            f'case "$*" in *--all-options*) {listing};; esac\n'
            'for word in "$@"; do\n'
            '  case "$word" in --batch=*) pattern=${word#--batch=};; esac\n'
            "done\n"
            'part=$(printf "$pattern" 1).part\n'
            f"{script}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return put


def test_scan_dies_with_the_process_that_ordered_it(backend: Any, tmp_path: Path) -> None:
    backend.write(slow=True)
    victim = subprocess.Popen(
        [sys.executable, "-c", _VICTIM, str(backend.directory)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == b"scanning\n"
    child = wait_for_child(victim.pid)
    victim.send_signal(signal.SIGKILL)
    victim.wait(20)
    victim.stdout.close()
    deadline_s = time.monotonic() + 20
    while is_running(child):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    # what a killed process leaves holds no pixel
    left = [path for path in tmp_path.glob("yici-scan-*/*") if not path.is_fifo()]
    assert [path.name for path in left if path.stat().st_size] == []


def test_child_that_ignores_every_order_is_killed(put_scanimage: Any, tmp_path: Path) -> None:
    put_scanimage(f"trap '' INT TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done")
    scanner = connect("sane:any", deadlines=QUICK)
    with pytest.raises(NotReady) as not_ready:
        scanner.scan(PaperSource.FLATBED, print, timeout_ms=500)
    assert not_ready.value.status.state is DeviceState.UNKNOWN
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_driver_of_sane_that_hangs_in_its_clean_up_still_tells_what_was(
    put_scanimage: Any,
) -> None:
    """What SANE's own test backend does about once in 300 scans: a deadlock in its threads."""
    hang = "echo 'Batch terminated, 1 page scanned'; trap '' INT; while :; do sleep 0.1; done"
    scanner = connect("sane:any", deadlines=QUICK)
    put_scanimage(f"echo 'Scanned page 1. (scanner status = 6)'; {hang}")
    with pytest.raises(NeedsStaff) as needs_staff:
        scanner.scan(PaperSource.FEEDER, print)
    assert needs_staff.value.status.state is DeviceState.PAPER_JAMMED
    page = 'printf "P5 1 1 255\\na" > "$part"'
    ran_empty = "echo 'scanimage: sane_start: Document feeder out of documents'"
    put_scanimage(f"{page}; {ran_empty}; {hang}")
    pages: list[ScannedPage] = []
    assert scanner.scan(PaperSource.FEEDER, pages.append) is ScanEnd.COMPLETE
    assert len(pages) == 1


def test_listing_that_never_ends_is_given_up(put_scanimage: Any) -> None:
    put_scanimage("exit 0", listing="while :; do echo babble; done")
    scanner = connect("sane:any", deadlines=QUICK)
    assert scanner.status().state is DeviceState.UNKNOWN


def test_driver_of_sane_that_crashes_takes_nothing_with_it(backend: Any) -> None:
    backend.make_crash()
    scanner = connect("sane:test:0", config_dir=backend.directory)
    assert scanner.status().code == "sane.exit_-11"
    backend.write()
    assert scanner.status().state is DeviceState.READY


def test_sane_that_is_not_installed_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setpriv = Path("/usr/bin/setpriv")
    (tmp_path / "setpriv").symlink_to(setpriv)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert connect("sane:any").status().code == "sane.not_installed"
    (tmp_path / "setpriv").unlink()
    assert connect("sane:any").status().code == "sane.cannot_start"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ('printf "P6 99999 99999 255\\n" > "$part"; sleep 5', NeedsStaff),  # 28 GB
        ('head -c 2000 /dev/urandom > "$part"', NeedsStaff),
        ('printf "P5 10 10 255\\nabc" > "$part"; exit 0', NotReady),  # breaks off
        ("exit 0", NotReady),
        ("kill -SEGV $$", NotReady),
    ],
)
def test_what_is_no_page_is_never_handed_over(
    put_scanimage: Any, script: str, error: type[Exception]
) -> None:
    put_scanimage(script)
    pages: list[ScannedPage] = []
    with pytest.raises(error):
        connect("sane:any", deadlines=QUICK).scan(PaperSource.FLATBED, pages.append)
    assert pages == []


def test_page_goes_through_a_pipe_in_a_private_folder_and_lies_in_no_file(
    put_scanimage: Any, tmp_path: Path
) -> None:
    put_scanimage(
        f'stat -c "%f" "$part" > {tmp_path}/mode\n'
        f'stat -c "%a" "$(dirname "$part")" > {tmp_path}/folder\n'
        'printf "P5 2 2 255\\nabcd" > "$part"; mv "$part" "${part%.part}"'
    )
    pages: list[ScannedPage] = []
    end = connect("sane:any", deadlines=QUICK).scan(PaperSource.FLATBED, pages.append)
    assert (end, pages[0].pixels[:, :, 0].tolist()) == (ScanEnd.COMPLETE, [[97, 98], [99, 100]])
    assert stat.S_ISFIFO(int((tmp_path / "mode").read_text(), 16))
    assert (tmp_path / "folder").read_text() == "700\n"


def test_child_gets_no_environment_of_ours(
    put_scanimage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    put_scanimage("exit 0", listing=f"env > {tmp_path}/env; {OPTIONS}")
    connect("sane:any", deadlines=QUICK).status()
    names = {line.split("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "LC_ALL", "HOME", "PWD", "OLDPWD", "SHLVL", "_"}


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("silent", DeviceState.UNKNOWN),
        ("garbage", DeviceState.WRONG_SETTING),
        ("busy", DeviceState.BUSY),
        ("stopped", DeviceState.FAULT),
    ],
)
def test_escl_fault_is_told_by_status_and_scan_and_is_over_without_a_restart(
    twin: EsclTwin, fault: str, state: DeviceState
) -> None:
    scanner = connect(twin.address, deadlines=QUICK)
    twin.set_fault(fault)
    assert scanner.status().state is state
    with pytest.raises((NotReady, NeedsStaff)) as failed:
        scanner.scan(PaperSource.FLATBED, print, resolution_dpi=75)
    assert failed.value.status.state is state
    twin.set_fault("none")
    pages: list[ScannedPage] = []
    scanner.scan(PaperSource.FLATBED, pages.append, resolution_dpi=75)
    assert len(pages) == 1


def test_other_service_at_the_address_is_a_wrong_setting(twin: EsclTwin) -> None:
    scanner = connect(twin.address.replace("/eSCL", "/other"), deadlines=QUICK)
    assert scanner.status().code == "escl.no_such_service"


def test_empty_feeder_and_picture_that_is_none_are_told(twin: EsclTwin) -> None:
    scanner = connect(twin.address, deadlines=QUICK)
    pages: list[ScannedPage] = []
    assert scanner.scan(PaperSource.FEEDER, pages.append) is ScanEnd.FEEDER_EMPTY
    twin.set_fault("bad_picture")
    with pytest.raises(NotReady):
        scanner.scan(PaperSource.FLATBED, pages.append, resolution_dpi=75)
    assert pages == []


def test_sheets_that_went_through_and_were_lost_are_no_empty_feeder(
    twin: EsclTwin, put_scanimage: Any
) -> None:
    """What sane-airscan 0.99.27 does when the last sheet is through before it was asked."""
    put_scanimage("exit 7")
    scanner = connect(twin.address, deadlines=QUICK)
    assert scanner.scan(PaperSource.FEEDER, print) is ScanEnd.FEEDER_EMPTY
    twin.act("load_feeder", "1")
    with pytest.raises(NotReady) as not_ready:
        scanner.scan(PaperSource.FEEDER, print)
    assert not_ready.value.status.code == "sane.pages_lost"


def test_twin_refuses_what_it_does_not_have(twin: EsclTwin) -> None:
    assert {"silent", "garbage", "slow"} <= set(twin.fault_names)
    for order in (
        lambda: twin.set_fault("hungry"),
        lambda: twin.act("dance"),
        lambda: twin.act("lay_on_glass", "banknote"),
        lambda: twin.act("load_feeder", "many"),
    ):
        with pytest.raises(ValueError, match=r"."):
            order()
    for act in twin.acts:
        for choice in act.choices or ("",):
            twin.act(act.name, choice)


def wait_for_child(parent: int) -> int:
    """The process id of the parent's scanimage."""
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, rest = path.read_text().partition(") ")
            except OSError:
                continue
            if rest.split()[1] == str(parent) and name.endswith("(scanimage"):
                return int(path.parent.name)
        time.sleep(0.02)
    raise AssertionError("no scanimage was started")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().partition(") ")[2][0] not in "ZX"
    except OSError:
        return False
