"""What a page is: invented pages in many languages, and real articles.

No real article may be classified as anything else.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from harvester.model import Extract, Rules
from harvester.parse.article import read_article
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.kinds import kind
from harvester.parse.metadata import page_metadata

AT = "2025-09-06T08:12:45Z"
NAVIGATION = (
    "<header><a href='/'>{site}</a><nav>"
    + "".join(
        f"<a href='/{name}'>{name.title()}</a>"
        for name in ("politics", "world", "sport", "culture", "subscribe", "login")
    )
    + "</nav></header>"
)
FOOTER = (
    "<footer><a href='/imprint'>Imprint</a> <a href='/privacy'>Privacy</a> <a "
    "href='/cookies'>Cookies</a> © Courier</footer>"
)
PROSE = {
    "en": (
        "The council of the town voted last night to repair the old bridge over the "
        "river, which was closed after the flood in March. "
    ),
    "fr": (
        "Le conseil municipal a voté hier soir la réparation du vieux pont sur la "
        "rivière, fermé depuis la crue du mois de mars. "
    ),
    "de": (
        "Der Rat der Stadt stimmte gestern Abend für die Reparatur der alten Brücke "
        "über den Fluss, die seit dem Hochwasser gesperrt ist. "
    ),
    "es": (
        "El ayuntamiento votó anoche a favor de reparar el viejo puente sobre el "
        "río, cerrado desde la inundación de marzo pasado. "
    ),
    "it": (
        "Il consiglio comunale ha votato ieri sera la riparazione del vecchio ponte "
        "sul fiume, chiuso dopo la piena di marzo. "
    ),
    "ja": "町議会は昨夜、三月の洪水の後に閉鎖されていた川の古い橋を修理することを賛成多数で決めた。工事は来月に始まる予定である。",
    "nl": (
        "De gemeenteraad stemde gisteravond voor de reparatie van de oude brug over "
        "de rivier, die sinds de overstroming dicht is. "
    ),
    "pt": (
        "A câmara votou ontem à noite a reparação da velha ponte sobre o rio, "
        "fechada desde a cheia do mês de março passado. "
    ),
}


def page(
    title: str, body: str, head: str = "", site: str = "The Courier", frame: bool = True
) -> bytes:
    before, after = (NAVIGATION.format(site=site), FOOTER) if frame else ("", "")
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title>"
        f"{head}</head>"
        f"<body>{before}<main>{body}</main>{after}</body></html>"
    ).encode()


def read(
    body: bytes, url: str = "https://courier.example/2025/bridge-repair"
) -> Extract:
    return read_article(
        body, url, (("Content-Type", "text/html; charset=utf-8"),), Rules(), AT
    )


def paragraphs(language: str, count: int) -> str:
    return "".join(
        f"<p>{PROSE[language]}{n}. {PROSE[language]}</p>" for n in range(count)
    )


def ld(**fields: object) -> str:
    node = {"@context": "https://schema.org", **fields}
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


ERRORS = {
    "en": (
        "Page not found | The Courier",
        "Page not found",
        "Sorry, we couldn't find the page you are looking for. It may have been moved.",
    ),
    "en-404": (
        "404 - The Courier",
        "404",
        (
            "The page you requested does not exist. Try the search, or go back to "
            "the home page."
        ),
    ),
    "en-oops": (
        "The Courier",
        "Oops! That page can’t be found.",
        (
            "It looks like nothing was found at this location. Maybe try one of the "
            "links below?"
        ),
    ),
    "en-500": (
        "500 Internal Server Error",
        "Internal Server Error",
        "The server is temporarily unable to service your request.",
    ),
    "en-gone": (
        "The Courier",
        "This article is no longer available",
        "Our licence for this story has ended. Read our latest stories.",
    ),
    "fr": (
        "Page introuvable - Le Courrier",
        "Page introuvable",
        (
            "La page que vous recherchez n’existe plus ou a été déplacée. Retournez "
            "à l’accueil."
        ),
    ),
    "fr-404": (
        "Erreur 404",
        "Cette page n’existe pas",
        "L’adresse demandée est peut-être erronée, ou la page a été supprimée du site.",
    ),
    "de": (
        "Seite nicht gefunden – Der Bote",
        "Seite nicht gefunden",
        (
            "Die gesuchte Seite konnte leider nicht gefunden werden. Vielleicht "
            "hilft die Suche."
        ),
    ),
    "de-wartung": (
        "Wartungsarbeiten",
        "Wartungsarbeiten",
        (
            "Unsere Seite ist wegen Wartungsarbeiten in Kürze wieder für Sie da. Wir "
            "bitten um Geduld."
        ),
    ),
    "es": (
        "Página no encontrada | El Correo",
        "Página no encontrada",
        (
            "La página que buscas no existe o ha cambiado de dirección. Vuelve a la "
            "portada."
        ),
    ),
    "it": (
        "Pagina non trovata",
        "Pagina non trovata",
        (
            "La pagina che stai cercando non esiste più o è stata spostata. Torna "
            "alla home."
        ),
    ),
    "pt": (
        "Página não encontrada",
        "Página não encontrada",
        (
            "A página que você procura não existe ou foi removida do nosso site de "
            "notícias."
        ),
    ),
    "nl": (
        "Pagina niet gevonden",
        "Pagina niet gevonden",
        (
            "De pagina die u zoekt bestaat niet meer of is verplaatst naar een ander "
            "adres."
        ),
    ),
    "ja": (
        "ページが見つかりません | 川新聞",
        "ページが見つかりません",
        "お探しのページは移動または削除された可能性があります。トップページからお探しください。",
    ),
    "pl": (
        "Nie znaleziono strony",
        "Nie znaleziono strony",
        "Strona, której szukasz, została usunięta lub przeniesiona pod inny adres.",
    ),
    "ru": (
        "Страница не найдена",
        "Страница не найдена",
        "Запрашиваемая вами страница была удалена или перенесена по другому адресу.",
    ),
    "sv": (
        "Sidan hittades inte",
        "Sidan hittades inte",
        (
            "Sidan du letar efter finns inte längre eller har flyttats till en annan "
            "adress."
        ),
    ),
    "ko": (
        "페이지를 찾을 수 없습니다",
        "페이지를 찾을 수 없습니다",
        "요청하신 페이지가 삭제되었거나 주소가 변경되었습니다. 첫 화면으로 돌아가 주세요.",
    ),
    "zh": (
        "页面不存在",
        "页面不存在",
        "您访问的页面已被删除或者地址已经更改，请返回首页继续浏览其他内容。",
    ),
}

CONSENTS = {
    "en": (
        "Before you continue",
        (
            "We and our 812 partners store and/or access information on a device, "
            "such as cookies, to show personalised ads and content. Accept all or "
            "manage preferences; you can withdraw at any time."
        ),
    ),
    "en-plain": (
        "The Courier",
        (
            "We and our 812 partners use cookies and similar technologies to process "
            "personal data and show personalised ads. Some partners rely on their "
            "legitimate interest. Accept all, reject all or manage options."
        ),
    ),
    "fr": (
        "Le respect de votre vie privée est notre priorité",
        (
            "Avec votre accord, nos 812 partenaires et nous utilisons des cookies "
            "pour afficher des publicités personnalisées. Accepter et continuer, ou "
            "continuer sans accepter. Vous pouvez retirer votre consentement."
        ),
    ),
    "fr-plain": (
        "Le Courrier",
        (
            "Nos 812 partenaires et nous stockons et/ou accédons à des informations "
            "pour vous proposer des publicités personnalisées, sur la base de votre "
            "consentement ou d'un intérêt légitime. Tout accepter. Tout refuser."
        ),
    ),
    "de": (
        "Weiterlesen mit Werbung",
        (
            "Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Wir und unsere "
            "812 Partner verarbeiten Daten für personalisierte Werbung. Ihre "
            "Einwilligung können Sie jederzeit widerrufen. Akzeptieren und weiter."
        ),
    ),
    "es": (
        "Tu privacidad es importante",
        (
            "Nosotros y nuestros 812 socios utilizamos cookies para mostrar "
            "publicidad personalizada. Aceptar y continuar, o rechazar y "
            "suscribirse. Algunos se basan en un interés legítimo."
        ),
    ),
    "it": (
        "La tua privacy è importante",
        (
            "Noi e i nostri 812 partner utilizziamo cookie per mostrare annunci "
            "personalizzati, anche per legittimo interesse. Accetta e continua, "
            "oppure rifiuta e abbonati al nostro giornale."
        ),
    ),
    "nl": (
        "Voordat je verdergaat",
        (
            "Wij en onze 812 partners gebruiken cookies om gepersonaliseerde "
            "advertenties te tonen, soms op grond van gerechtvaardigd belang. Alles "
            "accepteren of alles weigeren."
        ),
    ),
    "ja": (
        "プライバシー設定",
        "当社とパートナー企業はクッキーを使用して、お客様に合わせた広告を表示します。すべて許可、またはすべて拒否を選択してください。設定はいつでも変更できます。",
    ),
}

ROBOTS = {
    "en": (
        "Just a moment...",
        (
            "Checking your browser before accessing courier.example. Enable "
            "JavaScript and cookies to continue."
        ),
    ),
    "en-denied": (
        "Access Denied",
        (
            "You don't have permission to access this server. Reference "
            "#18.d4e1202.17735179"
        ),
    ),
    "en-human": (
        "courier.example",
        (
            "Please verify you are a human. Press & Hold to confirm you are a human "
            "and not a bot."
        ),
    ),
    "en-interruption": (
        "Pardon Our Interruption",
        (
            "As you were browsing something about your browser made us think you "
            "were a bot."
        ),
    ),
    "fr": (
        "Un instant…",
        (
            "Vérifiez que vous êtes humain en complétant l’action ci-dessous. La "
            "page s’affichera ensuite."
        ),
    ),
    "de": (
        "Einen Moment, bitte",
        (
            "Wir prüfen, dass Sie kein Roboter sind. Das dauert nur wenige Sekunden. "
            "Danke für Ihre Geduld."
        ),
    ),
    "ja": (
        "アクセスが拒否されました",
        "あなたがロボットではないことを確認しています。しばらくお待ちください。",
    ),
    "region": (
        "The Courier",
        (
            "We recognize you are attempting to access this website from a country "
            "belonging to the European Economic Area (EEA) and therefore access "
            "cannot be granted at this time."
        ),
    ),
}

LOGINS = {
    "en": (
        "Log in - The Courier",
        "Log in",
        "Forgot your password? Don't have an account? Create one.",
    ),
    "fr": (
        "Connexion",
        "Connectez-vous à votre compte",
        "Mot de passe oublié ? Pas encore inscrit ?",
    ),
    "de": (
        "Anmelden | Der Bote",
        "Anmelden",
        "Passwort vergessen? Noch kein Konto? Jetzt registrieren.",
    ),
    "es": (
        "Iniciar sesión",
        "Iniciar sesión",
        "¿Has olvidado tu contraseña? Regístrate.",
    ),
    "it": ("Accedi", "Accedi", "Password dimenticata? Non hai un account?"),
    "ja": ("ログイン | 川新聞", "ログイン", "パスワードを忘れた方はこちら"),
    "nl": ("Inloggen", "Inloggen", "Wachtwoord vergeten?"),
    "pl": ("Zaloguj się", "Zaloguj się", "Nie pamiętasz hasła?"),
}

PROMPTS = {
    "en": "Subscribe to continue reading this article. Already a subscriber? Log in.",
    "en-this": "This article is for subscribers only. Start your free trial today.",
    "fr": "Il vous reste 76 % de cet article à lire. La suite est réservée aux abonnés.",
    "fr-abo": (
        "Article réservé aux abonnés. Déjà abonné ? Identifiez-vous pour lire la suite."
    ),
    "de": (
        "Sie möchten weiterlesen? Jetzt weiterlesen mit dem Probeabo. Bereits Abonnent?"
    ),
    "de-plus": (
        "Dieser Artikel ist exklusiv für Abonnenten. Testen Sie unser Angebot vier "
        "Wochen lang."
    ),
    "es": "Suscríbete para seguir leyendo. ¿Ya eres suscriptor? Inicia sesión.",
    "it": "Abbonati per continuare a leggere. Sei già abbonato? Accedi.",
    "ja": "この記事は有料会員限定です。残り1,234文字。続きを読むにはログインしてください。",
    "nl": "Lees verder met een abonnement. Al abonnee? Log in.",
    "pt": "Assine para continuar lendo. Conteúdo exclusivo para assinantes.",
}


@pytest.mark.parametrize("case", ERRORS)
@pytest.mark.parametrize("frame", [True, False])
def test_error_pages(case: str, frame: bool) -> None:
    title, heading, text = ERRORS[case]
    extract = read(page(title, f"<h1>{heading}</h1><p>{text}</p>", frame=frame))
    assert extract.kind == "error" and extract.why


@pytest.mark.parametrize("case", CONSENTS)
def test_consent_walls(case: str) -> None:
    title, text = CONSENTS[case]
    extract = read(
        page(title, f"<h1>{title}</h1><p>{text}</p><button>OK</button>", frame=False)
    )
    assert extract.kind == "wall" and extract.why


@pytest.mark.parametrize("case", ROBOTS)
def test_bot_checks(case: str) -> None:
    title, text = ROBOTS[case]
    assert (
        read(page(title, f"<h1>{title}</h1><p>{text}</p>", frame=False)).kind == "wall"
    )


@pytest.mark.parametrize("case", LOGINS)
@pytest.mark.parametrize("frame", [True, False])
def test_login_pages(case: str, frame: bool) -> None:
    title, heading, text = LOGINS[case]
    form = (
        "<form><input type='email'><input type='password'><button>OK</button><p>"
        f"{text}</p></form>"
    )
    assert (
        read(
            page(title, f"<h1>{heading}</h1>{form}", frame=frame),
            "https://courier.example/a",
        ).kind
        == "login"
    )


@pytest.mark.parametrize("case", PROMPTS)
@pytest.mark.parametrize("marked", [True, False])
def test_stubs(case: str, marked: bool) -> None:
    language = case[:2]
    head = (
        ld(
            **{
                "@type": "NewsArticle",
                "headline": "The bridge",
                "isAccessibleForFree": "False",
            }
        )
        if marked
        else ""
    )
    body = (
        f"<article><h1>The bridge</h1>{paragraphs(language, 2)}<div class='offer'><p>"
        f"{PROMPTS[case]}</p></div></article>"
    )
    extract = read(page("The bridge", body, head))
    assert (extract.kind, extract.access) == ("stub", "paywalled")
    assert PROSE[language][:40] in extract.text  # it is kept


@pytest.mark.parametrize("case", PROMPTS)
def test_a_whole_article_with_a_subscription_prompt_is_an_article(case: str) -> None:
    body = (
        f"<article><h1>The bridge</h1>{paragraphs(case[:2], 20)}<div class='offer'>"
        f"<p>{PROMPTS[case]}</p></div></article>"
    )
    assert read(page("The bridge", body)).kind == "article"


def test_a_subscription_wall_without_any_of_the_article() -> None:
    extract = read(
        page("The Courier", f"<h1>The Courier</h1><p>{PROMPTS['en']}</p>", frame=False)
    )
    assert extract.kind == "wall"


@pytest.mark.parametrize("language", PROSE)
def test_a_list_of_articles(language: str) -> None:
    teasers = "".join(
        (
            f"<article><h2><a href='/a{n}'>{n} {PROSE[language][:60]}</a></h2><p>"
            f"{n}: {PROSE[language][20:70]}…</p></article>"
        )
        for n in range(15)
    )
    assert (
        read(page("World news", teasers), "https://courier.example/world").kind
        == "index"
    )


def test_a_declared_front_page() -> None:
    teasers = "".join(
        (
            f"<div><h3><a href='/a{n}'>Bridge number {n} is repaired at last</a></h3>"
            f"<p>{PROSE['en']}</p></div>"
        )
        for n in range(12)
    )
    head = ld(**{"@type": "CollectionPage", "name": "World"})
    assert (
        read(page("World", teasers, head), "https://courier.example/section/world").kind
        == "index"
    )


def test_a_live_blog_and_its_posts() -> None:
    posts = [
        ("2025-09-06T07:00:00Z", "First post"),
        ("2025-09-06T07:30:00+02:00", "Second post"),
        ("", "Third post"),
    ]
    updates = [
        {
            "@type": "BlogPosting",
            "headline": title,
            "datePublished": at,
            "articleBody": PROSE["en"] + title,
        }
        for at, title in posts
    ]
    head = ld(
        **{
            "@type": "LiveBlogPosting",
            "headline": "The flood",
            "coverageStartTime": AT,
            "liveBlogUpdate": updates,
        }
    )
    body = "<h1>The flood</h1>" + "".join(
        f"<div><h3>{title}</h3><p>{PROSE['en']}{title} {n}.</p>{paragraphs('en', 2)}</div>"
        for n, (_, title) in enumerate(posts)
    )
    extract = read(page("The flood", body, head))
    assert extract.kind == "live"
    assert [(post.at, post.title) for post in extract.parts] == [
        ("2025-09-06T07:00:00Z", "First post"),
        ("2025-09-06T05:30:00Z", "Second post"),
        ("", "Third post"),
    ]
    lines = extract.text.split("\n")
    assert [lines[post.line] for post in extract.parts] == [title for _, title in posts]


def test_posts_without_json_ld() -> None:
    posts = "".join(
        (
            f"<article class='live-post'><time datetime='2025-09-06T0{n}:00:00Z'>"
            f"0{n}:00</time><h3>Hour {n} of the flood</h3><p>{n}. {PROSE['en']}</p>"
            "</article>"
        )
        for n in range(1, 8)
    )
    extract = read(
        page("The flood", f"<h1>The flood</h1>{posts}"),
        "https://courier.example/live/the-flood",
    )
    assert extract.kind == "live"
    assert [post.at for post in extract.parts] == [
        f"2025-09-06T0{n}:00:00Z" for n in range(1, 8)
    ]


def test_a_gallery() -> None:
    figures = "".join(
        (
            f"<figure><img src='/{n}.jpg'><figcaption>{n}. The old bridge over the "
            "river, seen from the east.</figcaption></figure>"
        )
        for n in range(12)
    )
    assert (
        read(
            page("The bridge in pictures", f"<h1>The bridge in pictures</h1>{figures}"),
            "https://courier.example/gallery/bridge",
        ).kind
        == "gallery"
    )


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            ld(
                **{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": True}
            ),
            "free",
        ),
        (
            ld(
                **{
                    "@type": "NewsArticle",
                    "headline": "x",
                    "isAccessibleForFree": "False",
                }
            ),
            "paywalled",
        ),
        (
            ld(
                **{
                    "@type": "NewsArticle",
                    "headline": "x",
                    "isAccessibleForFree": "http://schema.org/False",
                }
            ),
            "paywalled",
        ),
        (
            ld(
                **{
                    "@type": "Article",
                    "headline": "x",
                    "hasPart": {
                        "@type": "WebPageElement",
                        "isAccessibleForFree": "False",
                        "cssSelector": ".paid",
                    },
                }
            ),
            "paywalled",
        ),
        ("<meta property='article:content_tier' content='metered'>", "metered"),
        ("<meta property='article:content_tier' content='locked'>", "paywalled"),
        ("<meta property='article:content_tier' content='free'>", "free"),
        ("", "unknown"),
    ],
)
def test_declared_access(head: str, expected: str) -> None:
    extract = read(
        page(
            "The bridge",
            f"<article><h1>The bridge</h1>{paragraphs('en', 12)}</article>",
            head,
        )
    )
    assert (extract.kind, extract.access) == ("article", expected)


@pytest.mark.parametrize(
    "title",
    [
        "404 people rescued from the flood",
        "Access denied: how the town lost its bridge",
        "Login data of 3,000 readers stolen",
        "Cookies: what the new law says",
        "Page not found: the history of an error",
        "Just a moment: an hour with the ferryman",
        "Wartungsarbeiten an der Brücke dauern länger",
    ],
)
def test_articles_about_errors_and_logins_are_articles(title: str) -> None:
    body = (
        f"<article><h1>{title}</h1><p>{title}. We use cookies, said the mayor; "
        f"accept all, said the council.</p>{paragraphs('en', 4)}</article>"
    )
    assert read(page(f"{title} | The Courier", body)).kind == "article"


def test_a_short_notice_is_an_article() -> None:
    assert (
        read(
            page(
                "Bridge closed",
                f"<article><h1>Bridge closed</h1><p>{PROSE['en']}</p></article>",
            )
        ).kind
        == "article"
    )


def test_hostile_pages_take_little_time() -> None:
    import time

    story = "<div><h2><a href='/x'>Bridge number one is repaired</a></h2>"
    bodies = [
        story * 20_000,
        "<h2><a href='/x'>Bridge number one is repaired</a></h2>" * 400
        + "<p>words and words</p>" * 100_000,
        "<div class=paid>" * 20_000 + "words " * 100_000,
        "<a href='/x'>" * 50_000,
        "<p>subscribe to " * 50_000,
        "<time>1</time>" * 50_000,
        "we use cookies " * 50_000,
    ]
    for body in bodies:
        tree = parse_html(page("Error", body).decode())
        assert tree is not None
        metadata = page_metadata.extract_metadata(
            tree, "https://courier.example/live/", AT
        )
        for text in ("x", body[:2_000_000]):
            started = time.process_time()
            kind.classify_page(tree, metadata, "https://courier.example/live/", text)
            assert time.process_time() - started < 1.5


def _real_articles(corpora: Path, step: int) -> list[tuple[str, dict[str, Any], bytes]]:
    articles = []
    for folder in sorted((corpora / "pages").iterdir()):
        lines = (folder / "truth.jsonl").read_text(encoding="utf-8").split("\n")
        for text in lines[::step]:
            record = json.loads(text or '{"truth": {}}')
            if len(str(record["truth"].get("text", "")).split()) > 250:
                articles.append(
                    (
                        f"{folder.name}/{record['file']}",
                        record,
                        gzip.decompress((folder / record["file"]).read_bytes()),
                    )
                )
    return articles


def test_real_articles_are_articles(corpora: Path) -> None:
    """Articles with a long true text are no wall, login, error, stub or index."""
    wrong = []
    for name, record, body in _real_articles(corpora, 4):
        url = str(record["url"] or "https://courier.example/a")
        tree = parse_html(decode(body, ""))
        assert tree is not None
        classification = kind.classify_page(
            tree,
            page_metadata.extract_metadata(tree, url, AT),
            url,
            str(record["truth"]["text"]),
        )
        if classification.kind not in ("article", "live", "gallery"):
            wrong.append((name, classification))
    assert not wrong


TEASER_BOXES = {
    "a list": "<h3>Most read by subscribers</h3>",
    "a list in French": "<h3>Les plus lus par nos abonnés</h3>",
    "a list in German": "<h3>Meistgelesen mit Abo</h3>",
    "labels": "<p>Article réservé aux abonnés</p>",
    "labels in German": "<p>Artikel exklusiv für Abonnenten</p>",
}


@pytest.mark.parametrize("case", TEASER_BOXES)
@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("is_marked", [True, False])
def test_a_box_of_other_articles_says_nothing_of_this_one(
    case: str, place: str, is_marked: bool
) -> None:
    teasers = "".join(
        f"{TEASER_BOXES[case] if 'label' in case else ''}"
        f"<p><a href='/2025/{n}'>Headline number {n} about the harbour</a></p>"
        for n in range(4)
    )
    box = f"<div>{'' if 'label' in case else TEASER_BOXES[case]}{teasers}</div>"
    article = f"<article><h1>The bridge</h1>{paragraphs('en', 1)}</article>"
    head = ld(**{"@type": "NewsArticle", "headline": "The bridge"})
    tier = "<meta name='article:content_tier' content='locked'>" if is_marked else ""
    body = f"{box}{article}" if place == "before" else f"{article}{box}"
    assert read(page("The bridge", body, head + tier)).kind == "article"


def test_the_offer_below_a_stub_is_no_text() -> None:
    body = (
        f"<article><h1>The bridge</h1>{paragraphs('en', 2)}<div class='paywall'>"
        "<h3>Subscribe to read on</h3><p>You have reached the end of the preview. Get "
        "unlimited access for one crown a week.</p></div></article>"
    )
    extract = read(page("The bridge", body))
    assert extract.kind == "stub"
    assert "unlimited" not in extract.text and "Subscribe" not in extract.text
