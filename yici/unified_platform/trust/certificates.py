"""A private certificate authority for the terminals' listener (X.509, RFC 5280).

Terminals get the authority's certificate with their enrolment and trust nothing else. The
server's certificate is made anew whenever it would expire soon or lacks a name.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from yici.unified_platform.storage.durable_files import write_file

_AUTHORITY_LIFE = timedelta(days=365 * 30)
_SERVER_LIFE = timedelta(days=365 * 2)
_RENEW_BEFORE = timedelta(days=180)
# terminals with a dead clock battery start in the past
_BACKDATE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files for the listener and the authority that vouches for them."""

    certificate_file: Path
    key_file: Path
    ca_pem: str


def ensure_certificates(
    directory: Path, hosts: Sequence[str], *, now: datetime
) -> ServerCertificate:
    """Authority and server certificate in `directory`, made or renewed as needed."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_file, authority_key_file = directory / "ca.pem", directory / "ca-key.pem"
    if not authority_file.exists():
        _make_authority(authority_file, authority_key_file, now)
    authority = x509.load_pem_x509_certificate(authority_file.read_bytes())
    server_file, server_key_file = directory / "server.pem", directory / "server-key.pem"
    if not _still_good(server_file, server_key_file, hosts, now):
        _make_server(
            server_file, server_key_file, authority, authority_key_file, hosts=hosts, now=now
        )
    return ServerCertificate(server_file, server_key_file, authority_file.read_text())


def _private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _make_authority(certificate_file: Path, key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Yici platform authority")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_file(key_file, _private_bytes(key))
    write_file(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))


def _alternative_names(hosts: Sequence[str]) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = []
    for host in dict.fromkeys(hosts):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return x509.SubjectAlternativeName(names)


def _still_good(
    certificate_file: Path, key_file: Path, hosts: Sequence[str], now: datetime
) -> bool:
    if not certificate_file.exists() or not key_file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    if certificate.not_valid_after_utc - now < _RENEW_BEFORE:
        return False
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    named = {str(name.value) for name in extension.value}
    return named.issuperset(hosts)


def _make_server(
    certificate_file: Path,
    key_file: Path,
    authority: x509.Certificate,
    authority_key_file: Path,
    *,
    hosts: Sequence[str],
    now: datetime,
) -> None:
    authority_key = serialization.load_pem_private_key(authority_key_file.read_bytes(), None)
    if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{authority_key_file} holds another kind of key than it was made with")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("Yici platform"))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + _SERVER_LIFE)
        .add_extension(_alternative_names(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write_file(key_file, _private_bytes(key))
    write_file(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
