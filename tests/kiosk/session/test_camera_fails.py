"""The camera fails while a paper is captured: told, left at will, and back by itself."""

from pathlib import Path

import pytest
from driver import SessionDriver

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin import CameraFault
from yici.drivers.id_card_reader.personas import Persona
from yici.kiosk.session.table import State


@pytest.fixture
def papers(desk: SessionDriver, personas: dict[str, Persona], tmp_path: Path) -> SessionDriver:
    """In front of the list of papers, one of them under the camera."""
    desk.go_to_papers(personas["P01"])
    desk.lay_paper(SamplePaper.STATEMENT, tmp_path)
    return desk


def test_camera_unplugged_before_it_was_opened(papers: SessionDriver) -> None:
    papers.camera.unplug()
    papers.session.start_capture("photo")
    papers.until(lambda: papers.phase == "unavailable", "told that there is no picture")
    papers.session.back()
    assert (papers.screen, papers.phase) == (State.MATERIALS, "")
    papers.session.defer_material("photo")
    papers.session.materials_done()
    assert papers.screen is State.REVIEW, "without a camera the paper is brought later"


def test_camera_unplugged_under_the_live_picture_comes_back_by_itself(
    papers: SessionDriver,
) -> None:
    papers.open_camera("photo")
    papers.camera.unplug()
    papers.until(lambda: papers.phase == "unavailable", "told that it is gone")
    assert papers.capture.camera_state == "disconnected"
    papers.camera.plug_in()
    papers.until(lambda: papers.phase == "live" and papers.capture.page_found, "back by itself")
    papers.take_page()
    papers.keep_document("photo")


def test_camera_that_stalls_is_told_and_works_again_by_itself(papers: SessionDriver) -> None:
    papers.open_camera("photo")
    papers.camera.set_fault(CameraFault.STALLED)
    papers.until(lambda: papers.phase == "unavailable", "told that no picture comes")
    papers.session.capturing.take()
    assert papers.phase == "unavailable", "there is nothing to take"
    papers.camera.set_fault(CameraFault.NONE)
    papers.until(lambda: papers.phase == "live", "live again")
    papers.take_page()


def test_still_of_a_camera_that_is_just_unplugged_ends_one_way_or_the_other(
    papers: SessionDriver,
) -> None:
    papers.open_camera("photo")
    papers.camera.unplug()
    papers.session.capturing.take()
    papers.until(lambda: papers.phase != "taking", "an answer")
    assert papers.phase == "check" or papers.capture.fault == "camera"


def test_leaving_while_the_still_is_taken_forgets_it(papers: SessionDriver) -> None:
    papers.open_camera("photo")
    papers.session.capturing.take()
    papers.session.back()
    papers.work_for(2.0)
    assert papers.phase == ""
    assert papers.material_state("photo") == "open"
    assert papers.session.capturing.newest_picture() is None


def test_empty_mat_is_no_page_and_the_whole_picture_may_be_taken(
    papers: SessionDriver,
) -> None:
    papers.open_camera("photo")
    papers.camera.lay_paper(None)
    papers.until(lambda: not papers.capture.page_found, "an empty mat")
    papers.session.capturing.take()
    papers.until(lambda: papers.capture.fault == "no_page", "told that no page was found")
    papers.until(lambda: papers.phase == "live", "live again")
    papers.session.capturing.take_whole()
    papers.until(lambda: papers.phase == "check", "a page to check")
    assert not papers.capture.page_found


def test_pages_are_counted_and_no_more_than_allowed_are_kept(papers: SessionDriver) -> None:
    papers.open_camera("photo")
    allowed = papers.capture.max_pages
    for number in range(1, allowed + 1):
        papers.take_page()
        assert papers.capture.page_number == number
        if number == 1:
            papers.session.capturing.take_again()
            papers.until(lambda: papers.phase == "live", "live again")
            papers.take_page()
        if number < allowed:
            papers.session.capturing.keep_and_continue()
            papers.until(lambda: papers.phase == "live", "live for the next page")
    papers.keep_document("photo")
    row = next(row for row in papers.materials.rows if row.key == "photo")
    assert row.page_count == allowed


def test_disk_that_takes_no_page_leaves_the_paper_open(papers: SessionDriver) -> None:
    papers.open_camera("photo")
    papers.take_page()
    directory = papers.cache.parts.path_of("sha256-" + "0" * 64).parent
    moved = directory.rename(directory.with_name("moved"))
    directory.write_bytes(b"")  # where the directory was: nothing can be stored
    papers.session.capturing.keep_and_finish()
    papers.until(lambda: papers.material_state("photo") == "open", "open again")
    directory.unlink()
    moved.rename(directory)
    papers.open_camera("photo")
    papers.take_page()
    papers.keep_document("photo")
