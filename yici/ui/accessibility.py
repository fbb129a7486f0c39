"""What a screen offers to people who can't see it, can't aim well, or use keys: a walk that judges.

Used by the tests on every screen; `faults` gives sentences, empty when all is well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWindow
from PySide6.QtQuick import QQuickItem, QQuickWindow
from shiboken6 import Shiboken

from yici.ui.theme import MIN_GAP_MM, MIN_TARGET_MM

ROUNDING_PX = 1.0  # millimetres become whole pixels

_NEEDS_NAME = frozenset(
    {
        QAccessible.Role.Button,
        QAccessible.Role.CheckBox,
        QAccessible.Role.RadioButton,
        QAccessible.Role.EditableText,
        QAccessible.Role.Graphic,
        QAccessible.Role.Canvas,
    }
)


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the accessibility tree."""

    role: QAccessible.Role
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to touch: its name, its type, its place in the scene's pixels.

    `shown` is the part of `area` that isn't scrolled away.
    """

    name: str
    kind: str
    area: QRectF
    shown: QRectF


def nodes(window: QWindow) -> Iterator[Node]:
    """Everything that a screen reader finds in the window, in reading order."""
    QAccessible.setActive(True)
    root = QAccessible.queryAccessibleInterface(window)
    if root is not None:
        yield from _below(root)


def _below(interface: QAccessibleInterface) -> Iterator[Node]:
    for index in range(interface.childCount()):
        child: QAccessibleInterface | None = interface.child(index)
        if child is None or child.state().invisible:
            continue
        yield Node(child.role(), child.text(QAccessible.Text.Name))
        yield from _below(child)


def items(root: QQuickItem) -> Iterator[QQuickItem]:
    """The visible items, parents first."""
    if not root.isVisible():
        return
    yield root
    for child in root.childItems():
        yield from items(child)


def kind_of(item: QObject) -> str:
    """The item's QML type, such as `KButton`."""
    described = item.metaObject()
    try:
        return described.className().split("_QML")[0]
    finally:
        # QML frees a type's description without telling PySide, which would then hand this wrapper
        # out for whatever is made at the same address: a wrong type, and later a crash
        Shiboken.invalidate(described)


def targets(window: QQuickWindow) -> list[Target]:
    """What can be touched now."""
    found = []
    for item in items(window.contentItem()):
        if not item.isEnabled() or not _is_target(item):
            continue
        name = item.property("text") or kind_of(item)
        shown = _shown(item)
        if not shown.isEmpty():
            found.append(Target(str(name), kind_of(item), _area(item), shown))
    return found


def _area(item: QQuickItem) -> QRectF:
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def _shown(item: QQuickItem) -> QRectF:
    shown = _area(item)
    above: QQuickItem | None = item.parentItem()
    while above is not None:
        if above.clip():
            shown = shown.intersected(_area(above))
        above = above.parentItem()
    return shown


def _is_target(item: QQuickItem) -> bool:
    if item.inherits("QQuickTextField"):
        return True
    if not item.inherits("QQuickAbstractButton"):
        return False
    return item.property("leads") is not False  # a row that only tells something


def faults(window: QQuickWindow, px_per_mm: float) -> list[str]:
    """Everything on the window that breaks a rule, as sentences."""
    return [
        *_unnamed(window),
        *_too_small(window, px_per_mm),
        *_too_close(window, px_per_mm),
        *_outside(window),
        *_clipped(window),
    ]


def _unnamed(window: QQuickWindow) -> Iterator[str]:
    for node in nodes(window):
        if node.role in _NEEDS_NAME and not node.name.strip():
            yield f"a {node.role.name} has no name"


def _too_small(window: QQuickWindow, px_per_mm: float) -> Iterator[str]:
    least = MIN_TARGET_MM * px_per_mm - ROUNDING_PX
    for target in targets(window):
        if min(target.area.width(), target.area.height()) < least:
            width, height = target.area.width(), target.area.height()
            yield f"{target.kind} {target.name!r} is only {width:.0f} × {height:.0f} px"


_MAY_TOUCH = frozenset({"KRow"})  # rows of a list lie against each other; each is tall


def _too_close(window: QQuickWindow, px_per_mm: float) -> Iterator[str]:
    room = MIN_GAP_MM * px_per_mm - 2 * ROUNDING_PX
    for first, second in combinations(targets(window), 2):
        rows = first.kind in _MAY_TOUCH and second.kind in _MAY_TOUCH
        margin = -ROUNDING_PX if rows else room
        grown = first.shown.adjusted(-margin, -margin, margin, margin)
        if grown.intersects(second.shown):
            yield f"{first.name!r} and {second.name!r} are too close"


def _outside(window: QQuickWindow) -> Iterator[str]:
    panel = QRectF(0, 0, window.width(), window.height())
    for target in targets(window):
        if not panel.contains(target.shown):
            yield f"{target.name!r} reaches over the edge of the panel"


def _clipped(window: QQuickWindow) -> Iterator[str]:
    for item in items(window.contentItem()):
        if not item.inherits("QQuickText") or not item.property("text"):
            continue
        wide = float(item.property("contentWidth")) > item.width() + ROUNDING_PX
        high = float(item.property("contentHeight")) > item.height() + ROUNDING_PX
        if item.property("truncated") or wide or high:
            yield f"the text {item.property('text')!r} is cut off"
