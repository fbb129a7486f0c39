"""Handwriting: strokes in the pad's own units, drawn to a picture when it is handed in."""

from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw

Stroke = tuple[tuple[float, float], ...]

PICTURE_WIDTH_PX = 1200
PEN_WIDTH_PX = 7
MIN_INK_SHARE = 0.15  # of the pad's width: a dot or a slip of the finger is no signature
MAX_POINTS = 20_000


@dataclass(frozen=True, slots=True, repr=False)
class Ink:
    """What was written on a pad of this size."""

    strokes: tuple[Stroke, ...] = ()
    width: float = 1.0
    height: float = 1.0

    @property
    def is_signature(self) -> bool:
        """Enough ink to be somebody's name."""
        length = sum(
            abs(a[0] - b[0]) + abs(a[1] - b[1])
            for stroke in self.strokes
            for a, b in pairwise(stroke)
        )
        return length >= MIN_INK_SHARE * self.width

    def with_stroke(self, stroke: Stroke) -> "Ink":
        """One stroke more; beyond a bound the rest is dropped."""
        points = sum(len(known) for known in self.strokes)
        return Ink((*self.strokes, stroke[: MAX_POINTS - points]), self.width, self.height)

    def to_png(self) -> bytes:
        """Black on white, the pad's proportions."""
        scale = PICTURE_WIDTH_PX / self.width
        size = (PICTURE_WIDTH_PX, max(1, round(self.height * scale)))
        image = Image.new("L", size, 255)
        draw = ImageDraw.Draw(image)
        for stroke in self.strokes:
            points = [(x * scale, y * scale) for x, y in stroke]
            if len(points) > 1:
                draw.line(points, fill=0, width=PEN_WIDTH_PX, joint="curve")
            for x, y in points[:1]:
                half = PEN_WIDTH_PX / 2
                draw.ellipse((x - half, y - half, x + half, y + half), fill=0)
        out = BytesIO()
        image.save(out, "PNG")
        return out.getvalue()
