"""The demo in four acts: on-line, off-line, the network comes back, the office decides.

Everything that a resident does is done on the screen; everything that is claimed is looked up at
the other end.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import zxingcpp

from yici.config.declaration import PanelSettings
from yici.contract.people import mask_name
from yici.drivers.twin_panel.screen.framebuffer import Framebuffer
from yici.drivers.twin_panel.screen.touch import TouchInjector
from yici.rehearsal.child import children_of
from yici.rehearsal.demo.desk_api import DeskApi
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
_SLIP_SIZES_PX = tuple(range(28, 60))
_ROWS_BEFORE_THE_END = 400  # 5 cm: in the middle of the slip
_ASK_AGAIN_S = 3.0
_PENDING = frozenset({"queued", "form_sent"})


def _read_codes(slip: Path) -> list[str]:
    return [
        code.text for code in zxingcpp.read_barcodes(cv2.imread(str(slip), cv2.IMREAD_GRAYSCALE))
    ]


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
        self._slip_codes: list[str] = []
        self.proof = Proof()

    def perform(self) -> None:
        """All acts. Raises NotSeen, DeskRefused or RehearsalFailed where one can't go on."""
        with self._resident() as resident:
            self._act_on_line(resident)
            self._act_off_line(resident)
            self._act_network_returns()
            self._act_office_decides(resident)

    def count(self) -> None:
        """What the terminal accepted against what the platform has. Raises RehearsalFailed."""
        accepted = [line["submission_id"] for line in self._offices.outbox()]
        arrived = [case["submission_id"] for case in self._offices.cases()]
        self.proof.submissions = len(accepted)
        self.proof.delivered = len(set(accepted) & set(arrived))
        self.proof.lost = len(set(accepted) - set(arrived))
        self.proof.duplicated = len(arrived) - len(set(arrived))

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
        [case] = self._offices.cases()
        on_screen = resident.eyes.find(case["case_number"])
        self.proof.holds(
            "on-line: the screen shows the platform's case number", bool(on_screen), expected=True
        )
        self._check_slip("on-line", pieces=1)
        self._check_arrived(case["case_number"])
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
        self._check_slip("off-line", pieces=3)  # one whole, one torn, one marked copy
        self._check_copy_is_marked()
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
        deadline_s = time.monotonic() + _DELIVERY_S
        while any(line["state"] in _PENDING for line in self._offices.outbox()):
            if time.monotonic() > deadline_s:
                break
            time.sleep(_LOOK_S)
        self.count()
        self.proof.holds(
            "back on-line: accepted by the terminal", self.proof.submissions, expected=2
        )
        self.proof.holds("back on-line: delivered", self.proof.delivered, expected=2)
        self.proof.holds("back on-line: lost", self.proof.lost, expected=0)
        self.proof.holds("back on-line: duplicated", self.proof.duplicated, expected=0)
        self._check_arrived(self._offices.cases()[-1]["case_number"])

    def _act_office_decides(self, resident: Resident) -> None:
        self._tell("act 4: the office decides, the resident asks")
        self._offices.accept(self._offices.cases()[-1]["case_number"])
        resident.touches("home.progress")
        deadline_s = time.monotonic() + _DELIVERY_S
        while True:
            resident.types_into(resident.words("progress.code"), self._slip_codes[-1])
            resident.touches("progress.look")
            resident.sees("progress.another")
            resident.eyes.settle()
            # 已受理 alone also names a step that is still to come
            is_accepted = resident.eyes.find(resident.words("case.accepted_detail")) is not None
            if is_accepted or time.monotonic() > deadline_s:
                break
            time.sleep(_ASK_AGAIN_S)
            resident.touches("progress.another")
        self._keep(resident, "4-progress")
        self.proof.holds("the slip's code shows 已受理", is_accepted, expected=True)
        self._leave_by(resident, "action.end", "progress")

    # --- what is looked at

    def _check_slip(self, act: str, *, pieces: int) -> None:
        """As many pieces of paper as there should be by now; the last one's code is readable."""
        saved = self._desk.save_slips(self._out / "slips")
        self.proof.slips = [str(path.relative_to(self._out)) for path in saved]
        self.proof.holds(f"{act}: pieces of paper so far", len(saved), expected=pieces)
        codes = [_read_codes(path) for path in saved]
        readable = [len(read) for read in codes]
        torn = [0] * (pieces - len(self._slip_codes) - 1)
        self._slip_codes.append(codes[-1][0] if codes[-1] else "")
        earlier = [1] * (len(self._slip_codes) - 1)
        self.proof.holds(f"{act}: QR codes on them", readable, expected=[*earlier, *torn, 1])

    def _check_copy_is_marked(self) -> None:
        newest = cv2.imread(str(self._out / self.proof.slips[-1]), cv2.IMREAD_GRAYSCALE)
        found = Typeface(_SLIP_SIZES_PX).find(np.asarray(newest, np.uint8), "副本")
        self.proof.holds("off-line: the second print is marked 副本", bool(found), expected=True)

    def _check_arrived(self, case_number: str) -> None:
        """What the platform opened is what was entered here."""
        form = self._offices.case(case_number)["form"]
        matter, answers = self._matter, form["answers"]
        typed = [answer.answer for answer in matter.typed]
        self.proof.holds(
            f"{case_number}: answers as entered",
            [answers["age_band"], *(answers[k] for k in ("bank_name", "bank_account", "division"))],
            expected=[matter.choice, *typed],
        )
        self.proof.holds(
            f"{case_number}: the name is the card's",
            mask_name(form["identity"]["name"]),
            expected=mask_name(matter.person_name),
        )
        slip_code = self._slip_codes[-1]
        self.proof.holds(f"{case_number}: the slip's code", form["slip_code"], expected=slip_code)
        for part in form["parts"]:
            self._check_part(case_number, part)

    def _check_part(self, case_number: str, part: dict[str, object]) -> None:
        ending = {"application/pdf": "pdf", "image/png": "png"}[str(part["media_type"])]
        number = int(str(part["number"]))
        path = self._out / "papers" / f"{case_number}-part-{number}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._offices.save_part(case_number, number, path)
        self.proof.papers.append(str(path.relative_to(self._out)))
        if ending == "pdf":
            with pikepdf.open(path) as document:
                pages = len(document.pages)
            self.proof.holds(f"{case_number}: pages in the captured paper", pages, expected=1)
        else:
            ink = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            found = ink is not None and bool((ink != ink[0, 0]).any())
            self.proof.holds(f"{case_number}: the signature has ink", found, expected=True)

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
