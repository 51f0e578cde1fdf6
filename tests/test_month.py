"""A simulated day: a few outlets, trouble by chance, the crawl killed, the clock set; the archive against what really happened."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from harvester.newsroom import Newsroom
from harvester.newsroom.article import HERE
from harvester.newsroom.life import Habit, Life

ROOT = Path(__file__).resolve().parent.parent
MONTH = ROOT / "benchmarks" / "month.py"


def test_a_day(tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(MONTH),
        "--days",
        "0.7",
        "--outlets",
        "3",
        "--articles",
        "36",
        "--json",
    ]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=280,
        cwd=ROOT,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == 0, [one for one in found["verdicts"] if not one["holds"]]
    assert len(found["verdicts"]) >= 25
    assert found["days"][-1]["articles"] >= 30


def test_the_same_life_for_the_same_seed() -> None:
    def lived() -> list[tuple[str, int, str, str]]:
        with Newsroom() as newsroom:
            life = Life(newsroom, outlets=4, articles=30, days=2, seed=5)
            for hour in range(1, 49):
                life.until(life.begin + timedelta(hours=hour))
                life.look()
            assert all(
                one.spans and all(a <= b for a, b in one.spans)
                for one in life.chronicle.listed.values()
            )
            stood = [
                (one.slug, what)
                for one, told in life.chronicle.stood.items()
                for what in told
            ]
            return [(slug, what.status, what.title, what.text) for slug, what in stood]

    first = lived()
    assert first == lived()
    assert len({slug for slug, *_ in first}) >= 25
    assert len(first) > len({slug for slug, *_ in first})


def test_the_chronicle_tells_what_stood_when() -> None:
    habit = Habit(
        "plain", edited=1.0, times=3.0, withdrawn=1.0, restored=1.0, reprinted=0.0
    )
    with Newsroom() as newsroom:
        life = Life(newsroom, outlets=1, articles=5, days=1, seed=2, habits=(habit,))
        for hour in range(1, 300):
            life.until(life.begin + timedelta(hours=hour))
        for article, told in life.chronicle.stood.items():
            assert [one.at for one in told] == sorted(one.at for one in told)
            assert told[-1].words == (article.title, article.text)
            assert told[-1].status == article.status == HERE
            assert any(one.status != HERE for one in told)
            last = life.chronicle.then(article, told[-1].at)
            assert last is told[-1]
            assert (
                life.chronicle.then(article, told[0].at - timedelta(seconds=1)) is None
            )


def test_another_domain_leads_to_the_new_one(newsroom: Newsroom) -> None:
    from urllib.request import urlopen

    outlet = newsroom.outlet("paper", "plain")
    article = outlet.publish(
        "A title of some words", ["A paragraph that stands there."]
    )
    before = article.url
    newsroom.rehouse(outlet)
    assert article.url != before
    with urlopen(before, timeout=10) as answer:
        assert answer.url == article.url
        assert b"A paragraph that stands there." in answer.read()


def test_json_feed_and_sitemap(newsroom: Newsroom) -> None:
    from urllib.request import urlopen

    outlet = newsroom.outlet("paper", "atom", full_text=True)
    article = outlet.publish(
        "A title of some words",
        ["A paragraph that stands there."],
        author="Ann Onymous",
    )
    outlet.feed_form = "json"
    with urlopen(outlet.feed_url, timeout=10) as answer:
        (one,) = json.load(answer)["items"]
    assert (one["url"], one["title"], one["id"]) == (
        article.url,
        article.title,
        str(article.number),
    )
    assert "A paragraph that stands there." in one["content_html"]
    outlet.feed_form = "sitemap"
    with urlopen(outlet.feed_url, timeout=10) as answer:
        text = answer.read().decode()
    assert f"<loc>{article.url}</loc>" in text
    assert f"<news:title>{article.title}</news:title>" in text
