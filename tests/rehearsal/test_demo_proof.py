import json
from pathlib import Path

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
