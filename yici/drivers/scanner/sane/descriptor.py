"""The SANE driver introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/scanner"
_SUITE = f"{_TESTS}/test_any_scanner.py::test_"

DRIVER: Final = DriverDescriptor(
    name="sane",
    kind=DeviceKind.SCANNER,
    title_zh="扫描仪(SANE;网络扫描仪 eSCL 免驱动)",
    title_en="Scanner through SANE, or eSCL on the network without a driver",
    connect="yici.drivers.scanner.sane.driver:connect",
    address_example="escl:http://192.0.2.8/eSCL",
    twin="yici.drivers.scanner.escl_twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}feeder_gives_every_sheet_and_then_is_empty",
        Rule.THREE_ERRORS: f"{_TESTS}/test_scan_processes.py"
        "::test_what_is_no_page_is_never_handed_over",
        Rule.DEADLINES: f"{_SUITE}page_that_takes_too_long_is_given_up",
        Rule.STARTS_WITHOUT_DEVICE: (
            f"{_SUITE}scanner_that_was_never_there_is_disconnected_and_found_later"
        ),
        Rule.UNPLUGGED_IN_EVERY_STATE: (
            f"{_SUITE}unplugged_within_a_scan_ends_it_and_keeps_what_came"
        ),
        Rule.COMES_BACK: f"{_SUITE}unplugged_scanner_is_disconnected_and_comes_back_by_itself",
        Rule.WRONG_SETTING_TOLD: f"{_TESTS}/test_scan_processes.py"
        "::test_other_service_at_the_address_is_a_wrong_setting",
        Rule.TWIN: f"{_TESTS}/test_scan_processes.py::test_twin_refuses_what_it_does_not_have",
        Rule.VECTORS: f"{_TESTS}/test_scan_codecs.py::test_header_is_read_to_its_last_byte",
        Rule.SELF_TEST: f"{_SUITE}scanner_that_answers_is_ready_and_passes_its_self_test",
        Rule.REDACTED_DIAGNOSTICS: f"{_SUITE}diagnostics_are_few_words_and_numbers",
        Rule.FAULT_MATRIX: f"{_TESTS}/test_scan_faults.py"
        "::test_every_fault_at_every_moment_ends_in_pages_or_an_error",
        Rule.INDEPENDENT_PEER: f"{_SUITE}jam_needs_staff_and_is_over_without_a_restart",
        Rule.MEASURED: "scanner",
    },
    known_limits=(
        "No real scanner has been tried; the peers are SANE's own test backend and our eSCL twin"
        " behind the real sane-airscan.",
        "Only an eSCL scanner can be asked how it is: for the others READY means that SANE could"
        " open it, and a jam or an open cover shows at the next scan.",
        "SANE does not tell a scanner that is unplugged from one whose name is wrong: both are"
        " DISCONNECTED with the code sane.no_such_device.",
        "sane-airscan 0.99.27 forgets pages when the feeder is empty before the first one was"
        " asked for; this is told as sane.pages_lost, and the sheets have to be laid in again.",
        "A scan that has to be killed may leave an eSCL scanner at work on it until that scanner"
        " gives up by itself.",
        "A driver of SANE that hangs in its clean-up (its test backend does, about once in 300"
        " scans) costs two to five seconds more; what it told before is believed.",
        "sane-airscan reads ahead: sheets that are through when a scan is cancelled are not"
        " handed over.",
        "A process that is killed during a scan leaves a private folder with empty pipes in /tmp.",
        "One side of a sheet only; A4 and what is smaller; https scanners are not spoken to.",
        "Host names are looked up by the system's resolver, which has its own time limits: an IP"
        " address is better.",
    ),
)
