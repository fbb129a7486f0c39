"""The camera contract over a real MJPEG stream, and every way in which the stream can fail."""

import subprocess
import sys
import time
from pathlib import Path

from camera_bench import RED, WHITE, looks_red, wait_for_state, wait_until

from yici.drivers.device import DeviceState
from yici.drivers.document_camera.twin import CameraFault, DocumentCameraTwin
from yici.drivers.document_camera.twin_scene import Pose, View
from yici.drivers.document_camera.video import Mounting, VideoCamera, connect

TIMEOUT_MS = 20_000


def test_capture_shows_what_lies_there_after_the_call(
    twin: DocumentCameraTwin, camera: VideoCamera
) -> None:
    wait_for_state(camera, DeviceState.READY)
    for paper, is_red in ((WHITE, False), (RED, True)) * 4:
        twin.lay_paper(paper)
        called_at_s = time.monotonic()
        frame = camera.capture(TIMEOUT_MS)
        assert looks_red(frame.pixels) is is_red
        assert frame.taken_at_s > called_at_s
        assert frame.pixels.shape == (640, 480, 3)


def test_frames_are_numbered_upwards_and_never_given_twice(camera: VideoCamera) -> None:
    numbers = []
    newest = -1
    while len(numbers) < 5:
        wait_until(lambda after=newest: camera.find_frame(after) is not None, "a newer frame")
        frame = camera.find_frame(newest)
        assert frame is not None
        newest = frame.number
        numbers.append(newest)
    assert numbers == sorted(set(numbers))
    assert camera.find_frame(newest + 1000) is None


def test_large_frames_are_halved_to_look_at_and_whole_when_captured() -> None:
    with DocumentCameraTwin(view=View(width_px=1800, height_px=2400)) as twin:
        camera = connect(twin.url)
        try:
            wait_for_state(camera, DeviceState.READY)
            seen = camera.find_frame()
            assert seen is not None
            assert seen.pixels.shape == (1200, 900, 3)
            assert camera.capture(TIMEOUT_MS).pixels.shape == (2400, 1800, 3)
        finally:
            camera.close()


def test_camera_rests_while_nobody_looks_but_stays_ready(camera: VideoCamera) -> None:
    before = camera.capture(TIMEOUT_MS)
    for _ in range(20):  # four seconds; asking for the status is no look
        assert camera.status().works
        time.sleep(0.2)
    after = camera.find_frame()
    assert after is not None
    # twelve a second for two seconds, then two a second; without a rest it would be fifty
    assert after.number - before.number < 40
    assert camera.capture(TIMEOUT_MS).number > after.number


def test_mounting_turns_the_picture_upright(twin: DocumentCameraTwin) -> None:
    twin.lay_paper(RED, Pose(y_mm=-150))  # at the top of what the camera sees
    camera = connect(twin.url, mounting=Mounting.TURNED_90)
    try:
        pixels = camera.capture(TIMEOUT_MS).pixels
        assert pixels.shape == (480, 640, 3)
        assert pixels[240, 600, 2] > pixels[240, 40, 2] + 60  # the top has come to the right
    finally:
        camera.close()


def test_stalled_stream_is_noticed_within_two_seconds(
    twin: DocumentCameraTwin, camera: VideoCamera
) -> None:
    wait_for_state(camera, DeviceState.READY)
    twin.set_fault(CameraFault.STALLED)
    wait_until(lambda: _age_s(camera) > 2, "two seconds without a frame")
    assert camera.status().state is DeviceState.DISCONNECTED


def _age_s(camera: VideoCamera) -> float:
    frame = camera.find_frame()
    return time.monotonic() - frame.taken_at_s if frame is not None else 0.0


def test_closing_does_not_wait_for_a_source_that_does_not_answer() -> None:
    camera = connect("http://192.0.2.1/cam.mjpg")  # TEST-NET-1: nobody answers (RFC 5737)
    wait_until(lambda: camera.worker_pid is not None, "a worker")
    camera.close()
    assert camera.worker_pid is None


def test_password_in_the_address_is_not_shown_in_the_process_list() -> None:
    camera = connect("http://user:secret@127.0.0.1:9/cam.mjpg")
    try:
        wait_for_state(camera, DeviceState.DISCONNECTED)
        worker = Path(f"/proc/{camera.worker_pid}")
        assert b"video.worker" in (worker / "cmdline").read_bytes()
        assert b"secret" not in (worker / "cmdline").read_bytes()
        assert b"secret" not in (worker / "environ").read_bytes()
    finally:
        camera.close()


def test_killed_parent_leaves_no_worker_and_no_shared_memory(twin: DocumentCameraTwin) -> None:
    program = (
        "import sys, time\n"
        "from yici.drivers.document_camera.video import connect\n"
        "camera = connect(sys.argv[1])\n"
        "camera.capture(20_000)\n"
        "print(camera.worker_pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    named_before = set(Path("/dev/shm").iterdir())
    with subprocess.Popen(
        [sys.executable, "-c", program, twin.url], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert _shared_memory(worker)
        parent.kill()
    wait_until(lambda: not _is_running(worker), "gone")
    # nameless memory: the kernel has taken it back with its last user
    mine = {path for path in Path("/dev/shm").iterdir() if "yici" in path.name}
    assert mine <= named_before


def _shared_memory(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return [line for line in lines if "yici-camera-frames" in line]


def _is_running(pid: int) -> bool:
    """An orphan may stay a zombie where nobody reaps it, as in a container without init."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
