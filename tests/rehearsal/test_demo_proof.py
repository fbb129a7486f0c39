import json
from pathlib import Path

import pytest

from yici.rehearsal.demo.desk_api import DeskApi, DeskRefused
from yici.rehearsal.demo.evidence import Evidence
from yici.rehearsal.demo.proof import Proof


def test_one_check_that_does_not_hold_spoils_the_proof(tmp_path: Path) -> None:
    proof = Proof()
    assert not proof.ok  # nothing was checked
    proof.holds("delivered", 2, expected=2)
    assert proof.ok
    proof.holds("lost", 1, expected=0)
    assert not proof.ok
    proof.write(tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["ok"] is False
    assert report["checks"] == [
        {"name": "delivered", "ok": True, "detail": "2"},
        {"name": "lost", "ok": False, "detail": "1, expected 0"},
    ]


def test_play_that_stops_half_way_is_no_proof() -> None:
    proof = Proof()
    proof.holds("delivered", 2, expected=2)
    proof.failed("the play went to its end", "“已送达” did not appear within 90 s")
    assert not proof.ok


class Ends:
    """Stands where both ends' commands are."""

    def __init__(self, accepted: str, arrived: str) -> None:
        self._accepted, self._arrived = accepted, arrived

    def outbox(self) -> list[dict[str, str]]:
        return [{"submission_id": each} for each in self._accepted]

    def cases(self) -> list[dict[str, str]]:
        return [{"submission_id": each} for each in self._arrived]


@pytest.mark.parametrize(
    ("accepted", "arrived", "counted"),
    [
        ("ab", "ab", (2, 0, 0)),
        ("ab", "a", (1, 1, 0)),
        ("ab", "aab", (2, 0, 1)),
        ("ab", "abx", (2, 0, 1)),
        ("", "", (0, 0, 0)),
    ],
)
def test_lost_and_doubled_submissions_are_counted(
    tmp_path: Path, accepted: str, arrived: str, counted: tuple[int, int, int]
) -> None:
    proof = Proof()
    desk = DeskApi("http://127.0.0.1:9/")
    ends = Ends(accepted, arrived)
    Evidence(desk, ends, proof, tmp_path).count()  # type: ignore[arg-type]  # only its two lists
    assert proof.submissions == len(accepted)
    assert (proof.delivered, proof.lost, proof.duplicated) == counted  # in this order


def test_panel_that_does_not_answer_is_told_in_a_sentence() -> None:
    with pytest.raises(DeskRefused, match="does not answer"):
        DeskApi("http://127.0.0.1:9/").take_card()
