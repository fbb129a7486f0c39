"""Every screen as a picture: `python -m yici.ui.pictures OUT_DIR`.

Runs without a display. Pictures show sample views, so that people can judge the screens and a
reviewer can compare them.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QSize, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPolygon
from PySide6.QtQuick import QQuickImageProvider, QQuickView

from yici.ui.app import Appearance, open_application, prepare_engine
from yici.ui.samples import Sample, samples
from yici.ui.strings import Language
from yici.ui.theme import LANDSCAPE_21, PALETTES, PORTRAIT_21, Contrast, Reach, TextSize, View
from yici.ui.view_models.session import SessionViewModel
from yici.ui.view_models.snapshot import snapshot

_SETTLE_MS = 60

# each way of looking: name → appearance
WAYS: dict[str, Appearance] = {
    "portrait": Appearance(panel=PORTRAIT_21),
    "landscape": Appearance(panel=LANDSCAPE_21),
    "portrait_en": Appearance(panel=PORTRAIT_21, language=Language.ENGLISH),
    "landscape_en": Appearance(panel=LANDSCAPE_21, language=Language.ENGLISH),
    "elder": Appearance(panel=PORTRAIT_21, text_size=TextSize.ELDER, view=View.ELDER),
    "elder_en": Appearance(
        panel=PORTRAIT_21,
        text_size=TextSize.ELDER,
        view=View.ELDER,
        language=Language.ENGLISH,
    ),
    "extra_landscape_en": Appearance(
        panel=LANDSCAPE_21, text_size=TextSize.EXTRA, language=Language.ENGLISH
    ),
    "portrait_low": Appearance(panel=PORTRAIT_21, reach=Reach.LOW),
    "extra_dark": Appearance(
        panel=PORTRAIT_21, text_size=TextSize.EXTRA, contrast=Contrast.HIGH_DARK
    ),
}


class SampleCamera(QQuickImageProvider):
    """Stands where the camera's pictures come from: a sheet on a mat."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id_: str, size: QSize, requested_size: QSize) -> QImage:  # noqa: N802 - Qt's name
        """The same drawn picture, whatever is asked."""
        del id_, requested_size
        palette = PALETTES[Contrast.CALM]
        image = QImage(1600, 1200, QImage.Format.Format_RGB32)
        image.fill(QColor(palette.secondary_text))
        painter = QPainter(image)
        painter.setBrush(QColor(palette.surface))
        painter.drawPolygon(QPolygon.fromList(_sheet()))
        painter.setPen(QColor(palette.line))
        for line in range(14):
            painter.drawLine(480, 300 + line * 48, 1060, 320 + line * 48)
        painter.end()
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image


def _sheet() -> list[QPoint]:
    corners = ((0.24, 0.12), (0.77, 0.16), (0.73, 0.9), (0.2, 0.86))
    return [QPoint(round(x * 1600), round(y * 1200)) for x, y in corners]


class Stage:
    """A window that shows one sample after the other in one appearance."""

    def __init__(self, appearance: Appearance) -> None:
        self._appearance = appearance
        self.session = SessionViewModel()
        self.view = QQuickView()
        engine = self.view.engine()
        prepare_engine(engine, appearance)
        engine.addImageProvider("camera", SampleCamera())
        engine.addImageProvider("scanner", SampleCamera())
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.resize(appearance.panel.width_px, appearance.panel.height_px)

    def show(self, sample: Sample) -> None:
        """Put a sample on the screen and let it settle."""
        view = replace(sample.view, language=self._appearance.language.value)
        self.session.show(snapshot(view, sample.furniture))
        if self.view.rootObject() is None:
            self.open()
        settle(1)  # what waits for the next turn of the event loop
        self.view.grabWindow()  # lays everything out, without waiting for a frame
        settle(1)

    def open(self) -> None:
        """Show the window; the view model has to hold a snapshot by now."""
        self.view.setInitialProperties({"session": self.session})
        self.view.loadFromModule("screens", "Main")
        if self.view.errors():
            raise RuntimeError(self.view.errors()[0].toString())
        self.view.show()

    def picture(self) -> QImage:
        """What is on the screen now."""
        return self.view.grabWindow()

    def close(self) -> None:
        """End the window before its view model, whom its bindings still read."""
        self.view.close()
        self.view.deleteLater()
        settle()


class Gallery:
    """A window with every control once."""

    def __init__(self, appearance: Appearance) -> None:
        self.view = QQuickView()
        prepare_engine(self.view.engine(), appearance)
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.resize(appearance.panel.width_px, appearance.panel.height_px)
        self.view.loadFromModule("controls", "Gallery")
        self.view.show()
        settle()

    def close(self) -> None:
        """End the window."""
        self.view.close()
        self.view.deleteLater()
        settle()


def settle(settle_ms: int = _SETTLE_MS) -> None:
    """Let Qt work for a moment."""
    loop = QEventLoop()
    QTimer.singleShot(settle_ms, loop.quit)
    loop.exec()


def main(out_dir: str, only: tuple[str, ...] = ()) -> int:
    """Write `<way>/<sample>.png` for every way and sample, and a gallery of the controls."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    application = open_application()
    for way, appearance in WAYS.items():
        if only and way not in only:
            continue
        folder = Path(out_dir) / way
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(appearance)
        for sample in samples():
            stage.show(sample)
            stage.picture().save(str(folder / f"{sample.name}.png"))
        stage.close()
    for contrast in Contrast:
        gallery = Gallery(Appearance(contrast=contrast))
        gallery.view.grabWindow().save(str(Path(out_dir) / f"gallery_{contrast.value}.png"))
        gallery.close()
    del application
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m yici.ui.pictures OUT_DIR [WAY...]")
    sys.exit(main(sys.argv[1], tuple(sys.argv[2:])))
