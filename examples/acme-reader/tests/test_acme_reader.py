"""The driver against its twin, in the terminal's own suites."""

from pathlib import Path
from typing import ClassVar

from acme_reader.descriptor import DRIVER

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.proving.claims import false_claims
from yici.drivers.proving.code_reader import CodeReaderSuite


class TestAcmeReader(CodeReaderSuite):
    """Every test is inherited."""

    driver: ClassVar[DriverDescriptor] = DRIVER


def test_every_proof_that_the_descriptor_names_exists(tmp_path: Path) -> None:
    project = Path(__file__).parent.parent
    assert false_claims([DRIVER], project=project, scratch=tmp_path) == ()
