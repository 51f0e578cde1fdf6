"""How pages say that they are no article: error, login, consent, a check for robots, subscription. Pure; many languages.

``*_TITLE`` match a whole title or heading, or a part of it beside the site's name; ``*_LINE`` a whole line. ``*_TEXT`` are
looked for in running text: phrases that speak to the visitor, not words that an article on cookies or passwords would use.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

WINDOW_LENGTH = 120  # characters around a key in which a phrase is looked for
MAX_WINDOWS = 60


@dataclass(frozen=True, slots=True)
class PrefilteredPattern:
    """Phrases, and words of which one stands in each of them: only around these is looked, which is what makes it cheap."""

    pattern: re.Pattern[str]
    keywords: tuple[str, ...]

    def search(self, text: str) -> re.Match[str] | None:
        """The first that is found."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All that are found, in order."""
        end = 0
        for start, stop in self._windows(text.lower()):
            for match in self.pattern.finditer(text, max(start, end), stop):
                end = match.end()
                yield match

    def _windows(self, text: str) -> list[tuple[int, int]]:
        places: list[int] = []
        for key in self.keywords:
            at = text.find(key)
            while at >= 0 and len(places) < MAX_WINDOWS * 4:
                places.append(at)
                at = text.find(key, at + WINDOW_LENGTH // 2)
        found: list[tuple[int, int]] = []
        for place in sorted(places):
            start, stop = max(0, place - WINDOW_LENGTH), place + WINDOW_LENGTH
            if found and start <= found[-1][1]:
                found[-1] = found[-1][0], stop
            elif len(found) < MAX_WINDOWS:
                found.append((start, stop))
        return found


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


ERROR_TITLE = _any_of(
    r"(?:http )?(?:error|erreur|fehler|errore|fout|fel|błąd|ошибка|hata|エラー)?[ :#-]*(?:code )?(?:40[0345]|410|45[01]|50[0-4])(?:[ :.!,–—-]+(?:(?:http |file |page |document |server )*(?:not |error|erreur|fehler|gone|forbidden|bad |internal|service|gateway|moved|request|unauthor|unavail|nicht|introuvable|no |non |oops|sorry).{0,40}|page|\(.{0,40}\)))?[ .!]*",
    r"(?:(?:(?:error )?4\d\d|error|erreur|fehler|oops|sorry|uh[- ]oh|hoppla|ups|whoops|désolée?|tut uns leid)\b[ .,!…:–-]*)?(?:(?:the|this|your|that|diese[rs]?|der|die|la|le|l['’]|cette|cet|ce|il|el|esta|este|questa|questo|deze|dit|denna|denne|bu) ?)?"
    r"(?:requested |angeforderte |gewünschte )?(?:page|article|story|content|document|url|file|seite|artikel|beitrag|pagina|página|articolo|artículo|artigo|sidan|siden|sayfa|strona|stránka|sivua?)"
    r"(?: (?:you (?:requested|are looking for|were looking for)|que vous (?:demandez|recherchez)|demandée?|recherchée?|solicitada|richiesta|gezochte))?,?"
    r"(?: (?:is|was|can ?not|cannot|can['’]t|could not|couldn['’]t|est|n['’](?:est|existe|a)|wurde|konnte|kann|no|non|não|werd|kon|is|har|har|blev|kunne|finnes|nie|nebyla|ei|has|does|doesn['’]t|does not|isn['’]t|no longer|plus|ist))*"
    r" ?(?:be )?(?:not (?:be )?(?:found|available|exist)|found|exists?|no longer (?:available|exists?)|been (?:removed|deleted)|unavailable|missing|introuvable|pas (?:été trouvée?|trouvée?|disponible)"
    r"|plus (?:disponible|en ligne)|n['’]existe (?:pas|plus)|existe (?:pas|plus)|nicht (?:gefunden|verfügbar|mehr verfügbar|erreichbar)(?: werden)?|nicht existiert|gelöscht"
    r"|encontrada|encontrado|disponible|existe|trovat[ao]|disponibile|esiste|encontrad[ao]|disponível|(?:niet )?gevonden|niet beschikbaar|bestaat niet|hittades inte|finns inte"
    r"|(?:ikke )?fundet|ikke funnet|finnes ikke|findes ikke|bulunamadı|mevcut değil|nie (?:została )?znalezion[ao]|nie istnieje|nenalezena|neexistuje|löytynyt)[ .!…)]*",
    r"(?:nichts|not(?:hing)?|rien|no se ha|nessun risultato) (?:gefunden|found|trouvé|encontrado)[.!]?",
    r"nie znaleziono (?:strony|artykułu).{0,20}|страниц[аы] не найден[аы].{0,20}|статья не найдена|не найдено|сторінк[ау] не знайдено|страницата не е намерена",
    r".{0,12}ページ(?:が|は)(?:見つかりません|存在しません|ありません|表示できません).{0,15}|.{0,12}(?:記事|ページ)は(?:削除|移動|掲載).{0,25}|お探しの(?:ページ|記事).{0,30}",
    r".{0,10}(?:页面|頁面|网页|網頁|文章|您访问的页面|您要查看的页)(?:不存在|未找到|没有找到|找不到|無法顯示|已被?删除|已失效).{0,12}|找不到.{0,6}(?:页面|頁面|网页|網頁)",
    r".{0,12}(?:페이지를|기사를|페이지가) (?:찾을 수|존재하지|없습니다|표시할 수).{0,20}|(?:الصفحة|صفحة|المقال) (?:غير موجود[ةه]?|المطلوبة غير .{0,20}|لم يتم العثور.{0,20})|הדף לא נמצא|עמוד לא נמצא|(?:ไม่พบหน้า|ไม่พบเนื้อหา).{0,20}"
    r"|(?:không tìm thấy|trang không tồn tại).{0,20}|σελίδα δεν (?:βρέθηκε|υπάρχει)|η σελίδα δεν βρέθηκε|halaman tidak ditemukan|pagina nu (?:a fost găsită|există)|az oldal nem található|oldal nem található",
    r"(?:internal )?server[ -]?(?:error|fehler|fout)|internal server error|erreur (?:interne )?du serveur|error (?:interno )?del servidor|errore (?:interno )?del server|bad gateway|gateway time-?out|service (?:temporarily )?unavailable|service (?:momentanément )?indisponible"
    r"|(?:(?:site|website|page|site web|seite) )?(?:is )?(?:temporarily|momentanément|temporairement|vorübergehend|temporalmente|temporaneamente|tijdelijk) (?:unavailable|indisponible|nicht (?:erreichbar|verfügbar)|no disponible|non disponibile|niet beschikbaar|down)",
    r"(?:(?:site|website|seite|sitio|sito)? ?(?:is )?(?:currently )?(?:under|down for|en|im|in|em|onder) )?(?:scheduled )?(?:maintenance|wartung|wartungsmodus|wartungsarbeiten|mantenimiento|manutenzione|manutenção|onderhoud|メンテナンス中)(?: mode)?[.!]?",
    r"(?:oops|hoppla|ups|uh[- ]oh)?[,.! …]*(?:something|etwas|da ist etwas|algo|une erreur|un error|an error|ein fehler|quelque chose|es ist ein fehler) (?:went wrong|schief ?gelaufen|schiefgegangen|salió mal|deu errado|(?:inattendue )?(?:s['’]est produite|est survenue)|has occurred|occurred|ha ocurrido|ist aufgetreten|aufgetreten|is broken)[.!]?",
    r"(?:error|fehler|erreur|fout|errore|błąd|ошибка|エラー|oops!?)[.! ]*|error establishing a database connection|there has been a critical error.{0,40}|account suspended|(?:runtime|server) error(?: in .{0,30})?|(?:website|site) (?:is )?(?:offline|down)|welcome to nginx!?|index of /.{0,60}",
    r"(?:we(?:['’]ll| will) be (?:right )?back(?: soon| shortly)?|be right back|(?:nous )?(?:revenons|sommes de retour) (?:bientôt|très vite)|(?:wir sind )?(?:gleich|bald) (?:wieder (?:da|für sie da)|zurück)|volvemos (?:pronto|enseguida)|torniamo (?:subito|presto)|(?:site|sitio|sito) (?:est )?(?:en cours de|in|en) (?:maintenance|mantenimiento|manutenzione))[.! ]*",
    r"(?:ups|oops|hoppla)?[,.! ]*(?:hier ist (?:leider )?etwas schief ?gelaufen|(?:there['’]s )?nothing (?:here|to see here|found)|page lost|(?:you seem to be|are you|you(?:['’]re| are)) lost\??|contenu indisponible)[.! ]*",
)  # fmt: skip

ERROR_TEXT = PrefilteredPattern(
    _any_of(
    r"the (?:page|article|story|content|url) (?:you(?:['’]re| are| were) (?:looking for|trying to (?:reach|view))|you requested|requested) (?:was|is|could|can|has|does|may|might|cannot|can['’]t|doesn['’]t|no)",
    r"we (?:can['’]t|couldn['’]t|cannot|could not|can not) (?:seem to )?find (?:the|that|this) (?:page|article|story|content)",
    r"(?:la page|l['’]article|l['’]adresse) (?:que vous (?:cherchez|recherchez|demandez|avez demandée?)|demandée?|recherchée?) (?:n['’]|est|semble|a )",
    r"die (?:von ihnen )?(?:gesuchte|gewünschte|aufgerufene|angeforderte|angegebene) seite (?:konnte|wurde|existiert|ist|gibt)|(?:seite|artikel) (?:konnte|wurde) (?:leider )?nicht gefunden",
    r"la p[áa]gina (?:que (?:buscas?|est[áa]s? buscando|ha solicitado|solicita)|solicitada) (?:no|ya)|la pagina (?:che (?:stai cercando|cerchi|hai richiesto)|richiesta) (?:non|è)|a página que (?:você )?(?:procura|está procurando|tentou acessar)",
    r"お探しの(?:ページ|記事)|指定された(?:ページ|URL|記事)|ご指定の(?:ページ|記事)|您(?:访问|查找|请求)的(?:页面|网页|内容)|запрашиваем\w+ (?:вами )?страниц|요청하신 페이지|strona, której szukasz|de pagina die u (?:zoekt|probeert|hebt)",
    r"(?:server|site) is (?:temporarily )?(?:unable to service|unavailable|overloaded|down for)|guru meditation|varnish cache server|the origin web server|please try again (?:in a few|later)",
    ),
    ("page", "article", "story", "content", "url", "seite", "artikel", "página", "pagina", "ページ", "记事", "記事", "页面", "网页", "内容", "страниц", "페이지", "strona", "server", "site", "cache", "again", "l’a", "l'a"),
)  # fmt: skip

BOT_CHECK_TITLE = _any_of(
    r"just a moment\W*|un instant\W*|einen moment\W*(?:bitte)?\W*|un momento\W*|één moment\W*|ett ögonblick\W*|attention required.{0,30}|(?:ddos-guard|incapsula|captcha|recaptcha|hcaptcha)\W*",
    r"(?:checking|überprüfung|vérification|verificando|verifica(?: del)?) (?:if the site|your|ihres|de votre|su|tu|il tuo|o seu)? ?(?:browser|navigateur|navegador|connection).{0,40}|please wait\W*|bitte warten\W*|security (?:check|verification)\W*|sicherheitsüberprüfung|vérification de sécurité",
    r"(?:are you (?:a )?(?:robot|human|bot)|bist du ein mensch|sind sie ein (?:mensch|roboter)|êtes-vous un (?:robot|humain)|eres (?:un robot|humano)|sei un (?:robot|umano)|robot or human|human verification|verify (?:that )?you are (?:a )?human|verify you['’]?re human|verifying you are human|let['’]s confirm you are human|vérifiez que vous êtes humain)\W*",
    r"access (?:to this page has been )?(?:denied|blocked|forbidden|restricted)\W*|accès (?:refusé|bloqué|interdit)|zugriff (?:verweigert|blockiert)|acceso (?:denegado|bloqueado)|accesso (?:negato|bloccato)|toegang geweigerd|доступ (?:запрещен|ограничен)|アクセス(?:拒否|が拒否されました)|访问(?:被拒绝|受限)|(?:request|you have been|sorry, you have been) blocked\W*|forbidden\W*|pardon our interruption\W*|unusual traffic.{0,30}|bot (?:verification|check)|あなたはロボットですか.?|人机验证|安全验证",
)  # fmt: skip

BOT_CHECK_TEXT = PrefilteredPattern(
    _any_of(
    r"checking (?:if the site connection is secure|your browser before)|enable javascript and cookies to continue|please (?:enable|turn on) (?:javascript|cookies) (?:and|to) |performance (?:&|and) security by cloudflare|cloudflare ray id|ray id:|ddos protection by|incapsula incident|request unsuccessful",
    r"(?:verify|confirm|prove|make sure|check)(?:ing)? (?:that )?you(?:['’]re| are) (?:a |not a )?(?:human|robot|bot)|(?:complete|solve) the (?:security check|captcha|challenge)|unusual (?:traffic|activity) from your|you don['’]t have permission to access|why have i been blocked|security service to protect itself|as you were browsing something about your browser|reference #\d+\.[0-9a-f]+|press (?:&|and) hold",
    r"verif(?:y|ying) (?:your|that your|the security of your) (?:browser|connection|identity|access)|review the security of your connection|(?:not|aren['’]t|isn['’]t) a bot\b|(?:please )?(?:enable|turn on|activate) (?:js\b|java ?script)|(?:need to|must|have to) enable java ?script|(?:disable|turn off) (?:any|your|the) ad[- ]?block|(?:request|access|ip(?: address)?) (?:has been|was|is) (?:temporarily )?blocked|activer java ?script|javascript (?:aktivieren|activado|abilitato)|(?:activité|aktivität|actividad|attività) (?:inhabituelle|ungewöhnlich\w*|inusual|insolita)|ungewöhnliche aktivität|êtes-vous un robot|completa la verificación|安全验证|安全驗證|ブラウザを確認",
    r"vérifi(?:er|ez|ons) que vous (?:êtes|n['’]êtes) (?:bien )?(?:un |pas un )?(?:humain|robot)|dass (?:sie|du) (?:ein mensch|kein (?:roboter|bot))|que (?:no )?(?:eres|es|sea) (?:un )?(?:humano|robot)|che (?:non )?(?:sei|sia) un (?:umano|robot)|ロボットではない|人間であること|确认您(?:是真人|不是机器人)|подтвердите, что вы не робот|je geen robot bent",
    ),
    ("checking", "verif", "enable js", "ad block", "adblock", "activité", "aktivität", "actividad", "attività", "安全", "ブラウザ", "javascript", "cookies", "cloudflare", "ray", "ddos", "incapsula", "unsuccessful", "human", "robot", "bot", "captcha", "challenge", "unusual", "permission", "blocked", "security", "browser", "reference", "hold", "humain", "mensch", "humano", "umano", "ロボット", "人間", "真人"),
)  # fmt: skip

GEO_BLOCK_TEXT = PrefilteredPattern(
    _any_of(
    r"(?:attempting to )?access(?:ing)? this (?:web)?site from a country belonging to the european economic area|(?:is|are|not) (?:currently )?(?:un)?available (?:in (?:your|most) (?:country|region|european countries|location)|to (?:our )?(?:european|eu|eea) (?:visitors|users|readers))",
    r"451:? unavailable (?:due to|for) legal reasons|n['’]est pas (?:disponible|accessible) dans votre (?:pays|région)|in (?:ihrem|deinem) (?:land|region) nicht verfügbar|no est[áa] disponible en su (?:pa[íi]s|regi[óo]n)|non è disponibile nel tuo paese|お住まいの(?:国|地域)では",
    ),
    ("country", "region", "location", "available", "451", "disponible", "accessible", "verfügbar", "disponibile", "お住まい"),
)  # fmt: skip

CONSENT_TITLE = _any_of(
    r"before you continue.{0,40}|bevor (?:sie|du) fort(?:fahren|fährst|setzen).{0,40}|avant de continuer.{0,40}|antes de (?:continuar|ir a).{0,40}|prima di continuare.{0,40}|voordat (?:je|u) (?:verdergaat|doorgaat|verder gaat).{0,40}|innan du fortsätter.{0,30}|før du fortsætter.{0,30}|przed przejściem.{0,40}|続行する前に.{0,20}",
    r"(?:we|nous) (?:and our partners )?(?:value|care about|respect|respectons|valorisons) (?:your|votre) (?:privacy|vie privée)\W*|your (?:privacy|data|choices).{0,25}|privacy (?:settings|preferences|gate|consent|centre|center)\W*|cookie (?:consent|wall|settings|preferences|notice)\W*|consent\W*|gdpr\W*",
    r"(?:le )?respect de votre vie privée.{0,40}|votre vie privée.{0,40}|(?:gestion|paramètres) (?:des cookies|de vos? (?:données|consentement|choix)).{0,20}|(?:privatsphäre|datenschutz)[ -]?(?:einstellungen|center|hinweis|zustimmung)?\W*|(?:ihre |deine )?(?:zustimmung|einwilligung|privatsphäre).{0,30}|wir brauchen (?:ihre|deine) zustimmung\W*|mit werbung (?:weiter)?lesen.{0,40}|weiter(?:lesen)? mit werbung.{0,60}",
    r"(?:tu|su|la tua|a sua) (?:privacidad|privacy|privacidade).{0,50}|(?:valoramos|respetamos|respeitamos|rispettiamo|diamo valore) (?:a |al)?(?:tu|su|la tua|a sua) ?priva\w+\W*|(?:jouw|uw|je) (?:privacy|keuze|toestemming).{0,30}|.{0,12}waarde aan (?:je|uw|jouw) privacy\W*|(?:szanujemy|dbamy o) (?:twoją|państwa) prywatność.{0,10}|プライバシー(?:設定|の尊重|に関する).{0,12}|クッキーの?(?:同意|設定)|(?:cookie|隐私)(?:设置|同意).{0,6}",
)  # fmt: skip

CONSENT_TEXT = PrefilteredPattern(
    _any_of(
    r"we(?:,)? and our (?:\d+ )?(?:\w+ )?(?:partners|vendors)|store and/or access information on a device|(?:use|uses|using) cookies (?:and (?:similar|other|data)|to )|(?:manage|reject|accept)(?: all)?(?: my)? (?:cookies|preferences|choices|options)|\baccept all\b|\breject all\b|i (?:agree|accept)\b|legitimate interest|personali[sz]ed (?:ads|advertising|content)",
    r"nos (?:\d+ )?partenaires|accepter et (?:continuer|fermer)|continuer sans accepter|tout (?:accepter|refuser)|stocke(?:r|nt) et/ou accéde(?:r|nt)|intérêt légitime|paramétrer (?:les cookies|mes choix)|publicités? personnalisées?|(?:déposer|utilis(?:er|ons|ent)) des cookies|votre consentement|retirer votre consentement",
    r"(?:wir und )?unsere (?:\d+ )?partner|alle(?:n)? (?:akzeptieren|ablehnen|zustimmen)|(?:akzeptieren|zustimmen) und weiter|mit werbung (?:weiter)?(?:lesen|nutzen)|werbefrei (?:lesen|nutzen)|(?:ihre|deine) (?:einwilligung|zustimmung)|berechtigte[sn]? interesse|personalisierte (?:werbung|anzeigen)|informationen auf (?:einem|ihrem) gerät|(?:verwenden|nutzen|setzen) (?:\w+ )?cookies",
    r"nuestros (?:\d+ )?socios|aceptar (?:y continuar|todo|todas|cookies)|rechazar (?:todo|todas|y suscribirse)|inter[ée]s leg[íi]timo|almacena(?:r|mos) (?:y/)?o acceder|utilizamos cookies|i nostri (?:\d+ )?partner|accetta (?:e continua|tutt[io])|rifiuta (?:tutt[io]|e abbonati)|legittimo interesse|(?:utilizziamo|usiamo) (?:i )?cookie|nossos (?:\d+ )?parceiros|aceitar (?:todos|e continuar)|rejeitar todos|usamos cookies",
    r"onze (?:\d+ )?partners|alles (?:accepteren|weigeren)|akkoord|gerechtvaardigd belang|gebruik(?:t|en)? (?:van )?cookies|nasi (?:\d+ )?(?:zaufani )?partnerzy|(?:akceptuję|przejdź do serwisu)|(?:våra|vores|våre) (?:\d+ )?(?:partners?|samarbetspartner|partnere)|godkänn alla|accepter alle|godta alle|kaikki evästeet|(?:принять|отклонить) все|(?:すべて|全て)(?:許可|同意|承認|受け入れ|拒否)|同意(?:する|して続行)|(?:cookie|クッキー)を使用|パートナー企業|接受(?:所有|全部)|全部(?:接受|拒绝)|使用\s*cookie|모두 (?:동의|수락|거부)|tüm(?:ünü)? (?:kabul|reddet)",
    ),
    ("partner", "device", "cookie", "consent", "accept", "reject", "agree", "legitimate", "personali", "stocke", "légitime", "continuer", "publicité", "refuser", "choix", "akzeptieren", "ablehnen", "zustimm", "werb", "einwilligung", "berechtigte", "gerät", "socios", "acept", "rechaz", "almacen", "interés", "interes", "interesse", "accett", "rifiuta", "parceiros", "aceitar", "rejeitar", "onze", "accepter", "alles", "akkoord", "belang", "nasi", "akceptuj", "przejdź", "godkänn", "godta", "evästeet", "принять", "отклонить", "許可", "同意", "承認", "受け入れ", "拒否", "クッキー", "パートナー", "接受", "全部", "拒绝", "동의", "수락", "거부", "kabul", "reddet", "reklam"),
)  # fmt: skip

LOGIN_TITLE = _any_of(
    r"(?:please |user |member |subscriber |account )?(?:log|sign)[ -]?(?:in|on)(?: or (?:register|sign up|create an account|subscribe))?(?: (?:to|with) .{1,40})?\W*|(?:sign|log) in required|(?:member|account|user|subscriber) login|(?:create|register) (?:an|your|a free)? ?account.{0,30}|register(?: now)?(?: for free)?(?: to continue)?|welcome back\W*",
    r"(?:se )?connexion|(?:connectez|identifiez|inscrivez)-vous.{0,40}|se connecter|s['’]identifier|créer (?:un|mon|votre) compte.{0,20}|identification|(?:mon )?compte|(?:jetzt )?(?:anmelden|einloggen|registrieren|anmeldung|login)(?: (?:oder|und|/) (?:registrieren|anmelden))?(?: (?:bei|mit) .{1,30})?\W*|(?:bitte )?(?:melden sie sich an|logg?en sie sich ein).{0,30}|mein konto|(?:anmeldung|registrierung|login) erforderlich|(?:login|inscription|connexion) requise?|inicio de sesión",
    r"(?:iniciar|inicia|inicie) sesi[óo]n.{0,40}|(?:acceder|ingresar|identif[íi]cate|reg[íi]strate|accede).{0,25}|acced[ia](?: o registrati)?.{0,30}|(?:effettua il )?(?:login|accesso)|area riservata|(?:fazer|faça|efetue|entrar com) (?:o )?login.{0,30}|entrar|inloggen.{0,25}|aanmelden|log ?in|logga in.{0,25}|logg inn.{0,25}|log ind.{0,25}|kirjaudu(?: sisään)?.{0,15}|zaloguj(?: się)?.{0,25}|logowanie|přihlášení|přihlásit se|(?:giriş yap|üye girişi|oturum aç)\w*|bejelentkezés|autentificare",
    r"(?:вход|войти|авторизация|вход на сайт|регистрация)\W*|увійти|ログイン.{0,15}|会員ログイン|サインイン|(?:用户|會員|会员)?(?:登录|登錄|登入).{0,6}|로그인|تسجيل الدخول|כניסה|התחברות|เข้าสู่ระบบ|đăng nhập|σύνδεση",
)  # fmt: skip

LOGIN_TEXT = PrefilteredPattern(
    _any_of(
    r"forgot(?:ten)? (?:your )?password|remember me|don['’]t have an account|already have an account|(?:log|sign) in (?:to (?:continue|read|your)|with (?:google|facebook|apple|email))|mot de passe(?: oublié)?|pas encore (?:de compte|inscrit)|passwort (?:vergessen|zurücksetzen)|noch kein konto|angemeldet bleiben|(?:olvid\w+|recuperar) (?:tu |su |la )?contraseña|password dimenticata|non hai un account|esqueceu (?:a|sua) senha|wachtwoord vergeten|glömt (?:ditt )?lösenord|glemt (?:adgangskode|passord)|nie pamiętasz hasła|забыли пароль|パスワードを(?:忘れ|お忘れ)|忘记密码|비밀번호 (?:찾기|를 잊)|şifremi unuttum",
    ),
    ("password", "remember", "account", "log", "sign", "passe", "compte", "passwort", "konto", "angemeldet", "contraseña", "senha", "wachtwoord", "lösenord", "adgangskode", "passord", "hasła", "пароль", "パスワード", "密码", "비밀번호", "şifre"),
)  # fmt: skip

PAYWALL_TEXT = PrefilteredPattern(
    _any_of(
    r"subscri(?:be|ption)(?: now| today)? (?:to|is required to|required to|for (?:full|unlimited) access(?: to)?) (?:continue|keep|read|unlock|access|get (?:full|unlimited))|(?:to|and) (?:continue|keep|finish) reading(?: this (?:article|story))?,? (?:please |you |with |log|sign|sub|become|create|register|for )|(?:continue|keep) reading (?:with|by|for (?:free|just|only|[$£€]))|sign up to read (?:on|more|the)"
    r"|(?:this|the) (?:(?:\w+ )?(?:article|content|story|post|page)) is (?:\w+ )?(?:for|available (?:only )?(?:to|for)|reserved for|exclusive (?:to|for)|only (?:available )?(?:to|for)|limited to|restricted to|behind) (?:\w+ ){0,3}(?:subscribers|members|paying|paid|registered|premium)|(?:subscriber|member|premium)s?[ -](?:only|exclusive) (?:content|article|story)|(?:already|not) (?:a |an )?(?:\w+ )?(?:subscriber|member)\?|(?:subscribe|register|log in|sign in|join|become a member|start your (?:free )?trial) (?:now )?to (?:read|continue|view|unlock|keep reading|access)|want to read more\?|unlock (?:this|the full|unlimited) (?:article|story|access)|you(?:['’]ve| have) (?:reached|read|used) (?:your|all|the) .{0,30}(?:free|limit|articles)|the rest of this (?:article|story|content) is|read the (?:full|rest of the) (?:article|story) (?:with|by|for)|to read the full (?:story|article|version)",
    r"while we verify access|member-only (?:story|article)",
    r"il vous reste .{1,12} de cet article|la suite (?:de cet article |du contenu )?est réservée?|(?:article|contenu|accès) (?:est )?(?:exclusivement )?réservée? (?:à|aux) (?:nos |ses )?abonné|réservé aux abonnés|abonnez-vous (?:pour|afin de|et) (?:lire|continuer|poursuivre|accéder|lisez|profitez)|pour (?:lire la suite|continuer (?:la|votre) lecture|poursuivre votre lecture|accéder à (?:la suite|l['’]intégralité))|(?:déjà|pas encore) abonnée?\s?\?|vous (?:avez lu|souhaitez lire) .{0,40}(?:gratuits|article|suite)|connectez-vous pour (?:lire|continuer)|débloquez (?:cet|l['’])",
    r"(?:jetzt |um |hier |einfach )?weiter(?:zu)?lesen (?:mit|mit .{1,30}abo|als abonnent|für)|(?:artikel|beitrag|inhalt|text) (?:ist|steht) (?:\w+ )?(?:exklusiv|nur|ausschlie(?:ß|ss)lich|unseren) (?:\w+ )?(?:für |mit )?(?:\w+ )?(?:abonnent|abo|mitglied|leser|registriert|plus|premium)|exklusiv für (?:unsere )?(?:abonnent|mitglieder)|nur für abonnent|(?:sie|du) (?:möchten|wollen|willst|möchtest) (?:\w+ ){0,3}weiterlesen|(?:bereits|schon|noch kein) (?:\w+ )?(?:abonnent(?:in)?|abo|mitglied)\?|(?:abo|abonnement|zugang) (?:abschließen|testen|sichern)|(?:mit|als) .{0,25}abo(?:nnent)? (?:weiter)?lesen|melden sie sich an,? um (?:weiter|den)|den (?:ganzen|vollständigen|kompletten) (?:artikel|beitrag) (?:lesen|finden)|registrieren sie sich,? um|um diesen artikel (?:weiter|zu |vollständig)",
    r"suscr[íi]b(?:ete|ase|irse) (?:ahora )?(?:para|y) (?:seguir|leer|continuar|acceder|sigue)|para (?:seguir|continuar) leyendo|(?:contenido|art[íi]culo|noticia) (?:es )?(?:exclusiv[oa]|s[óo]lo|reservad[oa]) (?:\w+ )?(?:para )?(?:\w+ )?(?:suscriptor|abonad|socios|usuarios registrados)|exclusivo para suscriptores|¿(?:ya eres|ya es|eres) suscriptor|abb[oò]nati (?:per|ora per|e) (?:continuare|leggere|accedere|continua)|(?:per|vuoi) continuare (?:a leggere|la lettura)|(?:contenuto|articolo) (?:è )?(?:\w+ )?(?:riservato|esclusivo|disponibile solo) (?:agli|ai|per (?:gli )?) ?(?:\w+ )?abbonati|sei già abbonato|(?:assine|cadastre-se) (?:para|e) (?:continuar|ler|continue)|para continuar (?:lendo|a ler)|(?:conteúdo|artigo|matéria) (?:é )?(?:exclusiv[oa]|apenas|reservad[oa]) (?:\w+ )?(?:para |a )?(?:\w+ )?assinantes|exclusivo para assinantes|já é assinante",
    r"(?:alleen|exclusief) voor abonnees|lees (?:verder|dit artikel|meer) (?:met een|als abonnee|voor)|(?:verder lezen|wilt? (?:je|u) verder lezen)\?|word (?:abonnee|lid) (?:om|en lees)|al abonnee\?|(?:logga in|bli prenumerant|prenumerera|teckna) (?:för att|och) (?:läsa|fortsätta|läs)|(?:endast|bara) för (?:prenumeranter|inloggade)|(?:kun|kun tilgængelig) for abonnenter|for at læse (?:videre|resten|hele)|for å lese (?:videre|hele|saken)|bli abonnent (?:for|og)|vain tilaajille|tilaa ja lue|(?:dostępn\w+|treść|artykuł) (?:jest )?(?:tylko |wyłącznie )?dla (?:\w+ )?(?:prenumeratorów|subskrybentów)|chcesz czytać dalej|kup (?:dostęp|prenumeratę)|(?:пов?н\w+|полн\w+) (?:текст|версия|статья).{0,25}подписчик|только для подписчиков|оформите подписку|předplatitel\w* (?:mohou|čt)|abone olun|aboneler(?:e|imize) özel",
    r"(?:この|本)?(?:記事|コンテンツ)は(?:有料)?会員(?:限定|専用|のみ)|会員限定(?:記事|コンテンツ)|有料(?:会員|記事|プラン)(?:限定|です|登録|の方)|残り\s?[\d,０-９]+\s?文字|続き(?:を読む|をお読みいただく|は)(?:には|、|ログイン|会員|有料)|(?:全文|続き)を(?:お)?読み?(?:いただく|む)?には|(?:订阅|訂閱|付费|付費|登录|登入|开通会员)(?:后|後|以|即可)?(?:继续|繼續|可)?(?:阅读|閱讀)(?:全文)?|(?:本文|此文章|此内容)(?:仅供|僅供|为|為)(?:订阅|訂閱|付费|会员|會員)|(?:유료|구독) ?(?:회원|기사|독자) ?(?:전용|만|입니다)|구독(?:하고|하시면)|이 기사는 .{0,10}(?:유료|구독)|(?:هذا المقال|المحتوى) (?:حصري|متاح) (?:ل|فقط )لمشتركين",
    ),
    ("subscri", "member", "premium", "registered", "reading", "to read", "unlock", "free", "rest of", "abonn", "cet article", "réservé", "gratuit", "lire ", "lecture", "la suite", "débloquez", "weiter", "lesen", "exklusiv", "abo ", "abos", "-abo", "mitglied", "registrier", "suscr", "socios", "leyendo", "abbon", "continuare", "assin", "lendo", "a ler", "lees ", "verder", "word lid", "läs", "prenum", "læse", "lese", "abonent", "tilaa", "subskry", "czytać", "kup ", "подпис", "předplat", "abone", "会員", "有料", "残り", "続き", "全文", "订阅", "訂閱", "付费", "付費", "登录", "登入", "开通", "会员", "會員", "유료", "구독", "مشترك", "read the", "sign up"),
)  # fmt: skip

# An invitation is a short line with a word of each: what one would do, and what it takes.
_READING_WORDS = _any_of(
    r"\b(?:read(?:ing)?|unlock|access|the (?:full|whole|rest of th\w+) (?:story|article|post)|continue|this (?:story|article|post))\b|\b(?:lire|lecture|lisez|la suite|cet article|ce contenu|accéde[rz])\b|(?:weiter(?:zu)?lesen|\blesen\b|\bartikeln?\b|\bbeitrag\b|\bzugang\b)",
    r"\b(?:leer|leyendo|lee|este (?:art[íi]culo|contenido)|acced[ea]r?|leggere|lettura|quest[oa] (?:articolo|contenuto|notizia)|ler|lendo|est[ea] (?:matéria|artigo|conteúdo)|matérias|lees|lezen|dit artikel|läsa?|artikeln|läse|lese|les|saken|artikkelen|lue|juttu\w*|artykuł\w*|treść|czyta\w+)\b|читать|текст|стать[юяи]|ページ|続き|記事|全文|阅读|閱讀|畅读|文章|기사|المقال",
)  # fmt: skip
_SUBSCRIBING_WORDS = PrefilteredPattern(
    _any_of(
    r"subscri(?:be|ption|ber)|\b(?:a member|membership|members[ -]only|member-only|paying members|to members)\b|(?:create|free|with an?) (?:free )?account|\bfree (?:trial|account)\b|\bregister\b|\bfree articles\b|\b(?:log|sign)(?:ging)? in\b|sign up|abonn[ée]\w*|\b(?:un|votre|mon) compte\b|connectez-vous|inscrivez|inscription gratuite|\w*abo(?:s|nnent\w*|nnement\w*|nnieren)?\b|registrier\w+|\banmelden\b|melden sie sich",
    r"suscr[íi]\w+|reg[íi]strate|inicia(?:r)? sesi[óo]n|abbon\w+|registrat[io]|\bassin\w+|cadastr\w+|fa[çz]\w* login|abonnee\w*|\baccount\b|prenumer\w+|logga in|abonent\w*|\btila\w+|subskry\w+|подпис\w+|会員|有料|登録|ログイン|订阅|訂閱|付费|付費|登录|登入|会员|會員|유료|구독|مشترك",
    ),
    ("subscri", "member", "account", "trial", "register", "free articles", "log", "sign", "abonn", "compte", "connect", "inscri", "abo", "registr", "anmeld", "melden", "suscr", "regístr", "sesi", "abbon", "assin", "cadast", "prenumer", "abonent", "tila", "subskry", "подпис", "会員", "有料", "登録", "ログイン", "订阅", "訂閱", "付费", "付費", "登录", "登入", "会员", "會員", "유료", "구독", "مشترك"),
)  # fmt: skip
_OTHER_OFFER_WORDS = re.compile(
    r"newsletter|inbox|e-?mail(?:s|ed)?\b|podcast|whatsapp|telegram|facebook|twitter|instagram|youtube|infolettre|boletín|bülten|nyhetsbrev|nieuwsbrief|comment(?:s|aires)?\b|kommentar|メールマガジン|メルマガ",
    re.IGNORECASE,
)
_COMMENTING_WORDS = re.compile(
    r"\bcomment(?:s|aires?)?\b|kommentar|comentario|commenti|comentários|reacties|コメント|评论",
    re.IGNORECASE,
)
MAX_PROMPT_LENGTH = 300  # characters
MAX_PROMPT_WORDS = 14  # of a line that has a word of each
MAX_PHRASE_PROMPT_WORDS = 45  # of a line that has one of the phrases


def is_subscription_prompt(text: str) -> bool:
    """Whether a line invites to subscribe or register in order to read on; letters and comments are another matter."""
    if len(text) > MAX_PROMPT_LENGTH or _COMMENTING_WORDS.search(text):
        return False
    words = len(text.split())
    if words < MAX_PHRASE_PROMPT_WORDS and PAYWALL_TEXT.search(text):
        return True
    if words > MAX_PROMPT_WORDS:
        return False
    return bool(
        _SUBSCRIBING_WORDS.pattern.search(text)
        and _READING_WORDS.search(text)
        and not _OTHER_OFFER_WORDS.search(text)
    )


def find_subscription_prompts(lines: list[str]) -> Iterator[int]:
    """The places of the lines that invite to subscribe or register, in order."""
    short = [
        place for place, text in enumerate(lines) if 4 <= len(text) <= MAX_PROMPT_LENGTH
    ]
    starts = list(accumulate((len(lines[place]) + 1 for place in short), initial=0))
    joined = "\n".join(lines[place] for place in short)
    found = {
        bisect_right(starts, match.start()) - 1
        for one in (PAYWALL_TEXT, _SUBSCRIBING_WORDS)
        for match in one.finditer(joined)
    }
    return (
        short[one] for one in sorted(found) if is_subscription_prompt(lines[short[one]])
    )


# A heading of an error page has a word of each.
_PAGE_WORDS = re.compile(
    r"\b(?:page|article|story|content|link|seite|beitrag|inhalt|página|pagina|contenido|contenu|artículo|artigo|articolo|sidan|siden|artikel\w*|sayfa|stron[ay]|str[áa]nka|sivua?)\b|страниц|ページ|記事|页面|頁面|网页|내용|페이지|الصفحة|صفحة",
    re.IGNORECASE,
)
_MISSING_WORDS = re.compile(
    r"\b(?:not|\w+n['’]t|no longer|unavailable|missing|removed|deleted|moved|gone|find|nicht|keine?|gelöscht|pas|plus|indisponible|introuvable|supprimée?|no|non|não|niet|ikke|inte|nie|neexistuje|ei|removida|eliminad[ao]|rimoss[ao]|trovata|encontrada)\b|bulunamad|не (?:найден|существ)|удалена|見つかり|存在しません|削除|不存在|找不到|没有|없|غير",
    re.IGNORECASE,
)
_ERROR_CODE = re.compile(r"\b(?:404|410|50[0-4])\b")


def is_not_found_heading(heading: str) -> bool:
    """Whether a heading says of a page that it is missing; for pages that say hardly anything else."""
    words = len(heading.split())
    if words > 12 or len(heading) > 90:
        return False
    return bool(
        (_PAGE_WORDS.search(heading) and _MISSING_WORDS.search(heading))
        or (words <= 5 and _ERROR_CODE.search(heading))
    )


READ_ELSEWHERE_LINE = _any_of(
    r"(?:read|view|see) (?:the )?(?:full|original|complete|entire|whole) (?:article|story|post|report|text|version)(?: (?:on|at|here|in|from)\b.{0,60})?\W*|(?:continue|keep) reading(?: (?:on|at|here)\b.{0,60})?\W*|read (?:more|on) (?:on|at) .{2,60}",
    r"lire (?:la suite|l['’]article (?:complet|original|entier|intégral))(?: (?:sur|dans|ici)\b.{0,60})?\W*|(?:weiterlesen|den (?:ganzen|vollständigen) (?:artikel|beitrag) (?:lesen|auf)|mehr lesen) ?(?:auf|bei|hier)?.{0,50}|(?:seguir leyendo|leer (?:el art[íi]culo|la noticia|la nota) (?:completo|completa|original)|leggi (?:l['’]articolo (?:completo|originale)|tutto)|continua a leggere|leia (?:mais|a (?:íntegra|matéria completa))) ?(?:en|su|em|aquí|qui)?.{0,50}|lees (?:verder|het (?:hele|volledige) artikel).{0,50}|続きを読む.{0,20}|(?:阅读|閱讀)(?:全文|更多).{0,20}",
)  # fmt: skip

# A note of correction or update, which is the article's own word.
CORRECTION_NOTE_LINE = _any_of(
    r"\W*(?:corrections?|clarifications?|editor['’]s note|erratum|update[ds]?|rectificatif|correctif|précisions?|mise à jour|màj|note de la rédaction|ndlr|erratum|korrektur|berichtigung|anmerkung der redaktion|corrección|fe de erratas|correzione)\b[^:]{0,40}:\s*\w.{15,}",
    r".{0,60}\b(?:this|the) (?:article|story|report|post|piece|page|headline)(?: \([^)]{0,60}\))? (?:was|has been|had been) (?:since |later |subsequently |also )?(?:corrected|amended|clarified|updated|revised|edited|changed|modified)\b.*",
    r".{0,60}\b(?:earlier|previous|original) version of (?:this|the|our) (?:article|story|report|post|piece|headline)\b.*|.{0,60}\b(?:cet|cette|notre|l['’]) ?(?:article|dépêche|enquête|tribune|papier|texte) (?:a|avait) (?:depuis |également )?été (?:corrigée?|modifiée?|rectifiée?|actualisée?|complétée?|mise? à jour)\b.*",
    r".{0,80}\b(?:première|précédente|ancienne) version (?:de (?:cet|notre|l['’]) ?(?:article|texte|papier)|indiquait|affirmait|mentionnait).*|.{0,60}\b(?:artikel|beitrag|text) wurde (?:nachträglich |inzwischen )?(?:korrigiert|aktualisiert|berichtigt|ergänzt)\b.*|.{0,40}\bfrüheren (?:version|fassung) (?:dieses|des) .*",
)  # fmt: skip
MAX_CORRECTION_NOTE_LENGTH = 600  # characters

PATH_PATTERNS = {
    "login": re.compile(r"/(?:log-?in|sign-?in|logon|account/(?:login|signin|register)|users/sign_in|connexion|anmelden|anmeldung|inloggen|iniciar-sesion|wp-login\.php|auth/|sso/|oauth)", re.IGNORECASE),
    "wall": re.compile(r"/(?:consent|zustimmung|cookie-?wall|privacy-?(?:gate|wall)|collectconsent|captcha|distil_r_captcha|cdn-cgi/challenge|blocked|access-denied|unavailable-in-eu|451)\b", re.IGNORECASE),
    "error": re.compile(r"/(?:404|50[0-4]|not-?found|page-not-found|error(?:\.\w+|/\d*)?|seite-nicht-gefunden|erreur)/?(?:index)?(?:\.\w{2,5})?$", re.IGNORECASE),
    "gallery": re.compile(r"/(?:gallery|galleries|galerie|galeria|galleria|galerien|fotogaleria|photogallery|photo-gallery|slideshow|diaporamas?|portfolio|fotostrecken?|bilderstrecken?|fotos?|photos?|pictures|in-pictures|bildergalerien?)/", re.IGNORECASE),
    "live": re.compile(r"(?:/|-)(?:live-?blog|live-?ticker|liveticker|live-?updates?|en-direct|as-it-happened)(?:/|-|$)|/live/", re.IGNORECASE),
    "index": re.compile(r"/(?:category|categories|tags?|author|authors|topics?|section|rubrique|rubriken?|kategorie|categoria|themen?|search|archives?|page/\d+)(?:/|$)|^/?(?:index\.\w+)?$", re.IGNORECASE),
}  # fmt: skip
INTERSTITIAL_HOSTS = re.compile(
    r"^(?:consent|cmp|privacy|myprivacy|login|signin|accounts?|auth|sso|id|secure-login|guce|geo\.captcha)\."
)
