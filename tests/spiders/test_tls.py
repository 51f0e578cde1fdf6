"""Certificates are verified, unless an outlet's settings say ``insecure``."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.crawl_harness import CrawlHarness, Site

NOW = datetime.now(UTC)


@dataclass
class Authority:
    """A certificate authority; ``file`` has its own certificate."""

    folder: Path

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
        certificate = (
            self._builder(self.name, self.key, 30, self.name)
            .add_extension(x509.BasicConstraints(True, None), True)
            .sign(self.key, hashes.SHA256())
        )
        self.file = self.folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        days: int,
        issuer: x509.Name,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=60))
            .not_valid_after(NOW + timedelta(days=days))
        )

    def server(
        self,
        host: str = "127.0.0.1",
        days: int = 30,
        self_signed: bool = False,
        names_host: bool = True,
    ) -> ssl.SSLContext:
        """A server's certificate for a host, valid for so many days.

        ``names_host``: in a subjectAltName, as it must.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = self._builder(name, key, days, name if self_signed else self.name)
        if names_host:
            address = x509.IPAddress(ipaddress.ip_address(host))
            builder = builder.add_extension(
                x509.SubjectAlternativeName([address]), False
            )
        certificate = builder.sign(key if self_signed else self.key, hashes.SHA256())
        file = self.folder / f"{certificate.serial_number}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.mark.skipif(not ssl.HAS_TLSv1_2, reason="no TLS here")
def test_certificates(harness: CrawlHarness, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    sites = {
        "valid": Site(tls=authority.server()),
        "expired": Site(tls=authority.server(days=-1)),
        "other-host": Site(tls=authority.server("127.0.0.9")),
        "self-signed": Site(tls=authority.server(self_signed=True)),
        "nameless": Site(tls=authority.server(names_host=False)),
        "insecure": Site(tls=authority.server(self_signed=True)),
        "linking": Site(),
    }
    try:
        harness.outlets = {
            name: [opened.url("/feed")] for name, opened in sites.items()
        }
        harness.outlet_lines["insecure"] = "insecure = true"
        for opened in sites.values():
            opened.feed("/feed", [])
        # For requests of another outlet the certificate is verified.
        sites["linking"].feed("/feed", [sites["insecure"].article("/a")])
        result = harness.once(SSL_CERT_FILE=str(authority.file))
    finally:
        for opened in sites.values():
            opened.close()
    assert result.exit_code == 0
    rows = {
        outlet: (outcome, reason)
        for outlet, outcome, reason in harness.rows(
            "select outlet, outcome, reason from feeds"
        )
    }
    assert {name for name, (outcome, _) in rows.items() if outcome == "changed"} == {
        "valid",
        "insecure",
        "linking",
    }
    assert result.stderr == ""
    for name in ("expired", "other-host", "self-signed", "nameless"):
        assert rows[name][0] == "failed"
        assert "TLS: " in rows[name][1], rows[name]
        assert sites[name].requested_paths == []
    assert sites["insecure"].page_paths() == ["/feed"]
    assert harness.entries()["/a"][0] == "failed"


def test_status_warns_of_an_insecure_outlet(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from harvester.cli import cli
    from harvester.settings import parse_settings

    text = '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\ninsecure = true\n'
    file = tmp_path / "settings.toml"
    file.write_text(text)
    [warning] = parse_settings(text, file).warnings
    assert (
        f"{file}:3: outlets.paper: insecure: certificates are not verified" in warning
    )
    from harvester.archive.connection import Archive
    from harvester.ingest.keeper import Keeper

    keeper = Keeper(
        Archive.open(tmp_path / "archive.db", None), parse_settings(text, file)
    )
    keeper.sync_settings("2025-09-06T06:00:00Z")
    keeper.close()
    output = CliRunner().invoke(cli, ["--settings", str(file), "status"]).output
    assert "insecure: certificates are not verified" in output
