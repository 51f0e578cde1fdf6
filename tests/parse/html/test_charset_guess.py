"""Pages and feeds that declare no charset: the text is what was encoded."""

from __future__ import annotations

import json
import time

import pytest

from harvester.parse.feeds.feed import read_feed
from harvester.parse.html.charset import decode

# Charset → language, title and text, in words of our own.
TEXTS = {
    "gbk": [
        (
            "zh",
            "旧桥明年重建",
            "市政府星期四宣布，横跨小河的旧桥将在明年春天重建。工程师说，桥墩已经有了裂缝，"
            "卡车从今天起不能再通过。居民希望新桥有人行道。",
        )
    ],
    "big5": [
        (
            "zh",
            "舊橋明年重建",
            "市政府星期四宣布，橫跨小河的舊橋將在明年春天重建。工程師說，橋墩已經有了裂縫，"
            "卡車從今天起不能再通過。居民希望新橋有人行道。",
        )
    ],
    "shift_jis": [
        (
            "ja",
            "古い橋を来年架け替え",
            "市は木曜日、小川にかかる古い橋を来年の春に架け替えると発表した。技師によると"
            "橋脚にひびが入っており、トラックは今日から通れない。",
        )
    ],
    "euc-jp": [
        (
            "ja",
            "古い橋を来年架け替え",
            "市は木曜日、小川にかかる古い橋を来年の春に架け替えると発表した。技師によると"
            "橋脚にひびが入っており、トラックは今日から通れない。",
        )
    ],
    "euc-kr": [
        (
            "ko",
            "낡은 다리 내년에 새로 짓는다",
            "시는 목요일에 작은 강을 건너는 낡은 다리를 내년 봄에 새로 짓겠다고 밝혔다. "
            "기술자들은 다리 기둥에 금이 가서 오늘부터 트럭이 다닐 수 없다고 말했다.",
        )
    ],
    "cp1250": [
        (
            "pl",
            "Stary most będzie odbudowany",
            "Urząd miasta ogłosił w czwartek, że stary most nad rzeką zostanie wiosną "
            "zbudowany od nowa. Inżynierowie znaleźli pęknięcia i ciężarówki już dziś "
            "nie mogą przejeżdżać.",
        ),
        (
            "cs",
            "Starý most se příští rok postaví znovu",
            "Radnice ve čtvrtek oznámila, že starý most přes řeku bude příští jaro "
            "postaven znovu. Inženýři našli trhliny a nákladní vozy už nesmějí projíždět.",
        ),
        (
            "hu",
            "Jövőre újjáépítik a régi hidat",
            "A város csütörtökön közölte, hogy a kis folyó régi hídját jövő tavasszal "
            "újjáépítik. A mérnökök szerint a pillérek megrepedtek, ezért mától nem "
            "mehetnek át rajta teherautók.",
        ),
    ],
    "iso-8859-2": [
        (
            "pl",
            "Stary most będzie zbudowany jeszcze raz, droższy",
            "Urząd miasta ogłosił w czwartek, że stary most nad rzeką zostanie wiosną "
            "zbudowany od nowa. Inżynierowie znaleźli pęknięcia i ciężarówki już dziś "
            "nie mogą przejeżdżać.",
        )
    ],
    "cp1251": [
        (
            "ru",
            "Старый мост построят заново",
            "Мэрия в четверг объявила, что старый мост через речку весной построят "
            "заново. Инженеры нашли в опорах трещины, и грузовики с сегодняшнего дня по "
            "нему не ездят.",
        ),
        (
            "uk",
            "Старий міст збудують наново",
            "Мерія в четвер оголосила, що старий міст через річку навесні збудують "
            "наново. Інженери знайшли в опорах тріщини, і вантажівки відсьогодні ним не "
            "їздять.",
        ),
    ],
    "koi8-r": [
        (
            "ru",
            "Старый мост построят заново",
            "Мэрия в четверг объявила, что старый мост через речку весной построят "
            "заново. Инженеры нашли в опорах трещины, и грузовики с сегодняшнего дня по "
            "нему не ездят.",
        )
    ],
    "cp1253": [
        (
            "el",
            "Νέα γέφυρα στη θέση της παλιάς",
            "Ο δήμος ανακοίνωσε την Πέμπτη ότι η παλιά γέφυρα του ποταμού θα ξαναχτιστεί "
            "την άνοιξη. Οι μηχανικοί βρήκαν ρωγμές και τα φορτηγά δεν περνούν πια.",
        )
    ],
    "cp1254": [
        (
            "tr",
            "Eski köprü yeniden yapılacak",
            "Belediye perşembe günü, küçük ırmağın üzerindeki eski köprünün gelecek "
            "ilkbaharda yeniden yapılacağını açıkladı. Mühendisler ayaklarda çatlak buldu.",
        )
    ],
    "cp1255": [
        (
            "he",
            "הגשר הישן ייבנה מחדש",
            "העירייה הודיעה ביום חמישי כי הגשר הישן מעל הנחל ייבנה מחדש באביב הבא. "
            "המהנדסים מצאו סדקים בעמודים ומשאיות אינן רשאיות לעבור בו מהיום.",
        )
    ],
    "cp1256": [
        (
            "ar",
            "إعادة بناء الجسر القديم",
            "أعلنت البلدية يوم الخميس أن الجسر القديم فوق النهر الصغير سيعاد بناؤه في "
            "الربيع المقبل. ووجد المهندسون شقوقا في الأعمدة، ولا يسمح للشاحنات بالمرور.",
        )
    ],
    "cp1252": [
        (
            "fr",
            "Le vieux pont sera reconstruit l’été prochain",
            "La mairie a annoncé jeudi que le vieux pont serait reconstruit à l’été. Les "
            "ingénieurs ont trouvé des fissures ; « c’est grave », a déclaré le maire, "
            "dont l’œuvre coûtera 300 000 €.",
        ),
        (
            "de",
            "Die alte Brücke wird größer",
            "Das Rathaus kündigte am Donnerstag an, die alte Brücke über den Bach im "
            "Frühjahr neu zu bauen. Ingenieure fanden Risse – „gefährlich für Lkw“, "
            "hieß es. Fußgänger dürfen weiter hinüber.",
        ),
        (
            "es",
            "El viejo puente será reconstruido el año próximo",
            "El ayuntamiento anunció el jueves que el viejo puente sobre el río será "
            "reconstruido en primavera. ¿Quién lo pagará? Los ingenieros vieron grietas.",
        ),
        (
            "sv",
            "Gamla bron får en efterträdare",
            "Kommunen meddelade på torsdagen att den gamla bron över ån ska byggas om "
            "nästa vår. Ingenjörerna såg sprickor och lastbilar får inte längre köra över.",
        ),
        (
            "pt",
            "A velha ponte será reconstruída",
            "A câmara anunciou na quinta-feira que a velha ponte será reconstruída na "
            "próxima primavera. Os engenheiros acharam fissuras; não há outra ligação.",
        ),
        (
            "da",
            "Den gamle bro bliver bygget om på ny",
            "Kommunen meddelte torsdag, at den gamle bro over åen skal bygges om næste "
            "forår. Ingeniørerne så revner, og lastbiler må ikke længere køre over.",
        ),
    ],
}
CASES = [(charset, *text) for charset, texts in TEXTS.items() for text in texts]


def article(title: str, text: str, root: str = "<html>") -> str:
    return (
        f"<!DOCTYPE html>{root}<head><title>{title}</title><script>let a = 1 < 2;</script>"
        f"</head><body><a href='/'>Home</a><h1>{title}</h1><p>{text}</p>"
        "<footer>&copy; 2024 Creek Gazette</footer></body></html>"
    )


@pytest.mark.parametrize(("charset", "language", "title", "text"), CASES)
def test_an_article(charset: str, language: str, title: str, text: str) -> None:
    page = article(title, text)
    assert decode(page.encode(charset), "text/html") == page


@pytest.mark.parametrize(("charset", "language", "title", "text"), CASES)
def test_a_page_of_a_title_with_its_language(
    charset: str, language: str, title: str, text: str
) -> None:
    page = article(title, "", f"<html lang='{language}'>")
    assert decode(page.encode(charset), "") == page


@pytest.mark.parametrize(("charset", "language", "title", "text"), CASES)
def test_feeds(charset: str, language: str, title: str, text: str) -> None:
    rss = (
        "<rss version='2.0'><channel><title>Creek Gazette</title><item>"
        f"<title>{title}</title><link>https://creek.example/bridge</link>"
        f"<description>{text}</description></item></channel></rss>"
    )
    entry = {"id": "1", "title": title, "content_text": text}
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "",
        "items": [entry],
    }
    for body in (rss, json.dumps(feed, ensure_ascii=False)):
        read = read_feed(body.encode(charset), "", "https://creek.example/feed")
        assert [entry.title for entry in read.entries] == [title]


@pytest.mark.parametrize(
    "text",
    [
        "© 2024 Creek Gazette",
        "The café’s owner said “never”",
        "30 ° in the shade, £300",
        "Zürich",
        "São Paulo",
        "Malmö",
        "Müller & Söhne",
        "naïve",
        "señor",
        "Prices rose 5 % – again…",
    ],
)
def test_a_few_bytes_are_western(text: str) -> None:
    page = article("News", text)
    assert decode(page.encode("cp1252"), "") == page


@pytest.mark.parametrize(
    "content_type", ["text/html; charset=windows-1251", "text/html; charset=koi8-r"]
)
def test_a_declared_charset_stays(content_type: str) -> None:
    _, title, text = TEXTS["cp1251"][0]
    page = article(title, text)
    charset = content_type.rpartition("=")[2]
    assert decode(page.encode(charset), content_type) == page


def test_utf_8_comes_first() -> None:
    for charset, _, title, text in CASES:
        page = article(title, text)
        assert decode(page.encode("utf-8"), "") == page, charset


def test_what_scripts_and_markup_hold_does_not_count() -> None:
    _, title, text = TEXTS["cp1251"][0]
    page = article(title, text).encode("cp1251")
    script = b"<script>x = '" + "éàèüöß".encode("cp1252") * 500 + b"'</script>"
    decoded = decode(page.replace(b"</head>", script + b"</head>"), "")
    assert text in decoded


@pytest.mark.parametrize(
    "piece",
    [b"<", b"<script>", b"<!--", b"<a ", b"<html ", b"\xe9", b"a\xe9 ", b"\xa4"],
)
def test_hostile_bytes_take_linear_time(piece: bytes) -> None:
    body = b"\xe9 " + piece * (4_000_000 // len(piece)) + b" "
    start = time.process_time()
    decode(body, "")
    assert time.process_time() - start < 3
