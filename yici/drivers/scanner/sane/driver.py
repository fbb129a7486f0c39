"""A scanner through SANE's `scanimage`.

    scanner = connect("escl:http://192.0.2.8/eSCL")
    end = scanner.scan(PaperSource.FEEDER, on_page=pages.append)

Each call is one child process, so that a driver of SANE that hangs or crashes takes nothing with
it, and its exit code is SANE's status. Pages come through named pipes, one by one.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from yici.drivers.device import (
    DeviceError,
    DeviceState,
    DeviceStatus,
    NotReady,
    SelfTestStep,
    StepOutcome,
    Unsupported,
    answers,
    failure,
)
from yici.drivers.scanner import PaperSource, ScanEnd, ScannedPage, Scanner
from yici.drivers.scanner.sane import escl_status
from yici.drivers.scanner.sane.address import EsclService, SaneAddress, parse_address
from yici.drivers.scanner.sane.child import Child, WorkFolder, work_folder
from yici.drivers.scanner.sane.options import (
    OptionsNotUnderstood,
    ScannerOptions,
    parse_options,
)
from yici.drivers.scanner.sane.pnm import (
    MAX_HEADER_BYTES,
    PnmError,
    PnmHeader,
    find_header,
    to_bgr,
)
from yici.drivers.scanner.sane.status import (
    SaneStatus,
    find_last_status,
    open_status,
    scan_status,
    status_of,
)

# no page is larger; a header that says more is not believed
_LARGEST_PAGE_IN2: Final = 12.5 * 18
_BUSY_POLL_S: Final = 0.3
_VAGUE: Final = (SaneStatus.IO_ERROR, SaneStatus.EOF, SaneStatus.INVAL)
# a jammed feeder does not hinder the flatbed
_FEEDER_ONLY: Final = (DeviceState.PAPER_JAMMED, DeviceState.COVER_OPEN)


@dataclass(frozen=True, slots=True)
class SaneDeadlines:
    """How long each wait may take; a page's own limit comes with each scan."""

    open_s: float = 20.0  # to open the scanner and list what it can; some warm up first
    status_s: float = 1.5  # an eSCL scanner's answer
    busy_s: float = 5.0  # how long a busy eSCL scanner is waited for
    stop_s: float = 3.0  # from SIGINT to SIGKILL
    finish_s: float = 15.0  # from the last page to the end of the process


class _Running:
    """The scan under way, for the one who wants to cancel it."""

    def __init__(self) -> None:
        self.cancel_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True
        os.eventfd_write(self.cancel_fd, 1)


@dataclass(frozen=True, slots=True)
class _Order:
    source: PaperSource
    resolution_dpi: int
    max_pages: int
    page_s: float
    on_page: Callable[[ScannedPage], None]

    @property
    def max_pixels(self) -> int:
        return round(_LARGEST_PAGE_IN2 * self.resolution_dpi**2)


class SaneScanner(Scanner):
    """One scanner; used from one thread, but `cancel` from any."""

    def __init__(
        self, address: SaneAddress, deadlines: SaneDeadlines, config_dir: Path | None
    ) -> None:
        self._address = address
        self._deadlines = deadlines
        self._config_dir = config_dir
        self._options: ScannerOptions | None = None
        self._guard = threading.Lock()
        self._running: _Running | None = None
        self._last = ""
        self._pages = 0

    def status(self) -> DeviceStatus:
        """Ask the scanner: an eSCL one by its own page, others by opening them. Never raises."""
        if self._address.escl is not None:
            return self._remember(self._ask_escl(self._address.escl).status)
        found = self._list_options()
        if isinstance(found, DeviceStatus):
            return found
        self._options = found
        return self._remember(status_of(DeviceState.READY))

    def sources(self) -> tuple[PaperSource, ...]:
        """See `Scanner`."""
        return tuple(ours for ours, _ in self._get_options().sources)

    def scan(
        self,
        source: PaperSource,
        on_page: Callable[[ScannedPage], None],
        *,
        resolution_dpi: int = 300,
        max_pages: int = 50,
        timeout_ms: int = 60_000,
    ) -> ScanEnd:
        """See `Scanner`; ValueError for numbers that make no sense."""
        if not (50 <= resolution_dpi <= 1200 and 1 <= max_pages <= 500 and timeout_ms >= 1):
            raise ValueError("50 to 1200 dpi, 1 to 500 pages, and a deadline")
        with self._started() as running:
            try:
                had_sheets = self._refuse_what_cannot_scan(source)
                options = self._get_options()
                if options.find_source(source) is None:
                    raise Unsupported(status_of(DeviceState.WRONG_SETTING, f"sane.no_{source}"))
                pages = 1 if source is PaperSource.FLATBED else max_pages
                dpi = options.nearest_dpi(resolution_dpi)
                order = _Order(source, dpi, pages, timeout_ms / 1000, on_page)
                end = self._scan(order, options, running)
                if end is ScanEnd.FEEDER_EMPTY and had_sheets:
                    # sane-airscan forgets pages that it has when the feeder is empty soon enough
                    raise NotReady(status_of(DeviceState.UNKNOWN, "sane.pages_lost"))
                return end
            except DeviceError as error:
                self._options = None  # another scanner may be there by now
                self._remember(error.status)
                if running.is_cancelled:
                    return ScanEnd.CANCELLED
                raise

    def cancel(self) -> None:
        """See `Scanner`."""
        with self._guard:
            if self._running is not None:
                self._running.cancel()

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether it answers, and what it offers; moves nothing."""
        status = self.status()
        steps = [answers(status)]
        found = self._list_options() if status.works else status
        if isinstance(found, DeviceStatus):
            return (*steps, SelfTestStep("sane.options", StepOutcome.NOT_DONE, found.code))
        colour = StepOutcome.PASSED if found.colour_mode else StepOutcome.FAILED
        sources = StepOutcome.PASSED if found.sources else StepOutcome.FAILED
        return (
            *steps,
            SelfTestStep("sane.options", StepOutcome.PASSED),
            SelfTestStep("sane.sources", sources, str(len(found.sources))),
            SelfTestStep("sane.colour", colour),
        )

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`."""
        return {
            "driver": "sane",
            "backend": self._address.device.split(":")[0][:40],
            "sources": len(self._options.sources) if self._options else 0,
            "pages": self._pages,
            "last_code": self._last,
        }

    def close(self) -> None:
        """Cancel what runs; nothing stays open between calls."""
        self.cancel()

    # --- asking

    def _get_options(self) -> ScannerOptions:
        if self._options is None:
            found = self._list_options()
            if isinstance(found, DeviceStatus):
                raise failure(found)
            self._options = found
        return self._options

    def _list_options(self) -> ScannerOptions | DeviceStatus:
        command = ["scanimage", "-d", self._address.device, "--all-options"]
        try:
            with (
                _machine_failures(),
                work_folder(self._address, self._config_dir) as folder,
                Child(command, folder.environment) as child,
            ):
                child.wait(time.monotonic() + self._deadlines.open_s)
                exit_code = child.exit_code
        except DeviceError as error:
            return self._remember(error.status)
        if exit_code is None:
            return self._remember(status_of(DeviceState.UNKNOWN, "sane.silent"))
        if exit_code != 0:
            return self._remember(open_status(exit_code, child.words))
        try:
            return parse_options(child.words)
        except OptionsNotUnderstood:
            return self._remember(status_of(DeviceState.FAULT, "sane.options"))

    def _refuse_what_cannot_scan(self, source: PaperSource) -> bool:
        """An eSCL scanner's own word comes sooner and is finer than SANE's.

        Whether the scanner says that there are sheets in its feeder.
        """
        if self._address.escl is None:
            return False
        until_s = time.monotonic() + self._deadlines.busy_s
        answer = self._ask_escl(self._address.escl)
        while answer.status.state is DeviceState.BUSY and time.monotonic() < until_s:
            time.sleep(_BUSY_POLL_S)  # many rest for some seconds after each scan
            answer = self._ask_escl(self._address.escl)
        feeder_only = source is PaperSource.FLATBED and answer.status.state in _FEEDER_ONLY
        if not answer.status.works and not feeder_only:
            raise failure(answer.status)
        return answer.has_sheets

    def _ask_escl(self, service: EsclService) -> escl_status.EsclAnswer:
        return escl_status.ask(service, self._deadlines.status_s)

    def _remember(self, status: DeviceStatus) -> DeviceStatus:
        self._last = status.code
        return status

    # --- one scan

    @contextlib.contextmanager
    def _started(self) -> Iterator[_Running]:
        running = _Running()
        with self._guard:
            self._running = running
        try:
            yield running
        finally:
            with self._guard:
                self._running = None
                os.close(running.cancel_fd)

    def _scan(self, order: _Order, options: ScannerOptions, running: _Running) -> ScanEnd:
        with contextlib.ExitStack() as stack:
            with _machine_failures():
                folder = stack.enter_context(work_folder(self._address, self._config_dir))
                folder.make_pipe(1)
                command = _scan_command(self._address, order, options, folder)
                child = stack.enter_context(Child(command, folder.environment))
            stack.callback(child.end, self._deadlines.stop_s)
            pages = self._read_pages(child, folder, order, running)
            child.end(self._deadlines.stop_s)
            return self._end(child, pages, order, running)

    def _read_pages(
        self, child: Child, folder: WorkFolder, order: _Order, running: _Running
    ) -> int:
        """How many pages came; at the end the process has ended or is to be ended."""
        for number in range(1, order.max_pages + 1):
            with _machine_failures():
                folder.make_pipe(number + 1)
                fd = folder.open_pipe(number)
            try:
                deadline_s = time.monotonic() + order.page_s
                page = _PageReader(child, fd, running.cancel_fd, deadline_s).read(order)
            finally:
                os.close(fd)
            if page is None:
                return number - 1
            self._pages += 1
            order.on_page(page)
            if running.is_cancelled:
                return number
        child.wait(time.monotonic() + self._deadlines.finish_s, running.cancel_fd)
        return order.max_pages

    def _end(self, child: Child, pages: int, order: _Order, running: _Running) -> ScanEnd:
        if running.is_cancelled:
            return ScanEnd.CANCELLED
        if pages == order.max_pages:
            # all were delivered whole: how the process ended after that changes nothing
            flatbed = order.source is PaperSource.FLATBED
            return ScanEnd.COMPLETE if flatbed else ScanEnd.PAGE_LIMIT
        exit_code = _last_status(child)
        ran_empty = exit_code == SaneStatus.NO_DOCS or (exit_code == 0 and pages > 0)
        if ran_empty and order.source is PaperSource.FEEDER:
            return ScanEnd.COMPLETE if pages else ScanEnd.FEEDER_EMPTY
        raise failure(self._explain(exit_code, child.words))

    def _explain(self, exit_code: int | None, words: str) -> DeviceStatus:
        """SANE says "I/O error" to many things: the scanner itself may know better."""
        if exit_code is not None and exit_code > 1 and exit_code not in _VAGUE:
            return scan_status(exit_code)
        told = open_status(1, words) if exit_code == 1 else scan_status(exit_code or 0)
        now = self.status()
        # it is there and well: what broke was this scan, and the next may do
        return now if not now.works else status_of(DeviceState.UNKNOWN, told.code)


class _PageReader:
    """One page out of its pipe."""

    def __init__(self, child: Child, fd: int, cancel_fd: int, deadline_s: float) -> None:
        self._child = child
        self._fd = fd
        self._cancel_fd = cancel_fd
        self._deadline_s = deadline_s

    def read(self, order: _Order) -> ScannedPage | None:
        """None when no whole page came: cancelled, or the process has ended.

        Raises NotReady at the deadline, and NeedsStaff for what is no page.
        """
        try:
            found = self._read_header(order.max_pixels)
            if found is None:
                return None
            header, begun = found
            pixels = np.empty(header.size_bytes, np.uint8)
            pixels[: len(begun)] = np.frombuffer(begun, np.uint8)[: header.size_bytes]
            if not self._fill(pixels.data[len(begun) :]):
                return None
            return ScannedPage(to_bgr(header, pixels), order.resolution_dpi)
        except PnmError as error:
            raise failure(status_of(DeviceState.FAULT, "sane.no_picture")) from error

    def _read_header(self, max_pixels: int) -> tuple[PnmHeader, bytes] | None:
        held = b""
        while True:
            found = find_header(held, max_pixels=max_pixels)
            if found is not None:
                header, length = found
                return header, held[length:]
            part = self._read_some(MAX_HEADER_BYTES - len(held))
            if not part:
                return None
            held += part

    def _fill(self, room: memoryview) -> bool:
        while room:
            if not self._may_read():
                return False
            try:
                taken = os.readv(self._fd, [room])
            except BlockingIOError:
                continue
            if taken == 0:
                self._await_end()
                return False
            room = room[taken:]
        return True

    def _read_some(self, limit: int) -> bytes:
        while self._may_read():
            try:
                part = os.read(self._fd, limit)
            except BlockingIOError:
                continue
            if not part:
                self._await_end()
            return part
        return b""

    def _may_read(self) -> bool:
        """False when it was cancelled or the process has ended with nothing left to read."""
        ready = self._child.wait(self._deadline_s, self._cancel_fd, self._fd)
        if self._cancel_fd in ready:
            return False
        if self._fd in ready:
            return True
        if self._child.exit_code is None and not self._child.has_said_farewell:
            raise failure(status_of(DeviceState.UNKNOWN, "sane.silent"))
        return False

    def _await_end(self) -> None:
        """The page broke off: its reason is the exit code, which comes soon."""
        self._child.wait(self._deadline_s, self._cancel_fd)


def _last_status(child: Child) -> int | None:
    """SANE's status: the exit code, or what was told before a hang that had to be killed."""
    code = child.exit_code
    if code is not None and code >= 0:
        return code
    told = find_last_status(child.words) if child.has_said_farewell else None
    return told if told is not None else code


@contextlib.contextmanager
def _machine_failures() -> Iterator[None]:
    """No room, no process, no pipe left on this machine."""
    try:
        yield
    except OSError as error:
        raise failure(status_of(DeviceState.FAULT, "sane.cannot_start")) from error


def connect(
    address: str, *, deadlines: SaneDeadlines | None = None, config_dir: Path | None = None
) -> SaneScanner:
    """A scanner at `sane:DEVICE` (`scanimage -L`) or `escl:http://HOST:PORT/eSCL`.

    Opens nothing. `config_dir` stands in for /etc/sane.d with `sane:`. Raises ValueError with a
    sentence for an address that can't be one.
    """
    return SaneScanner(parse_address(address), deadlines or SaneDeadlines(), config_dir)


def _scan_command(
    address: SaneAddress, order: _Order, options: ScannerOptions, folder: WorkFolder
) -> list[str]:
    command = ["scanimage", "-d", address.device, "--format=pnm"]
    source = options.find_source(order.source)
    if source:
        command.append(f"--source={source}")
    if options.colour_mode is not None:
        command.append(f"--mode={options.colour_mode}")
    if options.takes_depth_8:
        command.append("--depth=8")
    if options.has_resolution:
        command.append(f"--resolution={order.resolution_dpi}")
    for name, length_mm in options.area_mm:
        command += [name, f"{length_mm:g}"]
    return [*command, f"--batch={folder.page_pattern}", f"--batch-count={order.max_pages}"]
