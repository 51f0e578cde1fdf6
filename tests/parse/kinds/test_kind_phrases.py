"""More phrases by which pages say that they are not an article, in their usual frame."""

from __future__ import annotations

import pytest

from harvester.model import Extract, Rules
from harvester.parse.article import read_article

AT = "2025-09-06T08:12:45Z"
PROSE = {
    "en": (
        "The council of the town voted last night to repair the old bridge over the "
        "river, which was closed after the flood. {n} "
    ),
    "fr": (
        "Le conseil municipal a voté hier soir la réparation du vieux pont sur la "
        "rivière, fermé depuis la crue de mars. {n} "
    ),
    "de": (
        "Der Rat der Stadt stimmte gestern Abend für die Reparatur der alten Brücke "
        "über den Fluss, die gesperrt ist. {n} "
    ),
    "es": (
        "El ayuntamiento votó anoche a favor de reparar el viejo puente sobre el "
        "río, cerrado desde la inundación. {n} "
    ),
    "it": (
        "Il consiglio comunale ha votato ieri sera la riparazione del vecchio ponte "
        "sul fiume, chiuso dopo la piena. {n} "
    ),
    "ja": "町議会は昨夜、三月の洪水の後に閉鎖されていた川の古い橋を修理することを賛成多数で決めた。工事は来月に始まる予定である。{n} ",
    "nl": (
        "De gemeenteraad stemde gisteravond voor de reparatie van de oude brug over "
        "de rivier, die gesloten is. {n} "
    ),
    "pt": (
        "A câmara votou ontem à noite a reparação da velha ponte sobre o rio, "
        "fechada desde a cheia de março. {n} "
    ),
}
NAVIGATION = (
    "<header><a href='/'>Courier</a><nav><a href='/world'>World</a><a "
    "href='/subscribe'>Subscribe</a><a href='/login'>Log in</a></nav></header>"
)
FOOTER = (
    "<footer><a href='/imprint'>Imprint</a> <a href='/privacy'>Privacy</a> <a "
    "href='/cookies'>Cookies</a> © Courier</footer>"
)

PROMPTS = [
    (
        "en",
        (
            "Thank you for your patience while we verify access. If you are in "
            "Reader mode please exit and log into your account, or subscribe for all "
            "of The Courier."
        ),
    ),
    (
        "en",
        (
            "Continue reading your article with a Courier subscription. Subscribe "
            "Now. Already a member? Sign In"
        ),
    ),
    ("en", "To Read the Full Story. Subscribe Sign In"),
    (
        "en",
        (
            "Member-only story. The author made this story available to members "
            "only. Create an account to read the full story."
        ),
    ),
    ("en", "This post is for paid subscribers"),
    (
        "en",
        (
            "Keep reading with a 7-day free trial. Subscribe to The Courier to keep "
            "reading this post."
        ),
    ),
    (
        "en",
        "You have reached your limit of free articles. Subscribe for unlimited access.",
    ),
    ("en", "Register for free to continue reading"),
    ("en", "Join now to unlock this story"),
    ("en", "This is a subscriber-only article. Log in or subscribe to read more."),
    ("en", "Read the rest of this article with a free account."),
    (
        "fr",
        "Il vous reste 80.5% de cet article à lire. La suite est réservée aux abonnés.",
    ),
    ("fr", "Cet article est réservé à nos abonnés. Profitez de l'offre à 1 €."),
    ("fr", "Envie de lire la suite ? Abonnez-vous pour 1 € le premier mois"),
    (
        "fr",
        (
            "Contenu réservé aux abonnés. Je m'abonne. Vous êtes déjà abonné ? "
            "Connectez-vous"
        ),
    ),
    ("fr", "Lisez cet article gratuitement en créant un compte."),
    (
        "de",
        (
            "Diesen Artikel weiterlesen mit BOTE+. Sie haben bereits ein "
            "Digital-Abonnement? Hier anmelden"
        ),
    ),
    ("de", "BOTE Plus Artikel mit einem Abo weiterlesen"),
    (
        "de",
        (
            "Zugang zu allen B+Artikeln. 2,95 € / Woche. Jetzt abonnieren. Bereits "
            "registriert?"
        ),
    ),
    ("de", "Jetzt kostenlos registrieren und weiterlesen"),
    ("de", "Lesen Sie den vollständigen Artikel mit unserem Digitalabo."),
    ("de", "Um weiterzulesen, melden Sie sich bitte an."),
    ("es", "Suscríbete para seguir leyendo. Lee sin límites"),
    ("es", "Regístrate gratis para seguir leyendo"),
    ("es", "Este artículo es exclusivo para nuestros suscriptores"),
    ("es", "¿Ya estás suscrito? Inicia sesión. Accede a todo el contenido por 1 euro"),
    (
        "it",
        "Questo contenuto è riservato agli abbonati. Hai già un abbonamento? Accedi",
    ),
    ("it", "Per continuare a leggere questo articolo abbonati a 1 euro al mese"),
    ("ja", "この記事は会員限定です。登録すると続きをお読みいただけます。"),
    (
        "ja",
        "この記事は有料記事です。残り800文字有料会員になると続きをお読みいただけます。",
    ),
    ("ja", "続きは会員登録後にお読みいただけます"),
    ("nl", "Lees verder. Maak een gratis account aan om dit artikel te lezen"),
    ("nl", "Dit artikel is alleen voor abonnees"),
    ("nl", "Wil je dit artikel lezen? Word abonnee vanaf 1 euro"),
    ("pt", "Para ler esta matéria, assine ou faça login"),
    ("pt", "Você já leu todas as matérias liberadas neste mês. Assine já."),
    ("pt", "Este artigo é exclusivo para assinantes. Já é assinante? Entre"),
    ("en", "Läs hela artikeln med ett abonnemang. Logga in om du redan är prenumerant"),
    ("en", "For å lese videre, bli abonnent"),
    ("en", "Les hele saken med abonnement"),
    ("en", "Lue koko juttu tilaajana. Tilaa tästä"),
    ("en", "Ten artykuł jest dostępny tylko dla prenumeratorów"),
    ("en", "Полный текст доступен только подписчикам"),
    ("en", "登录后获取已订阅的阅读权限，成为会员可畅读全文"),
    ("en", "此文章仅限订阅会员阅读"),
    ("en", "이 기사는 유료회원 전용입니다"),
]

CONSENTS = [
    (
        "derBote.at",
        (
            "Willkommen bei derBote. Sie entscheiden, wie Sie unsere Inhalte nutzen "
            "wollen. Mit Cookies lesen: Einverstanden, wir und unsere Partner "
            "verarbeiten Daten für personalisierte Werbung. Oder im PUR-Abo ohne "
            "Tracking, ohne Cookies. Einwilligen und weiter."
        ),
    ),
    (
        "Ouest-Courrier",
        (
            "Avec votre accord, nous et nos 345 partenaires utilisons des cookies ou "
            "technologies similaires pour stocker, consulter et traiter des données "
            "personnelles. Refuser et s'abonner. Accepter."
        ),
    ),
    (
        "Yahoo",
        (
            "Yahoo is part of the Yahoo family of brands. When you use our sites and "
            "apps, we use cookies to provide our sites, authenticate users and "
            "measure your use. If you click 'Accept all', we and our partners will "
            "also store and/or access information. Reject all. Manage privacy "
            "settings."
        ),
    ),
    (
        "Before you continue to Search",
        (
            "We use cookies and data to deliver and maintain services, track outages "
            "and protect against spam. If you choose to Accept all, we will also use "
            "cookies and data to develop new services and show personalised ads."
        ),
    ),
    (
        "Vi värnar om din integritet",
        (
            "Vi och våra partners lagrar och får åtkomst till information på en "
            "enhet, såsom cookies, för att visa personanpassade annonser. Godkänn "
            "alla. Hantera inställningar."
        ),
    ),
    (
        "Nettavisen",
        (
            "Vi og våre 812 partnere lagrer informasjonskapsler for å vise personlig "
            "tilpassede annonser. Godta alle. Administrer valg."
        ),
    ),
    (
        "Dziennik",
        (
            "My i nasi zaufani partnerzy przechowujemy informacje na urządzeniu, "
            "takie jak pliki cookie, w celu wyświetlania spersonalizowanych reklam. "
            "Akceptuję. Ustawienia zaawansowane."
        ),
    ),
    (
        "O Correio",
        (
            "Nós e os nossos 812 parceiros utilizamos cookies para apresentar "
            "anúncios personalizados. Aceitar todos. Rejeitar todos. Gerir opções."
        ),
    ),
    (
        "Choose how to read",
        (
            "Support independent journalism. Read for free with ads and cookies: "
            "accept and continue. Or subscribe to read without personalised "
            "advertising. We and our partners store information on your device."
        ),
    ),
]

ERRORS = [
    ("Whoops! 404", "Whoops! 404", "We looked everywhere."),
    (
        "Courier",
        "Sorry, this page isn't available",
        "The link you followed may be broken.",
    ),
    ("Courier", "We can't find that page", "Sorry about that."),
    (
        "Bote",
        "Diese Seite existiert nicht",
        "Leider haben wir die Seite nicht gefunden.",
    ),
    (
        "Ups",
        "Ups, hier ist etwas schief gelaufen",
        "Bitte versuchen Sie es später erneut.",
    ),
    ("Courrier", "Désolé, cette page n'existe plus", "Retour à l'accueil"),
    ("Courrier", "Contenu indisponible", "Ce contenu n'est plus disponible."),
    ("Correo", "Lo sentimos, no encontramos la página", "Error 404"),
    ("¡Ups! Error 404", "¡Ups! Error 404", "La página no existe."),
    ("Ops", "Ops, pagina non trovata", "torna alla home"),
    ("404 | 川新聞", "404 - ページが見つかりませんでした", "トップへ"),
    ("抱歉", "抱歉，您访问的页面不存在", "返回首页"),
    ("Maintenance", "Site en cours de maintenance", "Nous revenons bientôt."),
    ("Courier", "We'll be back soon", "We're down for maintenance."),
    ("400 Bad Request", "400 Bad Request", "nginx"),
    ("Database Error", "Error establishing a database connection", ""),
    (
        "WordPress › Error",
        "There has been a critical error on this website.",
        "Learn more about troubleshooting WordPress.",
    ),
    (
        "503 Service Temporarily Unavailable",
        "503 Service Temporarily Unavailable",
        "nginx",
    ),
    (
        "Account Suspended",
        "Account Suspended",
        "This Account has been suspended. Contact your hosting provider.",
    ),
    ("Courier", "Article not found", "The article you are looking for does not exist."),
    ("Courier", "Content not available", "This content is not available any more."),
    ("Courier", "Story not found", ""),
    ("Runtime Error", "Server Error in '/' Application.", "Runtime Error"),
    ("Pagina niet beschikbaar", "Deze pagina is niet (meer) beschikbaar", "Ga terug"),
    (
        "Siden finnes ikke",
        "Beklager, vi finner ikke siden",
        "Siden du leter etter finnes ikke.",
    ),
    ("Hoppla", "Hoppla! Diese Seite gibt es nicht (mehr).", "Zur Startseite"),
    ("Ошибка 404", "Ошибка 404: страница не найдена", "На главную"),
    ("Sayfa bulunamadı", "Aradığınız sayfa bulunamadı", "Ana sayfa"),
    ("صفحة", "عذراً، الصفحة غير موجودة", "العودة"),
    ("Courier", "This page could not be found.", "404"),
    ("Courier", "Nothing here", "It looks like nothing was found at this location."),
    ("Lost?", "You seem to be lost", "We couldn't find the page you were looking for."),
    (
        "This story has been removed",
        "This story has been removed",
        "at the request of its author",
    ),
]

ROBOTS = [
    (
        "Just a moment...",
        (
            "Verifying you are human. This may take a few seconds. courier.example "
            "needs to review the security of your connection before proceeding."
        ),
    ),
    (
        "Attention Required! | Cloudflare",
        (
            "Please complete the security check to access courier.example. Why do I "
            "have to complete a CAPTCHA?"
        ),
    ),
    (
        "Sorry, you have been blocked",
        (
            "You are unable to access courier.example. This website is using a "
            "security service to protect itself from online attacks."
        ),
    ),
    ("Bestätigung", "Bitte bestätigen Sie, dass Sie kein Roboter sind"),
    (
        "Vercel Security Checkpoint",
        "We're verifying your browser. Website owner? Click here to fix",
    ),
    (
        "Making sure you're not a bot!",
        "Making sure you're not a bot! Calculating... Difficulty: 4",
    ),
    ("courier.example", "Please enable JS and disable any ad blocker"),
    ("courier.example", "You need to enable JavaScript to run this app."),
    (
        "Accès temporairement restreint",
        (
            "Nous avons détecté une activité inhabituelle. Êtes-vous un robot ? "
            "Glissez vers la droite pour continuer."
        ),
    ),
    ("One more step", "Please complete the security check to access this site"),
    ("安全验证", "请完成安全验证后继续访问"),
    (
        "Courier",
        (
            "Unfortunately, our website is currently unavailable in most European "
            "countries. We are engaged on the issue."
        ),
    ),
    (
        "Bot check",
        "Let's confirm you are human. Complete the security check before continuing.",
    ),
    ("Human Verification", "Confirm you are human"),
]

LOGINS = [
    ("Please log in to continue", "Please log in to continue", "Email Password"),
    ("Einloggen – Mein Bote", "Einloggen", "Benutzername Passwort"),
    ("Se connecter | Courrier", "Se connecter", "Adresse e-mail Mot de passe"),
    ("Iniciar sesión - El Correo", "Inicia sesión en El Correo", "Correo Contraseña"),
    (
        "Welcome back",
        "Welcome back. Sign in to your account",
        "Email Password Remember me",
    ),
    ("Member Login", "Member Login", "Username Password"),
    ("Anmeldung erforderlich", "Anmeldung erforderlich", "E-Mail Passwort"),
    (
        "Log in to your Courier account",
        "Log in to your Courier account",
        "or create one",
    ),
    ("Mein Konto", "Jetzt anmelden", "Passwort vergessen"),
    ("会員ログイン", "会員ログイン", "メールアドレス パスワード"),
    ("Вход", "Войти", "Забыли пароль?"),
    ("Fazer login", "Faça seu login", "Esqueci minha senha"),
    ("Area riservata", "Accedi al tuo account", "Password"),
    (
        "Sign in or create an account",
        "Sign in or create an account to continue",
        "Email",
    ),
]


def read(title: str, body: str, frame: bool = True) -> Extract:
    before, after = (NAVIGATION, FOOTER) if frame else ("", "")
    page = (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title>"
        f"</head><body>{before}<main>{body}</main>{after}</body></html>"
    )
    return read_article(
        page.encode(), "https://courier.example/2025/bridge-repair", (), Rules(), AT
    )


def story(language: str, count: int) -> str:
    return "<h1>The bridge</h1>" + "".join(
        f"<p>{PROSE[language].format(n=n) * 2}</p>" for n in range(count)
    )


@pytest.mark.parametrize(("language", "prompt"), PROMPTS)
@pytest.mark.parametrize(
    "around",
    ["<div class='offer'><p>{}</p></div>", "<aside class='pw'><div>{}</div></aside>"],
)
def test_stubs(language: str, prompt: str, around: str) -> None:
    extract = read(
        "The bridge",
        f"<article>{story(language, 2)}{around.format(prompt)}</article>",
    )
    assert (extract.kind, extract.access) == ("stub", "paywalled")


@pytest.mark.parametrize(("language", "prompt"), PROMPTS)
def test_a_whole_article_with_a_prompt_is_an_article(
    language: str, prompt: str
) -> None:
    extract = read(
        "The bridge",
        (f"<article>{story(language, 16)}<aside><div>{prompt}</div></aside></article>"),
    )
    assert extract.kind == "article"


@pytest.mark.parametrize(
    "offer",
    [
        "Sign up for our newsletter to get the best stories in your inbox.",
        "Inscrivez-vous à notre newsletter pour lire le meilleur de la semaine.",
        "Abonnieren Sie unseren Newsletter und lesen Sie jeden Morgen das Wichtigste.",
        "Log in to read the comments and to join the debate.",
        "Follow us on WhatsApp to read the latest stories.",
    ],
)
def test_a_short_article_with_a_newsletter_offer_is_an_article(offer: str) -> None:
    assert (
        read(
            "The bridge",
            f"<article>{story('en', 2)}<div><p>{offer}</p></div></article>",
        ).kind
        == "article"
    )


@pytest.mark.parametrize(
    "last",
    [
        (
            "The Number Nines have twenty-six members, of whom four could read music "
            "when they began."
        ),
        (
            "Une visite du chantier sera proposée le premier samedi de chaque mois, "
            "sur inscription, après la lecture du projet à la mairie."
        ),
        (
            "Le fonds compte soixante-dix objets, presque tous donnés, et l’on peut "
            "lire la liste à l’entrée."
        ),
        (
            "Wer den Bericht lesen will, muss sich im Rathaus anmelden, denn es gibt "
            "nur ein Exemplar, und das bleibt im Saal der Stadt."
        ),
    ],
)
def test_a_short_article_whose_last_words_only_sound_like_a_prompt(last: str) -> None:
    assert (
        read("The bridge", f"<article>{story('en', 3)}<p>{last}</p></article>").kind
        == "article"
    )


@pytest.mark.parametrize(("title", "text"), CONSENTS)
def test_consent_walls(title: str, text: str) -> None:
    assert (
        read(
            title,
            f"<div class='cmp'><h1>{title}</h1><p>{text}</p><button>OK</button></div>",
            frame=False,
        ).kind
        == "wall"
    )


@pytest.mark.parametrize(("title", "heading", "text"), ERRORS)
@pytest.mark.parametrize("frame", [True, False])
def test_error_pages(title: str, heading: str, text: str, frame: bool) -> None:
    assert read(title, f"<h1>{heading}</h1><p>{text}</p>", frame).kind == "error"


@pytest.mark.parametrize(("title", "text"), ROBOTS)
def test_bot_checks(title: str, text: str) -> None:
    assert read(title, f"<h1>{title}</h1><p>{text}</p>", frame=False).kind == "wall"


@pytest.mark.parametrize(("title", "heading", "text"), LOGINS)
@pytest.mark.parametrize("frame", [True, False])
def test_login_pages(title: str, heading: str, text: str, frame: bool) -> None:
    form = (
        f"<form><label>{text}</label><input type=text><input type=password><button>"
        "OK</button></form>"
    )
    assert read(title, f"<h1>{heading}</h1>{form}", frame).kind == "login"
