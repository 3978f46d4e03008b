"""The intake's own certificate authority, and the certificates, right and wrong, that it serves with."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from auditsite.demo.intake.private_files import write_private

LOOPBACK = ("localhost", "127.0.0.1", "::1")
CA_YEARS = timedelta(days=3650)
# Public authorities stop at 398 days; clients may mistrust more.
LEAF_DAYS = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)


class Flavour(StrEnum):
    """How a port is served: rightly, or with what an administrator meets in the wild."""

    GOOD = "good"
    EXPIRED = "expired"
    WRONG_NAME = "wrong_name"
    SELF_SIGNED = "self_signed"
    PLAIN = "plain"


class Authority:
    """A CA in `folder`, made once: `ca.pem` to hand out, `ca-key.pem` readable by the owner only."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.ca_file = folder / "ca.pem"
        self._folder = folder
        self._now = now
        key_file = folder / "ca-key.pem"
        if not (self.ca_file.exists() and key_file.exists()):
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = _certificate_of_authority(key, now)
            write_private(key_file, _pem_of(key))
            write_private(self.ca_file, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
        loaded = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file} holds another kind of key: delete {folder} and start again")
        self._key = loaded
        self._certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def context(self, flavour: Flavour) -> ssl.SSLContext | None:
        """What a listener wraps its connections with; None speaks plain HTTP."""
        if flavour is Flavour.PLAIN:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._chain(flavour))
        return context

    def _chain(self, flavour: Flavour) -> Path:
        path = self._folder / f"{flavour.value}.pem"
        if not self._still_good(path, flavour):
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = self._leaf(key, flavour)
            write_private(path, _pem_of(key) + certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _still_good(self, path: Path, flavour: Flavour) -> bool:
        if not path.exists():
            return False
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        ours = flavour is Flavour.SELF_SIGNED or certificate.issuer == self._certificate.subject
        fresh = flavour is Flavour.EXPIRED or certificate.not_valid_after_utc - RENEW_BEFORE > self._now
        return ours and fresh

    def _leaf(self, key: ec.EllipticCurvePrivateKey, flavour: Flavour) -> x509.Certificate:
        start = self._now - timedelta(days=1)
        if flavour is Flavour.EXPIRED:
            start = self._now - LEAF_DAYS - timedelta(days=1)
        if flavour is Flavour.SELF_SIGNED:
            # The name that a Splunk trial really shows.
            name, signer, issuer = "SplunkServerDefaultCert", key, _name("SplunkServerDefaultCert")
        else:
            name, signer, issuer = "Auditsite demo intake", self._key, self._certificate.subject
        hosts = ("intake.elsewhere.example",) if flavour is Flavour.WRONG_NAME else LOOPBACK
        builder = _builder(name=name, issuer=issuer, key=key, start=start, lasts=LEAF_DAYS)
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(_alternative_names(hosts)), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
            .sign(signer, hashes.SHA256())
        )


def _certificate_of_authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    # A name of its own for each CA: two demos on one machine must not pass for one another.
    name = f"Auditsite demo CA {x509.random_serial_number():x}"[:40]
    start = now.astimezone(UTC) - timedelta(days=500)
    builder = _builder(name=name, issuer=_name(name), key=key, start=start, lasts=CA_YEARS)
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    *, name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, start: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _alternative_names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return names


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
