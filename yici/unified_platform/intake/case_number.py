"""Case numbers: `430181001-20261125-00017-4`.

Division of the hall (9 digits), day of receipt in China, serial within hall and day, and a check
digit over all the digits before it, which catches every single wrong digit and every two swapped
neighbours (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004). Typable on a number pad.
"""

from datetime import datetime, timedelta, timezone

from sqlalchemy import Connection, text

CHINA = timezone(timedelta(hours=8), "CST")


# a totally anti-symmetric quasigroup of order 10 with zeros on its diagonal
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    """Damm's; a number with its right check digit has the check digit 0."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def format_case_number(hall_code: str, day: str, serial: int) -> str:
    """`day` is YYYYMMDD; letters of the hall's code are dropped."""
    division = "".join(c for c in hall_code if c.isdecimal() and c.isascii())
    return f"{division}-{day}-{serial:05d}-{check_digit(f'{division}{day}{serial:05d}')}"


def normalise_case_number(text: str) -> str | None:
    """The number as stored, from what a person typed; None when a digit is wrong."""
    digits = "".join(c for c in text if c.isdecimal() and c.isascii())
    if len(digits) < 15 or check_digit(digits[:-1]) != digits[-1]:
        return None
    # from the end: 1 check digit, 5 or more of serial can't be told apart, so 5 is assumed
    return f"{digits[:-14]}-{digits[-14:-6]}-{digits[-6:-1]}-{digits[-1]}"


# the same words in SQLite and PostgreSQL
_NEXT_SERIAL = text("""
    INSERT INTO case_serials (hall_code, day, last_serial) VALUES (:hall_code, :day, 1)
    ON CONFLICT (hall_code, day) DO UPDATE SET last_serial = case_serials.last_serial + 1
    RETURNING last_serial
""")


def next_case_number(connection: Connection, hall_code: str, at: datetime) -> str:
    """Unique: the serial is counted in the same transaction that creates the case."""
    day = at.astimezone(CHINA).strftime("%Y%m%d")
    serial = connection.scalar(_NEXT_SERIAL, {"hall_code": hall_code, "day": day})
    return format_case_number(hall_code, day, int(serial or 0))
