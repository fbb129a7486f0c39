"""The proofs that every driver has to bring, as pytest suites to subclass. Needs pytest.

    class TestAcme(CodeReaderSuite):
        driver = DRIVER

A suite plays against the driver's twin. It is shipped with the drivers' room, because a driver
from outside is held to what ours are held to.
"""

import pytest

# so that a failed assertion of a suite tells the values, as in a test file
pytest.register_assert_rewrite(
    f"{__name__}.device", f"{__name__}.code_reader", f"{__name__}.id_card_reader"
)
