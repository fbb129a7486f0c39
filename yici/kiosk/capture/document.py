"""Pages to one PDF: each JPEG is passed through as it is, and nothing else goes in.

No title, no producer, no dates, and the same pages give the same bytes. A page is as large as its
pixels at its resolution.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from yici.kiosk.capture.jpeg_header import JpegColour, find_jpeg_header

MAX_PAGES = 50
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class PageImage:
    """One upright page as a JPEG without metadata."""

    jpeg: bytes
    width_px: int
    height_px: int
    dpi: int

    @property
    def width_mm(self) -> float:
        return self.width_px / self.dpi * 25.4

    @property
    def height_mm(self) -> float:
        return self.height_px / self.dpi * 25.4


def to_pdf(pages: Sequence[PageImage]) -> bytes:
    """One PDF page per image. Raises ValueError for no page, too many, or what is no grey or
    colour JPEG of the size that the page states: pages come from our own encoder.
    """
    if not 0 < len(pages) <= MAX_PAGES:
        raise ValueError(f"a document has 1 to {MAX_PAGES} pages, not {len(pages)}")
    with pikepdf.new() as pdf:
        for page in pages:
            _add_page(pdf, page)
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True, compress_streams=True)
        return target.getvalue()


def _add_page(pdf: pikepdf.Pdf, page: PageImage) -> None:
    header = find_jpeg_header(page.jpeg)
    if header is None or (header.width_px, header.height_px) != (page.width_px, page.height_px):
        raise ValueError("the page is not a JPEG of the size that it states")
    width_pt = page.width_px * _POINTS_PER_INCH / page.dpi
    height_pt = page.height_px * _POINTS_PER_INCH / page.dpi
    image = pikepdf.Stream(pdf, page.jpeg)
    image.Type = pikepdf.Name.XObject
    image.Subtype = pikepdf.Name.Image
    image.Width, image.Height = page.width_px, page.height_px
    image.BitsPerComponent = 8
    grey = header.colour is JpegColour.GREY
    image.ColorSpace = pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB
    image.Filter = pikepdf.Name.DCTDecode
    pdf.add_blank_page(page_size=(width_pt, height_pt))
    sheet = pdf.pages[-1]
    sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image))
    sheet.Contents = pikepdf.Stream(
        pdf, f"q {width_pt:.4f} 0 0 {height_pt:.4f} 0 0 cm /Page Do Q".encode()
    )
