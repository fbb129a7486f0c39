"""Drivers are found by kind and name; a bad package from outside harms nothing but itself."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from outside_package import descriptor_code, install

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind
from yici.drivers.registry import (
    BrokenDriver,
    InstalledDriver,
    broken_drivers,
    driver_names,
    drivers,
    find_driver,
    get_driver,
    installed_drivers,
    load_connect,
    load_twin,
)

OURS = {(found.kind, found.name) for found in drivers()}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An import path of its own for packages from outside; forgets their modules afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def outside() -> list[InstalledDriver | BrokenDriver]:
    return [found for found in installed_drivers() if found.package != "yici"]


def only_broken() -> BrokenDriver:
    (found,) = outside()
    assert isinstance(found, BrokenDriver)
    assert {(one.kind, one.name) for one in drivers()} == OURS
    return found


def test_none_of_ours_is_broken() -> None:
    assert broken_drivers() == ()


def test_every_driver_folder_of_ours_is_found_by_its_name() -> None:
    room = Path(importlib.import_module("yici.drivers").__file__ or "").parent
    folders = {
        (path.parent.parent.name, path.parent.name) for path in room.glob("*/*/descriptor.py")
    }
    assert {(kind.value, name) for kind, name in OURS} == folders
    for kind, name in OURS:
        assert get_driver(kind, name).name == name
        assert name in driver_names(kind)


@pytest.mark.parametrize("descriptor", drivers(), ids=lambda found: f"{found.kind}.{found.name}")
def test_what_a_descriptor_of_ours_names_can_be_imported(descriptor: DriverDescriptor) -> None:
    load_connect(descriptor)
    if descriptor.twin:
        load_twin(descriptor)


def test_unknown_name_is_answered_with_the_known_ones(site: Path) -> None:
    install(site)
    assert find_driver(DeviceKind.CODE_READER, "acmee") is None
    with pytest.raises(ValueError, match=r"code_reader is called 'acmee'; there is: .*acme"):
        get_driver(DeviceKind.CODE_READER, "acmee")


def test_driver_from_outside_is_found_like_ours(site: Path) -> None:
    install(site)
    (found,) = outside()
    assert isinstance(found, InstalledDriver)
    assert found.package == "acme 1.0"
    assert get_driver(DeviceKind.CODE_READER, "acme") is found.descriptor
    assert find_driver(DeviceKind.SCANNER, "acme") is None


def test_looking_one_driver_up_imports_no_other_package(site: Path) -> None:
    install(site)
    install(site, package="other", entry_name="scanner.other", code="raise SystemExit(3)")
    assert find_driver(DeviceKind.CODE_READER, "acme") is not None
    assert "other_module" not in sys.modules


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("def", "SyntaxError"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("", "AttributeError"),
        ("DRIVER = 'acme'", "is a str, not a DriverDescriptor"),
        (descriptor_code(name="other"), "calls itself code_reader.other"),
        (descriptor_code(kind="scanner"), "calls itself scanner.acme"),
        (descriptor_code(connect="../acme.so"), "'../acme.so' in the descriptor"),
    ],
)
def test_broken_package_is_listed_with_its_reason(site: Path, code: str, reason: str) -> None:
    install(site, code=code)
    assert reason in only_broken().reason
    assert find_driver(DeviceKind.CODE_READER, "acme") is None
    with pytest.raises(ValueError, match=r"'acme' of acme 1\.0 can't be used: "):
        get_driver(DeviceKind.CODE_READER, "acme")


@pytest.mark.parametrize("entry_name", ["acme", "toaster.acme", "code_reader.Acme", "code_reader."])
def test_entry_that_names_no_kind_and_name_is_broken(site: Path, entry_name: str) -> None:
    install(site, entry_name=entry_name, code="raise AssertionError('imported')")
    assert only_broken().reason.startswith("an entry point is called <kind>.<name>")


@pytest.mark.parametrize("name", sorted(f"{kind.value}.{name}" for kind, name in OURS))
def test_package_cannot_take_the_name_of_one_of_ours(site: Path, name: str) -> None:
    kind, _, own_name = name.partition(".")
    install(site, entry_name=name, code=descriptor_code(name=own_name, kind=kind))
    assert "comes with the terminal" in only_broken().reason
    assert get_driver(DeviceKind(kind), own_name).connect.startswith("yici.")


def test_two_packages_of_one_name_are_both_refused(site: Path) -> None:
    install(site)
    install(site, package="acne")
    reasons = {
        found.package: found.reason for found in outside() if isinstance(found, BrokenDriver)
    }
    assert set(reasons) == {"acme 1.0", "acne 1.0"}
    assert all("more than one package" in reason for reason in reasons.values())


def test_entry_that_leads_to_a_path_is_never_opened(site: Path) -> None:
    (site / "evil.py").write_text("raise AssertionError('imported')")
    install(site, target=f"{site}/evil.py")
    assert "is not module:attribute" in only_broken().reason


def test_connect_that_cannot_be_imported_is_a_sentence(site: Path) -> None:
    install(site)
    descriptor = get_driver(DeviceKind.CODE_READER, "acme")
    with pytest.raises(ValueError, match=r"connect of driver 'acme' can't be loaded: Module"):
        load_connect(descriptor)
    with pytest.raises(ValueError, match="twin of driver 'acme' does not exist"):
        load_twin(descriptor)
    (site / "acme_code.py").write_text("connect = 7")
    importlib.invalidate_caches()
    with pytest.raises(ValueError, match="is a int, not a function"):
        load_connect(descriptor)


def test_listing_drivers_imports_no_driver_code() -> None:
    code = (
        "import sys\n"
        "from yici.drivers.registry import installed_drivers\n"
        "installed_drivers()\n"
        "heavy = {'cv2', 'usb', 'zxingcpp', 'pyzbar', 'pikepdf'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
