"""The suites of this installation, each checked against known answers before first use."""

import platform
from collections.abc import Callable
from functools import cache

from yici.contract.envelope.known_answers import check_gm, check_intl
from yici.contract.envelope.suite import Suite, UnknownSuite

DEFAULT_SUITE = "intl-1"


def _intl() -> Suite:
    from yici.contract.envelope.intl import IntlSuite

    check_intl()
    return IntlSuite()


def _without_gmssl(machine: str) -> str:
    if machine.lower() in ("x86_64", "amd64"):
        return "gm-1 needs GmSSL, which is not installed here: install the package gmssl-pyx"
    return (
        f"gm-1 can't be used on this machine: GmSSL is packaged for x86-64 processors only, and "
        f"this is {machine or 'an unknown one'}; use intl-1 here, or a machine with x86-64"
    )


def _gm() -> Suite:
    try:
        from yici.contract.envelope.gm import GmSuite
    except ImportError as error:
        raise UnknownSuite(_without_gmssl(platform.machine())) from error
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
