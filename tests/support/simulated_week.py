"""A week of ten outlets with everything that pages of the browser show.

In five languages: edits of every class, silent and acknowledged, removals and returns,
wire copy, feeds that fail, moved, are gone or silent, gaps filled and lost, a flood of
articles, words that are markup. Before the week there are some of quiet publishing,
from which is learned what is usual. The same for the same ``until``.

    python -m tests.support.simulated_week FOLDER
"""

from __future__ import annotations

import fcntl
import json
import random
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from harvester.identity.urls import article_key
from harvester.newsroom.article import Article
from harvester.newsroom.outlet import Outlet
from tests.support.many_outlets import reword
from tests.support.prose_languages import LanguageProse
from tests.support.simulated_press import Press, midnight
from tests.support.week_stories import tell_stories

HISTORY_DAYS = 21
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MAX_AGE = timedelta(hours=3)  # of a week that is used again
LOGIN, TOKEN = "reader:swordfish-9417", "q7Zk2vT9token"  # no page may show them
MENUS = {
    "de": ("Region", "Kultur", "Wirtschaft", "Sport"),
    "ar": ("محليات", "ثقافة", "اقتصاد", "رياضة"),
    "zh": ("本地", "文化", "经济", "体育"),
}
# Outlet → articles a day before the week and in it, share of articles that are edited,
# share of edits that are silent.
RHYTHMS = {
    "courier": (0.7, 6.0, 0.35, 0.3),
    "gazette": (0.7, 4.0, 0.3, 0.5),
    "ponant": (0.5, 4.0, 0.25, 0.4),
    "echo": (8.0, 0.0, 0.1, 0.9),  # falls silent
    "harbour": (1.5, 3.0, 0.2, 0.6),
    "bote": (0.5, 3.0, 0.2, 0.2),
    "nahr": (0.5, 3.0, 0.2, 0.5),
    "hepan": (0.5, 3.0, 0.2, 0.5),
    "lantern": (0.3, 1.5, 0.1, 0.0),
    "mill": (0.5, 1.0, 0.0, 0.0),
}
HOURS = (6, 7, 7, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 16, 17, 18, 19, 21)


@dataclass(frozen=True)
class Week:
    """The archive, and the keys of what is in it by name."""

    folder: Path
    until: datetime
    keys: dict[str, str]

    @property
    def path(self) -> Path:
        """The archive's file."""
        return self.folder / "archive.db"

    @property
    def day_before(self) -> datetime:
        """The beginning of the day before its last one."""
        return midnight(self.until) - timedelta(days=1)


def build(folder: Path, until: datetime, history_days: int = HISTORY_DAYS) -> Week:
    """Make the archive of the week that ends at ``until``, in an empty folder."""
    until = until.astimezone(UTC).replace(microsecond=0)
    day = midnight(until)
    press = Press(folder, day - timedelta(days=7 + history_days))
    _open_outlets(press)
    for key, rhythm in RHYTHMS.items():
        _plan(press, press.outlets[key], rhythm, day, until)
    named: dict[str, Article] = {}
    tell_stories(press, named, day, until)
    press.run_until(day - 7 * DAY, 6 * HOUR, "6 hours", 10 * DAY)
    for number in range(7, -1, -1):
        start = day - number * DAY
        if number == 5:
            press.pass_time(start + 7 * HOUR)  # the harvester is off
        for end, step in ((start + 6 * HOUR, 2 * HOUR), (start + DAY, HOUR / 2)):
            press.run_until(min(end, until), step, "30 minutes", DAY)
    keys = {name: article_key(article.url) for name, article in named.items()}
    return Week(folder, until, keys)


def build_once(folder: Path, now: datetime) -> Week:
    """The week in a folder; made there if it is not, or is older than some hours.

    Of several processes that need it at once one makes it, and the others wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "made.json"
        if made.exists():
            stored = json.loads(made.read_text("utf-8"))
            until = datetime.fromisoformat(stored["until"])
            if timedelta(0) <= now - until < MAX_AGE and midnight(until) == midnight(
                now
            ):
                return Week(folder / stored["folder"], until, stored["keys"])
        place = folder / f"{now:%Y%m%dT%H%M%S}"
        place.mkdir()
        week = build(place, now)
        stored = {
            "folder": place.name,
            "until": week.until.isoformat(),
            "keys": week.keys,
        }
        made.write_text(json.dumps(stored), "utf-8")
        return week


def _open_outlets(press: Press) -> None:
    """Open them; each polls and revisits as the settings say."""
    often = (
        "[" + ", ".join(['"1 hour"'] * 6 + ['"6 hours"', '"1 day"', '"2 days"']) + "]"
    )
    removed = 'removed_after = { looks = 2, apart = "2 hours" }'
    usual = f'revisit = ["1 hour", "6 hours", "1 day", "2 days"]\n{removed}'
    news = ("Local", "Culture", "Business", "Sport", "Members")
    opened = press.open_outlet
    opened(
        *("courier", "atom", "The Arle Courier", "en", "www.arlecourier.example"),
        menu=news, settings=f"revisit = {often}\n{removed}",
    )  # fmt: skip
    opened(
        *("gazette", "wordpress", "La Gazette de la Vallée", "fr"),
        "gazette-vallee.example", sections=("Région", "Culture", "Sport"), settings=usual,
    )  # fmt: skip
    opened(
        *("ponant", "wordpress", "Le Courrier du Ponant", "fr", "ponant.example"),
        feed_size=8, settings=usual,
    )  # fmt: skip
    opened("echo", "plain", "L’Écho de Brévignon", "fr", "echo.example", settings=usual)
    opened(
        *("harbour", "plain", "The Harbour Log", "en", "harbourlog.example"),
        feed_size=6, settings=usual,
    )  # fmt: skip
    opened(
        *("bote", "wordpress", "Der Uferbote", "de", "uferbote.example"),
        menu=MENUS["de"], settings=usual,
    )  # fmt: skip
    opened(
        *("nahr", "atom", "صحيفة النهر", "ar", "annahr.example"),
        menu=MENUS["ar"], settings=usual,
    )  # fmt: skip
    opened(
        *("hepan", "atom", "河畔日报", "zh", "hepan.example"),
        menu=MENUS["zh"], settings=usual,
    )  # fmt: skip
    opened(
        *("lantern", "atom", "The Valley Lantern", "en", "valleylantern.example"),
        settings=f'{usual}\nlogin = "{LOGIN}"',
    )  # fmt: skip
    mill = opened("mill", "plain", "The Old Mill Bulletin", "en", "oldmill.example")
    mill.feed_paths[0] += f"?token={TOKEN}"
    press.freeze_feeds(mill)


def _plan(
    press: Press,
    outlet: Outlet,
    rhythm: tuple[float, float, float, float],
    day: datetime,
    until: datetime,
) -> None:
    """Schedule what an outlet publishes, by chance."""
    rng = random.Random(f"week {outlet.key}")
    prose = LanguageProse(f"week {outlet.key}", outlet.language)
    staff = [prose.person() for _ in range(4)]
    start = press.now
    publish = partial(_publish, press, outlet, prose, rng, staff, rhythm)
    for minutes in range(1, 5):  # what its feeds list at the first poll
        press.at(start + timedelta(minutes=minutes), publish)
    for number in range((until - start).days + 1):
        date = midnight(start) + timedelta(days=number)
        rate = rhythm[1] if date >= day - timedelta(days=7) else rhythm[0]
        if date.weekday() >= 5:
            rate *= 0.6
        count = int(rate) + (rng.random() < rate % 1)
        for _ in range(count):
            at = date + timedelta(hours=rng.choice(HOURS), minutes=rng.randrange(60))
            if start < at < until:
                press.at(
                    at, partial(_publish, press, outlet, prose, rng, staff, rhythm)
                )


def _publish(
    press: Press,
    outlet: Outlet,
    prose: LanguageProse,
    rng: random.Random,
    staff: Sequence[str],
    rhythm: tuple[float, float, float, float],
) -> None:
    sections = [name for name in outlet.menu_sections if name != "Members"]
    article = outlet.publish(
        prose.title(),
        [prose.paragraph() for _ in range(rng.randint(3, 6))],
        author=rng.choice(staff),
        section=rng.choice(sections),
        tags=[prose.person().split()[-1]],
        slug=None
        if outlet.language in ("en", "fr", "de")
        else f"n{len(outlet.articles)}",
    )
    if rng.random() < rhythm[2]:
        silent = rng.random() < rhythm[3]
        age = timedelta(hours=rng.choice((0.6, 1.2, 2.5, 5, 9, 26)))
        press.at(press.now + age, _edit(outlet, article, prose, rng, silent))
    if rng.random() < 0.015:
        age = timedelta(hours=rng.uniform(3, 30))
        press.at(press.now + age, partial(outlet.withdraw, article, 404))


def _edit(
    outlet: Outlet,
    article: Article,
    prose: LanguageProse,
    rng: random.Random,
    silent: bool,
) -> Callable[[], None]:
    def edit() -> None:
        if rng.random() < 0.25:
            outlet.retitle(article, prose.title(), silent=silent)
        else:
            outlet.edit(article, reword(article, prose, rng), silent=silent)

    return edit


def summary(week: Week) -> list[str]:
    """What there is in the archive, in lines."""
    with closing(sqlite3.connect(week.path)) as connection:
        lines = []
        for sql in (
            "select count(*) || ' articles' from articles",
            "select count(*) || ' versions' from versions",
            "select kind || ' ' || count(*) from events group by kind",
            "select class || case silent when 1 then ', silent ' else ' ' end"
            " || count(*) from changes group by class, silent",
            "select state || ' ' || count(*) from articles group by state",
            "select outcome || ' ' || count(*) from entries group by outcome",
            "select 'cluster of ' || count(*) from clusters group by cluster",
            "select outlet || ' ' || outcome || ' ' || reason from feeds",
            "select 'gap ' || feed || ' ' || state || ' ' || reason from gaps",
        ):
            lines += [str(row[0]) for row in connection.execute(sql)]
    return lines


if __name__ == "__main__":
    import time

    began = time.process_time()
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    made = build(target, datetime.now(UTC), *map(int, sys.argv[2:]))
    print("\n".join(summary(made)))
    print(made.keys, f"{time.process_time() - began:.1f} s", sep="\n")
