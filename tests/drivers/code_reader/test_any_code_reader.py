"""The contract of every code reader, driver by driver over its twin, and every way to fail."""

import threading
import time
from contextlib import closing, suppress

import pytest

from yici.drivers.code_reader import MAX_CONTENT_BYTES
from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    NeedsStaff,
    NotReady,
    StepOutcome,
)

SLIP = b"https://example.test/s/ABCD-EFGH"
OTHER = b"430199198506120012"


def test_shown_code_is_found_with_its_exact_bytes(bench) -> None:
    bench.twin.show_code(SLIP)
    assert bench.until_found().content == SLIP
    assert bench.reader.status().state is DeviceState.READY


def test_nothing_shown_is_none_within_the_time(bench) -> None:
    bench.until_state(DeviceState.READY)
    started_at_s = time.monotonic()
    assert bench.reader.find_code(timeout_ms=300) is None
    assert 0.25 < time.monotonic() - started_at_s < 10
    assert bench.reader.find_code(timeout_ms=0) is None


def test_code_held_there_counts_once(bench) -> None:
    bench.twin.show_code(SLIP)
    bench.until_found()
    assert bench.reader.find_code(timeout_ms=1000) is None
    bench.twin.show_code(OTHER)
    assert bench.until_found().content == OTHER


def test_code_taken_away_and_shown_again_counts_again(bench) -> None:
    bench.twin.show_code(SLIP)
    bench.until_found()
    bench.twin.take_code()
    assert bench.reader.find_code(timeout_ms=2000) is None
    bench.twin.show_code(SLIP)
    assert bench.until_found().content == SLIP


def test_code_shown_and_taken_before_the_call_is_not_found(bench) -> None:
    bench.until_state(DeviceState.READY)
    bench.twin.show_code(SLIP)
    time.sleep(0.3)
    bench.twin.take_code()
    time.sleep(0.3)
    assert bench.reader.find_code(timeout_ms=700) is None


def test_code_shown_while_the_call_waits_is_found(bench) -> None:
    bench.until_state(DeviceState.READY)
    shower = threading.Timer(0.3, bench.twin.show_code, [SLIP])
    shower.start()
    found = bench.reader.find_code(timeout_ms=20_000)
    shower.join()
    assert found is not None
    assert found.content == SLIP


def test_reader_starts_without_its_device_and_finds_it_later(bench) -> None:
    bench.twin.unplug()
    with closing(bench.connect()) as reader:
        assert not reader.status().works
        with pytest.raises(NotReady):
            reader.find_code(timeout_ms=100)
    bench.twin.plug_in()
    bench.twin.show_code(SLIP)
    assert bench.until_found().content == SLIP


def test_unplugged_before_the_call_is_disconnected(bench) -> None:
    bench.until_state(DeviceState.READY)
    bench.twin.unplug()
    bench.until_state(DeviceState.DISCONNECTED)
    with pytest.raises(NotReady) as raised:
        bench.reader.find_code(timeout_ms=200)
    assert raised.value.status.kind is DeviceKind.CODE_READER


def test_unplugged_during_the_call_is_told_before_its_end(bench) -> None:
    bench.until_state(DeviceState.READY)
    puller = threading.Timer(0.3, bench.twin.unplug)
    puller.start()
    started_at_s = time.monotonic()
    with pytest.raises(NotReady) as raised:
        bench.reader.find_code(timeout_ms=60_000)
    puller.join()
    assert raised.value.status.state is DeviceState.DISCONNECTED
    assert time.monotonic() - started_at_s < 30


def test_unplugged_after_a_code_comes_back_without_a_restart(bench) -> None:
    for content in (SLIP, OTHER):
        bench.twin.show_code(content)
        assert bench.until_found().content == content
        bench.twin.unplug()
        bench.until_state(DeviceState.DISCONNECTED)
        bench.twin.plug_in()
        bench.until_state(DeviceState.READY)


def test_silent_reader_never_holds_a_call_beyond_its_deadline(bench) -> None:
    bench.twin.set_fault("silent")
    bench.twin.show_code(SLIP)
    started_at_s = time.monotonic()
    if bench.driver == "camera":  # its silence is noticed, a line's isn't
        with pytest.raises(NotReady):
            bench.reader.find_code(timeout_ms=500)
    else:
        assert bench.reader.find_code(timeout_ms=500) is None
    assert time.monotonic() - started_at_s < 20
    bench.twin.set_fault("none")
    assert bench.until_found().content == SLIP


def test_garbage_is_never_taken_for_a_code(bench) -> None:
    bench.twin.set_fault("garbage")
    bench.twin.show_code(SLIP)
    end_s = time.monotonic() + 2.0
    while time.monotonic() < end_s:
        with suppress(DeviceError):
            assert bench.reader.find_code(timeout_ms=300) is None
        time.sleep(0.02)
    bench.twin.set_fault("none")
    assert bench.until_found().content == SLIP


def test_slow_reader_is_waited_for(bench) -> None:
    bench.twin.set_fault("slow")
    bench.twin.show_code(SLIP)
    assert bench.until_found().content == SLIP


def test_closed_reader_says_so_and_gives_its_port_back(bench) -> None:
    bench.until_state(DeviceState.READY)
    bench.reader.close()
    bench.reader.close()
    assert bench.reader.status().state is DeviceState.DISCONNECTED
    with pytest.raises(NotReady):
        bench.reader.find_code(timeout_ms=100)
    bench.twin.show_code(SLIP)
    with closing(bench.connect()) as second:
        deadline_s = time.monotonic() + 30
        while not second.status().works:
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        found = second.find_code(timeout_ms=20_000)
        assert found is not None
        assert found.content == SLIP


def test_self_test_passes_on_a_working_reader_and_fails_on_a_lost_one(bench) -> None:
    bench.until_state(DeviceState.READY)
    first = bench.reader.self_test()[0]
    assert (first.code, first.outcome) == ("answers", StepOutcome.PASSED)
    bench.twin.unplug()
    bench.until_state(DeviceState.DISCONNECTED)
    assert bench.reader.self_test()[0].outcome is StepOutcome.FAILED


def test_diagnostics_and_errors_hold_nothing_that_was_shown(bench) -> None:
    bench.twin.show_code(OTHER)
    bench.until_found()
    bench.twin.unplug()
    bench.until_state(DeviceState.DISCONNECTED)
    with pytest.raises(NotReady) as raised:
        bench.reader.find_code(timeout_ms=100)
    told = repr((dict(bench.reader.diagnostics()), bench.reader.self_test(), raised.value.args))
    assert OTHER.decode() not in told
    # what the driver remembers to count a held code once is no code either
    assert OTHER not in repr(vars(getattr(bench.reader, "_held"))).encode()  # noqa: B009 (any driver's)


@pytest.mark.parametrize("address", ["", "reader", "file:///etc/passwd", "http://[", "/dev/x\0y"])
def test_impossible_address_is_refused_with_a_sentence(bench, address: str) -> None:
    from yici.drivers.registry import get_connect

    with pytest.raises(ValueError, match=r"looks like|no port"):
        get_connect(DeviceKind.CODE_READER, bench.driver)(address)


def test_code_as_long_as_a_qr_code_can_be_is_whole(bench) -> None:
    # a QR code holds 2,953 bytes; the camera's twin can draw fewer with 3 pixels a module
    content = b"0123456789" * (30 if bench.driver == "camera" else 295)
    assert len(content) <= MAX_CONTENT_BYTES
    bench.twin.show_code(content)
    assert bench.until_found().content == content


def test_unknown_decoder_or_driver_is_named_wrongly(bench) -> None:
    from yici.drivers.registry import get_connect

    with pytest.raises(ValueError, match="camera, keyboard, serial_line"):
        get_connect(DeviceKind.CODE_READER, "vendor")
    if bench.driver == "camera":
        with pytest.raises(ValueError, match="pyzbar, zxing"):
            get_connect(DeviceKind.CODE_READER, "camera")(bench.twin.address, decoder="opencv")


def test_second_reader_on_the_same_port_is_busy(bench) -> None:
    if bench.driver == "camera":
        return  # a network camera serves several; V4L2 says busy by itself
    bench.until_state(DeviceState.READY)
    with closing(bench.connect()) as second:
        assert second.status().state is DeviceState.BUSY
        with pytest.raises(NotReady):
            second.find_code(timeout_ms=100)
    assert bench.reader.status().works


def test_wrong_setting_is_told_as_such(bench) -> None:
    """Garbage again and again is no passing trouble."""
    bench.until_state(DeviceState.READY)
    bench.twin.set_fault("absurd_size" if bench.driver == "camera" else "garbage")
    bench.twin.show_code(SLIP)
    with pytest.raises(NeedsStaff) as raised:
        bench.reader.find_code(timeout_ms=30_000)
    assert raised.value.status.state is DeviceState.WRONG_SETTING
    assert bench.reader.status().state is DeviceState.WRONG_SETTING


def test_twin_has_the_faults_and_acts_that_it_promises(bench) -> None:
    assert {"silent", "garbage", "slow"} <= set(bench.twin.fault_names)
    assert "none" not in bench.twin.fault_names
    for name in bench.twin.fault_names:
        bench.twin.set_fault(name)
        assert bench.twin.fault == name
    bench.twin.set_fault("none")
    with pytest.raises(ValueError, match=r"."):
        bench.twin.set_fault("on_fire")
    for name, argument in (("show_code", ""), ("take_code", "x"), ("dance", "")):
        with pytest.raises(ValueError, match=name):
            bench.twin.act(name, argument)
    assert [act.name for act in bench.twin.acts] == ["show_code", "take_code"]
    bench.twin.act("show_code", SLIP.decode())
    assert bench.until_found().content == SLIP
    bench.twin.act("take_code")
    assert bench.twin.kind is DeviceKind.CODE_READER


@pytest.mark.parametrize("state", ["at_rest", "holding_a_code", "not_opened_yet"])
def test_every_fault_in_every_state_ends_in_a_value_or_an_error(bench, state: str) -> None:
    for name in bench.twin.fault_names:
        if state == "holding_a_code":
            bench.twin.show_code(SLIP)
        bench.twin.set_fault(name)
        reader = bench.connect() if state == "not_opened_yet" else bench.reader
        with suppress(DeviceError):
            found = reader.find_code(timeout_ms=150)
            assert found is None or found.content == SLIP, name
        assert reader.status().kind is DeviceKind.CODE_READER
        if reader is not bench.reader:
            reader.close()
    bench.twin.set_fault("none")
    bench.twin.show_code(OTHER)
    deadline_s = time.monotonic() + 30
    while (found := bench.until_found()).content != OTHER:
        assert time.monotonic() < deadline_s
