"""Any picture as something a receipt printer can print."""

from PIL import Image

from yici.kiosk.receipts.layout import PX_PER_MM

MAX_HEIGHT_MM = 1000


def fit_picture(picture: Image.Image, width_px: int) -> Image.Image:
    """`picture` on white, `width_px` wide, as mode "1"; greys become dots.

    A black-and-white picture of the right width comes back dot for dot. Raises ValueError for one
    that would be longer than MAX_HEIGHT_MM.
    """
    height_px = max(1, round(picture.height * width_px / picture.width))
    if height_px > MAX_HEIGHT_MM * PX_PER_MM:
        raise ValueError(f"it would become a slip of {height_px // PX_PER_MM} mm")
    if picture.mode == "1" and picture.width == width_px:
        return picture
    opaque = Image.new("RGBA", picture.size, "white")
    opaque.alpha_composite(picture.convert("RGBA"))
    grey = opaque.convert("L").resize((width_px, height_px), Image.Resampling.LANCZOS)
    return grey.convert("1", dither=Image.Dither.FLOYDSTEINBERG)
