"""Receipt printer drivers by the name that the settings use."""

from collections.abc import Callable

from yici.drivers.receipt_printer import PrintMode, ReceiptPrinter
from yici.drivers.receipt_printer.escpos.driver import connect as connect_escpos

# name → connect function: (address, width_px, mode) → printer; ValueError for a bad address
CONNECT: dict[str, Callable[[str, int, str], ReceiptPrinter]] = {
    "escpos": lambda address, width_px, mode: connect_escpos(address, width_px=width_px, mode=mode),
}


def connect(
    driver: str, address: str, *, width_px: int = 576, mode: str = PrintMode.RASTER
) -> ReceiptPrinter:
    """A printer that is reached at `address` through the driver named `driver`.

    Raises ValueError with a sentence for an unknown driver, an unknown mode or an address that
    can't be one.
    """
    if driver not in CONNECT:
        raise ValueError(
            f"there is no receipt printer driver {driver!r}; known are {', '.join(sorted(CONNECT))}"
        )
    return CONNECT[driver](address, width_px, mode)
