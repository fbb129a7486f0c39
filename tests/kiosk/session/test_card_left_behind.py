"""The card that still lies on the reader when the matter is done is asked for."""

from pathlib import Path

import pytest
from driver import SessionDriver

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.id_card_reader import CardRemoval
from yici.drivers.id_card_reader.personas import Persona
from yici.drivers.id_card_reader.sam.driver import SamReader


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[CardRemoval]:
    """What the reader said each time that it was asked."""
    answers: list[CardRemoval] = []
    ask = SamReader.card_removal

    def card_removal(reader: SamReader) -> CardRemoval:
        answers.append(ask(reader))
        return answers[-1]

    monkeypatch.setattr(SamReader, "card_removal", card_removal)
    return answers


def ends_with_a_reminder(desk: SessionDriver) -> bool:
    desk.session.end()
    assert desk.view.end is not None
    return desk.view.end.card_may_lie_there


def test_card_on_the_reader_is_asked_for_until_it_is_taken(
    desk: SessionDriver, personas: dict[str, Persona], asked: list[CardRemoval]
) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.work_for(1.2)
    assert asked == [], "nobody asks before the matter is done"
    desk.submit()
    desk.until(lambda: desk.submitted.card_still_there, "told that the card lies there")
    asked_so_far = len(asked)
    desk.work_for(2.2)
    assert len(asked) - asked_so_far <= 3, "once a second is enough"
    assert desk.submitted.card_still_there
    desk.reader.take_card()
    desk.until(lambda: not desk.submitted.card_still_there, "told that it was taken")
    assert asked[-1] is CardRemoval.REMOVED
    assert not ends_with_a_reminder(desk)


def test_card_that_stays_until_the_end_is_asked_for_there(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    desk.until(lambda: desk.submitted.card_still_there, "told that the card lies there")
    assert ends_with_a_reminder(desk)


def test_card_taken_before_anybody_asked_is_reminded_of_to_be_sure(
    desk: SessionDriver, personas: dict[str, Persona], asked: list[CardRemoval]
) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.reader.take_card()
    desk.submit()
    desk.until(lambda: asked != [], "asked")
    desk.work_for(1.5)
    assert asked == [CardRemoval.UNKNOWN], "a reader that can't tell is asked once"
    assert not desk.submitted.card_still_there
    assert ends_with_a_reminder(desk)


def test_reader_lost_while_the_card_lies_there_leaves_the_words_of_one_that_can_not_tell(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    desk.until(lambda: desk.submitted.card_still_there, "told that the card lies there")
    desk.reader.unplug()
    desk.until(lambda: not desk.submitted.card_still_there, "no longer claimed")
    assert ends_with_a_reminder(desk)


def test_printing_again_goes_on_asking(desk: SessionDriver, personas: dict[str, Persona]) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    desk.until(lambda: desk.submitted.card_still_there, "told that the card lies there")
    desk.session.print_again()
    desk.until(lambda: desk.submitted.copy_number == 1, "a copy is under way")
    desk.until(lambda: desk.submitted.print_phase == "printed", "printed again")
    desk.reader.take_card()
    desk.until(lambda: not desk.submitted.card_still_there, "told that it was taken")
    assert not ends_with_a_reminder(desk)


def test_without_a_card_nothing_is_asked(
    desk: SessionDriver,
    personas: dict[str, Persona],
    asked: list[CardRemoval],
    tmp_path: Path,
) -> None:
    desk.choose("RS-003")
    who = personas["P01"].identity
    desk.type_identity(who.name, who.id_number)
    desk.fill(
        {"sex": "1", "ethnicity": "01", "registered_address": "示例村1组"},
        {"alive_self": "yes", "verify_way": "身份证+窗口人工核对"},
    )
    desk.lay_paper(SamplePaper.STATEMENT, tmp_path)
    desk.open_camera("id")
    desk.take_page()
    desk.keep_document("id")
    desk.session.materials_done()
    desk.submit()
    desk.work_for(1.2)
    assert asked == []
    assert not desk.submitted.card_still_there
    assert not ends_with_a_reminder(desk)
