"""Certificates are verified, unless an outlet's settings say otherwise: real TLS on loopback, with an authority of our own."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)


@dataclass
class Authority:
    """Signs certificates; ``file`` is its own."""

    folder: Path

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
        made = self._begun(self.name, self.key, 30).add_extension(
            x509.BasicConstraints(True, None), True
        )
        self.file = self.folder / "authority.pem"
        self.file.write_bytes(
            made.sign(self.key, hashes.SHA256()).public_bytes(
                serialization.Encoding.PEM
            )
        )

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=60))
            .not_valid_after(NOW + timedelta(days=days))
        )

    def server(
        self, host: str = "127.0.0.1", days: int = 30, by_itself: bool = False
    ) -> ssl.SSLContext:
        """A certificate for that host, for so many days from now on, signed by the authority or by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        begun = self._begun(name, key, days)
        if by_itself:
            begun = x509.CertificateBuilder(
                name,
                name,
                begun._public_key,
                begun._serial_number,
                begun._not_valid_before,
                begun._not_valid_after,
            )
        begun = begun.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            False,
        )
        made = begun.sign(key if by_itself else self.key, hashes.SHA256())
        file = self.folder / f"{made.serial_number}.pem"
        file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
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
def test_certificates(world: Any, site: Any, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    make = type(site)
    sites = {
        "good": make(tls=authority.server()),
        "expired": make(tls=authority.server(days=-1)),
        "elsewhere": make(tls=authority.server("127.0.0.9")),
        "itself": make(tls=authority.server(by_itself=True)),
        "allowed": make(tls=authority.server(by_itself=True)),
        "linking": make(),
    }
    try:
        world.outlets = {name: [one.url("/feed")] for name, one in sites.items()}
        world.more["allowed"] = "insecure = true"
        for one in sites.values():
            one.feed("/feed", [])
        sites["linking"].feed(
            "/feed", [sites["allowed"].article("/a")]
        )  # another outlet: for it nothing was allowed
        ran = world.once(SSL_CERT_FILE=str(authority.file))
    finally:
        for one in sites.values():
            one.close()
    assert ran.code == 0
    rows = {
        outlet: (outcome, reason)
        for outlet, outcome, reason in world.rows(
            "select outlet, outcome, reason from feeds"
        )
    }
    assert {name for name, (outcome, _) in rows.items() if outcome == "changed"} == {
        "good",
        "allowed",
        "linking",
    }
    for name in ("expired", "elsewhere", "itself"):
        assert rows[name][0] == "failed"
        assert "TLS: " in rows[name][1], rows[name]
    assert (
        sites["expired"].asked
        == sites["elsewhere"].asked
        == sites["itself"].asked
        == []
    )
    assert sites["allowed"].pages() == ["/feed"]
    assert world.entries()["/a"][0] == "failed"


def test_it_is_said_that_an_outlet_is_insecure(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from harvester.cli import cli
    from harvester.settings import parse_settings

    text = '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\ninsecure = true\n'
    file = tmp_path / "settings.toml"
    file.write_text(text)
    [warning] = parse_settings(text, file).warnings
    assert (
        f"{file}:3: outlets.paper: insecure: its certificates are not verified"
        in warning
    )
    from harvester.archive.connection import Archive
    from harvester.ingest.keeper import Keeper

    keeper = Keeper(
        Archive.open(tmp_path / "archive.db", None), parse_settings(text, file)
    )
    keeper.sync_settings("2025-09-06T06:00:00Z")
    keeper.close()
    shown = CliRunner().invoke(cli, ["--settings", str(file), "status"]).output
    assert "insecure: its certificates are not verified" in shown
