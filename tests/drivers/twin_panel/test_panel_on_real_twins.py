import io
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import requests
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.drivers.twin_panel.conftest import RunningPanel
from yici.contract.people import Identity
from yici.drivers.code_reader.serial_line.driver import connect as connect_code_reader
from yici.drivers.device import DeviceKind, DeviceState
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.sam.driver import connect as connect_reader
from yici.drivers.receipt_printer import PrintEffect
from yici.drivers.receipt_printer.escpos.driver import connect as connect_printer
from yici.drivers.social_security_card_reader.pcsc import private_pcscd
from yici.drivers.twin_panel.cli import PERSONAS, twins
from yici.drivers.twin_panel.desk import USUAL_DRIVERS, Desk, DeskPlan, Refused


def eventually(holds: Callable[[], bool], within_s: float = 30) -> bool:
    deadline_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.05)
    return True


def state(panel: RunningPanel) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = panel.ask("GET", "/api/state").json()["devices"]
    return found


def address(panel: RunningPanel, kind: DeviceKind) -> str:
    return str(state(panel)[kind]["address"])


def first_frame(panel: RunningPanel) -> np.ndarray:
    url = address(panel, DeviceKind.DOCUMENT_CAMERA)
    received = b""
    with requests.get(url, stream=True, timeout=30) as stream:
        for chunk in stream.iter_content(65536):
            received += chunk
            end = received.find(b"\xff\xd9")
            if end > 0:
                break
    start = received.find(b"\xff\xd8")
    return np.asarray(Image.open(io.BytesIO(received[start : end + 2])).convert("L"))


def test_card_put_on_the_page_is_read_by_the_driver(panel: RunningPanel) -> None:
    reader = connect_reader(address(panel, DeviceKind.ID_CARD_READER))
    try:
        assert reader.read_card() is CardPresence.ABSENT
        reply = panel.ask("POST", "/api/card", json={"persona": "P06"})
        assert reply.json()["devices"]["id_card_reader"]["card"]["name"] == "龑䶮𬱖"
        identity = reader.read_card()
        assert isinstance(identity, Identity)
        assert identity.name == "龑䶮𬱖"
        panel.ask("DELETE", "/api/card")
        assert state(panel)["id_card_reader"]["card"] is None
        assert reader.read_card() is CardPresence.ABSENT
    finally:
        reader.close()


def test_pulled_reader_is_lost_and_comes_back(panel: RunningPanel) -> None:
    reader = connect_reader(address(panel, DeviceKind.ID_CARD_READER))
    try:
        assert reader.status().state is DeviceState.READY
        cable = {"device": "id_card_reader", "is_plugged_in": False}
        panel.ask("POST", "/api/cable", json=cable)
        assert reader.status().state is DeviceState.DISCONNECTED
        panel.ask("POST", "/api/cable", json=cable | {"is_plugged_in": True})
        assert eventually(lambda: reader.status().state is DeviceState.READY)
    finally:
        reader.close()


def test_reader_fault_is_switched_on_and_off(panel: RunningPanel) -> None:
    port = address(panel, DeviceKind.ID_CARD_READER)
    fault = {"device": "id_card_reader", "fault": "bad_checksum"}
    devices = panel.ask("POST", "/api/fault", json=fault).json()["devices"]
    assert devices["id_card_reader"]["faults"] == ["bad_checksum"]
    reader = connect_reader(port)
    try:
        assert reader.status().state is not DeviceState.READY
        panel.ask("POST", "/api/fault", json=fault | {"fault": "none"})
        assert eventually(lambda: reader.status().state is DeviceState.READY)
    finally:
        reader.close()


def test_printed_slip_is_shown_newest_first(panel: RunningPanel) -> None:
    printer = connect_printer(address(panel, DeviceKind.RECEIPT_PRINTER))
    try:
        for height_px in (200, 320):
            image = Image.new("L", (576, height_px), 255)
            image.paste(0, (0, 50, 576, 60))
            assert printer.print_image(image).effect is PrintEffect.PRINTED
    finally:
        printer.close()
    slips = panel.ask("GET", "/api/slips").json()
    assert [slip["number"] for slip in slips] == [2, 1]
    picture = Image.open(io.BytesIO(panel.ask("GET", slips[0]["url"]).content))
    assert picture.width == 576
    assert picture.height >= 320
    assert panel.ask("GET", "/slips/3.png").status_code == 404


def test_paper_ends_in_the_middle_of_a_slip(panel: RunningPanel) -> None:
    order = {"condition": "paper_out", "is_set": True, "after_rows": 100}
    panel.ask("POST", "/api/printer/condition", json=order)
    printer = connect_printer(address(panel, DeviceKind.RECEIPT_PRINTER))
    try:
        outcome = printer.print_image(Image.new("L", (576, 900), 255))
        assert outcome.effect is not PrintEffect.PRINTED
        assert state(panel)["receipt_printer"]["faults"] == ["paper_out"]
        assert printer.status().state is DeviceState.PAPER_OUT
        panel.ask("POST", "/api/printer/condition", json=order | {"is_set": False, "after_rows": 0})
        assert eventually(lambda: printer.status().state is DeviceState.READY)
    finally:
        printer.close()


def test_paper_lies_under_the_camera_until_it_is_taken(panel: RunningPanel) -> None:
    empty = first_frame(panel).mean()
    reply = panel.ask("POST", "/api/paper", json={"sample": "statement"})
    assert reply.json()["devices"]["document_camera"]["paper"] == "statement"
    assert first_frame(panel).mean() > empty + 20
    own = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(own, "JPEG")
    headers = {"Content-Type": "image/jpeg"}
    reply = panel.ask("POST", "/api/paper", data=own.getvalue(), headers=headers)
    assert reply.json()["devices"]["document_camera"]["paper"] == "picture"
    panel.ask("DELETE", "/api/paper")
    assert abs(first_frame(panel).mean() - empty) < 10
    thumbnail = panel.ask("GET", "/papers/statement.png")
    assert max(Image.open(io.BytesIO(thumbnail.content)).size) == 320


def test_every_kind_of_device_is_on_the_desk_or_said_to_be_missing(panel: RunningPanel) -> None:
    now = panel.ask("GET", "/api/state").json()
    assert {*now["devices"], *now["missing"]} == {kind.value for kind in DeviceKind}
    assert set(now["missing"]) <= {DeviceKind.SOCIAL_SECURITY_CARD_READER}
    assert all(sentence.endswith(".") for sentence in now["missing"].values())


def test_kind_that_this_machine_can_not_carry_is_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_pcscd, "LIBRARY", tmp_path / "not-installed")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kinds = (DeviceKind.SOCIAL_SECURITY_CARD_READER, DeviceKind.CODE_READER)
    drivers = {kind: USUAL_DRIVERS[kind] for kind in kinds}
    with Desk(DeskPlan(tmp_path, PERSONAS, drivers)) as desk:
        now = desk.state()
        assert set(now.devices) == {DeviceKind.CODE_READER}
        assert "install" in now.missing[DeviceKind.SOCIAL_SECURITY_CARD_READER]
        with pytest.raises(Refused, match="install"):
            desk.set_fault(DeviceKind.SOCIAL_SECURITY_CARD_READER, "silent")
        with pytest.raises(Refused, match="not asked for"):
            desk.set_cable(DeviceKind.SCANNER, is_plugged_in=False)
    assert list(tmp_path.glob("yici-*")) == []


@pytest.mark.parametrize("choice", ["printer=escpos", "scanner", "=sane"])
def test_choice_of_a_driver_that_makes_no_sense_is_refused_with_the_kinds(choice: str) -> None:
    refused = CliRunner().invoke(twins, ["--driver", choice])
    assert refused.exit_code == 2
    assert "social_security_card_reader" in refused.output


def test_every_cable_can_be_pulled_twice_and_plugged_in_twice(panel: RunningPanel) -> None:
    for device in state(panel):
        for is_plugged_in in (False, False, True, True):
            order = {"device": device, "is_plugged_in": is_plugged_in}
            assert panel.ask("POST", "/api/cable", json=order).status_code == 200
            assert state(panel)[device]["is_plugged_in"] is is_plugged_in


def test_every_fault_of_every_device_can_be_switched_on_and_off(panel: RunningPanel) -> None:
    for device, choices in panel.ask("GET", "/api/choices").json()["devices"].items():
        for fault in choices["faults"]:
            order = {"device": device, "fault": fault}
            devices = panel.ask("POST", "/api/fault", json=order).json()["devices"]
            assert devices[device]["faults"] == [fault]
        panel.ask("POST", "/api/fault", json={"device": device, "fault": "none"})
        assert state(panel)[device]["faults"] == []


def test_every_act_of_every_device_can_be_done(panel: RunningPanel) -> None:
    for device, choices in panel.ask("GET", "/api/choices").json()["devices"].items():
        for act in choices["acts"]:
            argument = [*act["choices"], "12345" if act["takes_text"] else ""][0]
            order = {"device": device, "act": act["name"], "argument": argument}
            reply = panel.ask("POST", "/api/act", json=order)
            assert reply.status_code == 200, reply.text
            last_act = reply.json()["devices"][device]["last_act"]
            assert last_act == f"{act['name']} {argument}".strip()


def test_code_shown_on_the_page_is_read_by_the_driver(panel: RunningPanel) -> None:
    reader = connect_code_reader(address(panel, DeviceKind.CODE_READER))
    try:
        order = {"device": "code_reader", "act": "show_code", "argument": "YC-1"}
        panel.ask("POST", "/api/act", json=order)
        code = reader.find_code(timeout_ms=20_000)
        assert code is not None
        assert code.content == b"YC-1"
    finally:
        reader.close()


def test_waiting_for_another_state_ends_when_something_changes(panel: RunningPanel) -> None:
    tag = panel.ask("GET", "/api/state").headers["X-State-Tag"]
    answers: list[dict[str, dict[str, dict[str, object]]]] = []
    asking = threading.Thread(
        target=lambda: answers.append(panel.ask("GET", f"/api/state?unlike={tag}").json())
    )
    asking.start()
    panel.ask("POST", "/api/card", json={"persona": "P01"})
    asking.join(30)
    card = answers[0]["devices"]["id_card_reader"]["card"]
    assert isinstance(card, dict)
    assert card["key"] == "P01"


@pytest.mark.parametrize(
    ("method", "path", "more", "code"),
    [
        ("POST", "/api/card", {"json": {"persona": "P99"}}, "unknown-persona"),
        ("POST", "/api/card", {"json": {"persona": "P01", "name": "x"}}, "invalid"),
        ("POST", "/api/card", {"data": "persona=P01"}, "not-json"),
        ("POST", "/api/paper", {"json": {"sample": "passport"}}, "invalid"),
        (
            "POST",
            "/api/paper",
            {"data": b"GIF89a", "headers": {"Content-Type": "image/png"}},
            "not-a-picture",
        ),
        (
            "POST",
            "/api/fault",
            {"json": {"device": "document_camera", "fault": "noise"}},
            "unknown-fault",
        ),
        (
            "POST",
            "/api/fault",
            {"json": {"device": "barcode_reader", "fault": "none"}},
            "invalid",
        ),
        (
            "POST",
            "/api/act",
            {"json": {"device": "scanner", "act": "load_feeder", "argument": "many"}},
            "unknown-act",
        ),
        ("GET", "/api/screen.png", {}, "no-screen"),
        ("POST", "/api/screen/events", {"json": {"events": []}}, "no-screen"),
    ],
)
def test_order_that_makes_no_sense_is_refused_with_a_sentence(
    panel: RunningPanel, method: str, path: str, more: dict[str, object], code: str
) -> None:
    reply = panel.ask(method, path, **more)
    assert reply.status_code == 400
    assert reply.json()["code"] == code
    assert reply.json()["message"].endswith(".")


def test_other_sites_can_neither_read_nor_order(panel: RunningPanel) -> None:
    rebound = panel.ask("GET", "/api/state", headers={"Host": "evil.example:8080"})
    assert rebound.status_code == 403
    order = {"persona": "P01"}
    headers = {"Origin": "http://evil.example"}
    assert panel.ask("POST", "/api/card", json=order, headers=headers).status_code == 403
    assert state(panel)["id_card_reader"]["card"] is None
    own = {"Origin": panel.url}
    assert panel.ask("POST", "/api/card", json=order, headers=own).status_code == 200


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
PATHS = [
    "/api/card",
    "/api/paper",
    "/api/printer/condition",
    "/api/fault",
    "/api/act",
    "/api/cable",
]


def test_no_body_breaks_the_panel(panel: RunningPanel) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(PATHS), JSON)
    def tried(path: str, body: object) -> None:
        assert panel.ask("POST", path, json=body).status_code == 400

    tried()
    assert panel.ask("GET", "/").status_code == 200
