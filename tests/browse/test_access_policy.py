"""Who is answered: on loopback, who calls this machine by a name of loopback; elsewhere, who holds the secret."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import lxml.html
import pytest
from datasette.app import Datasette

from harvester.browse import access_policy, login_page
from harvester.cli import browse
from harvester.errors import HarvesterError
from tests.support import ROOT, hostile_archive
from tests.support.datasette_server import SQL_PATH

SECRET = "q7Zk0Vw3mJ9xT2bN5cR8dF1gH4sL6pYa"
PATHS = (
    "/", "/-/search?q=bridge", "/-/changes.atom", "/-/health.atom", "/press", "/press/articles", "/press/articles.json", "/press/articles.csv",
    "/-/static/app.css", "/-/static-plugins/news-harvester/tables.css", "/-/static-plugins/news-harvester/../news.css", "/-/versions.json", "/-/plugins", "/press.db", "/favicon.ico",
    "/no-such-page", "/-/logout",
)  # fmt: skip


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive."""
    path = tmp_path_factory.mktemp("gate") / "press.db"
    hostile_archive.build(path)
    return path


def ask(
    press: Path,
    *questions: tuple[str, dict[str, str]],
    host: str = "http://press.example:8001",
) -> list[httpx.Response]:
    """Answers of one Datasette, which reads the environment as it starts."""

    async def all_of_them() -> list[httpx.Response]:
        datasette = Datasette(
            [str(press)], settings={"default_allow_sql": False, "num_sql_threads": 1}
        )
        transport = httpx.ASGITransport(app=datasette.app())
        async with httpx.AsyncClient(transport=transport, base_url=host) as client:
            return [
                await client.get(path, headers=headers) for path, headers in questions
            ]

    return asyncio.run(all_of_them())


def test_without_the_secret_nothing_is_answered(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    wrong = (
        {}, {"cookie": "harvester=wrong"}, {"cookie": f"harvester={SECRET[:-1]}"}, {"cookie": f"other={SECRET}"}, {"cookie": '="'},
        {"authorization": "Bearer x"}, {"referer": f"http://press.example/?token={SECRET}"}, {"host": "127.0.0.1"},
    )  # fmt: skip
    questions = [(path, {}) for path in PATHS] + [("/", headers) for headers in wrong]
    questions += [
        ("/?token=wrong", {}),
        ("/?token=", {}),
        ("/?token=wrong", {"cookie": f"harvester={SECRET}"}),
    ]
    for (path, headers), answer in zip(questions, ask(press, *questions), strict=True):
        assert answer.status_code == 403, (path, headers)
        assert answer.text.count("\n") == 1 and "bridge" not in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_the_link_opens_it_and_leaves_no_secret_in_addresses(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    cookie = {"cookie": f"a=b; harvester={SECRET}"}
    opened, elsewhere, news, rows, sql, bearer = ask(
        press, (f"/?token={SECRET}", {}), (f"//evil.example/x?q=1&token={SECRET}", {}), ("/", cookie), ("/press/articles.json", cookie),
        (f"/press{SQL_PATH}.json?sql=select+1", cookie), ("/", {"authorization": f"Bearer {SECRET}"}),
    )  # fmt: skip
    assert opened.status_code == 303 and opened.headers["location"] == "/"
    assert {"HttpOnly", "SameSite=Lax"} <= set(opened.headers["set-cookie"].split("; "))
    assert (
        opened.headers["cache-control"] == "no-store"
        and opened.headers["referrer-policy"] == "no-referrer"
    )
    assert elsewhere.headers["location"].startswith("/") and not elsewhere.headers[
        "location"
    ].startswith("//")
    assert SECRET not in elsewhere.headers["location"]
    assert (news.status_code, rows.status_code, bearer.status_code) == (200, 200, 200)
    assert sql.status_code == 403  # pages, not queries of their own


PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {**PAGE, "content-type": "application/x-www-form-urlencoded"}
OWN = {**FORM, "origin": "null", "sec-fetch-site": "same-origin"}


def send(
    press: Path, *forms: tuple[dict[str, str], dict[str, str]], settings: str = ""
) -> list[httpx.Response]:
    """Answers to forms, each with its headers; ``settings``: the base URL."""

    async def all_of_them() -> list[httpx.Response]:
        more = {"base_url": settings} if settings else {}
        datasette = Datasette([str(press)], settings={"num_sql_threads": 1, **more})
        transport = httpx.ASGITransport(app=datasette.app())
        async with httpx.AsyncClient(
            transport=transport, base_url="http://press.example:8001"
        ) as client:
            path = f"{settings.rstrip('/')}/-/login"
            return [
                await client.post(path, data=fields, headers=headers)
                for fields, headers in forms
            ]

    return asyncio.run(all_of_them())


def test_a_form_asks_people_for_the_secret(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    wanted = "/-/search?q=bridge&outlet=courier"
    page, style, icon, script = ask(
        press,
        (wanted, PAGE),
        ("/-/static-plugins/news-harvester/news.css", {}),
        ("/-/static-plugins/news-harvester/favicon.svg", {}),
        ("/-/static/table.js", {}),
    )
    assert (page.status_code, style.status_code, icon.status_code) == (403, 200, 200)
    assert script.status_code == 403
    assert "Courier" not in page.text and SECRET not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script" not in page.text and page.headers["cache-control"] == "no-store"
    form = lxml.html.fromstring(page.text).forms[0]
    assert form.method == "POST" and form.action == "/-/login"
    assert form.fields["next"] == wanted
    [label] = form.cssselect("label")
    assert form.get_element_by_id(label.get("for")).get("type") == "password"
    [opened] = send(press, ({**dict(form.fields), "secret": f" {SECRET}\n"}, OWN))
    assert opened.status_code == 303 and opened.headers["location"] == wanted
    cookie = opened.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    again, inside = ask(
        press,
        ("/-/login", {**PAGE, "cookie": cookie.partition(";")[0]}),
        (wanted, {**PAGE, "cookie": cookie.partition(";")[0]}),
    )
    assert again.headers["location"] == "/" and inside.status_code == 200


def test_programs_are_told_in_a_line_whatever_they_accept(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    paths = ("/-/api/v1/search?q=x", "/press/articles.json", "/-/search.csv", "/-/changes.atom", "/-/changes.feed.json", "/press.db")  # fmt: skip
    for answer in ask(press, *[(path, PAGE) for path in paths], ("/", {})):
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text.count("\n") == 1


def test_a_wrong_secret_is_said_and_opens_nothing(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    wrong = ("", " ", SECRET[:-1], SECRET.lower(), "ü", "x" * 9_000, f"{SECRET}x")
    for answer in send(
        press, *[({"secret": one, "next": "/press"}, OWN) for one in wrong]
    ):
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
        assert login_page.WRONG in answer.text and "aria-invalid" in answer.text
    other = [
        {**FORM, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
        {**FORM, "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
        {**FORM, "origin": "http://evil.example"},
    ]  # fmt: skip
    for answer in send(press, *[({"secret": SECRET}, headers) for headers in other]):
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
        assert login_page.ELSEWHERE in answer.text
    [plain] = send(press, ({"secret": SECRET}, FORM))  # an old browser
    assert plain.status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b",
     "/\t/evil.example", " //evil.example", "", "/é", "/-/login", "/" + "x" * 3_000],
)  # fmt: skip
def test_the_form_leads_nowhere_else(
    press: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    [opened] = send(press, ({"secret": SECRET, "next": target}, OWN))
    assert opened.status_code == 303 and opened.headers["location"] == "/"


def test_the_form_knows_where_the_archive_is_mounted(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    wrong, right = send(
        press,
        ({"secret": "x"}, OWN),
        ({"secret": SECRET}, OWN),
        settings="/news/",
    )
    assert lxml.html.fromstring(wrong.text).forms[0].action == "/news/-/login"
    assert right.headers["location"] == "/news/"


def test_without_a_secret_there_is_no_form(press: Path) -> None:
    [answer] = ask(press, ("/-/login", PAGE))
    assert answer.status_code == 404


def test_a_secret_in_a_feeds_address_cannot_be_guessed_by_its_letters(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.SECRET_VARIABLE, SECRET)
    cookie = {"cookie": f"harvester={SECRET}"}
    guesses = (
        "feeds.json?url__contains=token=Z", "feeds?url__startswith=https", "feed_health.json?feed__like=%25Z%25", "feeds.json?_sort=url",
        "entries.json?feed__gt=https", "captures.csv?reached__glob=*", "~66eeds.json?url__contains=Z", "FEEDS.json?URL__contains=Z",
    )  # fmt: skip
    for guess, answer in zip(
        guesses,
        ask(press, *[(f"/press/{one}", cookie) for one in guesses]),
        strict=True,
    ):
        assert answer.status_code in (403, 404), guess
    allowed, where = ask(
        press,
        ("/press/articles.json?url__contains=bridge", cookie),
        ("/press/feeds.json?_where=url+like+'%25Z%25'", cookie),
    )
    assert allowed.status_code == 200 and where.status_code == 403


def test_on_loopback_no_other_name_is_answered(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.LOOPBACK_VARIABLE, "1")
    names = ("127.0.0.1:8001", "localhost", "localhost:8001", "[::1]:8001", "127.8.9.1")
    others = ("rebound.example:8001", "rebound.example", "127.0.0.1.rebound.example", "localhost.rebound.example", "", "10.0.0.7",
              "[::2]", "[", "127.0.0.1@rebound.example")  # fmt: skip
    for host, answer in zip(
        (*names, *others),
        ask(press, *[("/", {"host": host}) for host in (*names, *others)]),
        strict=True,
    ):
        assert answer.status_code == (200 if host in names else 403), host
        assert host in names or "127.0.0.1" in answer.text


def test_what_another_site_loads_is_not_answered(
    press: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access_policy.LOOPBACK_VARIABLE, "1")

    def fetched(site: str, mode: str, kind: str) -> dict[str, str]:
        return {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": kind}

    refused = [fetched("cross-site", "no-cors", "image"), fetched("cross-site", "no-cors", "script"), fetched("same-site", "cors", "empty"),
               fetched("cross-site", "navigate", "iframe")]  # fmt: skip
    answered = [
        fetched("cross-site", "navigate", "document"),
        fetched("none", "navigate", "document"),
        fetched("same-origin", "no-cors", "style"),
    ]
    for headers, answer in zip(
        (*refused, *answered),
        ask(
            press,
            *[("/press/feeds.json", one) for one in (*refused, *answered)],
            host="http://127.0.0.1:8001",
        ),
        strict=True,
    ):
        assert answer.status_code == (403 if headers in refused else 200), headers


def test_plain_datasette_answers_as_ever(press: Path) -> None:
    assert ask(press, ("/", {}))[0].status_code == 200


def test_the_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    archive = tmp_path / "press.db"
    made, new = browse._load_or_create_secret(archive)
    place = tmp_path / "press.db.secret"
    assert new and len(made) >= 40 and stat.S_IMODE(place.stat().st_mode) == 0o600
    place.chmod(0o644)
    assert (
        browse._load_or_create_secret(archive) == (made, False)
        and stat.S_IMODE(place.stat().st_mode) == 0o600
    )
    place.write_text("short\n")
    other, new = browse._load_or_create_secret(archive)
    assert new and other != made and stat.S_IMODE(place.stat().st_mode) == 0o600
    with pytest.raises(HarvesterError, match="secret"):
        browse._load_or_create_secret(tmp_path / "missing" / "press.db")


def test_a_secret_that_is_private_already_is_only_read(tmp_path: Path) -> None:
    """On a read-only disk even a chmod that changes nothing fails."""
    archive = tmp_path / "press.db"
    made, _ = browse._load_or_create_secret(archive)
    place = tmp_path / "press.db.secret"
    place.chmod(0o400)
    before = place.stat()
    assert browse._load_or_create_secret(archive) == (made, False)
    after = place.stat()
    assert (after.st_mode, after.st_ctime_ns) == (before.st_mode, before.st_ctime_ns)


def test_which_addresses_are_loopback() -> None:
    assert all(
        browse._is_loopback(one)
        for one in ("127.0.0.1", "127.3.2.1", "::1", "localhost")
    )
    assert not any(
        browse._is_loopback(one)
        for one in ("0.0.0.0", "::", "10.0.0.7", "press.example", "")
    )


def test_the_program_shows_the_link_once_and_keeps_the_secret_to_itself(
    press: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive.db"
    archive.write_bytes(press.read_bytes())
    (tmp_path / "settings.toml").write_text(
        '[outlets.courier]\nfeeds = ["https://courier.example/feed/"]\n'
    )
    for first in (True, False):
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "harvester.cli", "browse", "--secret", "--port", "0"],
                cwd=tmp_path, stdout=subprocess.PIPE, stderr=said, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        assert process.stdout is not None
        try:
            address = process.stdout.readline().decode().split()[0]
            secret = (tmp_path / "archive.db.secret").read_text().strip()
            plain, _, token = address.partition("?token=")
            assert token == (secret if first else "")
            assert httpx.get(plain, timeout=60).status_code == 403
            assert (
                httpx.get(f"{plain}?token={secret}", timeout=60).headers["location"]
                == "/"
            )
            page = httpx.get(plain, cookies={"harvester": secret}, timeout=60)
            assert page.status_code == 200 and secret not in page.text
            assert (
                httpx.get(
                    f"{plain}archive.json?sql=select+nothing",
                    cookies={"harvester": secret},
                    follow_redirects=True,
                ).status_code
                == 403
            )
            httpx.get(
                f"{plain}archive/articles?_sort=nothing%1b]0;x%07%e2%80%ae",
                cookies={"harvester": secret},
            )
            assert (
                httpx.get(
                    f"{plain}archive/articles?_sort=nothing",
                    cookies={"harvester": secret},
                ).status_code
                >= 400
            )
            for command in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    assert secret.encode() not in command.read_bytes()
        finally:
            (process.terminate if first else process.kill)()
            process.wait(30)
        while not first:  # killed, it takes Datasette with it
            try:
                httpx.get(plain, timeout=60)
            except httpx.TransportError:
                break
        told = (tmp_path / "said").read_text()
        assert secret not in told and "Traceback" not in told and "INFO" in told
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told)
