"""Near-duplicates and others: cases of each kind, and labelled pairs of corpora."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from harvester.identity import copied_words, near_duplicates, shingles

REPORT = """PARIS (AFP) - The council of Marlow voted the budget of the town on Tuesday after a debate that went on until one in the morning.
It gives 4.2 million to the schools, 310,000 to the library and 95,000 to the swimming pool in the lower town, said the treasurer.
The opposition left the hall before the vote, and its leader Anne Keller spoke of a night without any dignity at all for the people.
The mayor said that she had waited eleven years for this evening, and that the work on the harbour wall begins in September.
Residents of the upper town have collected two thousand signatures against the wall, which would hide the view of the bay.
A hearing before the county court is set for the ninth of next month, and the builders must wait for its outcome until then."""
FOREIGN = """Forty boats crossed the start line at noon in a stiff breeze from the west, watched by some two thousand people on the pier.
The first of them was back in the harbour three hours and twelve minutes later, with a torn sail and a very tired crew aboard.
Two boats had to be towed in by the rescue service, and one sailor was taken to hospital with a broken wrist, the club said.
The club will decide next week whether the race is to be held in June again, as it was until the great storm of that year."""
FRAME = "Read more:\nSign up for our free daily newsletter\nFollow us on Facebook and X for the latest updates\nMost read"


def same(
    one: str, other: str, title: str = "", other_title: str = "", days: float = 0.0
) -> bool:
    first, second = (
        near_duplicates.tokenise(title, one),
        near_duplicates.tokenise(other_title, other),
    )
    comparison = near_duplicates.compare(first, second, days)
    assert (
        comparison.is_near_duplicate
        == near_duplicates.compare(second, first, days).is_near_duplicate
    )
    return comparison.is_near_duplicate


def rewritten(text: str, share: float) -> str:
    generator = random.Random(5)
    return "\n".join(
        " ".join(
            "other" if generator.random() < share else word for word in line.split()
        )
        for line in text.split("\n")
    )


@pytest.mark.parametrize(
    "other",
    [
        REPORT,
        "\n".join(REPORT.split("\n")[:3]),
        REPORT + "\n" + FOREIGN,
        FOREIGN + "\n" + REPORT + "\n" + FOREIGN,
        "\n".join(REPORT.split("\n")[1:5]) + "\n" + FOREIGN,
        rewritten(REPORT, 0.1),
        REPORT.upper().replace("'", "’"),
        REPORT + "\n" + FRAME,
        "With AFP\n" + REPORT,
    ],
)
def test_near_duplicates(other: str) -> None:
    assert same(REPORT, other)


@pytest.mark.parametrize(
    "other",
    [
        FOREIGN,
        FOREIGN + "\n" + REPORT.split("\n")[2],  # a shared quotation
        rewritten(REPORT, 0.6),
    ],
)
def test_other_texts(other: str) -> None:
    assert not same(REPORT, other)


def test_a_common_frame_makes_no_near_duplicate() -> None:
    assert not same(REPORT + "\n" + FRAME, FOREIGN + "\n" + FRAME)


def test_common_lines_make_no_near_duplicate() -> None:
    appeal = " ".join(f"appeal{n}" for n in range(90)) + "."
    one, other = (
        near_duplicates.tokenise("", f"Short {word}.\n{appeal}")
        for word in ("news", "notes")
    )
    assert near_duplicates.compare(one, other).is_near_duplicate
    repeated = {one.lines[1]}
    assert not near_duplicates.compare(
        one, other, common_lines=repeated
    ).is_near_duplicate
    assert (
        near_duplicates.repeated_lines(one, set(shingles.shingle_hashes(one.lines[1])))
        == repeated
    )


WEATHER = """The weather in {} will be {} today with a high of {} degrees and a low of {} degrees. Winds will blow from the {} at {} km/h.
The chance of rain is {} percent. Tomorrow will be similar with temperatures reaching {} degrees in the afternoon.
The sun rises at {}:{} and sets at {}:{}. Drivers are advised to take care on the roads in the morning, and again at night."""


def test_templates_with_other_numbers_are_no_near_duplicates() -> None:
    one = WEATHER.format("Leeds", "sunny", 21, 9, "west", 13, 20, 23, 6, 14, 19, 31)
    other = WEATHER.format("Leeds", "sunny", 17, 5, "west", 22, 70, 16, 6, 16, 19, 28)
    assert not same(one, other, "Weather in Leeds", "Weather in Leeds")
    assert same(one, one, "Weather in Leeds", "Weather in Leeds")
    assert not same(one, one, "Weather in Leeds", "Weather in Leeds", days=14)


def test_templates_with_other_names_are_no_near_duplicates() -> None:
    text = """The inspectors found that {0} keeps all the rules of the county for a house of its kind, and that the staff of {0} is kind and patient.
Those who live at {0} told the inspectors that they choose what they eat, and the cook of {0} asks them each week what they would like.
The garden of {0} is open to all, and the manager of {0} hopes for a new roof. The next visit of the inspectors to {0} is in two years.
Families are welcome at {0} at any time of the day, and the letter of the inspectors to {0} can be read in the town hall of the place."""
    assert not same(text.format("Elmwood"), text.format("Ashgrove"))


def test_chinese_and_arabic() -> None:
    one = "据报道，市议会周二晚间通过了明年的预算案。\n预算中有四百二十万用于学校，三十一万用于图书馆，其余用于下城的游泳池。\n反对党在表决前离开了会场，其领导人称这是没有尊严的一夜。\n市长说她为这一晚等了十一年，港口的工程将在九月开始，居民已经收集了两千个签名反对。"
    assert same(one, one.replace("市长说", "市长表示") + "\n（编辑：王明）")
    assert not same(
        one,
        "台风周末将登陆南部沿海，气象部门已发布橙色预警，渔船全部回港避风。\n多个航班取消，学校停课两天，当局提醒居民储备饮用水和食物，远离海边。",
    )
    two = "صوت المجلس البلدي مساء الثلاثاء على ميزانية المدينة بعد نقاش استمر حتى الفجر.\nوتخصص الميزانية أربعة ملايين للمدارس وثلاثمئة ألف للمكتبة العامة في المدينة القديمة.\nوغادرت المعارضة القاعة قبل التصويت وقالت زعيمتها إنها ليلة بلا كرامة لأهل المدينة."
    assert same(
        two,
        two.replace("الثلاثاء", "أمس") + "\n(أ ف ب)",
        "المجلس يصوت على الميزانية",
        "المجلس يصوت على الميزانية",
    )


def test_shares() -> None:
    comparison = near_duplicates.compare(
        near_duplicates.tokenise("", REPORT),
        near_duplicates.tokenise("", REPORT + "\n" + FOREIGN),
    )
    assert comparison.share_of_first == 1.0 and 0.5 < comparison.share_of_second < 0.7
    overlaps = copied_words.line_overlaps(
        near_duplicates.tokenise("", REPORT + "\n" + FOREIGN),
        near_duplicates.tokenise("", REPORT),
    )
    assert [share > 0.5 for _, share in overlaps] == [True] * 6 + [False] * 4


@pytest.mark.parametrize(
    ("name", "least", "precise", "step"),
    [("wire", 0.97, 0.95, 23), ("reuters", 0.93, 0.92, 7)],
)
def test_labelled_pairs(
    corpora: Path, name: str, least: float, precise: float, step: int
) -> None:
    folder = corpora / "duplicates"
    texts = {}
    for line in (
        gzip.decompress((folder / f"{name}.jsonl.gz").read_bytes())
        .decode()
        .splitlines()
    ):
        one = json.loads(line)
        texts[one["id"]] = (one["title"], one["text"].replace("\n    ", "\r").replace("\n", " ").replace("\r", "\n") if name == "reuters" else one["text"], one.get("at", "")[:10])  # fmt: skip
    path = folder / f"{name}-pairs.jsonl"
    body = (
        path.read_bytes()
        if path.exists()
        else gzip.decompress(Path(f"{path}.gz").read_bytes())
    )
    pairs = [json.loads(line) for line in body.decode().splitlines()]
    hits = {True: 0, False: 0}
    wanted = [pair for pair in pairs[::step] if pair.get("kind") != "rewrite_heavy"]
    for pair in wanted:
        one, other = texts[pair["a"]], texts[pair["b"]]
        days = abs(int(one[2][8:] or 0) - int(other[2][8:] or 0)) + 30 * abs(
            int(one[2][5:7] or 0) - int(other[2][5:7] or 0)
        )
        if near_duplicates.compare(
            near_duplicates.tokenise(*one[:2]),
            near_duplicates.tokenise(*other[:2]),
            days,
        ).is_near_duplicate:
            hits[pair["same"]] += 1
    positive = sum(pair["same"] for pair in wanted)
    assert 2 * hits[True] / (hits[True] + hits[False] + positive) >= least, hits
    assert hits[True] / (hits[True] + hits[False]) >= precise, hits


@pytest.mark.parametrize("empty", ["", " \n\n", "\u2003"])
def test_a_text_without_words_is_nobodys_copy(empty: str) -> None:
    nothing = near_duplicates.tokenise("T", empty)
    some = near_duplicates.tokenise("T", "The ferry will not sail this week.")
    for pair in ((nothing, some), (some, nothing), (nothing, nothing)):
        assert not near_duplicates.compare(*pair).is_near_duplicate
