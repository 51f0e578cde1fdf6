"""The archive as JSON over HTTP, as the real Datasette serves it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import httpx
import pytest

from harvester.browse import api_description
from harvester.browse.api_description import BASE, PARAMETERS
from tests.support.datasette_server import Served


def ask(served: Served, path: str, status: int = 200, **parameters: Any) -> Any:
    response = httpx.get(f"{served.address}{BASE}/{path}", params=parameters)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"
    return response.json()


def rows(served: Served, sql: str) -> list[Any]:
    with closing(sqlite3.connect(served.path)) as connection:
        return connection.execute(sql).fetchall()


def test_search_goes_through_all_pages(served: Served) -> None:
    query = {"q": "versions:>0", "limit": 2}
    page, keys = ask(served, "search", **query), []
    total = page["total"]
    assert total and set(page) == {"total", "next", "results"}
    for _ in range(total):
        assert len(page["results"]) <= 2
        keys += [hit["article"] for hit in page["results"]]
        if page["next"] is None:
            break
        page = ask(served, "search", **query, cursor=page["next"])
    assert len(keys) == len(set(keys)) == total
    best = ask(served, "search", **query, order="best")
    assert len(best["results"]) == 2


def test_the_best_in_pages(served: Served) -> None:
    query = {"q": "the", "order": "best", "limit": 1}
    first = ask(served, "search", **query)
    if first["next"] is None:
        assert first["total"] == 1
        return
    second = ask(served, "search", **query, cursor=first["next"])
    assert second["results"] != first["results"]
    error = ask(served, "search", 400, q="the", cursor=first["next"])["error"]
    assert error["parameter"] == "cursor"


def test_an_article_by_key_and_address(served: Served) -> None:
    ((key, url, count),) = rows(
        served, "select key, url, versions from articles order by versions desc limit 1"
    )
    (article,) = ask(served, "article", name=key)["results"]
    required = api_description.describe()["components"]["schemas"]["Article"][
        "required"
    ]
    assert list(article) == required
    assert (article["key"], article["versions"], article["latest"]) == (
        key,
        count,
        True,
    )
    assert len(article["changes"]) >= count - 1
    (first,) = ask(served, "article", name=url, version=1)["results"]
    assert first["version"] == 1 and first["key"] == key
    error = ask(served, "article", 404, name=key, version=99)["error"]
    assert "no version 99" in error["message"]
    assert (
        ask(served, "article", 404, name="0123456789abcdef")["error"]["status"] == 404
    )


def test_changes_copies_and_outlets(served: Served) -> None:
    changes = ask(served, "changes", limit=1)
    assert changes["total"] >= 1 and len(changes["results"]) == 1
    if changes["next"]:
        rest = ask(served, "changes", cursor=changes["next"])
        assert changes["results"][0] not in rest["results"]
    removed = ask(served, "changes", kind="removed", limit=100)["results"]
    assert {change["kind"] for change in removed} <= {"removed"}
    outlets = ask(served, "outlets")
    assert outlets["total"] == len(rows(served, "select key from outlets"))
    assert "feed" not in json.dumps(outlets)  # their URLs may have secrets
    ((key,),) = rows(served, "select key from articles limit 1")
    copies = ask(served, "copies", article=key)
    assert copies["total"] == len(copies["results"])


@pytest.mark.parametrize(
    ("path", "parameters", "parameter", "words"),
    [
        ("search", {}, "q", "q is missing"),
        ("search", {"q": "a", "limt": "3"}, "limt", "did you mean limit?"),
        ("search", {"q": "a", "limit": "-1"}, "limit", "not a number"),
        ("search", {"q": "a", "limit": "1e9"}, "limit", "not a number"),
        ("search", {"q": "a", "since": "soon"}, "since", "invalid time"),
        ("search", {"q": "a", "cursor": "x"}, "cursor", "not a cursor"),
        ("search", {"q": "a", "order": "worst"}, "order", "one of: newest, best"),
        ("search", {"q": "a" * 3000}, "q", "longer than"),
        ("search", {"q": ["a", "b"]}, "q", "given twice"),
        ("changes", {"silent": "perhaps"}, "silent", "neither true nor false"),
        ("changes", {"kind": "removd"}, "kind", "one of:"),
        ("outlets", {"q": "a"}, "q", "there are none"),
    ],
)
def test_a_wrong_parameter_is_named(
    served: Served, path: str, parameters: dict[str, Any], parameter: str, words: str
) -> None:
    error = ask(served, path, 400, **parameters)["error"]
    assert error["parameter"] == parameter
    assert words in f"{error['message']} {error['hint']}"


def test_a_wrong_query_is_refused_with_its_place(served: Served) -> None:
    error = ask(served, "search", 400, q="bridge lenght:3")["error"]
    assert (error["parameter"], error["position"]) == ("q", 8)
    assert ask(served, "search", 400, q="outlet:nobody")["error"]["position"] == 8
    error = ask(served, "search", 400, q="a", outlet="nobody")["error"]
    assert (error["parameter"], error["position"]) == ("outlet", None)


def test_at_most_so_many_results(served: Served) -> None:
    page = ask(served, "search", q="versions:>0", limit=999_999_999)
    assert len(page["results"]) <= api_description.MAX_RESULTS


def test_other_methods_are_refused(served: Served) -> None:
    url = f"{served.address}{BASE}/outlets"
    for method in ("PUT", "DELETE", "OPTIONS"):
        response = httpx.request(method, url)
        assert response.status_code in (400, 403, 405)
        assert "access-control-allow-origin" not in response.headers


def test_the_description_is_what_is_served(served: Served) -> None:
    description = ask(served, "openapi.json")
    assert description == api_description.describe()
    assert set(description["paths"]) == {f"/{name}" for name in PARAMETERS}
    for path, operations in description["paths"].items():
        names = [one["name"] for one in operations["get"]["parameters"]]
        assert names == [one.name for one in PARAMETERS[path[1:]]]
        needed = {one.name: "x" for one in PARAMETERS[path[1:]] if one.is_required}
        status = 404 if path in ("/article", "/copies") else 200
        page = ask(served, path[1:], status, **needed)
        assert set(page) in ({"total", "next", "results"}, {"error"})


def test_the_description_is_valid() -> None:
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="pip install openapi-spec-validator"
    )
    validator.validate(api_description.describe())


def test_references_of_the_description_lead_somewhere() -> None:
    description = api_description.describe()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                target: Any = description
                for part in value["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(description)
