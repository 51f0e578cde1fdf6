"""The simulation of ``benchmarks/month.py``, and a short run of it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

from harvester.newsroom import Newsroom
from harvester.newsroom.article import ONLINE_STATUS
from tests.support import ROOT
from tests.support.simulation import PublishingPattern, Simulation

MONTH = ROOT / "benchmarks" / "month.py"


def test_a_simulated_day_breaks_no_promise(tmp_path: Path) -> None:
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


def test_equal_seeds_give_equal_simulations() -> None:
    def lived() -> list[tuple[str, int, str, str]]:
        with Newsroom() as newsroom:
            life = Simulation(
                newsroom, outlet_count=4, article_count=30, days=2, seed=5
            )
            for hour in range(1, 49):
                life.run_until(life.started_at + timedelta(hours=hour))
                life.record_listings()
            assert all(
                one.visible_spans and all(a <= b for a, b in one.visible_spans)
                for one in life.ground_truth.listings.values()
            )
            states = [
                (one.slug, what)
                for one, told in life.ground_truth.states.items()
                for what in told
            ]
            return [(slug, what.status, what.title, what.text) for slug, what in states]

    first = lived()
    assert first == lived()
    assert len({slug for slug, *_ in first}) >= 25
    assert len(first) > len({slug for slug, *_ in first})


def test_the_ground_truth_has_the_state_at_any_time() -> None:
    habit = PublishingPattern(
        "plain",
        edited_share=1.0,
        mean_edits=3.0,
        withdrawn_share=1.0,
        restored_share=1.0,
        reprinted_share=0.0,
    )
    with Newsroom() as newsroom:
        life = Simulation(
            newsroom, outlet_count=1, article_count=5, days=1, seed=2, patterns=(habit,)
        )
        for hour in range(1, 300):
            life.run_until(life.started_at + timedelta(hours=hour))
        for article, told in life.ground_truth.states.items():
            assert [one.at for one in told] == sorted(one.at for one in told)
            assert told[-1].wording == (article.title, article.text)
            assert told[-1].status == article.status == ONLINE_STATUS
            assert any(one.status != ONLINE_STATUS for one in told)
            last = life.ground_truth.state_at(article, told[-1].at)
            assert last is told[-1]
            assert (
                life.ground_truth.state_at(article, told[0].at - timedelta(seconds=1))
                is None
            )


def test_the_old_domain_redirects_to_the_new_one(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", "plain")
    article = outlet.publish("A title of some words", ["A paragraph of some words."])
    before = article.url
    newsroom.move_domain(outlet)
    assert article.url != before
    with urlopen(before, timeout=10) as response:
        assert response.url == article.url
        assert b"A paragraph of some words." in response.read()


def test_a_newsroom_outlet_serves_json_feeds_and_sitemaps(newsroom: Newsroom) -> None:
    outlet = newsroom.add_outlet("paper", "atom", full_text=True)
    article = outlet.publish(
        "A title of some words",
        ["A paragraph of some words."],
        author="Ann Onymous",
    )
    outlet.feed_format = "json"
    with urlopen(outlet.feed_url, timeout=10) as response:
        (one,) = json.load(response)["items"]
    assert (one["url"], one["title"], one["id"]) == (
        article.url,
        article.title,
        str(article.number),
    )
    assert "A paragraph of some words." in one["content_html"]
    outlet.feed_format = "sitemap"
    with urlopen(outlet.feed_url, timeout=10) as response:
        text = response.read().decode()
    assert f"<loc>{article.url}</loc>" in text
    assert f"<news:title>{article.title}</news:title>" in text
