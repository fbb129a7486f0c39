"""How the ESC/POS driver introduces itself."""

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/receipt_printer"

DRIVER = DriverDescriptor(
    name="escpos",
    kind=DeviceKind.RECEIPT_PRINTER,
    title_zh="ESC/POS 回执打印机（网口、串口、USB）",
    title_en="ESC/POS receipt printer (TCP, serial, USB)",
    connect="yici.drivers.receipt_printer.escpos.driver:connect",
    address_example="tcp://192.0.2.7:9100",
    twin="yici.drivers.receipt_printer.escpos.twin:start_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_rare_characters_reach_the_paper_dot_for_dot",
        Rule.THREE_ERRORS: f"{_TESTS}/test_doubt.py::test_any_bytes_give_a_status_in_time",
        Rule.DEADLINES: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_trouble_in_the_middle_is_never_called_printed",
        Rule.STARTS_WITHOUT_DEVICE: f"{_TESTS}/test_wrong_setting.py::test_a_path_without_a_port",
        Rule.UNPLUGGED_IN_EVERY_STATE: f"{_TESTS}/test_honesty.py::TestSerial",
        Rule.COMES_BACK: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_cable_pulled_mid_receipt_and_put_back",
        Rule.WRONG_SETTING_TOLD: f"{_TESTS}/test_wrong_setting.py"
        "::test_wrong_speed_is_a_wrong_setting",
        Rule.TWIN: f"{_TESTS}/test_twin.py::test_every_fault_is_one_the_driver_names",
        Rule.VECTORS: f"{_TESTS}/test_escpos_codec.py::test_known_answers_give_their_state",
        Rule.SELF_TEST: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_self_test_moves_no_paper_and_names_every_step",
        Rule.REDACTED_DIAGNOSTICS: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_diagnostics_count_and_carry_nothing_that_was_printed",
        Rule.FAULT_MATRIX: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_trouble_in_the_middle_is_never_called_printed",
        Rule.INDEPENDENT_PEER: f"{_TESTS}/test_any_receipt_printer.py"
        "::test_a_printer_that_says_it_can_not_is_given_nothing",
        Rule.KERNEL_DRIVER: "tests/hardware/test_usb_printer.py"
        "::test_receipt_is_printed_and_confirmed_through_usblp",
        Rule.KERNEL_DRIVER: "tests/hardware/test_usb_printer.py"
        "::test_receipt_is_printed_and_confirmed_through_usblp",
        Rule.MEASURED: "receipt",
    },
    known_limits=(
        "A printer that doesn't answer GS r 1 is refused: it could never confirm a slip.",
        "GS r 1 says that the commands before it were carried out; some makers answer when the"
        " last rows are in the head's buffer and not yet on paper.",
        "Fences carry no name: a printer whose answers come seconds late, left behind by a process"
        " that was killed, could confirm the next process's slip.",
        "A printer without DLE DC4 8 may print the rest of an interrupted slip when paper is put"
        " in.",
        "Whether a slip was taken is not known: DLE EOT 1-4 have no bit for it, and presenters say"
        " it in their makers' own commands. A person's word is all there is.",
        "USB is tried on a pty everywhere, and behind the kernel's usblp in the hardware tests;"
        " their far side is a gadget of the same kernel, and no real USB printer has been met.",
        "The USB port's own status is shown in the self-test and never decides anything.",
        "Text mode takes GB 2312, the printer's 24-dot letters and pictures of double size for"
        " granted (FS &, GS !, ESC E, ESC a, GS v 0 3); the independent peer prints no Chinese, so"
        " only the twin has read it.",
        "A picture could by chance hold the bytes of a real-time command other than a status"
        " question; the driver does not look for it.",
    ),
)
