"""The suites of this installation, each checked against known answers before first use."""

from collections.abc import Callable
from functools import cache

from yici.contract.envelope.known_answers import check_gm, check_intl
from yici.contract.envelope.suite import Suite, UnknownSuite

DEFAULT_SUITE = "intl-1"


def _intl() -> Suite:
    from yici.contract.envelope.intl import IntlSuite

    check_intl()
    return IntlSuite()


def _gm() -> Suite:
    try:
        from yici.contract.envelope.gm import GmSuite
    except ImportError as error:
        raise UnknownSuite("gm-1 needs GmSSL, which is not installed here") from error
    check_gm()
    return GmSuite()


_MAKERS: dict[str, Callable[[], Suite]] = {"intl-1": _intl, "gm-1": _gm}
SUITE_IDS = tuple(_MAKERS)


@cache
def get_suite(suite_id: str) -> Suite:
    """Raises UnknownSuite, or SelfTestFailed when the suite fails its known answers."""
    if suite_id not in _MAKERS:
        raise UnknownSuite(f"unknown suite {suite_id!r}; known: {', '.join(SUITE_IDS)}")
    return _MAKERS[suite_id]()
