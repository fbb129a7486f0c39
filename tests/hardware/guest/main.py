"""Inside the guest, in the host's files: load the drivers, start udev, run the tests."""

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from guest.control import Host

CHECKOUT: Final = Path(__file__).parents[3]
KERNEL_ROOT: Final = CHECKOUT / "out/hardware/kernel/root"
RULES: Final = CHECKOUT / "packaging/udev/70-yici.rules"
TEST_MAY_TAKE_S: Final = 60
_LONGEST_IMPORT: Final = "cv2, yici.drivers.document_camera.video.worker"

READER_SERIAL: Final = "SAM0001"  # as `host/machine.py` plugs it in
SERIAL_NAME: Final = "kiosk/serial-id-card-reader"

MODULES: Final = (
    ("xhci_pci",),
    ("usbserial",),
    ("ftdi_sio",),
    ("evdev",),
    ("uinput",),
    # two webcams and nothing else of what it can be
    ("vivid", "n_devs=2", "node_types=0x1,0x1", "num_inputs=1,1", "input_types=0x0,0x0"),
    ("usblp",),
    ("dummy_hcd",),
    ("libcomposite",),
    ("usb_f_printer",),
    ("usb_f_acm",),
    ("cdc_acm",),
    ("vhci_hcd",),
    ("uvcvideo",),
)


def main() -> int:
    host = Host()
    host.do("milestone", what="booted")
    # read ahead what a camera's worker imports, while udev starts
    warm = subprocess.Popen([sys.executable, "-c", f"import {_LONGEST_IMPORT}, pytest"])
    _start_udev()
    for module, *parameters in MODULES:
        _load(module, *parameters)
    # usb_gadget appears in it with libcomposite
    subprocess.run(["mount", "-t", "configfs", "configfs", "/sys/kernel/config"], check=False)
    subprocess.run(["udevadm", "settle", "--timeout=30"], check=False, timeout=60)
    warm.wait(timeout=100)
    host.do("milestone", what="drivers loaded")
    host.close()  # one process at a time speaks on it
    tests = sorted(str(path) for path in Path(__file__).parents[1].glob("test_*.py"))
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-c", "tests/hardware/guest/pytest.ini", "--rootdir=.",
            "--confcutdir=tests/hardware", "-p", "pytest_timeout",
            f"--timeout={TEST_MAY_TAKE_S}", "-k", _only(), *tests,
        ],
        cwd=CHECKOUT, check=False, timeout=280,
        # an emulated processor takes its time for every import
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    host = Host()
    host.do("end", exit_code=done.returncode)
    return done.returncode


def _only() -> str:
    """Which tests, in the words of pytest's -k; all when empty."""
    found = re.search(r"yici\.only=(\S*)", Path("/proc/cmdline").read_text("utf-8"))
    return found[1].replace("+", " ") if found else ""


def _start_udev() -> None:
    """With our rules where a terminal has them; SYSTEMD_IGNORE_CHROOT is set for both programs."""
    place = Path("/run/udev/rules.d")
    place.mkdir(parents=True)
    shutil.copy(RULES, place)
    (place / "71-yici-local.rules").write_text(_local_rule(), "utf-8")
    subprocess.run(["/lib/systemd/systemd-udevd", "--daemon"], check=True, timeout=30)
    deadline_s = time.monotonic() + 10
    while not Path("/run/udev/control").exists() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    subprocess.run(["udevadm", "trigger", "--action=add"], check=False, timeout=60)


def _local_rule() -> str:
    """The rules' own example for one particular serial adapter, filled in.

    Its name differs from the USB reader's, which may be plugged in beside it.
    """
    example = re.search(
        r'^# (SUBSYSTEM=="tty".*"SERIAL-NUMBER".*)$', RULES.read_text("utf-8"), re.M
    )
    if example is None:
        raise LookupError(f"{RULES} has no example for a serial adapter any more")
    rule = example[1].replace("SERIAL-NUMBER", READER_SERIAL)
    return rule.replace("kiosk/id-card-reader", SERIAL_NAME) + "\n"


def _load(module: str, *parameters: str) -> None:
    """A module that this kernel lacks is told by the test that needs it."""
    command = ["modprobe", "-d", str(KERNEL_ROOT), module, *parameters]
    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
    if done.returncode:
        print(f"guest: {platform.release()}: {module}: {done.stderr.strip()}", flush=True)  # noqa: T201 - the console log


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
