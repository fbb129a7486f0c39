"""Runs qmllint over every QML file of the project; any warning fails."""

import subprocess
import sys
from pathlib import Path

import PySide6

ROOT = Path(__file__).resolve().parent.parent
QML = ROOT / "yici" / "ui" / "qml"


def main() -> int:
    """Exit code 0 when every file is clean."""
    files = sorted(str(path) for path in QML.rglob("*.qml"))
    if not files:
        return 0
    qmllint = Path(PySide6.__file__).parent / "qmllint"
    command = [str(qmllint), "--max-warnings", "0", "-I", str(QML), *files]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
