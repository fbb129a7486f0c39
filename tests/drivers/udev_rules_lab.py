"""udev's own rule engine on devices that don't exist: `udevadm test` in a box of its own.

The box is a mount namespace with empty /run and /dev and a group `yici`, so that nothing of it
reaches the machine; umockdev lends it a /sys.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).parents[2] / "packaging" / "udev" / "70-yici.rules"

_BOX = """
set -e
mkdir -p "$1/dev"
mount --rbind /dev "$1/dev"
mount -t tmpfs none /run
mkdir -p /run/udev/rules.d
cp "$1"/*.rules /run/udev/rules.d/
(cat /etc/group; echo yici:x:4711:) > "$1/group"
mount --bind "$1/group" /etc/group
mount -t tmpfs none /dev
touch /dev/null
mount --bind "$1/dev/null" /dev/null
exec umockdev-run -d "$1/devices" -- udevadm test --action=add "$2" 2>&1
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What udev made of one device."""

    links: frozenset[str]
    mode: str
    group: str
    properties: dict[str, str]
    complaints: tuple[str, ...]  # about our rules


def judge(folder: Path, devices: str, syspath: str, *more_rules: str) -> Verdict:
    """Run the rules, and more if given, on one of the devices that umockdev's text describes."""
    for program in ("unshare", "umockdev-run", "udevadm"):
        assert shutil.which(program), (
            f"{program} is missing: install the packages util-linux, umockdev and udev"
        )
    shutil.copy(RULES, folder)
    (folder / "71-yici-local.rules").write_text("".join(f"{rule}\n" for rule in more_rules))
    (folder / "devices").write_text(devices)
    alone = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    done = subprocess.run(
        [*alone, "sh", "-c", _BOX, "sh", str(folder), syspath],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert "is for debugging only" in done.stdout, done.stdout + done.stderr
    ours = [line.partition(".rules:")[2] for line in lines if "yici" in line and ".rules:" in line]
    said = dict(line.split(" ", 2)[1:] for line in ours if line.count(" ") >= 2)
    links = {line.split("LINK ")[1].strip("'") for line in ours if " LINK " in line}
    properties = dict(line.split("=", 1) for line in lines if line[:1].isalpha() and "=" in line)
    complaints = [line for line in lines if "-yici" in line and _is_complaint(line)]
    return Verdict(
        frozenset(links), said.get("MODE", ""), said.get("GROUP", ""), properties, tuple(complaints)
    )


def _is_complaint(line: str) -> bool:
    words = ("Invalid", "Unknown", "ignoring", "Failed", "expected", "unexpected")
    return any(word in line for word in words)
