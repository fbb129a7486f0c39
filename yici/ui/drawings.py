"""Line drawings for QML: SVG files painted in the current roles' colours.

The files are drawn in the calm palette's text, accent and surface colours, so any viewer shows
them as designed; a URL `image://drawing/<name>/<text>/<accent>/<surface>` (colours as RRGGBB)
repaints them.
"""

import re
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

from yici.ui.theme import PALETTES, Contrast

DRAWINGS = Path(__file__).parent / "qml" / "drawings"
_REQUEST = re.compile(r"(?P<name>[a-z_]+)/(?P<colours>[0-9a-fA-F]{6}(/[0-9a-fA-F]{6}){2})")
_LARGEST_PX = 2000


@cache
def _source(name: str) -> str:
    return (DRAWINGS / f"{name}.svg").read_text(encoding="utf-8")


def repaint(svg: str, colours: list[str]) -> str:
    """The SVG with text, accent and surface colour exchanged, in that order."""
    calm = PALETTES[Contrast.CALM]
    drawn = (calm.text, calm.accent, calm.surface)
    exchange = {old.upper(): f"#{new}" for old, new in zip(drawn, colours, strict=True)}
    return re.sub(r"#[0-9a-fA-F]{6}", lambda found: exchange.get(found[0].upper(), found[0]), svg)


class DrawingProvider(QQuickImageProvider):
    """Serves `image://drawing/…`; an unknown drawing is an empty image, which QML reports."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id_: str, size: QSize, requested_size: QSize) -> QImage:  # noqa: N802 - Qt's name
        """Paint one drawing at the asked size, keeping its proportions."""
        found = _REQUEST.fullmatch(id_)
        if found is None or not (DRAWINGS / f"{found['name']}.svg").is_file():
            return QImage()
        svg = repaint(_source(found["name"]), found["colours"].split("/"))
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        target = renderer.defaultSize()
        if requested_size.width() > 0 and requested_size.height() > 0:
            target = target.scaled(requested_size, Qt.AspectRatioMode.KeepAspectRatio)
        target = target.boundedTo(QSize(_LARGEST_PX, _LARGEST_PX)).expandedTo(QSize(1, 1))
        image = QImage(target, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        size.setWidth(target.width())
        size.setHeight(target.height())
        return image
