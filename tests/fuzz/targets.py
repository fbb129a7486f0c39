"""Every place of the terminal's devices that takes a stranger's bytes, one line each in TARGETS.

Modules are imported when a target first runs: that is when atheris instruments them.
"""

from collections.abc import Callable
from math import isfinite

from harness import Target, in_pieces

# --- ID-card reader


def _sam_line(data: bytes) -> None:
    from yici.drivers.id_card_reader.sam.frames import LONGEST_REPLY, FrameParser, encode_frame

    whole = FrameParser(longest=LONGEST_REPLY)
    found = whole.feed(data)
    for item in found:
        if isinstance(item, bytes):  # an intact frame stands in the line as we would write it
            assert encode_frame(item)[2:] in data
    slow = FrameParser(longest=LONGEST_REPLY)
    assert [item for piece in in_pieces(data) for item in slow.feed(piece)] == found
    assert slow.finish() == whole.finish()


def _sam_reply(data: bytes) -> None:
    from yici.drivers.id_card_reader.sam.frames import decode_reply, split_card_blocks

    blocks = split_card_blocks(decode_reply(data).data)
    assert len(blocks.text) + len(blocks.photo) + len(blocks.fingerprints) < len(data)


def _sam_id(data: bytes) -> None:
    from yici.drivers.id_card_reader.sam.frames import decode_sam_id

    assert decode_sam_id(data).isascii()


def _card_text(data: bytes) -> None:
    from yici.drivers.id_card_reader.sam.card_text import TEXT_SIZE, decode_card_text

    identity = decode_card_text(data[:TEXT_SIZE].ljust(TEXT_SIZE, b"\0"))
    assert identity.name
    identity.model_dump_json().encode()  # can be stored and sent, whatever the chip says


def _newest_address(data: bytes) -> None:
    from yici.drivers.id_card_reader.sam.card_text import decode_newest_address, needs_manual_check

    needs_manual_check(decode_newest_address(data))


def _virtual_sam(data: bytes) -> None:
    from yici.drivers.id_card_reader.sam.frames import LONGEST_REQUEST, FrameParser
    from yici.drivers.id_card_reader.sam.virtual_sam import VirtualSam

    sam = VirtualSam()
    for request in FrameParser(longest=LONGEST_REQUEST).feed(data):
        assert sam.answer(request)


def _sam_seeds() -> tuple[bytes, ...]:
    from yici.drivers.id_card_reader.sam.frames import (
        Command,
        SamStatus,
        encode_reply,
        encode_request,
        join_card_blocks,
    )

    text = "张示例".encode("utf-16-le").ljust(256, b" ")
    return (
        encode_request(Command.FIND_CARD),
        encode_reply(SamStatus.OK, bytes(16)),
        encode_reply(SamStatus.OK, join_card_blocks(text, bytes(1024))),
    )


_CARD_SEED = (
    "张示例".ljust(15) + "1" + "01" + "19850612" + "湖南省示例市测试路1号".ljust(35)
    + "430199198506120012" + "示例市公安局".ljust(15) + "20150612" + "20350612" + " " * 18
).encode("utf-16-le")  # fmt: skip
_CARD_SEEDS = tuple(
    _CARD_SEED[:248] + mark.encode("utf-16-le") + _CARD_SEED[250:] for mark in " JIY"
)

# --- receipt printer


def _escpos_status(data: bytes) -> None:
    from yici.drivers.receipt_printer.escpos.status import (
        QUERIES,
        contradicts_itself,
        parse_model,
        parse_status,
        repeats_itself,
    )

    answers = dict(zip(QUERIES, data, strict=False))
    parse_status(answers)
    repeats_itself(answers)
    contradicts_itself(answers)
    model = parse_model(data)
    assert model.isascii()
    assert len(model) <= 32


def _escpos_stream(data: bytes) -> None:
    from yici.drivers.receipt_printer.escpos.stream import CommandStream

    def commands(pieces: list[bytes]) -> list[object]:
        stream = CommandStream()
        found: list[object] = []
        for piece in pieces:
            stream.push(piece)
            while (command := stream.find_next()) is not None:
                found.append(command)
        return found

    assert commands(in_pieces(data)) == commands([data])


def _escpos_real_time(data: bytes) -> None:
    from yici.drivers.receipt_printer.escpos.stream import RealTimeScanner

    slow = RealTimeScanner()
    asked = [query for piece in in_pieces(data) for _, query in slow.scan(piece)]
    assert asked == [query for _, query in RealTimeScanner().scan(data)]


# --- pictures


def _jpeg_header(data: bytes) -> None:
    from yici.kiosk.capture.jpeg_header import find_jpeg_header

    header = find_jpeg_header(data)
    assert header is None or 0 < header.width_px * header.height_px < 1 << 32


def _picture_header(data: bytes) -> None:
    from yici.kiosk.capture.intake import read_header

    read_header(data)


def _still_jpeg(data: bytes) -> None:
    from yici.drivers.document_camera.video.jpeg import NoJpeg, decode_jpeg

    try:
        pixels = decode_jpeg(data)
    except NoJpeg:
        return
    assert pixels.ndim == 3


def _mjpeg_parts(data: bytes) -> None:
    from yici.drivers.document_camera.video.mjpeg_parts import Parts, PartsError

    def bodies(pieces: list[bytes]) -> list[bytes] | None:
        parts = Parts(b"frame", largest=4096)
        try:
            return [body for piece in pieces for body in parts.feed(piece)]
        except PartsError:
            return None

    whole, slow = bodies([data]), bodies(in_pieces(data))
    assert whole is None or slow is None or whole == slow
    assert all(len(body) <= 4096 + 8 for body in slow or ())


def _mjpeg_boundary(text: str) -> None:
    from yici.drivers.document_camera.video.mjpeg_parts import find_boundary

    assert find_boundary(text) != b""


def _v4l2_size(data: bytes) -> None:
    from yici.drivers.document_camera.video.v4l2_modes import FRMSIZEENUM, decode_size

    decode_size(data[: FRMSIZEENUM.size].ljust(FRMSIZEENUM.size, b"\0"))


# --- scanner


def _pnm(data: bytes) -> None:
    import numpy as np

    from yici.drivers.scanner.sane.pnm import find_header, to_bgr

    found = find_header(data, max_pixels=1 << 16)
    if found is None:  # more is needed: then no beginning of it may have been refused
        return
    header, length = found
    room = np.zeros(header.size_bytes, np.uint8)
    came = np.frombuffer(data, np.uint8)[length : length + header.size_bytes]
    room[: came.size] = came
    assert to_bgr(header, room).shape == (header.height_px, header.width_px, 3)


def _scanner_options(text: str) -> None:
    from yici.drivers.scanner.sane.options import parse_options

    options = parse_options(text)
    assert isinstance(options.nearest_dpi(300), int)
    assert all(isfinite(mm) for _, mm in options.area_mm)


def _escl_status(data: bytes) -> None:
    from yici.drivers.scanner.sane.escl_status import parse_answer

    assert len(parse_answer(data).status.code) <= 64


# --- social-security card reader


def _ssc_card(data: bytes) -> None:
    """A card that answers whatever it likes: a byte of length, then the answer, over and over."""
    from yici.drivers.social_security_card_reader.pcsc.reading import read_holder

    answers = _length_prefixed(data)
    asked: list[bytes] = []

    def transmit(command: bytes) -> bytes:
        asked.append(command)
        return answers[len(asked) - 1] if len(asked) <= len(answers) else b""

    outcome = read_holder(transmit)
    assert len(asked) <= 45
    assert isinstance(outcome, str) or outcome.model_dump_json().encode()


def _length_prefixed(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data) and len(found) < 64:
        found.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return found


def _ssc_record(data: bytes) -> None:
    from yici.drivers.social_security_card_reader.pcsc.card_files import (
        decode_record,
        encode_record,
    )

    tag, value = decode_record(data)
    assert data.startswith(encode_record(tag, value))


def _ssc_answers(*records: bytes) -> bytes:
    good = b"\x02\x90\x00"
    return good * 2 + b"".join(
        bytes((len(record) + 2,)) + record + b"\x90\x00" for record in records
    )


_SSC_SEEDS = (
    _ssc_answers(
        b"\x08\x12430199198506120012",
        b"\x09\x1e" + "张示例".encode("gb18030").ljust(30, b"\0"),
        b"\x4e\x00",
        b"\x0a\x011",
        b"\x0b\x01\x01",
        b"\x0d\x04\x19\x85\x06\x12",
    ),
    b"\x02\x69\x82",
    b"\x02\x61\x10" + _ssc_answers(b"\x08\x01x"),
)

# --- code readers


def _code_lines(data: bytes) -> None:
    from yici.drivers.code_reader import MAX_CONTENT_BYTES, SeenCode
    from yici.drivers.code_reader.code_lines import CodeLines, Prefix

    for prefix in Prefix:
        lines = CodeLines(pause_s=0.1, prefix=prefix)
        found = [one for piece in in_pieces(data) for one in lines.feed(piece, 1.0)]
        found += lines.end_after_pause(9.0)
        for one in found:
            assert not isinstance(one, SeenCode) or 0 < len(one.content) <= MAX_CONTENT_BYTES


def _input_events(data: bytes) -> None:
    from yici.drivers.code_reader.keyboard.input_events import KeyCharacters

    slow = KeyCharacters()
    typed = b"".join(slow.feed(piece) for piece in in_pieces(data))
    assert typed == KeyCharacters().feed(data)
    assert typed.isascii()


_KEY_A = bytes(16) + bytes.fromhex("01001e0001000000")
_KEY_ENTER = bytes(16) + bytes.fromhex("01001c0001000000")
_KEYS_LOST = bytes(16) + bytes.fromhex("0000030000000000")


def _slip_code(text: str) -> None:
    from yici.contract.submission_ids import normalise_slip_code

    code = normalise_slip_code(text)
    assert code is None or normalise_slip_code(code) == code


# --- document printer


def _ipp(data: bytes) -> None:
    from yici.drivers.document_printer.ipp.codec import decode, encode

    message = decode(data)
    assert decode(encode(message)) == message


def _ipp_facts(data: bytes) -> None:
    from yici.drivers.document_printer.ipp.codec import decode
    from yici.drivers.document_printer.ipp.operations import (
        NotUnderstood,
        all_job_facts,
        job_facts,
        printer_facts,
    )

    message = decode(data)
    for read in (printer_facts, job_facts, all_job_facts):
        try:
            read(message)
        except NotUnderstood:
            continue


_IPP_SEED = bytes.fromhex(
    "0200000000000001" "01"
    "470012" "617474726962757465732d63686172736574" "0005" "7574662d38"
    "04" "23000d" "7072696e7465722d7374617465" "0004" "00000003"
    "440015" "7072696e7465722d73746174652d726561736f6e73" "0004" "6e6f6e65"
    "02" "210006" "6a6f622d6964" "0004" "00000007"
    "340009" "6d656469612d636f6c" "0000"
    "4a0000" "000a" "6d656469612d73697a65" "210000" "0004" "00000001"
    "370000" "0000" "03"
)  # fmt: skip

# --- addresses: what a technician typed, or a foreign tool wrote


def _text_of(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


def _receipt_printer_address(text: str) -> None:
    from yici.drivers.receipt_printer.escpos.address import parse_address

    parse_address(text)


def _serial_port(text: str) -> None:
    from yici.drivers.transports.serial_line import check_settings

    check_settings(text, 9600)


def _code_reader_address(text: str) -> None:
    from yici.drivers.code_reader.serial_line.address import parse_address

    parse_address(text)


def _document_printer_address(text: str) -> None:
    from yici.drivers.document_printer.ipp.address import parse_address

    parse_address(text)


def _scanner_address(text: str) -> None:
    from yici.drivers.scanner.sane.address import parse_address

    for _, config in parse_address(text).config_files:
        assert config.count("\n") <= 6  # an address never writes lines of its own


def _camera_source(text: str) -> None:
    from yici.drivers.device import NeedsStaff
    from yici.drivers.document_camera.video.source import get_source

    try:
        get_source(text)
    except NeedsStaff:
        return


# by kind and name; a camera's `connect` starts a process at once, so its source is tried above
CONNECTS = (
    "id_card_reader.sam",
    "id_card_reader.sdt_usb",
    "id_card_reader.vendor_library",
    "receipt_printer.escpos",
    "scanner.sane",
    "document_printer.ipp",
    "code_reader.keyboard",
    "code_reader.serial_line",
    "social_security_card_reader.pcsc",
)


def _connect(driver: str) -> Callable[[str], None]:
    def connect(text: str) -> None:
        from yici.drivers.device import DeviceKind
        from yici.drivers.registry import get_driver, load_connect

        kind, _, name = driver.partition(".")
        device = load_connect(get_driver(DeviceKind(kind), name))(text)
        assert all(isinstance(value, str | int) for value in device.diagnostics().values())
        device.close()

    return connect


# --- lines


def _wrong_speed(data: bytes) -> None:
    from yici.drivers.transports.wrong_speed import heard_at_another_speed

    heard = heard_at_another_speed(data, sent_at=115200, heard_at=9600)
    assert len(heard) <= len(data)
    assert heard_at_another_speed(data, sent_at=9600, heard_at=9600) == data


_ADDRESSES = (
    b"tcp://192.0.2.7:9100",
    b"tcp://[::1]:9100",
    b"serial:/dev/ttyS0@115200",
    b"usb:/dev/usb/lp0",
    b"socket://192.0.2.7:4001",
    b"/dev/kiosk/code-reader@9600?prefix=aim",
    b"ipp://192.0.2.7:631/ipp/print",
    b"cups:A4",
    b"http://192.0.2.7/cam.mjpg",
    b"sane:test:0",
    b"escl:http://[fe80::1]:8080/eSCL",
    b"usb:0400:C35A",
    b"1001@/opt/maker/libsdtapi.so",
    b"/dev/input/event3",
    b"*",
)
_JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080010001001012200ffd9")
_MJPEG = b"--frame\r\nContent-Length: 3\r\n\r\nabc\r\n--frame\r\nContent-Length: 3\r\n\r\ndef\r\n"
_PNG = bytes.fromhex("89504e470d0a1a0a0000000d494844520000100000001000080200000000000000")
_ESCPOS = (
    b"\x1b@\x1ba1\x1d!\x11ABC\n\x1bd\x03\x1dVB\x00",
    b"\x1dv0\x00\x02\x00\x03\x00ABCDEF\x10\x04\x01",
    b"\x1c&\xc4\xe3\xba\xc3\x1c.\x1d(k\x08\x001P0hello\x1d(k\x03\x001Q0",
    b"\x10\x04\x02\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\x1dr\x01\x1dIC",
)
_OPTIONS = b"""
    --source Flatbed|ADF Front [Flatbed]
    --mode Color|Gray [Color]
    --resolution 75..1200dpi (in steps of 1) [75]
    -x 0..216.069mm [215.9]
    -y 0..297.011mm (in steps of 0.1) [297]
"""
_OPTIONS_LIST = b"    --resolution 75|150|300dpi [75]\n"
_OPTIONS_ENDLESS = b"    --resolution " + b"9" * 400 + b"|75dpi [75]\n"  # was an OverflowError
_ESCL = b"<pwg:State>Idle</pwg:State><scan:AdfState>ScannerAdfJam</scan:AdfState>"
_PGM, _PPM, _PBM = b"P5 2 2 255\nabcd", b"P6\n# page\n2 1 65535\nabcdefghijkl", b"P4 9 1\nab"


def _real_jpeg() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 180, 20)).save(out, "JPEG")
    return out.getvalue()


TARGETS: tuple[Target, ...] = (
    Target("sam_line", _sam_line, seeds=_sam_seeds()),
    Target("sam_reply", _sam_reply, (ValueError,), (bytes.fromhex("00009000020001aabbcc"),)),
    Target("sam_id", _sam_id, (ValueError,), (bytes(16),)),
    Target("card_text", _card_text, (ValueError,), _CARD_SEEDS),
    Target("newest_address", _newest_address, (ValueError,), _CARD_SEEDS),
    Target("virtual_sam", _virtual_sam, seeds=_sam_seeds()),
    Target("escpos_status", _escpos_status, seeds=(b"\x12\x12\x12\x12", b"_ACME 80\x00")),
    Target("escpos_stream", _escpos_stream, seeds=_ESCPOS, longest_bytes=2048),
    Target("escpos_real_time", _escpos_real_time, seeds=_ESCPOS),
    Target("jpeg_header", _jpeg_header, seeds=(_JPEG,)),
    Target("picture_header", _picture_header, seeds=(_JPEG, _PNG)),
    Target("still_jpeg", _still_jpeg, seeds=(_real_jpeg(), _JPEG)),
    Target(
        "mjpeg_parts", _mjpeg_parts, seeds=(_MJPEG, _MJPEG.replace(b"Content-Length: 3\r\n", b""))
    ),
    Target("mjpeg_boundary", _text_of(_mjpeg_boundary), seeds=(b'multipart/x; boundary="--f"',)),
    Target("v4l2_size", _v4l2_size, seeds=(bytes(44),)),
    Target("pnm", _pnm, (ValueError,), (_PGM, _PPM, _PBM)),
    Target(
        "scanner_options",
        _text_of(_scanner_options),
        (ValueError,),
        (_OPTIONS, _OPTIONS_LIST, _OPTIONS_ENDLESS),
    ),
    Target("escl_status", _escl_status, seeds=(_ESCL,)),
    Target("ssc_card", _ssc_card, seeds=_SSC_SEEDS),
    Target("ssc_record", _ssc_record, (ValueError,), (b"\x08\x12430199198506120012",)),
    Target("code_lines", _code_lines, seeds=(b"]Q1https://example.test/1\r\n",)),
    Target("slip_code", _text_of(_slip_code), seeds=(b"7K3M-QX2-P9D", b"0OIL-0OI-L0O")),
    Target("input_events", _input_events, seeds=(_KEY_A, _KEY_ENTER, _KEYS_LOST)),
    Target("ipp", _ipp, (ValueError,), (_IPP_SEED,), max_peak_bytes=32 << 20),
    Target("ipp_facts", _ipp_facts, (ValueError,), (_IPP_SEED,), max_peak_bytes=32 << 20),
    Target(
        "receipt_printer_address", _text_of(_receipt_printer_address), (ValueError,), _ADDRESSES
    ),
    Target("serial_port", _text_of(_serial_port), (ValueError,), _ADDRESSES),
    Target("code_reader_address", _text_of(_code_reader_address), (ValueError,), _ADDRESSES),
    Target(
        "document_printer_address", _text_of(_document_printer_address), (ValueError,), _ADDRESSES
    ),
    Target("scanner_address", _text_of(_scanner_address), (ValueError,), _ADDRESSES),
    Target("camera_source", _text_of(_camera_source), (), _ADDRESSES),
    Target("wrong_speed", _wrong_speed, seeds=(b"\x12\x34\x56",), longest_bytes=1024),
    *(
        Target(f"connect.{driver}", _text_of(_connect(driver)), (ValueError,), _ADDRESSES)
        for driver in CONNECTS
    ),
)
