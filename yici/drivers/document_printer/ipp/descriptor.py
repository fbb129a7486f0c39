"""The IPP driver introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/document_printer"
_SUITE = f"{_TESTS}/test_any_document_printer.py::test_"

DRIVER: Final = DriverDescriptor(
    name="ipp",
    kind=DeviceKind.DOCUMENT_PRINTER,
    title_zh="A4 打印机(IPP,直连或经 CUPS 队列)",
    title_en="A4 printer over IPP, directly or through a CUPS queue",
    connect="yici.drivers.document_printer.ipp.driver:connect",
    address_example="ipp://192.0.2.9:631/ipp/print",
    twin="yici.drivers.document_printer.ipp_twin:IppTwin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}printed_document_comes_out_once",
        Rule.THREE_ERRORS: f"{_TESTS}/test_ipp_codec.py"
        "::test_any_bytes_are_a_message_or_a_codec_error",
        Rule.DEADLINES: "tests/drivers/transports/test_http_call.py"
        "::test_server_that_never_ends_is_left_at_the_deadline",
        Rule.STARTS_WITHOUT_DEVICE: (
            f"{_SUITE}printer_that_is_unplugged_before_the_job_prints_nothing"
        ),
        Rule.UNPLUGGED_IN_EVERY_STATE: (
            f"{_SUITE}printer_that_is_unplugged_during_the_job_is_unknown"
        ),
        Rule.COMES_BACK: f"{_SUITE}printer_that_is_unplugged_after_the_job_comes_back",
        Rule.WRONG_SETTING_TOLD: (
            f"{_SUITE}name_that_the_printer_does_not_know_is_a_wrong_setting"
        ),
        Rule.TWIN: f"{_TESTS}/test_ipp_printing.py"
        "::test_fault_is_told_refuses_the_job_and_is_over_without_a_restart",
        Rule.VECTORS: f"{_TESTS}/test_ipp_codec.py::test_standards_example_is_read",
        Rule.SELF_TEST: f"{_SUITE}printer_that_answers_is_ready_and_passes_its_self_test",
        Rule.REDACTED_DIAGNOSTICS: f"{_SUITE}diagnostics_name_no_job",
        Rule.FAULT_MATRIX: f"{_TESTS}/test_ipp_faults.py"
        "::test_every_fault_at_every_moment_is_an_honest_outcome",
        Rule.INDEPENDENT_PEER: f"{_SUITE}paper_that_is_put_in_meanwhile_ends_the_job_well",
        Rule.MEASURED: "document_printer",
    },
    known_limits=(
        "No real printer has been tried; the peers are ippeveprinter and CUPS 2.4.2.",
        "The printer must take PDF; for one that takes only raster, set up a CUPS queue.",
        "A direct printer's own list of past jobs can't be cleared; it names no resident. A CUPS"
        " queue is told to forget each job and its file at once.",
        "A terminal that loses its power during a job can't make CUPS forget it: set"
        " PreserveJobFiles No in cupsd.conf.",
        "CUPS 2.4 at times calls a job completed that its printer has aborted: print directly"
        " (ipp://) where the printer takes PDF.",
        "CUPS counts the sheets that it has sent, not those that came out: through a queue the"
        " number of sheets is told for finished jobs only.",
        "A zero of sheets is believed only of a printer that has counted a finished job since the"
        " driver was connected; until then a broken-off job is UNKNOWN.",
        "A printer that is found behind a queue to be gone is known by CUPS's English words only.",
        "ipps: and printers that want a password are not spoken to; a CUPS queue can do both.",
        "Host names are looked up by the system's resolver, which has its own time limits: an IP"
        " address is better.",
    ),
)
