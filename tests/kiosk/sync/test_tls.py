"""The pinned authority, and a terminal whose clock is dead."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from terminal_under_test import TerminalUnderTest
from toy_platform import ToyPlatform

from yici.kiosk.sync.clock import BUILD_TIME, PlatformClock
from yici.kiosk.sync.wire import Line, TlsCheck
from yici.offline_cache.bookmarks import Bookmark

Served = Callable[..., Path]


def certificate(directory: Path, name: str, valid_from: datetime, host: str) -> tuple[Path, Path]:
    """A self-signed certificate that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + timedelta(days=100))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    paths = directory / f"{name}.pem", directory / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[ToyPlatform, Served]]:
    toy = ToyPlatform()

    def start(valid_from: datetime, host: str = "127.0.0.1") -> Path:
        authority, key = certificate(tmp_path, "platform", valid_from, host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, key)
        toy.start(context)
        return authority

    yield toy, start
    toy.stop()


def answers(toy: ToyPlatform, ca_path: Path, check: TlsCheck) -> bool:
    line = Line(toy.url, ca_path=ca_path, check=check)
    raw = line.exchange("GET", "/v1/session", b"", {}, deadline_s=30)
    line.close()
    return raw is not None


def test_only_the_pinned_authority_is_believed(
    served: tuple[ToyPlatform, Served], tmp_path: Path
) -> None:
    toy, start = served
    yesterday = datetime.now(UTC) - timedelta(days=1)
    authority = start(yesterday)
    spoof, _ = certificate(tmp_path, "spoof", yesterday, "127.0.0.1")
    for check in (TlsCheck.FULL, TlsCheck.WITHOUT_DATES):
        assert answers(toy, authority, check)
        assert not answers(toy, spoof, check)


def test_certificate_of_another_host_is_refused_also_without_dates(
    served: tuple[ToyPlatform, Served],
) -> None:
    toy, start = served
    authority = start(datetime.now(UTC) - timedelta(days=1), "127.0.0.2")
    assert not answers(toy, authority, TlsCheck.FULL)
    assert not answers(toy, authority, TlsCheck.WITHOUT_DATES)


def test_certificate_from_the_future_passes_only_without_dates(
    served: tuple[ToyPlatform, Served],
) -> None:
    toy, start = served
    authority = start(datetime.now(UTC) + timedelta(days=400))
    assert not answers(toy, authority, TlsCheck.FULL)
    assert answers(toy, authority, TlsCheck.WITHOUT_DATES)


def test_terminal_with_a_dead_clock_delivers(
    served: tuple[ToyPlatform, Served], tmp_path: Path
) -> None:
    """As at a terminal that believes in 1970: the platform is years ahead of it."""
    toy, start = served
    ahead = timedelta(days=3000)
    authority = start(datetime.now(UTC) + ahead - timedelta(days=1))
    toy.clock_offset = ahead
    terminal = TerminalUnderTest(toy, tmp_path / "state")
    (terminal.state_dir / "identity" / "ca.pem").write_bytes(authority.read_bytes())
    floor_ms = round((datetime.now(UTC) + ahead).timestamp() * 1000)
    kept = f'{{"boot_id": "earlier", "boot_offset_ms": 0, "floor_ms": {floor_ms}}}'
    terminal.cache.bookmarks.put(Bookmark.CLOCK, kept)
    draft = terminal.submit(b"paper")
    terminal.deliver_all()
    assert toy.acknowledged_ids() == [draft.submission_id]
    terminal.close()


def test_no_time_before_the_floor_is_ever_signed(terminal: TerminalUnderTest) -> None:
    clock = PlatformClock(terminal.cache.bookmarks)
    assert clock.now() >= BUILD_TIME
    assert not clock.is_wall_clock_dead()
