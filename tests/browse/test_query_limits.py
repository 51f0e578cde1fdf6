"""What arbitrary SQL may take: time, rows and memory of the real Datasette, one attack after the other."""

from __future__ import annotations

import functools
import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from harvester.browse import masking, query_limits
from tests.support import hostile_archive
from tests.support.datasette_server import Served, start
from tests.support.sql_attacks import ATTACKS, COUNT, spent

get = functools.partial(httpx.get, follow_redirects=True)  # of Datasette 1.0
PLAIN = {"sql": "select count(*) as n from articles", "_shape": "array"}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_no_query_takes_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "press.db"
    hostile_archive.build(path)
    process, address, log = start(
        path, tmp_path, "--setting", "sql_time_limit_ms", "300"
    )
    try:
        for name, sql in ATTACKS.items():
            before, _ = spent(process.pid)
            response = get(f"{address}/press.json", params={"sql": sql}, timeout=120)
            after, most = spent(process.pid)
            assert response.status_code == 400 and len(response.content) < 20_000, (
                name,
                response.text,
            )
            assert after - before < 4, name
            assert most < 600, (name, most)
            for _ in range(3):  # each connection goes on answering
                assert (
                    get(f"{address}/press.json", params=PLAIN, timeout=120).json()[0][
                        "n"
                    ]
                    > 5
                ), name
    finally:
        process.terminate()
        process.wait(20)
    said = log.read_text()
    assert "Traceback" not in said, said[said.index("Traceback") - 500 :][:3_000]


def test_functions_answer_as_sqlite_does(served: Served) -> None:
    sql = """select printf('%05.2f|%-4s|%d%%', 3.14159, 'a', 7) a, format('%,d', 1234567) b, instr('harbour', 'bou') c,
        replace('aaa', 'a', 'ab') d, trim('  x ') e, ltrim('xxa', 'x') f, rtrim('axx', 'x') g, instr(null, 'x') h,
        printf('%*d', 5, 1) i, replace(12.5, '.', ',') j, json_patch('{"a":1}', '{"b":2}') k, instr(x'0102', x'02') l"""
    with closing(sqlite3.connect(":memory:")) as plain:
        truth = list(plain.execute(sql).fetchone())
    answer = get(
        f"{served.address}/{served.database}.json",
        params={"sql": sql, "_shape": "arrays"},
    )
    assert answer.json()["rows"] == [truth]


def test_a_statement_without_end_is_stopped_by_the_processor_time_it_takes() -> None:
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        query_limits.watch_statements(connection, 0.2)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute(
                COUNT.replace("limit 100000000", "") + "select count(*) from c"
            ).fetchall()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 20
        assert connection.execute("select 1").fetchone() == (1,)


def test_what_is_secret_in_an_address() -> None:
    assert masking.find_secrets("https://me:p%40ss5@x.example/feed?token=abcd1234&page=2#key=zzzz9") == {
        "me:p%40ss5", "me:p@ss5", "p%40ss5", "p@ss5", "abcd1234", "zzzz9",
    }  # fmt: skip
    for harmless in (
        "https://x.example/feed?page=2",
        "https://x.example/",
        "no address",
        "https://[",
    ):
        assert masking.find_secrets(harmless) == set()


@pytest.mark.parametrize(
    "question",
    [
        "/feeds.json", "/feeds.csv", "/feeds", "/feeds.json?_shape=array&_facet=url", "/feed_health.json", "/entries.json?_size=max",
        ".json?sql=select+url+from+feeds", ".csv?sql=select+url+from+feeds", "?sql=select+url+from+feeds",
        ".json?sql=select+'x'||url||'y'+as+u+from+feeds", ".json?sql=select+json_group_array(url)+as+u+from+feeds",
        ".json?sql=select+group_concat(url,+'+')+as+u+from+feeds", ".json?sql=select+substr(url,+20)+as+u+from+feeds",
        ".json?sql=select+reached,+url+from+captures", "/captures.csv?_size=max", "/urls.json", "/events.json",
    ],
)  # fmt: skip
def test_no_answer_gives_a_secret_away(served: Served, question: str) -> None:
    answer = get(f"{served.address}/{served.database}{question}")
    assert answer.status_code == 200, answer.text
    assert hostile_archive.SECRET not in answer.text


def test_other_addresses_stay_what_they_are(served: Served) -> None:
    sql = "select url from articles where url like '%bridge'"
    answer = get(
        f"{served.address}/{served.database}.json",
        params={"sql": sql, "_shape": "arrays"},
    )
    assert answer.json()["rows"] == [["https://courier.example/news/bridge"]]


def test_a_result_that_is_too_large_leaves_no_statement_open() -> None:
    """An interrupt holds until all statements of a connection have ended, and an error that is held keeps its cursor."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = query_limits.bounded_row_factory(
            masking.SecretMasker(connection)
        )
        with pytest.raises(sqlite3.OperationalError, match="larger than") as held:
            connection.execute(
                "with recursive c(n) as (select 1 union all select n + 1 from c where n < 99) select hex(zeroblob(3000000)) from c"
            ).fetchall()
        connection.interrupt()
        assert connection.execute("select 1 as n").fetchone()["n"] == 1
        assert held.value.args
