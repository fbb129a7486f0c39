"""From what a screen posts to what the session is told; and the screens' own small state."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from yici.contract.form_rules import Answer
from yici.kiosk.session.progress import HALL_TIME
from yici.kiosk.session.resident import ResidentSession
from yici.kiosk.session.screens import view_of
from yici.kiosk.session.signature import Stroke
from yici.kiosk.session.table import State
from yici.ui.app import Appearance
from yici.ui.strings import Language
from yici.ui.theme import Contrast, Reach, TextSize, View
from yici.ui.view_models.snapshot import Furniture, snapshot

Payload = Mapping[str, Any]


@dataclass(slots=True)
class Bridge:
    """Holds one session; `dress` is called when the resident changes how the screens look."""

    session: ResidentSession
    appearance: Appearance
    dress: Callable[[Appearance], None]
    furniture: Furniture = Furniture()  # noqa: RUF009 - frozen

    def handle(self, event: str, payload: Payload) -> None:
        """Raises KeyError for an event that no screen may post."""
        self.session.touch()
        if event in APPEARANCE_EVENTS:
            self.change_appearance(event, payload)
        else:
            _HANDLERS[event](self, payload)

    def snapshot(self) -> dict[str, Any]:
        """What Main.qml shows now."""
        if self.session.state is not State.REVIEW:
            self.furniture = replace(self.furniture, signing=False)
        outline = [list(corner) for corner in self.session.capturing.outline()]
        clock = datetime.now(HALL_TIME).strftime("%H:%M")
        self.furniture = replace(self.furniture, clock=clock, page_outline=outline)
        return snapshot(view_of(self.session), self.furniture)

    # --- what needs more than one call

    def change_appearance(self, event: str, payload: Payload) -> None:
        self.appearance = changed_appearance(self.appearance, event, payload)
        self.session.set_language(self.appearance.language.value)
        self.dress(self.appearance)

    def stroke(self, payload: Payload) -> None:
        self.session.set_pad(float(payload["width"]), float(payload["height"]))
        self.session.add_stroke(_stroke(payload["points"]))

    def answer(self, payload: Payload) -> None:
        with contextlib.suppress(KeyError):  # a field that has just left the screen
            self.session.answer(str(payload["key"]), _answer(payload["value"]))

    def show_staff_sheet(self) -> None:
        self.furniture = replace(self.furniture, staff_sheet=True)

    def close_staff_sheet(self) -> None:
        self.furniture = replace(self.furniture, staff_sheet=False)

    def open_signing(self) -> None:
        self.session.clear_signature()
        self.furniture = replace(self.furniture, signing=True)

    def close_signing(self) -> None:
        self.furniture = replace(self.furniture, signing=False)


def changed_appearance(appearance: Appearance, event: str, payload: Payload) -> Appearance:
    """How the screens look after one of the APPEARANCE_EVENTS."""
    return replace(appearance, **APPEARANCE_EVENTS[event](payload))


def _view(payload: Payload) -> dict[str, Any]:
    view = View(payload["view"])
    return {"view": view, "text_size": TextSize.ELDER if view is View.ELDER else TextSize.STANDARD}


APPEARANCE_EVENTS: dict[str, Callable[[Payload], dict[str, Any]]] = {
    "set_language": lambda payload: {"language": Language(payload["language"])},
    "set_view": _view,
    "lower_screen": lambda _: {"reach": Reach.LOW},
    "raise_screen": lambda _: {"reach": Reach.WHOLE},
    "set_text_size": lambda payload: {"text_size": TextSize(payload["size"])},
    "set_contrast": lambda payload: {"contrast": Contrast(payload["contrast"])},
}


def _stroke(points: Any) -> Stroke:
    pairs = (_pair(point) for point in points)
    return tuple((float(x), float(y)) for x, y in pairs)


def _pair(point: Any) -> tuple[Any, Any]:
    if isinstance(point, Mapping):
        return point["x"], point["y"]
    if hasattr(point, "x"):
        return point.x(), point.y()
    x, y = point
    return x, y


def _answer(value: Any) -> Answer:
    if isinstance(value, list | tuple):
        return [str(part) for part in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


Handler = Callable[[Bridge, Payload], None]

_HANDLERS: dict[str, Handler] = {
    # anywhere
    "end": lambda bridge, _: bridge.session.end(),
    "back": lambda bridge, _: bridge.session.back(),
    "stay": lambda bridge, _: bridge.session.touch(),
    "call_staff": lambda bridge, _: bridge.show_staff_sheet(),
    "staff_sheet_closed": lambda bridge, _: bridge.close_staff_sheet(),
    "leave_now": lambda bridge, _: bridge.session.leave_now(),
    # find and guide
    "start_search": lambda bridge, _: bridge.session.start_search(),
    "search": lambda bridge, payload: bridge.session.search(str(payload["text"])),
    "choose_category": lambda bridge, payload: bridge.session.choose_category(str(payload["id"])),
    "choose_item": lambda bridge, payload: bridge.session.choose_item(str(payload["id"])),
    "apply": lambda bridge, _: bridge.session.apply(),
    # identify
    "type_instead": lambda bridge, _: bridge.session.type_instead(),
    "typed_name": lambda bridge, payload: bridge.session.identifying.set_typed_name(
        str(payload["text"])
    ),
    "typed_number": lambda bridge, payload: bridge.session.identifying.set_typed_number(
        str(payload["text"])
    ),
    "confirm_typed": lambda bridge, _: bridge.session.confirm_typed(),
    "confirm_identity": lambda bridge, _: bridge.session.confirm_identity(),
    "not_me": lambda bridge, _: bridge.session.not_me(),
    # form
    "answer": lambda bridge, payload: bridge.answer(payload),
    "next_page": lambda bridge, _: bridge.session.next_page(),
    # materials
    "start_capture": lambda bridge, payload: bridge.session.start_capture(str(payload["key"])),
    "defer_material": lambda bridge, payload: bridge.session.defer_material(str(payload["key"])),
    "drop_material": lambda bridge, payload: bridge.session.drop_material(str(payload["key"])),
    "take": lambda bridge, _: bridge.session.capturing.take(),
    "take_whole": lambda bridge, _: bridge.session.capturing.take_whole(),
    "take_again": lambda bridge, _: bridge.session.capturing.take_again(),
    "keep_and_continue": lambda bridge, _: bridge.session.capturing.keep_and_continue(),
    "keep_and_finish": lambda bridge, _: bridge.session.capturing.keep_and_finish(),
    "start_scan": lambda bridge, payload: bridge.session.start_scan(str(payload["key"])),
    "scan": lambda bridge, payload: bridge.session.scanning.scan(str(payload["source"])),
    "scan_stop": lambda bridge, _: bridge.session.scanning.stop_scanning(),
    "scan_again": lambda bridge, _: bridge.session.scanning.scan_again(),
    "scan_try_again": lambda bridge, _: bridge.session.scanning.try_again(),
    "scan_finish": lambda bridge, _: bridge.session.scanning.finish(),
    "materials_done": lambda bridge, _: bridge.session.materials_done(),
    # review and sign
    "to_signature": lambda bridge, _: bridge.open_signing(),
    "to_review": lambda bridge, _: bridge.close_signing(),
    "stroke": lambda bridge, payload: bridge.stroke(payload),
    "clear_signature": lambda bridge, _: bridge.session.clear_signature(),
    "submit": lambda bridge, _: bridge.session.submit(),
    # slip
    "slip_came_out": lambda bridge, _: bridge.session.slip_came_out(),
    "print_again": lambda bridge, _: bridge.session.print_again(),
    # progress
    "ask_progress": lambda bridge, _: bridge.session.ask_progress(),
    "progress_code": lambda bridge, payload: bridge.session.enter_progress_code(
        str(payload["text"])
    ),
    "look_up_progress": lambda bridge, _: bridge.session.look_up_progress(),
}

EVENTS = frozenset(_HANDLERS) | frozenset(APPEARANCE_EVENTS)
