"""What frames an article is stripped, and what only looks like it stays."""

from __future__ import annotations

import pytest

from harvester.parse.content.lines import strip_frame, strip_offer

PARAGRAPHS = [
    (
        "The committee met on Monday, and its chair said that we have to stop "
        "thinking that we are alone in the room, before leaving."
    ),
    (
        "Later in the day the minister answered that nobody had been told of the "
        "plan, which was first proposed eleven years ago."
    ),
    (
        "A vote is expected in the spring, when both houses will have read the "
        "report that the auditors handed in last week."
    ),
]


def test_links_to_other_articles_and_closing_notes() -> None:
    pointers = [
        "READ MORE: Two men held after the fire",
        "Lesen Sie auch: Was jetzt gilt",
        "À lire aussi | Le budget",
        "Advertisement",
    ]
    closings = [
        "Übersetzung: Anna Weber, Redaktion: Jan Koch",
        "Dieser Text erschien zuerst in der Wochenschau.",
        "This is a breaking news story, more to follow",
    ]
    text = [f"{part}: {line}" for part in "ABC" for line in PARAGRAPHS]
    assert strip_frame([*text[:4], *pointers, *text[4:], *closings], "", ()) == text
    own = [
        "Read the report: it is long.",
        "Related work is rare.",
        "Watch him: he will run.",
        "Subscribe to nothing, she said.",
    ]
    assert strip_frame([*text[:4], *own, *text[4:]], "", ()) == [
        *text[:4],
        *own,
        *text[4:],
    ]
    assert strip_frame(pointers, "", ()) == pointers  # nothing else: they are the text


@pytest.mark.parametrize(
    "note",
    [
        "特别声明：以上文章由用户上传，本站只提供存储空间。",
        "Notice: The content above was sent in by a user of this service.",
        "【免责声明】本文仅代表作者个人观点，与本站无关。",
        "未经授权禁止转载、摘编，违者必究。",
        "（责任编辑：王小明）",
        "责任编辑：王小明",
        "[稿源：海湾日报]",
        "The views expressed in this article are the author's own.",
        "Disclaimer: Views and opinions expressed here do not represent those of the paper.",
        "This article does not necessarily reflect the views of our newsroom.",
        "© 2024 Bay News. All rights reserved. No part may be used without consent.",
        "Les opinions exprimées dans cette tribune n'engagent que leurs auteurs.",
        "Dieser Kommentar gibt nicht unbedingt die Meinung der Redaktion wieder.",
        "Las opiniones expresadas en esta columna son de sus autores.",
        "Le opinioni espresse in questo articolo sono dell'autore.",
        "As opiniões expressas neste texto são do autor.",
        "Мнение автора может не совпадать с позицией редакции.",
        "Opinie wyrażone w tekście są opiniami autora.",
        "本記事の無断転載を禁じます。",
        "무단 전재 및 재배포 금지",
        "الآراء الواردة في هذا المقال لا تعبر عن رأي الصحيفة.",
    ],
)
def test_disclaimers_below_the_text(note: str) -> None:
    assert strip_frame([*PARAGRAPHS, note], "", ()) == PARAGRAPHS
    assert strip_frame([*PARAGRAPHS, note, "(AFP)"], "", ()) == PARAGRAPHS
    assert strip_frame([note], "", ()) in ([note], [])  # nothing else


@pytest.mark.parametrize(
    "line",
    [
        "The views expressed by the mayor surprised the whole council on Monday evening.",
        "富士康在一份声明中表示，该事件发生于周一。",
        "Disclaimers are long, the lawyer said, because nobody reads them to the end.",
        "Les opinions des habitants du quartier sont partagées sur le projet du port.",
        "Copyright law is to change next year, the ministry said in the morning.",
        "Мнение жителей города о новом мосте разделилось, показал опрос.",
    ],
)
def test_what_only_looks_like_a_disclaimer_stays(line: str) -> None:
    assert strip_frame([*PARAGRAPHS, line], "", ()) == [*PARAGRAPHS, line]


def test_copies_for_other_screens() -> None:
    assert strip_frame([*PARAGRAPHS, *PARAGRAPHS], "", ()) == PARAGRAPHS
    assert strip_frame([*PARAGRAPHS, "Print", *PARAGRAPHS * 2], "", ()) == [
        *PARAGRAPHS,
        "Print",
    ]
    chinese = [
        f"{line * 3}。"
        for line in ("海湾市议会周二晚投票", "渔民事先没有得到", "市长承诺下周公布")
    ]
    assert strip_frame(chinese * 2, "", ()) == chinese


def test_a_standfirst_that_is_a_paragraph_as_well() -> None:
    assert strip_frame([PARAGRAPHS[2], *PARAGRAPHS], "", ()) == [
        PARAGRAPHS[2],
        *PARAGRAPHS[:2],
        *PARAGRAPHS[3:],
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [*PARAGRAPHS, "Row, row", "the boat", *PARAGRAPHS[:1]],  # said again
        [f"{line} {n}" for n in range(2) for line in ("a", "b", "c", "d")] * 2,
        [*PARAGRAPHS[:3]] * 4,  # a refrain
        [*PARAGRAPHS, "She said:", "And then:", *reversed(PARAGRAPHS[:2])],
    ],
)
def test_what_is_said_twice_stays(lines: list[str]) -> None:
    assert strip_frame(lines, "", ()) == lines


@pytest.mark.parametrize(
    "offer",
    [
        [
            "Subscribe to read on",
            "Get unlimited access for one crown a week.",
            "Subscribe now",
        ],
        ["To continue reading, log in or subscribe."],
        ["Already a subscriber? Log in", "Read the full article for 1 € a month"],
        [
            "Il vous reste 80 % de cet article à lire.",
            "La suite est réservée aux abonnés.",
        ],
        ["Jetzt weiterlesen mit dem Digital-Abo", "1. Monat gratis, jederzeit kündbar"],
        ["この記事は会員限定です。", "登録すると続きをお読みいただけます"],
    ],
)
def test_offers_of_subscriptions_below_the_text(offer: list[str]) -> None:
    assert strip_offer([*PARAGRAPHS, *offer]) == PARAGRAPHS
    assert strip_offer(offer) == offer  # there is nothing else


@pytest.mark.parametrize(
    "ending",
    [
        [
            "The paper has lost a third of its subscribers since the spring, it says in a report."
        ],
        ["Subscribe to our newsletter."],
        ["Tickets are 5 € a day."],
        ["Subscribe to read on", PARAGRAPHS[0]],  # the text goes on
    ],
)
def test_what_is_no_offer_stays(ending: list[str]) -> None:
    assert strip_offer([*PARAGRAPHS, *ending]) == [*PARAGRAPHS, *ending]


@pytest.mark.parametrize(
    "meter",
    [
        "You have 2 free articles left this month.",
        "You’ve only one free story remaining. Subscribe for unlimited access.",
        "3 free articles left",
        "This is your last free article.",
        "Il vous reste 3 articles gratuits ce mois-ci.",
        "Sie haben diesen Monat noch 2 kostenlose Artikel.",
        "Je hebt nog 1 gratis artikel deze maand.",
        "Te quedan 4 artículos gratis este mes.",
        "Ti restano 2 articoli gratuiti.",
        "Você ainda tem 1 matéria grátis neste mês.",
    ],
)
def test_how_many_articles_are_free_is_no_text(meter: str) -> None:
    assert strip_frame([*PARAGRAPHS, meter], "", ()) == PARAGRAPHS
    assert strip_frame([PARAGRAPHS[0], meter, *PARAGRAPHS[1:]], "", ()) == PARAGRAPHS


@pytest.mark.parametrize(
    "line",
    [
        "You have two stories left to tell, the editor said, and one page to fill.",
        "There are three articles of the treaty that nobody has signed.",
        "Only one story was left when the fire was out, the chief said on Friday.",
    ],
)
def test_what_only_begins_like_a_meter_stays(line: str) -> None:
    assert strip_frame([*PARAGRAPHS, line], "", ()) == [*PARAGRAPHS, line]
