"""The software-emulated machine: one QEMU process, and orders to it by QMP.

The card reader hangs at its USB bus as an FTDI adapter whose line is the pty of a `SamTwin` on
this side, so that the guest's ftdi_sio sets the speed that the twin sees.
"""

import contextlib
import json
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Final, Self

from host.kernel import CanNotPrepare, Kernel

READER_SERIAL: Final = "SAM0001"
_READER: Final = "reader"
_ANSWER_S: Final = 20.0
_START_S: Final = 30.0


class Machine:
    """A running guest. `control` is the host's end of its second serial port."""

    def __init__(
        self, kernel: Kernel, initrd: Path, *, reader_port: Path, checkout: Path, directory: Path,
        console_log: Path, only: str = "",
    ) -> None:  # fmt: skip
        """Boot it. Raises CanNotPrepare."""
        qmp_path, control_path = directory / "qmp", directory / "control"
        command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2",
            "-m", "1536", "-nodefaults", "-nographic", "-no-reboot",
            "-kernel", str(kernel.image), "-initrd", str(initrd),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off oops=panic"
            f" yici.checkout={checkout} yici.only={only.replace(' ', '+')}",
            "-chardev", f"file,id=console,path={console_log}", "-serial", "chardev:console",
            "-chardev", f"socket,id=control,path={control_path},server=on,wait=off",
            "-serial", "chardev:control",
            "-device", "qemu-xhci,id=xhci",
            "-chardev", f"serial,id=line,path={reader_port}",
            "-device", _device(_reader()),
            "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on"
            ",multidevs=remap",
            "-qmp", f"unix:{qmp_path},server=on,wait=off",
        ]  # fmt: skip
        self._said = (directory / "qemu.log").open("w+")
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said
            )
        except FileNotFoundError:
            self._said.close()
            raise CanNotPrepare(
                "qemu-system-x86_64 is missing: install the package qemu-system-x86."
            ) from None
        self._one_order = threading.Lock()
        self._qmp: socket.socket | None = None
        try:
            self._qmp = self._connected(qmp_path)
            self._answers = self._qmp.makefile("r")
            self._answers.readline()  # its greeting
            self._ask("qmp_capabilities")
            self.control = self._connected(control_path)
        except BaseException:
            self.close()
            raise

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def pull_reader(self) -> None:
        """Unplug the USB adapter; back when the guest's bus has lost it."""
        self._ask("device_del", until="DEVICE_DELETED", id=_READER)

    def plug_reader(self) -> None:
        """Plug the same adapter in again."""
        self._ask("device_add", **_reader())

    def close(self) -> None:
        """End it, whatever it does."""
        for end in (self._qmp, getattr(self, "control", None)):
            if end is not None:
                end.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5 if self._qmp is None else 0.5)
        if self.runs:
            self._process.kill()
            self._process.wait(timeout=10)
        self._said.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _connected(self, path: Path) -> socket.socket:
        end = socket.socket(socket.AF_UNIX)
        end.settimeout(_ANSWER_S)
        deadline_s = time.monotonic() + _START_S
        while self.runs and time.monotonic() < deadline_s:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                end.connect(str(path))
                return end
            time.sleep(0.05)
        end.close()
        self._said.seek(0)
        raise CanNotPrepare(f"QEMU did not start: {self._said.read().strip() or 'it said nothing'}")

    def _ask(self, order: str, *, until: str = "", **arguments: Any) -> None:
        """Raises OSError when QEMU refuses, does not answer, or the event `until` stays away."""
        if self._qmp is None:
            raise OSError("there is no way to QEMU")
        request = {"execute": order, "arguments": arguments}
        with self._one_order:  # a plug waits for a pull that is under way
            self._qmp.sendall(json.dumps(request).encode() + b"\n")
            has_answered, has_happened = False, not until
            while not (has_answered and has_happened):
                answer = json.loads(self._answers.readline() or '{"error": {"desc": "it ended"}}')
                if "error" in answer:
                    raise OSError(f"QEMU refused {order}: {answer['error']['desc']}")
                has_answered |= "return" in answer
                has_happened |= bool(until) and answer.get("event") == until


def _reader() -> dict[str, Any]:
    return {
        "driver": "usb-serial", "id": _READER, "bus": "xhci.0", "chardev": "line",
        "serial": READER_SERIAL,
    }  # fmt: skip


def _device(properties: dict[str, Any]) -> str:
    driver = properties.pop("driver")
    return ",".join([driver, *(f"{name}={value}" for name, value in properties.items())])
