"""The guest's kernel: Debian's own package, unpacked and not installed, and a first file system.

Everything is kept below `out/hardware/kernel`, so that a second run needs no network.
"""

import gzip
import lzma
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_DOWNLOAD_S: Final = 180
_UNPACK_S: Final = 120
# what it takes to reach the host's files; every other module is loaded from there
_FIRST_MODULES: Final = ("virtio_pci", "9pnet_virtio", "9p")
_BUSYBOX: Final = Path("/bin/busybox")
_INIT: Final = Path(__file__).parents[1] / "guest" / "init.sh"


class CanNotPrepare(Exception):
    """Something that the guest needs can't be had; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """`image` boots; `root` holds `lib/modules/<release>` as `modprobe -d` wants it."""

    release: str
    image: Path
    root: Path


def get_kernel(directory: Path) -> Kernel:
    """The stock Debian kernel, downloaded when it isn't there. Raises CanNotPrepare."""
    directory.mkdir(parents=True, exist_ok=True)
    root = directory / "root"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        package = _find_package(directory) or _download(directory)
        _run(["dpkg-deb", "-x", str(package), str(root)], _UNPACK_S)
        _run(["depmod", "-b", str(root), _release(root)], _UNPACK_S)
        (root / "complete").touch()
    release = _release(root)
    return Kernel(release, root / "boot" / f"vmlinuz-{release}", root)


def make_initrd(kernel: Kernel, directory: Path) -> Path:
    """Busybox, `guest/init.sh` and the first modules, packed. Raises CanNotPrepare."""
    tree = directory / "initrd"
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("bin", "dev", "proc", "sys", "host", "keep", "modules"):
        (tree / name).mkdir(parents=True)
    if not _BUSYBOX.exists():
        raise CanNotPrepare("There is no /bin/busybox: install the package busybox-static.")
    shutil.copy(_BUSYBOX, tree / "bin" / "busybox")
    shutil.copy(_INIT, tree / "init")
    (tree / "init").chmod(0o755)
    for number, module in enumerate(_in_order(kernel)):
        name = f"{number:02}-{module.name.partition('.ko')[0]}.ko"
        (tree / "modules" / name).write_bytes(_unpacked(module))
    files = sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))
    packed = _run(["cpio", "-o", "-H", "newc", "--quiet"], 60, "\n".join(files).encode(), tree)
    initrd = directory / "initrd.zst"
    initrd.write_bytes(_run(["zstd", "-q", "-c"], 60, packed))
    return initrd


def _find_package(directory: Path) -> Path | None:
    return next(iter(sorted(directory.glob("linux-image-*.deb"), reverse=True)), None)


def _download(directory: Path) -> Path:
    depends = _run(["apt-cache", "depends", "--important", "linux-image-amd64"], 60).decode()
    found = re.search(r"Depends: (linux-image-\S+)", depends)
    if found is None:
        raise CanNotPrepare(
            "apt knows no linux-image-amd64: run `apt-get update`; only Debian on x86-64 is served."
        )
    _run(["apt-get", "download", "-qq", found[1]], _DOWNLOAD_S, cwd=directory)
    package = _find_package(directory)
    if package is None:
        raise CanNotPrepare(f"apt-get download {found[1]} left no package: see its messages.")
    return package


def _release(root: Path) -> str:
    releases = [path.name for path in (root / "lib" / "modules").glob("*")]
    if len(releases) != 1:
        raise CanNotPrepare(f"{root} holds no kernel: remove it and run again.")
    return releases[0]


def _in_order(kernel: Kernel) -> list[Path]:
    """The first modules and what they need, each once, in the order of loading."""
    paths: dict[Path, None] = {}
    for name in _FIRST_MODULES:
        command = ["modprobe", "-d", str(kernel.root), "-S", kernel.release, "--show-depends", name]
        for line in _run(command, 60).decode().splitlines():
            verb, _, path = line.partition(" ")
            if verb == "insmod":
                paths[Path(path.strip())] = None
    return list(paths)


def _unpacked(module: Path) -> bytes:
    data = module.read_bytes()
    match module.suffix:
        case ".xz":
            return lzma.decompress(data)
        case ".gz":
            return gzip.decompress(data)
        case ".zst":
            return _run(["zstd", "-d", "-q", "-c"], 60, data)
    return data


def _run(
    command: list[str], timeout_s: float, given: bytes = b"", cwd: Path | None = None
) -> bytes:
    try:
        done = subprocess.run(
            command, input=given, cwd=cwd, capture_output=True, timeout=timeout_s, check=False
        )
    except FileNotFoundError:
        raise CanNotPrepare(
            f"{command[0]} is missing: install the packages of system-packages-hardware.txt."
        ) from None
    except subprocess.TimeoutExpired:
        raise CanNotPrepare(f"`{' '.join(command)}` took longer than {timeout_s:.0f} s.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise CanNotPrepare(
            f"`{' '.join(command)}` failed: {''.join(said) or 'it did not say why'}"
        )
    return done.stdout
