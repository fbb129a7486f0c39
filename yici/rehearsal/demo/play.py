"""The demo in four acts: on-line, off-line, the network comes back, the office decides.

Everything that a resident does is done on the screen; everything that is claimed is looked up at
the other end.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yici.config.declaration import PanelSettings
from yici.drivers.twin_panel.screen.framebuffer import Framebuffer
from yici.drivers.twin_panel.screen.touch import TouchInjector
from yici.rehearsal.child import children_of
from yici.rehearsal.demo.desk_api import DeskApi
from yici.rehearsal.demo.evidence import Evidence
from yici.rehearsal.demo.eyes import Eyes, Region
from yici.rehearsal.demo.finger import Finger
from yici.rehearsal.demo.matter import OLD_AGE_ALLOWANCE, Matter, apply
from yici.rehearsal.demo.offices import Offices
from yici.rehearsal.demo.proof import Proof
from yici.rehearsal.demo.reading import Typeface
from yici.rehearsal.demo.resident import Resident
from yici.rehearsal.process_table import RehearsalFailed
from yici.rehearsal.stage import Addresses, Stage
from yici.ui import theme
from yici.ui.strings import Language, table

_DELIVERY_S = 90.0
_PRINTING_S = 60.0
_END_S = 20.0
_LOOK_S = 0.5
_ROWS_BEFORE_THE_END = 400  # 5 cm: in the middle of the slip
_ASK_AGAIN_S = 3.0
_PENDING = frozenset({"queued", "form_sent"})


class Play:
    """One performance on a stage that has been started with a virtual screen."""

    def __init__(
        self, stage: Stage, addresses: Addresses, out: Path, tell: Callable[[str], None]
    ) -> None:
        self._stage = stage
        self._out = out
        self._tell = tell
        self._desk = DeskApi(addresses.panel_url)
        self._offices = Offices(stage)
        self._matter: Matter = OLD_AGE_ALLOWANCE
        self.proof = Proof()
        self._evidence = Evidence(self._desk, self._offices, self.proof, out)

    def perform(self) -> None:
        """All acts. Raises NotSeen, DeskRefused or RehearsalFailed where one can't go on."""
        with self._resident() as resident:
            self._act_on_line(resident)
            self._act_off_line(resident)
            self._act_network_returns()
            self._act_office_decides(resident)

    def count(self) -> None:
        """Tally what was accepted and delivered so far. Raises RehearsalFailed."""
        self._evidence.count()

    @contextmanager
    def _resident(self) -> Iterator[Resident]:
        screen = self._stage.screen
        if screen is None:
            raise RehearsalFailed("The demo needs a virtual screen.")
        os.environ.update(screen.environment)  # python-xlib finds the cookie there
        panel = PanelSettings()
        tokens = theme.tokens(theme.Panel(panel.width_mm, panel.width_px, panel.height_px))
        roles = ("captionPx", "bodyPx", "headingPx", "titlePx")
        typeface = Typeface(tuple(int(tokens[role]) for role in roles))
        keyboard = Region(screen.size.height_px // 2, screen.size.height_px)
        with (
            Framebuffer(screen.framebuffer) as framebuffer,
            TouchInjector(screen.display_name) as injector,
        ):
            eyes = Eyes(framebuffer, typeface, self._out / "screens")
            strings = table(Language.CHINESE)
            yield Resident(eyes, Finger(injector), strings, keyboard)

    # --- the acts

    def _act_on_line(self, resident: Resident) -> None:
        self._tell("act 1: on-line")
        apply(resident, self._desk, self._matter, self._keeper(resident, "1"))
        resident.sees("submitted.delivered_lead", within_s=_DELIVERY_S)
        resident.sees("submitted.printed", within_s=_PRINTING_S)
        self._keep(resident, "1-delivered")
        case_number = self._offices.cases()[-1]["case_number"]
        # long rows of digits drift from the drawn ones by parts of a dot: the serial tells enough
        serial = case_number.split("-", 2)[-1]
        on_screen = resident.eyes.find(serial)
        self.proof.holds(
            "on-line: the screen shows the platform's case number", bool(on_screen), expected=True
        )
        self._evidence.check_slips("on-line", pieces=1)
        self._evidence.check_arrived(case_number, self._matter)
        self._leave(resident, "on-line")

    def _act_off_line(self, resident: Resident) -> None:
        self._tell("act 2: off-line")
        self._stage.stop_platform()
        self._desk.break_printer("paper_out", after_rows=_ROWS_BEFORE_THE_END)
        apply(resident, self._desk, self._matter, self._keeper(resident, "2"))
        self._paper_ends_mid_slip(resident)
        says, _ = resident.eyes.wait_for_any(
            (resident.words("submitted.stored"), resident.words("submitted.delivered")), _END_S
        )
        self._keep(resident, "2-stored")
        stored = resident.words("submitted.stored")
        self.proof.holds("off-line: the screen says", says, expected=stored)
        self._evidence.check_slips("off-line", pieces=3)  # one whole, one torn, one marked copy
        self._evidence.check_copy_is_marked()
        states = [line["state"] for line in self._offices.outbox()]
        self.proof.holds(
            "off-line: the second submission waits in the queue",
            [state in _PENDING for state in states],
            expected=[False, True],
        )
        self._leave(resident, "off-line")

    def _paper_ends_mid_slip(self, resident: Resident) -> None:
        """The screen must not claim a slip; staff put in a new roll, the resident asks again."""
        claims = ("submitted.printed", "submitted.unknown", "submitted.not_printed")
        sentences = tuple(resident.words(claim) for claim in claims)
        said, _ = resident.eyes.wait_for_any(sentences, _PRINTING_S)
        self._keep(resident, "2-paper-ended")
        asked = resident.words("submitted.unknown")
        self.proof.holds("paper ends mid-slip: the screen asks", said, expected=asked)
        self._desk.mend_printer("paper_out")
        resident.touches("submitted.did_not")
        resident.sees("submitted.printed", within_s=_PRINTING_S)

    def _act_network_returns(self) -> None:
        self._tell("act 3: the network comes back")
        self._stage.start_platform()
        self._offices.send_now()
        deadline_s = time.monotonic() + _DELIVERY_S
        while any(line["state"] in _PENDING for line in self._offices.outbox()):
            if time.monotonic() > deadline_s:
                break
            time.sleep(_LOOK_S)
        self._evidence.count()
        self.proof.holds(
            "back on-line: accepted by the terminal", self.proof.submissions, expected=2
        )
        self.proof.holds("back on-line: delivered", self.proof.delivered, expected=2)
        self.proof.holds("back on-line: lost", self.proof.lost, expected=0)
        self.proof.holds("back on-line: duplicated", self.proof.duplicated, expected=0)
        self._evidence.check_arrived(self._offices.cases()[-1]["case_number"], self._matter)

    def _act_office_decides(self, resident: Resident) -> None:
        self._tell("act 4: the office decides, the resident asks")
        self._offices.accept(self._offices.cases()[-1]["case_number"])
        resident.touches("home.progress")
        deadline_s = time.monotonic() + _DELIVERY_S
        while True:
            resident.types_into(resident.words("progress.code"), self._evidence.slip_codes[-1])
            resident.touches("progress.look")
            resident.sees("progress.another")
            resident.eyes.settle()
            # 已受理 alone also names a step that is still to come
            said = resident.last_words("case.accepted_detail")
            is_accepted = resident.eyes.find(said) is not None
            if is_accepted or time.monotonic() > deadline_s:
                break
            time.sleep(_ASK_AGAIN_S)
            resident.touches("progress.another")
        self._keep(resident, "4-progress")
        self.proof.holds("the slip's code shows 已受理", is_accepted, expected=True)
        self._leave_by(resident, "action.end", "progress")

    # --- leaving

    def _leave(self, resident: Resident, act: str) -> None:
        self._leave_by(resident, "submitted.done", act)

    def _leave_by(self, resident: Resident, button: str, act: str) -> None:
        """The resident ends; the process that held the data has to end, too."""
        before = children_of(self._stage.table.pid_of("terminal"))
        resident.touches(button)
        resident.sees("ended.title")
        self._keep(resident, f"{act}-ended")
        resident.touches("ended.next")
        resident.sees("home.title")
        deadline_s = time.monotonic() + _END_S
        gone: frozenset[int] = frozenset()
        while not gone and time.monotonic() < deadline_s:
            time.sleep(_LOOK_S)
            gone = before - children_of(self._stage.table.pid_of("terminal"))
        self.proof.holds(f"{act}: processes that ended with the resident", len(gone), expected=1)

    def _keeper(self, resident: Resident, act: str) -> Callable[[str], None]:
        return lambda name: self._keep(resident, f"{act}-{name}")

    def _keep(self, resident: Resident, name: str) -> None:
        path = resident.eyes.keep(name)
        self.proof.screens.append(str(path.relative_to(self._out)))
