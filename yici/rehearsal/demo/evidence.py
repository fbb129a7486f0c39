"""What the demo looks at: printed paper, and what the platform opened at the other end."""

from pathlib import Path

import cv2
import numpy as np
import pikepdf
import zxingcpp

from yici.contract.people import mask_name
from yici.rehearsal.demo.desk_api import DeskApi
from yici.rehearsal.demo.matter import Matter
from yici.rehearsal.demo.offices import Offices
from yici.rehearsal.demo.proof import Proof
from yici.rehearsal.demo.reading import Typeface

_SLIP_SIZES_PX = tuple(range(28, 60))


class Evidence:
    """Gathers papers and slips in `out` and notes in the proof what holds."""

    def __init__(self, desk: DeskApi, offices: Offices, proof: Proof, out: Path) -> None:
        self._desk = desk
        self._offices = offices
        self._proof = proof
        self._out = out
        self.slip_codes: list[str] = []

    def count(self) -> None:
        """What the terminal accepted against what the platform has. Raises RehearsalFailed."""
        accepted = [line["submission_id"] for line in self._offices.outbox()]
        arrived = [case["submission_id"] for case in self._offices.cases()]
        self._proof.submissions = len(accepted)
        self._proof.delivered = len(set(accepted) & set(arrived))
        self._proof.lost = len(set(accepted) - set(arrived))
        self._proof.duplicated = len(arrived) - self._proof.delivered

    def check_slips(self, act: str, *, pieces: int) -> None:
        """As many pieces of paper as there should be by now; the last one's code is readable."""
        saved = self._desk.save_slips(self._out / "slips")
        self._proof.slips = [str(path.relative_to(self._out)) for path in saved]
        self._proof.holds(f"{act}: pieces of paper so far", len(saved), expected=pieces)
        codes = [_read_codes(path) for path in saved]
        torn = [0] * (pieces - len(self.slip_codes) - 1)
        self.slip_codes.append(codes[-1][0] if codes and codes[-1] else "")
        earlier = [1] * (len(self.slip_codes) - 1)
        readable = [len(read) for read in codes]
        self._proof.holds(f"{act}: QR codes on them", readable, expected=[*earlier, *torn, 1])

    def check_copy_is_marked(self) -> None:
        newest = cv2.imread(str(self._out / self._proof.slips[-1]), cv2.IMREAD_GRAYSCALE)
        found = Typeface(_SLIP_SIZES_PX).find(np.asarray(newest, np.uint8), "副本")
        self._proof.holds("off-line: the second print is marked 副本", bool(found), expected=True)

    def check_arrived(self, case_number: str, matter: Matter) -> None:
        """What the platform opened is what was entered here."""
        form = self._offices.case(case_number)["form"]
        entered = matter.answers
        self._proof.holds(
            f"{case_number}: answers as entered",
            {key: form["answers"].get(key) for key in entered},
            expected=entered,
        )
        self._proof.holds(
            f"{case_number}: the name is the card's",
            mask_name(form["identity"]["name"]),
            expected=mask_name(matter.person_name),
        )
        slip_code = self.slip_codes[-1]
        self._proof.holds(f"{case_number}: the slip's code", form["slip_code"], expected=slip_code)
        for part in form["parts"]:
            self._check_part(case_number, part)

    def _check_part(self, case_number: str, part: dict[str, object]) -> None:
        ending = {"application/pdf": "pdf", "image/png": "png"}[str(part["media_type"])]
        number = int(str(part["number"]))
        path = self._out / "papers" / f"{case_number}-part-{number}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._offices.save_part(case_number, number, path)
        self._proof.papers.append(str(path.relative_to(self._out)))
        if ending == "pdf":
            pages = _count_pages(path)
            self._proof.holds(f"{case_number}: pages in the captured paper", pages, expected=1)
        else:
            ink = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            found = ink is not None and bool((ink != ink[0, 0]).any())
            self._proof.holds(f"{case_number}: the signature has ink", found, expected=True)


def _count_pages(path: Path) -> int:
    try:
        with pikepdf.open(path) as document:
            return len(document.pages)
    except pikepdf.PdfError:
        return 0


def _read_codes(slip: Path) -> list[str]:
    return [
        code.text for code in zxingcpp.read_barcodes(cv2.imread(str(slip), cv2.IMREAD_GRAYSCALE))
    ]
