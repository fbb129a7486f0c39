"""Runs qmllint over every QML file of the project; any warning fails.

Types written in Python (QmlElement) are described to qmllint first: each file that names a
QML_IMPORT_NAME is dumped, and the dumps of one module become its type information in a
temporary import path.
"""

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import PySide6

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "yici" / "ui"
QML = UI / "qml"
QT = Path(PySide6.__file__).parent
IMPORT_NAME = re.compile(r'^QML_IMPORT_NAME = "(?P<name>[\w.]+)"', re.MULTILINE)
TIMEOUT_S = 120


def python_modules() -> dict[str, list[Path]]:
    """QML import name → the Python files that add types to it."""
    modules: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(UI.rglob("*.py")):
        found = IMPORT_NAME.search(path.read_text(encoding="utf-8"))
        if found:
            modules[found["name"]].append(path)
    return modules


def describe(name: str, sources: list[Path], import_path: Path) -> None:
    """Write `qmldir` and type information of one Python module into an import path."""
    folder = import_path.joinpath(*name.split("."))
    folder.mkdir(parents=True)
    dumps = []
    for number, source in enumerate(sources):
        dump = folder / f"{number}.json"
        command = [
            str(Path(sys.executable).with_name("pyside6-metaobjectdump")),
            str(source),
            "-o",
            str(dump),
        ]
        subprocess.run(command, check=True, timeout=TIMEOUT_S)
        dumps.append(str(dump))
    command = [
        str(QT / "Qt" / "libexec" / "qmltyperegistrar"),
        "--generate-qmltypes",
        str(folder / "types.qmltypes"),
        "--import-name",
        name,
        "--major-version",
        "1",
        "--minor-version",
        "0",
        "-o",
        str(folder / "registration.cpp"),
        "--foreign-types",
        str(QT / "Qt" / "metatypes" / "qt6core_metatypes.json"),
        *dumps,
    ]
    subprocess.run(command, check=True, timeout=TIMEOUT_S)
    (folder / "qmldir").write_text(f"module {name}\ntypeinfo types.qmltypes\n", encoding="utf-8")


def main() -> int:
    """Exit code 0 when every file is clean."""
    files = sorted(str(path) for path in QML.rglob("*.qml"))
    if not files:
        return 0
    with tempfile.TemporaryDirectory(prefix="yici-qml-") as temporary:
        for name, sources in python_modules().items():
            describe(name, sources, Path(temporary))
        command = [str(QT / "qmllint"), "--max-warnings", "0", "-I", str(QML), "-I", temporary]
        return subprocess.run([*command, *files], check=False, timeout=TIMEOUT_S).returncode


if __name__ == "__main__":
    sys.exit(main())
