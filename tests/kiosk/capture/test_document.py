"""PDFs: right pages, right size, the JPEG untouched, nothing else inside."""

import io

import numpy as np
import pikepdf
import pytest
from scenes import as_file

from yici.kiosk.capture.document import MAX_PAGES, PageImage, to_pdf
from yici.kiosk.capture.intake import to_page


def _page(width_px: int, height_px: int, value: int = 200) -> PageImage:
    return to_page(np.full((height_px, width_px, 3), value, np.uint8))


def test_pages_keep_their_order_size_and_bytes() -> None:
    pages = [_page(1654, 2339, 240), _page(674, 425, 90), _page(2339, 1654, 30)]
    with pikepdf.open(io.BytesIO(to_pdf(pages))) as pdf:
        assert len(pdf.pages) == 3
        for page, sheet in zip(pages, pdf.pages, strict=True):
            width_pt, height_pt = (float(value) for value in sheet.mediabox[2:])
            assert width_pt == pytest.approx(page.width_mm / 25.4 * 72, abs=0.01)
            assert height_pt == pytest.approx(page.height_mm / 25.4 * 72, abs=0.01)
            image = sheet.Resources.XObject.Page
            assert image.read_raw_bytes() == page.jpeg
            assert image.ColorSpace == pikepdf.Name.DeviceRGB
        assert not pdf.check_pdf_syntax()


def test_a4_at_200_dpi_is_a4() -> None:
    with pikepdf.open(io.BytesIO(to_pdf([_page(1654, 2339)]))) as pdf:
        width_pt, height_pt = (float(value) for value in pdf.pages[0].mediabox[2:])
    assert (width_pt / 72 * 25.4, height_pt / 72 * 25.4) == pytest.approx((210, 297), abs=0.2)


def test_same_pages_give_the_same_bytes_without_metadata() -> None:
    pages = [_page(300, 400), _page(300, 400, 10)]
    written = to_pdf(pages)
    assert written == to_pdf(pages)
    with pikepdf.open(io.BytesIO(written)) as pdf:
        assert not pdf.docinfo
        assert "/Metadata" not in pdf.Root
    for word in (b"Producer", b"Creat", b"pikepdf", b"qpdf", b"Date"):
        assert word not in written


def test_grey_jpeg_stays_grey() -> None:
    grey = PageImage(as_file(np.full((50, 40), 99, np.uint8), "JPEG"), 40, 50, 200)
    with pikepdf.open(io.BytesIO(to_pdf([grey]))) as pdf:
        image = pdf.pages[0].Resources.XObject.Page
        assert image.ColorSpace == pikepdf.Name.DeviceGray


@pytest.mark.parametrize(
    "pages",
    [
        [],
        [_page(20, 20)] * (MAX_PAGES + 1),
        [PageImage(b"%PDF-1.7", 20, 20, 200)],
        [PageImage(_page(20, 20).jpeg, 21, 20, 200)],
    ],
)
def test_what_is_no_document_is_refused(pages: list[PageImage]) -> None:
    with pytest.raises(ValueError, match="page"):
        to_pdf(pages)
