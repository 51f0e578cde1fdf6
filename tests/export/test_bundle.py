"""``harvest evidence``: a zip that sha256sum and openssl can verify."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from harvester.archive.integrity import proof
from harvester.cli import cli
from tests.support.warc_archive import HEADERS, Paper, day, page, three_days

URL = "https://courier.example/bridge-1"


def pack(folder: Path, to: str = "bundle.zip", *options: str) -> dict[str, Any]:
    arguments = [
        "--settings",
        str(folder / "settings.toml"),
        "evidence",
        URL,
        "-o",
        str(folder / to),
        "--json",
        *options,
    ]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def unpack(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        assert all(
            not name.startswith("/") and ".." not in name for name in bundle.namelist()
        )
        bundle.extractall(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    paper = three_days(tmp_path)
    key = paper.connection.execute("select key from articles where id = 1").fetchone()
    paper.row(
        "looks",
        article=key[0],
        at=day(3, "15:00:00"),
        outcome="gone",
        status=404,
        saw="404",
        missed=1,
    )
    proof.seal_rows(paper.connection, day(4))
    paper.close()
    return tmp_path


def test_what_is_in_it(folder: Path) -> None:
    summary = pack(folder)
    assert (summary["versions"], summary["captures"]) == (2, 2)
    assert (summary["open"], summary["missing"]) == (0, [])
    out = unpack(folder / "bundle.zip", folder / "out")
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert names >= {
        "README.txt",
        "index.html",
        "article.json",
        "check.py",
        "SHA256SUMS",
        "ledger.txt",
        "versions/1.txt",
        "versions/2.json",
        "differences/1-2.html",
        "differences/1-2.txt",
        "captures/1.warc.gz",
        "captures/1.headers.txt",
        "captures/5.body.html.txt",
        "proof/days/000001.txt",
        "proof/days/000003.txt",
        "proof/rows/000001.txt",
        "proof/chain.json",
    }
    assert "proof/rows/000002.txt" not in names  # nothing of it came that day
    text = (out / "versions/2.txt").read_text()
    assert text == (
        "The 1. bridge is closed\n"
        "Nobody may cross bridge 1 today.\n"
        "It is to be mended by June."
    )
    assert re.search(
        r"\[-May-\]\{\+June\+\}", (out / "differences/1-2.txt").read_text()
    )
    assert "<del>May</del><ins>June</ins>" in (out / "differences/1-2.html").read_text()
    assert "404" in (out / "ledger.txt").read_text()
    assert (
        f"{HEADERS[2][0]}: {HEADERS[2][1]}"
        in (out / "captures/1.headers.txt").read_text()
    )
    for record in ArchiveIterator(
        io.BytesIO((out / "captures/5.warc.gz").read_bytes())
    ):
        assert record.rec_headers.get_header("WARC-Target-URI") == URL
        assert record.content_stream().read() == page(
            "The 1. bridge is closed", text.partition("\n")[2]
        )
    index = (out / "index.html").read_text()
    for name in re.findall(r'href="([^"]+)"', index):
        assert (out / name).is_file(), name
    assert "<script" not in index
    assert summary["head"]["digest"] in index
    assert summary["head"]["digest"] in (out / "README.txt").read_text()


def test_a_revisit_record_and_what_it_refers_to(tmp_path: Path) -> None:
    """Also where that was received at an address that is not the article's."""
    paper, folder = three_days(tmp_path), tmp_path
    elsewhere = "https://courier.example/elsewhere"
    body = page("The 1. bridge is closed", "Nobody may cross bridge 1 today. " * 9)
    first = paper.capture(elsewhere, body, day(4))
    again = paper.capture_again(elsewhere, body, day(4, "11:00:00"))
    (key,) = paper.connection.execute(
        "select key from articles where id = 1"
    ).fetchone()
    paper.read(key, 2, again, "none", day(4, "11:00:00"))
    proof.seal_rows(paper.connection, day(5))
    paper.close()
    summary = pack(folder)
    assert (summary["captures"], summary["missing"]) == (4, [])
    out = unpack(folder / "bundle.zip", folder / "out")
    (record,) = ArchiveIterator(
        io.BytesIO((out / f"captures/{again}.warc.gz").read_bytes())
    )
    assert record.rec_type == "revisit"
    assert record.rec_headers.get_header("WARC-Refers-To-Date") == day(4)
    for number in (first, again):
        assert (out / f"captures/{number}.body.html.txt").read_bytes() == body
    captures = {
        capture["number"]: capture
        for capture in json.loads((out / "article.json").read_text())["captures"]
    }
    assert captures[again]["body_of"] == first
    assert f"the same body as capture {first}" in (out / "index.html").read_text()
    check = [sys.executable, "check.py"]
    done = subprocess.run(check, cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    name = f"captures/{again}.body.html.txt"
    old = hashlib.sha256((out / name).read_bytes()).hexdigest()
    (out / name).write_bytes(body + b"!")
    new = hashlib.sha256((out / name).read_bytes()).hexdigest()
    sums = (out / "SHA256SUMS").read_text()
    (out / "SHA256SUMS").write_text(sums.replace(f"{old}  {name}", f"{new}  {name}"))
    done = subprocess.run(check, cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"capture {again}: its body is not the one that was sealed" in done.stdout


def test_what_is_missing_is_said_and_all_else_is_proven(tmp_path: Path) -> None:
    paper, folder = three_days(tmp_path), tmp_path
    paper.connection.execute(
        """
        update captures set file = null, offset = null, length = null, thinned = ?
        where id = 1
        """,
        [day(6)],
    )
    paper.close()
    summary = pack(folder)
    assert [missing["capture"] for missing in summary["missing"]] == [1]
    assert f"thinned out at {day(6)}" in summary["missing"][0]["why"]
    out = unpack(folder / "bundle.zip", folder / "out")
    assert f"thinned out at {day(6)}" in (out / "index.html").read_text()
    done = subprocess.run(
        [sys.executable, "check.py"],
        cwd=out,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "of 4 rows" in done.stdout


def test_the_proof_holds_by_hand(folder: Path) -> None:
    """Verified as README.txt describes it."""
    summary = pack(folder)
    out = unpack(folder / "bundle.zip", folder / "out")
    for line in (out / "SHA256SUMS").read_text().splitlines():
        assert hashlib.sha256((out / line[66:]).read_bytes()).hexdigest() == line[:64]
    chain = json.loads((out / "proof/chain.json").read_text())
    days = [
        (out / f"proof/days/{number:06}.txt").read_bytes() for number in chain["days"]
    ]
    for before, after in itertools.pairwise(days):
        assert f"before {hashlib.sha256(before).hexdigest()}\n" in after.decode()
    assert (
        hashlib.sha256(days[-1]).hexdigest()
        == chain["head"]
        == summary["head"]["digest"]
    )
    lists = {path.read_text() for path in (out / "proof/rows").iterdir()}
    forms = {row["what"]: row["form"] for row in chain["rows"]}
    assert set(forms) == {"version 1", "version 2", "capture 1", "capture 5"}
    for what, form in forms.items():
        line = f"{what.split()[0]} {hashlib.sha256(form.encode()).hexdigest()}\n"
        assert any(line in text for text in lists)
    for number in (1, 2):
        assert (
            hashlib.sha256((out / f"versions/{number}.txt").read_bytes()).hexdigest()
            in forms[f"version {number}"]
        )
    for number in (1, 5):
        assert (
            hashlib.sha256(
                (out / f"captures/{number}.warc.gz").read_bytes()
            ).hexdigest()
            in forms[f"capture {number}"]
        )


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("versions/1.txt", "May", "Mai"),
        ("proof/days/000002.txt", "captures 2", "captures 3"),
        ("proof/rows/000001.txt", "version ", "Version "),
        ("proof/chain.json", "bridge-1", "bridge-9"),
    ],
)
def test_its_own_check(folder: Path, name: str, old: str, new: str) -> None:
    """If a forger updates the checksums, the chain still reveals the change."""
    pack(folder)
    out = unpack(folder / "bundle.zip", folder / "out")

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "check.py"],
            cwd=out,
            capture_output=True,
            text=True,
            check=False,
        )

    done = check()
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "OK: 4 of 4" in done.stdout
    changed = (out / name).read_text().replace(old, new)
    (out / name).write_text(changed)
    assert f"WRONG: {name} is not as it was packed" in check().stdout
    lines = (out / "SHA256SUMS").read_text().splitlines()
    digest = hashlib.sha256(changed.encode()).hexdigest()
    (out / "SHA256SUMS").write_text(
        "".join(
            f"{digest if line[66:] == name else line[:64]}  {line[66:]}\n"
            for line in lines
        )
    )
    done = check()
    assert "WRONG" in done.stdout or "read again" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_same_archive_gives_the_same_bytes(folder: Path) -> None:
    pack(folder, "first.zip")
    pack(folder, "second.zip")
    first, second = folder / "first.zip", folder / "second.zip"
    assert first.read_bytes() == second.read_bytes()
    assert not list(folder.glob("*.new"))


def test_today_is_said_not_to_be_over(tmp_path: Path) -> None:
    three_days(tmp_path).close()
    assert pack(tmp_path)["open"] == 2


def test_hostile_words(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    title, text = (
        "<script>alert(1)</script>",
        "</p><img src=x onerror=alert(1)>\n\ud800 \u202e and {brackets} %s",
    )
    capture = paper.capture(URL, page(title, "words"), day(1))
    key = paper.article(URL, day(1))
    paper.connection.execute("update articles set outlet = 'courier'")
    version = paper.version(key, title, text.replace("\ud800", ""), capture, day(1))
    assert version
    paper.close()
    pack(tmp_path)
    out = unpack(tmp_path / "bundle.zip", tmp_path / "out")
    for path in out.rglob("*.html"):
        assert "<script" not in path.read_text()
        assert "<img" not in path.read_text()


def test_a_capture_that_is_lost_is_said(folder: Path) -> None:
    shutil.rmtree(folder / "captures")
    summary = pack(folder)
    assert [capture["capture"] for capture in summary["missing"]] == [1, 5]
    out = unpack(folder / "bundle.zip", folder / "out")
    assert (out / "versions/1.txt").is_file()


# ---- timestamps


AUTHORITY = """
[ca]
[tsa]
default_tsa = one
[one]
dir = .
serial = $dir/serial
signer_cert = $dir/tsa.pem
{certs}
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
accuracy = secs:1
tsa_name = yes
[req]
distinguished_name = name
[name]
[v3_ca]
basicConstraints = critical, CA:true
[v3_tsa]
extendedKeyUsage = critical, timeStamping
"""


@pytest.fixture(params=["", "certs = $dir/ca.pem"])
def authority(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[str, Path]]:
    """A real timestamp authority on loopback, made with openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    pytest.importorskip("rfc3161_client", reason="pip install -e '.[proof]'")
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "openssl.cnf").write_text(AUTHORITY.replace("{certs}", request.param))
    (folder / "serial").write_text("01")

    def openssl(*arguments: str) -> bytes:
        done = subprocess.run(
            ["openssl", *arguments], cwd=folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    new = [
        "req",
        "-new",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-config",
        "openssl.cnf",
    ]
    openssl(
        *new,
        "-x509",
        "-extensions",
        "v3_ca",
        "-subj",
        "/CN=Root",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "9",
    )
    openssl(*new, "-subj", "/CN=Stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem"
    extensions = "-days 9 -extfile openssl.cnf -extensions v3_tsa"
    openssl(*sign.split(), *extensions.split())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "request.tsq").write_bytes(
                self.rfile.read(int(self.headers["Content-Length"]))
            )
            if "wrong" not in self.path or not (folder / "response.tsr").exists():
                openssl(
                    "ts",
                    "-reply",
                    "-config",
                    "openssl.cnf",
                    "-section",
                    "one",
                    "-queryfile",
                    "request.tsq",
                    "-out",
                    "response.tsr",
                )
            self.send_response(200 if "broken" not in self.path else 500)
            self.end_headers()
            self.wfile.write(
                b"<html>"
                if "html" in self.path
                else (folder / "response.tsr").read_bytes()
            )

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_time_stamp(folder: Path, authority: tuple[str, Path]) -> None:
    url, keys = authority
    summary = pack(folder, "bundle.zip", "--timestamp", url)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", summary["stamped"])
    out = unpack(folder / "bundle.zip", folder / "out")
    check = ["openssl", "ts", "-verify", "-data", "SHA256SUMS", "-in", "SHA256SUMS.tsr"]
    check += ["-CAfile", str(keys / "ca.pem"), "-untrusted", str(keys / "tsa.pem")]
    assert (
        subprocess.run(check, cwd=out, capture_output=True, check=False).returncode == 0
    )
    (out / "SHA256SUMS").write_bytes((out / "SHA256SUMS").read_bytes() + b"\n")
    assert (
        subprocess.run(check, cwd=out, capture_output=True, check=False).returncode != 0
    )


@pytest.mark.parametrize("path", ["html", "broken", "wrong"])
def test_what_is_no_time_stamp(
    folder: Path, authority: tuple[str, Path], path: str
) -> None:
    if path == "wrong":
        # The authority then repeats this response, which is for another request.
        pack(folder, "first.zip", "--timestamp", authority[0])
    arguments = [
        "--settings",
        str(folder / "settings.toml"),
        "evidence",
        URL,
        "-o",
        str(folder / "x.zip"),
        "--timestamp",
    ]
    for url in (authority[0] + path, "file:///etc/passwd", "http://127.0.0.1:1/"):
        done = CliRunner().invoke(cli, [*arguments, url])
        assert done.exit_code == 1
        assert type(done.exception).__name__ == "HarvesterError"
        assert not (folder / "x.zip").exists()


def test_several_articles_or_a_query_into_a_folder(folder: Path) -> None:
    command = ["--settings", str(folder / "settings.toml"), "evidence"]
    both = [URL, "https://courier.example/bridge-2", URL]
    for number, arguments in enumerate((both, ["--query", "bridge -3 -4"])):
        out = folder / f"out{number}"
        done = CliRunner().invoke(cli, [*command, *arguments, "-o", str(out), "--json"])
        assert done.exit_code == 0, done.output
        names = sorted(path.name for path in out.glob("*.zip"))
        assert names == sorted(
            Path(one["file"]).name for one in json.loads(done.stdout)
        )
        assert [re.sub("-[0-9a-f]{16}", "", name) for name in names] == [
            "courier-2025-09-02-the-2-bridge-is-closed.zip",
            "courier-2025-09-03-the-1-bridge-is-closed.zip",
        ]
        subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=out, check=True)
    assert (
        len({(folder / name / "SHA256SUMS").read_text() for name in ("out0", "out1")})
        == 1
    )


def test_several_articles_need_a_folder(folder: Path) -> None:
    command = ["--settings", str(folder / "settings.toml"), "evidence"]
    (folder / "a.zip").write_text("mine")
    target = str(folder / "a.zip")
    done = CliRunner().invoke(cli, [*command, "--query", "bridge", "-o", target])
    assert "several articles need a folder" in str(done.exception)
    assert (folder / "a.zip").read_text() == "mine"
    assert CliRunner().invoke(cli, [*command, "-o", target]).exit_code == 2
