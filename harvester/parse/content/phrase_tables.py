"""Phrases of pages that are no article, as data: one phrase a line, by language.

Each phrase is a regular expression, matched without regard to case (see ``phrases``).
Where two phrases match at the same position, the one that comes first counts.
``…_KEYWORDS``: only near these strings are the phrases of the table searched for, so
each phrase contains at least one of them.
"""

# Titles of error pages.
ERROR_TITLE = (
    # a status code, with or without words
    (
        r"(?:http )?(?:error|erreur|fehler|errore|fout|fel|błąd|ошибка|hata"
        r"|エラー)?[ :#-]*(?:code )?(?:40[0345]|410|45[01]|50[0-4])"
        r"(?:[ :.!,–—-]+(?:(?:http |file |page |document |server )*"
        r"(?:not |error|erreur|fehler|gone|forbidden|bad |internal|service|gateway"
        r"|moved|request|unauthor|unavail|nicht|introuvable|no |non |oops|sorry).{0,40}"
        r"|page|\(.{0,40}\)))?[ .!]*"
    ),
    # a page that is not found, in languages of Latin script
    (
        r"(?:(?:(?:error )?4\d\d|error|erreur|fehler|oops|sorry|uh[- ]oh|hoppla|ups"
        r"|whoops|désolée?|tut uns leid)\b[ .,!…:–-]*)?"
        r"(?:(?:the|this|your|that|diese[rs]?|der|die|la|le|l['’]|cette|cet|ce|il|el"
        r"|esta|este|questa|questo|deze|dit|denna|denne|bu) ?)?"
        r"(?:requested |angeforderte |gewünschte )?"
        r"(?:page|article|story|content|document|url|file|seite|artikel|beitrag|pagina"
        r"|página|articolo|artículo|artigo|sidan|siden|sayfa|strona|stránka|sivua?)"
        r"(?: (?:you (?:requested|are looking for|were looking for)"
        r"|que vous (?:demandez|recherchez)|demandée?|recherchée?|solicitada|richiesta"
        r"|gezochte))?,?(?: (?:is|was|can ?not|cannot|can['’]t|could not|couldn['’]t"
        r"|est|n['’](?:est|existe|a)|wurde|konnte|kann|no|non|não|werd|kon|is|har|har"
        r"|blev|kunne|finnes|nie|nebyla|ei|has|does|doesn['’]t|does not|isn['’]t"
        r"|no longer|plus|ist))* ?(?:be )?(?:not (?:be )?(?:found|available|exist)"
        r"|found|exists?|no longer (?:available|exists?)|been (?:removed|deleted)"
        r"|unavailable|missing|introuvable|pas (?:été trouvée?|trouvée?|disponible)"
        r"|plus (?:disponible|en ligne)|n['’]existe (?:pas|plus)|existe (?:pas|plus)"
        r"|nicht (?:gefunden|verfügbar|mehr verfügbar|erreichbar)(?: werden)?"
        r"|nicht existiert|gelöscht|encontrada|encontrado|disponible|existe|trovat[ao]"
        r"|disponibile|esiste|encontrad[ao]|disponível|(?:niet )?gevonden"
        r"|niet beschikbaar|bestaat niet|hittades inte|finns inte|(?:ikke )?fundet"
        r"|ikke funnet|finnes ikke|findes ikke|bulunamadı|mevcut değil"
        r"|nie (?:została )?znalezion[ao]|nie istnieje|nenalezena|neexistuje"
        r"|löytynyt)[ .!…)]*"
    ),
    (
        r"(?:nichts|not(?:hing)?|rien|no se ha|nessun risultato) "
        r"(?:gefunden|found|trouvé|encontrado)[.!]?"
    ),
    # Polish, Russian, Ukrainian, Bulgarian
    r"nie znaleziono (?:strony|artykułu).{0,20}",
    r"страниц[аы] не найден[аы].{0,20}",
    r"статья не найдена",
    r"не найдено",
    r"сторінк[ау] не знайдено",
    r"страницата не е намерена",
    # Japanese
    (
        r".{0,12}ページ(?:が|は)(?:見つかりません|存在しません|ありません"
        r"|表示できません).{0,15}"
    ),
    r".{0,12}(?:記事|ページ)は(?:削除|移動|掲載).{0,25}",
    r"お探しの(?:ページ|記事).{0,30}",
    # Chinese
    (
        r".{0,10}(?:页面|頁面|网页|網頁|文章|您访问的页面|您要查看的页)"
        r"(?:不存在|未找到|没有找到|找不到|無法顯示|已被?删除|已失效).{0,12}"
    ),
    r"找不到.{0,6}(?:页面|頁面|网页|網頁)",
    # Korean, Arabic, Hebrew, Thai
    (
        r".{0,12}(?:페이지를|기사를|페이지가) (?:찾을 수|존재하지|없습니다"
        r"|표시할 수).{0,20}"
    ),
    (
        r"(?:الصفحة|صفحة|المقال) (?:غير موجود[ةه]?|المطلوبة غير .{0,20}"
        r"|لم يتم العثور.{0,20})"
    ),
    r"הדף לא נמצא",
    r"עמוד לא נמצא",
    r"(?:ไม่พบหน้า|ไม่พบเนื้อหา).{0,20}",
    # Vietnamese, Greek, Indonesian, Romanian, Hungarian
    r"(?:không tìm thấy|trang không tồn tại).{0,20}",
    r"σελίδα δεν (?:βρέθηκε|υπάρχει)",
    r"η σελίδα δεν βρέθηκε",
    r"halaman tidak ditemukan",
    r"pagina nu (?:a fost găsită|există)",
    r"az oldal nem található",
    r"oldal nem található",
    # a server that fails
    r"(?:internal )?server[ -]?(?:error|fehler|fout)",
    r"internal server error",
    r"erreur (?:interne )?du serveur",
    r"error (?:interno )?del servidor",
    r"errore (?:interno )?del server",
    r"bad gateway",
    r"gateway time-?out",
    r"service (?:temporarily )?unavailable",
    r"service (?:momentanément )?indisponible",
    # temporarily unavailable, or in maintenance
    (
        r"(?:(?:site|website|page|site web|seite) )?(?:is )?"
        r"(?:temporarily|momentanément|temporairement|vorübergehend|temporalmente"
        r"|temporaneamente|tijdelijk) (?:unavailable|indisponible"
        r"|nicht (?:erreichbar|verfügbar)|no disponible|non disponibile"
        r"|niet beschikbaar|down)"
    ),
    (
        r"(?:(?:site|website|seite|sitio|sito)? ?(?:is )?(?:currently )?"
        r"(?:under|down for|en|im|in|em|onder) )?(?:scheduled )?"
        r"(?:maintenance|wartung|wartungsmodus|wartungsarbeiten|mantenimiento"
        r"|manutenzione|manutenção|onderhoud|メンテナンス中)(?: mode)?[.!]?"
    ),
    # something went wrong
    (
        r"(?:oops|hoppla|ups|uh[- ]oh)?[,.! …]*(?:something|etwas|da ist etwas|algo"
        r"|une erreur|un error|an error|ein fehler|quelque chose|es ist ein fehler) "
        r"(?:went wrong|schief ?gelaufen|schiefgegangen|salió mal|deu errado"
        r"|(?:inattendue )?(?:s['’]est produite|est survenue)|has occurred|occurred"
        r"|ha ocurrido|ist aufgetreten|aufgetreten|is broken)[.!]?"
    ),
    # pages of servers and frameworks
    r"(?:error|fehler|erreur|fout|errore|błąd|ошибка|エラー|oops!?)[.! ]*",
    r"error establishing a database connection",
    r"there has been a critical error.{0,40}",
    r"account suspended",
    r"(?:runtime|server) error(?: in .{0,30})?",
    r"(?:website|site) (?:is )?(?:offline|down)",
    r"welcome to nginx!?",
    r"index of /.{0,60}",
    # back soon
    (
        r"(?:we(?:['’]ll| will) be (?:right )?back(?: soon| shortly)?|be right back"
        r"|(?:nous )?(?:revenons|sommes de retour) (?:bientôt|très vite)"
        r"|(?:wir sind )?(?:gleich|bald) (?:wieder (?:da|für sie da)|zurück)"
        r"|volvemos (?:pronto|enseguida)|torniamo (?:subito|presto)"
        r"|(?:site|sitio|sito) (?:est )?(?:en cours de|in|en) "
        r"(?:maintenance|mantenimiento|manutenzione))[.! ]*"
    ),
    # nothing here
    (
        r"(?:ups|oops|hoppla)?[,.! ]*(?:hier ist (?:leider )?etwas schief ?gelaufen"
        r"|(?:there['’]s )?nothing (?:here|to see here|found)|page lost"
        r"|(?:you seem to be|are you|you(?:['’]re| are)) lost\??"
        r"|contenu indisponible)[.! ]*"
    ),
)

# Error pages, in running text.
ERROR_TEXT = (
    # English
    (
        r"the (?:page|article|story|content|url) "
        r"(?:you(?:['’]re| are| were) (?:looking for|trying to (?:reach|view))"
        r"|you requested|requested) (?:was|is|could|can|has|does|may|might|cannot"
        r"|can['’]t|doesn['’]t|no)"
    ),
    (
        r"we (?:can['’]t|couldn['’]t|cannot|could not|can not) (?:seem to )?find "
        r"(?:the|that|this) (?:page|article|story|content)"
    ),
    # French
    (
        r"(?:la page|l['’]article|l['’]adresse) (?:que vous "
        r"(?:cherchez|recherchez|demandez|avez demandée?)|demandée?|recherchée?) "
        r"(?:n['’]|est|semble|a )"
    ),
    # German
    (
        r"die (?:von ihnen )?(?:gesuchte|gewünschte|aufgerufene|angeforderte"
        r"|angegebene) seite (?:konnte|wurde|existiert|ist|gibt)"
    ),
    r"(?:seite|artikel) (?:konnte|wurde) (?:leider )?nicht gefunden",
    # Spanish, Italian, Portuguese
    (
        r"la p[áa]gina (?:que (?:buscas?|est[áa]s? buscando|ha solicitado|solicita)"
        r"|solicitada) (?:no|ya)"
    ),
    r"la pagina (?:che (?:stai cercando|cerchi|hai richiesto)|richiesta) (?:non|è)",
    r"a página que (?:você )?(?:procura|está procurando|tentou acessar)",
    # Japanese
    r"お探しの(?:ページ|記事)",
    r"指定された(?:ページ|URL|記事)",
    r"ご指定の(?:ページ|記事)",
    # Chinese, Russian, Korean, Polish, Dutch
    r"您(?:访问|查找|请求)的(?:页面|网页|内容)",
    r"запрашиваем\w+ (?:вами )?страниц",
    r"요청하신 페이지",
    r"strona, której szukasz",
    r"de pagina die u (?:zoekt|probeert|hebt)",
    # servers and caches
    (
        r"(?:server|site) is (?:temporarily )?(?:unable to service|unavailable"
        r"|overloaded|down for)"
    ),
    r"guru meditation",
    r"varnish cache server",
    r"the origin web server",
    r"please try again (?:in a few|later)",
)
ERROR_KEYWORDS = (
    "page|article|story|content|url|seite|artikel|página|pagina|ページ|记事|記事"
    "|页面|网页|内容|страниц|페이지|strona|server|site|cache|again|l’a|l'a"
).split("|")

# Titles of pages that check for robots, or deny access.
BOT_CHECK_TITLE = (
    # wait a moment
    r"just a moment\W*",
    r"un instant\W*",
    r"einen moment\W*(?:bitte)?\W*",
    r"un momento\W*",
    r"één moment\W*",
    r"ett ögonblick\W*",
    r"attention required.{0,30}",
    r"(?:ddos-guard|incapsula|captcha|recaptcha|hcaptcha)\W*",
    # checking the browser
    (
        r"(?:checking|überprüfung|vérification|verificando|verifica(?: del)?) "
        r"(?:if the site|your|ihres|de votre|su|tu|il tuo|o seu)? ?"
        r"(?:browser|navigateur|navegador|connection).{0,40}"
    ),
    r"please wait\W*",
    r"bitte warten\W*",
    r"security (?:check|verification)\W*",
    r"sicherheitsüberprüfung",
    r"vérification de sécurité",
    # are you human
    (
        r"(?:are you (?:a )?(?:robot|human|bot)|bist du ein mensch"
        r"|sind sie ein (?:mensch|roboter)|êtes-vous un (?:robot|humain)"
        r"|eres (?:un robot|humano)|sei un (?:robot|umano)|robot or human"
        r"|human verification|verify (?:that )?you are (?:a )?human"
        r"|verify you['’]?re human|verifying you are human"
        r"|let['’]s confirm you are human|vérifiez que vous êtes humain)\W*"
    ),
    # access denied
    r"access (?:to this page has been )?(?:denied|blocked|forbidden|restricted)\W*",
    r"accès (?:refusé|bloqué|interdit)",
    r"zugriff (?:verweigert|blockiert)",
    r"acceso (?:denegado|bloqueado)",
    r"accesso (?:negato|bloccato)",
    r"toegang geweigerd",
    r"доступ (?:запрещен|ограничен)",
    r"アクセス(?:拒否|が拒否されました)",
    r"访问(?:被拒绝|受限)",
    # blocked, or checked
    r"(?:request|you have been|sorry, you have been) blocked\W*",
    r"forbidden\W*",
    r"pardon our interruption\W*",
    r"unusual traffic.{0,30}",
    r"bot (?:verification|check)",
    r"あなたはロボットですか.?",
    r"人机验证",
    r"安全验证",
)

# Checks for robots, in running text.
BOT_CHECK_TEXT = (
    # pages of Cloudflare, Incapsula and others
    r"checking (?:if the site connection is secure|your browser before)",
    r"enable javascript and cookies to continue",
    r"please (?:enable|turn on) (?:javascript|cookies) (?:and|to) ",
    r"performance (?:&|and) security by cloudflare",
    r"cloudflare ray id",
    r"ray id:",
    r"ddos protection by",
    r"incapsula incident",
    r"request unsuccessful",
    # English
    (
        r"(?:verify|confirm|prove|make sure|check)(?:ing)? (?:that )?you"
        r"(?:['’]re| are) (?:a |not a )?(?:human|robot|bot)"
    ),
    r"(?:complete|solve) the (?:security check|captcha|challenge)",
    r"unusual (?:traffic|activity) from your",
    r"you don['’]t have permission to access",
    r"why have i been blocked",
    r"security service to protect itself",
    r"as you were browsing something about your browser",
    r"reference #\d+\.[0-9a-f]+",
    r"press (?:&|and) hold",
    (
        r"verif(?:y|ying) (?:your|that your|the security of your) "
        r"(?:browser|connection|identity|access)"
    ),
    r"review the security of your connection",
    r"(?:not|aren['’]t|isn['’]t) a bot\b",
    r"(?:please )?(?:enable|turn on|activate) (?:js\b|java ?script)",
    r"(?:need to|must|have to) enable java ?script",
    r"(?:disable|turn off) (?:any|your|the) ad[- ]?block",
    r"(?:request|access|ip(?: address)?) (?:has been|was|is) (?:temporarily )?blocked",
    # other languages: enable JavaScript, unusual activity, are you a robot
    r"activer java ?script",
    r"javascript (?:aktivieren|activado|abilitato)",
    (
        r"(?:activité|aktivität|actividad|attività) "
        r"(?:inhabituelle|ungewöhnlich\w*|inusual|insolita)"
    ),
    r"ungewöhnliche aktivität",
    r"êtes-vous un robot",
    r"completa la verificación",
    r"安全验证",
    r"安全驗證",
    r"ブラウザを確認",
    # other languages: confirm that you are human
    (
        r"vérifi(?:er|ez|ons) que vous (?:êtes|n['’]êtes) (?:bien )?(?:un |pas un )?"
        r"(?:humain|robot)"
    ),
    r"dass (?:sie|du) (?:ein mensch|kein (?:roboter|bot))",
    r"que (?:no )?(?:eres|es|sea) (?:un )?(?:humano|robot)",
    r"che (?:non )?(?:sei|sia) un (?:umano|robot)",
    r"ロボットではない",
    r"人間であること",
    r"确认您(?:是真人|不是机器人)",
    r"подтвердите, что вы не робот",
    r"je geen robot bent",
)
BOT_CHECK_KEYWORDS = (
    "checking|verif|enable js|ad block|adblock|activité|aktivität|actividad"
    "|attività|安全|ブラウザ|javascript|cookies|cloudflare|ray|ddos|incapsula"
    "|unsuccessful|human|robot|bot|captcha|challenge|unusual|permission|blocked"
    "|security|browser|reference|hold|humain|mensch|humano|umano|ロボット|人間|真人"
).split("|")

# Pages not available in the visitor's country.
GEO_BLOCK_TEXT = (
    # English
    (
        r"(?:attempting to )?access(?:ing)? this (?:web)?site from a country belonging "
        r"to the european economic area"
    ),
    (
        r"(?:is|are|not) (?:currently )?(?:un)?available "
        r"(?:in (?:your|most) (?:country|region|european countries|location)"
        r"|to (?:our )?(?:european|eu|eea) (?:visitors|users|readers))"
    ),
    r"451:? unavailable (?:due to|for) legal reasons",
    # French, German, Spanish, Italian, Japanese
    r"n['’]est pas (?:disponible|accessible) dans votre (?:pays|région)",
    r"in (?:ihrem|deinem) (?:land|region) nicht verfügbar",
    r"no est[áa] disponible en su (?:pa[íi]s|regi[óo]n)",
    r"non è disponibile nel tuo paese",
    r"お住まいの(?:国|地域)では",
)
GEO_BLOCK_KEYWORDS = (
    "country|region|location|available|451|disponible|accessible|verfügbar"
    "|disponibile|お住まい"
).split("|")

# Titles of pages that ask for consent.
CONSENT_TITLE = (
    # before you continue
    r"before you continue.{0,40}",
    r"bevor (?:sie|du) fort(?:fahren|fährst|setzen).{0,40}",
    r"avant de continuer.{0,40}",
    r"antes de (?:continuar|ir a).{0,40}",
    r"prima di continuare.{0,40}",
    r"voordat (?:je|u) (?:verdergaat|doorgaat|verder gaat).{0,40}",
    r"innan du fortsätter.{0,30}",
    r"før du fortsætter.{0,30}",
    r"przed przejściem.{0,40}",
    r"続行する前に.{0,20}",
    # we value your privacy; cookies, in English and French
    (
        r"(?:we|nous) (?:and our partners )?(?:value|care about|respect|respectons"
        r"|valorisons) (?:your|votre) (?:privacy|vie privée)\W*"
    ),
    r"your (?:privacy|data|choices).{0,25}",
    r"privacy (?:settings|preferences|gate|consent|centre|center)\W*",
    r"cookie (?:consent|wall|settings|preferences|notice)\W*",
    r"consent\W*",
    r"gdpr\W*",
    # French
    r"(?:le )?respect de votre vie privée.{0,40}",
    r"votre vie privée.{0,40}",
    (
        r"(?:gestion|paramètres) (?:des cookies|de vos? "
        r"(?:données|consentement|choix)).{0,20}"
    ),
    # German
    r"(?:privatsphäre|datenschutz)[ -]?(?:einstellungen|center|hinweis|zustimmung)?\W*",
    r"(?:ihre |deine )?(?:zustimmung|einwilligung|privatsphäre).{0,30}",
    r"wir brauchen (?:ihre|deine) zustimmung\W*",
    r"mit werbung (?:weiter)?lesen.{0,40}",
    r"weiter(?:lesen)? mit werbung.{0,60}",
    # Spanish, Italian, Portuguese
    r"(?:tu|su|la tua|a sua) (?:privacidad|privacy|privacidade).{0,50}",
    (
        r"(?:valoramos|respetamos|respeitamos|rispettiamo|diamo valore) (?:a |al)?"
        r"(?:tu|su|la tua|a sua) ?priva\w+\W*"
    ),
    # Dutch, Polish, Japanese, Chinese
    r"(?:jouw|uw|je) (?:privacy|keuze|toestemming).{0,30}",
    r".{0,12}waarde aan (?:je|uw|jouw) privacy\W*",
    r"(?:szanujemy|dbamy o) (?:twoją|państwa) prywatność.{0,10}",
    r"プライバシー(?:設定|の尊重|に関する).{0,12}",
    r"クッキーの?(?:同意|設定)",
    r"(?:cookie|隐私)(?:设置|同意).{0,6}",
)

# Requests for consent, in running text.
CONSENT_TEXT = (
    # English
    r"we(?:,)? and our (?:\d+ )?(?:\w+ )?(?:partners|vendors)",
    r"store and/or access information on a device",
    r"(?:use|uses|using) cookies (?:and (?:similar|other|data)|to )",
    (
        r"(?:manage|reject|accept)(?: all)?(?: my)? "
        r"(?:cookies|preferences|choices|options)"
    ),
    r"\baccept all\b",
    r"\breject all\b",
    r"i (?:agree|accept)\b",
    r"legitimate interest",
    r"personali[sz]ed (?:ads|advertising|content)",
    # French
    r"nos (?:\d+ )?partenaires",
    r"accepter et (?:continuer|fermer)",
    r"continuer sans accepter",
    r"tout (?:accepter|refuser)",
    r"stocke(?:r|nt) et/ou accéde(?:r|nt)",
    r"intérêt légitime",
    r"paramétrer (?:les cookies|mes choix)",
    r"publicités? personnalisées?",
    r"(?:déposer|utilis(?:er|ons|ent)) des cookies",
    r"votre consentement",
    r"retirer votre consentement",
    # German
    r"(?:wir und )?unsere (?:\d+ )?partner",
    r"alle(?:n)? (?:akzeptieren|ablehnen|zustimmen)",
    r"(?:akzeptieren|zustimmen) und weiter",
    r"mit werbung (?:weiter)?(?:lesen|nutzen)",
    r"werbefrei (?:lesen|nutzen)",
    r"(?:ihre|deine) (?:einwilligung|zustimmung)",
    r"berechtigte[sn]? interesse",
    r"personalisierte (?:werbung|anzeigen)",
    r"informationen auf (?:einem|ihrem) gerät",
    r"(?:verwenden|nutzen|setzen) (?:\w+ )?cookies",
    # Spanish
    r"nuestros (?:\d+ )?socios",
    r"aceptar (?:y continuar|todo|todas|cookies)",
    r"rechazar (?:todo|todas|y suscribirse)",
    r"inter[ée]s leg[íi]timo",
    r"almacena(?:r|mos) (?:y/)?o acceder",
    r"utilizamos cookies",
    # Italian
    r"i nostri (?:\d+ )?partner",
    r"accetta (?:e continua|tutt[io])",
    r"rifiuta (?:tutt[io]|e abbonati)",
    r"legittimo interesse",
    r"(?:utilizziamo|usiamo) (?:i )?cookie",
    # Portuguese
    r"nossos (?:\d+ )?parceiros",
    r"aceitar (?:todos|e continuar)",
    r"rejeitar todos",
    r"usamos cookies",
    # Dutch
    r"onze (?:\d+ )?partners",
    r"alles (?:accepteren|weigeren)",
    r"akkoord",
    r"gerechtvaardigd belang",
    r"gebruik(?:t|en)? (?:van )?cookies",
    # Polish
    r"nasi (?:\d+ )?(?:zaufani )?partnerzy",
    r"(?:akceptuję|przejdź do serwisu)",
    # Swedish, Danish, Norwegian, Finnish
    r"(?:våra|vores|våre) (?:\d+ )?(?:partners?|samarbetspartner|partnere)",
    r"godkänn alla",
    r"accepter alle",
    r"godta alle",
    r"kaikki evästeet",
    # Russian
    r"(?:принять|отклонить) все",
    # Japanese
    r"(?:すべて|全て)(?:許可|同意|承認|受け入れ|拒否)",
    r"同意(?:する|して続行)",
    r"(?:cookie|クッキー)を使用",
    r"パートナー企業",
    # Chinese
    r"接受(?:所有|全部)",
    r"全部(?:接受|拒绝)",
    r"使用\s*cookie",
    # Korean, Turkish
    r"모두 (?:동의|수락|거부)",
    r"tüm(?:ünü)? (?:kabul|reddet)",
)
CONSENT_KEYWORDS = (
    "partner|device|cookie|consent|accept|reject|agree|legitimate|personali|stocke"
    "|légitime|continuer|publicité|refuser|choix|akzeptieren|ablehnen|zustimm|werb"
    "|einwilligung|berechtigte|gerät|socios|acept|rechaz|almacen|interés|interes"
    "|interesse|accett|rifiuta|parceiros|aceitar|rejeitar|onze|accepter|alles"
    "|akkoord|belang|nasi|akceptuj|przejdź|godkänn|godta|evästeet|принять|отклонить"
    "|許可|同意|承認|受け入れ|拒否|クッキー|パートナー|接受|全部|拒绝|동의|수락"
    "|거부|kabul|reddet|reklam"
).split("|")

# Titles of login and registration pages.
LOGIN_TITLE = (
    # English
    (
        r"(?:please |user |member |subscriber |account )?(?:log|sign)[ -]?(?:in|on)"
        r"(?: or (?:register|sign up|create an account|subscribe))?"
        r"(?: (?:to|with) .{1,40})?\W*"
    ),
    r"(?:sign|log) in required",
    r"(?:member|account|user|subscriber) login",
    r"(?:create|register) (?:an|your|a free)? ?account.{0,30}",
    r"register(?: now)?(?: for free)?(?: to continue)?",
    r"welcome back\W*",
    # French
    r"(?:se )?connexion",
    r"(?:connectez|identifiez|inscrivez)-vous.{0,40}",
    r"se connecter",
    r"s['’]identifier",
    r"créer (?:un|mon|votre) compte.{0,20}",
    r"identification",
    r"(?:mon )?compte",
    # German; also French and Spanish
    (
        r"(?:jetzt )?(?:anmelden|einloggen|registrieren|anmeldung|login)"
        r"(?: (?:oder|und|/) (?:registrieren|anmelden))?(?: (?:bei|mit) .{1,30})?\W*"
    ),
    r"(?:bitte )?(?:melden sie sich an|logg?en sie sich ein).{0,30}",
    r"mein konto",
    r"(?:anmeldung|registrierung|login) erforderlich",
    r"(?:login|inscription|connexion) requise?",
    r"inicio de sesión",
    # Spanish
    r"(?:iniciar|inicia|inicie) sesi[óo]n.{0,40}",
    r"(?:acceder|ingresar|identif[íi]cate|reg[íi]strate|accede).{0,25}",
    # Italian
    r"acced[ia](?: o registrati)?.{0,30}",
    r"(?:effettua il )?(?:login|accesso)",
    r"area riservata",
    # Portuguese
    r"(?:fazer|faça|efetue|entrar com) (?:o )?login.{0,30}",
    r"entrar",
    # Dutch
    r"inloggen.{0,25}",
    r"aanmelden",
    r"log ?in",
    # Swedish, Norwegian, Danish, Finnish
    r"logga in.{0,25}",
    r"logg inn.{0,25}",
    r"log ind.{0,25}",
    r"kirjaudu(?: sisään)?.{0,15}",
    # Polish, Czech, Turkish, Hungarian, Romanian
    r"zaloguj(?: się)?.{0,25}",
    r"logowanie",
    r"přihlášení",
    r"přihlásit se",
    r"(?:giriş yap|üye girişi|oturum aç)\w*",
    r"bejelentkezés",
    r"autentificare",
    # Russian, Ukrainian
    r"(?:вход|войти|авторизация|вход на сайт|регистрация)\W*",
    r"увійти",
    # Japanese
    r"ログイン.{0,15}",
    r"会員ログイン",
    r"サインイン",
    # Chinese, Korean, Arabic, Hebrew, Thai, Vietnamese, Greek
    r"(?:用户|會員|会员)?(?:登录|登錄|登入).{0,6}",
    r"로그인",
    r"تسجيل الدخول",
    r"כניסה",
    r"התחברות",
    r"เข้าสู่ระบบ",
    r"đăng nhập",
    r"σύνδεση",
)

# Login forms, in running text.
LOGIN_TEXT = (
    # English
    r"forgot(?:ten)? (?:your )?password",
    r"remember me",
    r"don['’]t have an account",
    r"already have an account",
    (
        r"(?:log|sign) in (?:to (?:continue|read|your)"
        r"|with (?:google|facebook|apple|email))"
    ),
    # French
    r"mot de passe(?: oublié)?",
    r"pas encore (?:de compte|inscrit)",
    # German
    r"passwort (?:vergessen|zurücksetzen)",
    r"noch kein konto",
    r"angemeldet bleiben",
    # Spanish, Italian, Portuguese
    r"(?:olvid\w+|recuperar) (?:tu |su |la )?contraseña",
    r"password dimenticata",
    r"non hai un account",
    r"esqueceu (?:a|sua) senha",
    # Dutch, Swedish, Danish, Norwegian, Polish, Russian
    r"wachtwoord vergeten",
    r"glömt (?:ditt )?lösenord",
    r"glemt (?:adgangskode|passord)",
    r"nie pamiętasz hasła",
    r"забыли пароль",
    # Japanese, Chinese, Korean, Turkish
    r"パスワードを(?:忘れ|お忘れ)",
    r"忘记密码",
    r"비밀번호 (?:찾기|를 잊)",
    r"şifremi unuttum",
)
LOGIN_KEYWORDS = (
    "password|remember|account|log|sign|passe|compte|passwort|konto|angemeldet"
    "|contraseña|senha|wachtwoord|lösenord|adgangskode|passord|hasła|пароль"
    "|パスワード|密码|비밀번호|şifre"
).split("|")

# Prompts to subscribe or register in order to read on.
PAYWALL_TEXT = (
    # English
    (
        r"subscri(?:be|ption)(?: now| today)? (?:to|is required to|required to"
        r"|for (?:full|unlimited) access(?: to)?) "
        r"(?:continue|keep|read|unlock|access|get (?:full|unlimited))"
    ),
    (
        r"(?:to|and) (?:continue|keep|finish) reading"
        r"(?: this (?:article|story))?,? (?:please |you |with |log|sign|sub|become"
        r"|create|register|for )"
    ),
    r"(?:continue|keep) reading (?:with|by|for (?:free|just|only|[$£€]))",
    r"sign up to read (?:on|more|the)",
    (
        r"(?:this|the) (?:(?:\w+ )?(?:article|content|story|post|page)) is (?:\w+ )?"
        r"(?:for|available (?:only )?(?:to|for)|reserved for|exclusive (?:to|for)"
        r"|only (?:available )?(?:to|for)|limited to|restricted to|behind) "
        r"(?:\w+ ){0,3}(?:subscribers|members|paying|paid|registered|premium)"
    ),
    r"(?:subscriber|member|premium)s?[ -](?:only|exclusive) (?:content|article|story)",
    r"(?:already|not) (?:a |an )?(?:\w+ )?(?:subscriber|member)\?",
    (
        r"(?:subscribe|register|log in|sign in|join|become a member"
        r"|start your (?:free )?trial) (?:now )?to "
        r"(?:read|continue|view|unlock|keep reading|access)"
    ),
    r"want to read more\?",
    r"unlock (?:this|the full|unlimited) (?:article|story|access)",
    (
        r"you(?:['’]ve| have) (?:reached|read|used) (?:your|all|the) .{0,30}"
        r"(?:free|limit|articles)"
    ),
    r"the rest of this (?:article|story|content) is",
    r"reached the end of (?:the|your|this) (?:free )?(?:preview|sample|extract|excerpt)",
    r"read the (?:full|rest of the) (?:article|story) (?:with|by|for)",
    r"to read the full (?:story|article|version)",
    # pages of single publishers
    r"while we verify access",
    r"member-only (?:story|article)",
    # French
    r"il vous reste .{1,12} de cet article",
    r"la suite (?:de cet article |du contenu )?est réservée?",
    (
        r"(?:article|contenu|accès) (?:est )?(?:exclusivement )?réservée? (?:à|aux) "
        r"(?:nos |ses )?abonné"
    ),
    r"réservé aux abonnés",
    (
        r"abonnez-vous (?:pour|afin de|et) (?:lire|continuer|poursuivre|accéder|lisez"
        r"|profitez)"
    ),
    (
        r"pour (?:lire la suite|continuer (?:la|votre) lecture|poursuivre votre lecture"
        r"|accéder à (?:la suite|l['’]intégralité))"
    ),
    r"(?:déjà|pas encore) abonnée?\s?\?",
    r"vous (?:avez lu|souhaitez lire) .{0,40}(?:gratuits|article|suite)",
    r"connectez-vous pour (?:lire|continuer)",
    r"débloquez (?:cet|l['’])",
    # German
    (
        r"(?:jetzt |um |hier |einfach )?weiter(?:zu)?lesen "
        r"(?:mit|mit .{1,30}abo|als abonnent|für)"
    ),
    (
        r"(?:artikel|beitrag|inhalt|text) (?:ist|steht) (?:\w+ )?"
        r"(?:exklusiv|nur|ausschlie(?:ß|ss)lich|unseren) (?:\w+ )?(?:für |mit )?"
        r"(?:\w+ )?(?:abonnent|abo|mitglied|leser|registriert|plus|premium)"
    ),
    r"exklusiv für (?:unsere )?(?:abonnent|mitglieder)",
    r"nur für abonnent",
    r"(?:sie|du) (?:möchten|wollen|willst|möchtest) (?:\w+ ){0,3}weiterlesen",
    r"(?:bereits|schon|noch kein) (?:\w+ )?(?:abonnent(?:in)?|abo|mitglied)\?",
    r"(?:abo|abonnement|zugang) (?:abschließen|testen|sichern)",
    r"(?:mit|als) .{0,25}abo(?:nnent)? (?:weiter)?lesen",
    r"melden sie sich an,? um (?:weiter|den)",
    r"den (?:ganzen|vollständigen|kompletten) (?:artikel|beitrag) (?:lesen|finden)",
    r"registrieren sie sich,? um",
    r"um diesen artikel (?:weiter|zu |vollständig)",
    # Spanish
    (
        r"suscr[íi]b(?:ete|ase|irse) (?:ahora )?(?:para|y) "
        r"(?:seguir|leer|continuar|acceder|sigue)"
    ),
    r"para (?:seguir|continuar) leyendo",
    (
        r"(?:contenido|art[íi]culo|noticia) (?:es )?"
        r"(?:exclusiv[oa]|s[óo]lo|reservad[oa]) (?:\w+ )?(?:para )?(?:\w+ )?"
        r"(?:suscriptor|abonad|socios|usuarios registrados)"
    ),
    r"exclusivo para suscriptores",
    r"¿(?:ya eres|ya es|eres) suscriptor",
    # Italian
    r"abb[oò]nati (?:per|ora per|e) (?:continuare|leggere|accedere|continua)",
    r"(?:per|vuoi) continuare (?:a leggere|la lettura)",
    (
        r"(?:contenuto|articolo) (?:è )?(?:\w+ )?"
        r"(?:riservato|esclusivo|disponibile solo) (?:agli|ai|per (?:gli )?) ?"
        r"(?:\w+ )?abbonati"
    ),
    r"sei già abbonato",
    # Portuguese
    r"(?:assine|cadastre-se) (?:para|e) (?:continuar|ler|continue)",
    r"para continuar (?:lendo|a ler)",
    (
        r"(?:conteúdo|artigo|matéria) (?:é )?(?:exclusiv[oa]|apenas|reservad[oa]) "
        r"(?:\w+ )?(?:para |a )?(?:\w+ )?assinantes"
    ),
    r"exclusivo para assinantes",
    r"já é assinante",
    # Dutch
    r"(?:alleen|exclusief) voor abonnees",
    r"lees (?:verder|dit artikel|meer) (?:met een|als abonnee|voor)",
    r"(?:verder lezen|wilt? (?:je|u) verder lezen)\?",
    r"word (?:abonnee|lid) (?:om|en lees)",
    r"al abonnee\?",
    # Swedish
    (
        r"(?:logga in|bli prenumerant|prenumerera|teckna) (?:för att|och) "
        r"(?:läsa|fortsätta|läs)"
    ),
    r"(?:endast|bara) för (?:prenumeranter|inloggade)",
    # Danish, Norwegian
    r"(?:kun|kun tilgængelig) for abonnenter",
    r"for at læse (?:videre|resten|hele)",
    r"for å lese (?:videre|hele|saken)",
    r"bli abonnent (?:for|og)",
    # Finnish
    r"vain tilaajille",
    r"tilaa ja lue",
    # Polish
    (
        r"(?:dostępn\w+|treść|artykuł) (?:jest )?(?:tylko |wyłącznie )?dla (?:\w+ )?"
        r"(?:prenumeratorów|subskrybentów)"
    ),
    r"chcesz czytać dalej",
    r"kup (?:dostęp|prenumeratę)",
    # Russian, Czech, Turkish
    r"(?:пов?н\w+|полн\w+) (?:текст|версия|статья).{0,25}подписчик",
    r"только для подписчиков",
    r"оформите подписку",
    r"předplatitel\w* (?:mohou|čt)",
    r"abone olun",
    r"aboneler(?:e|imize) özel",
    # Japanese
    r"(?:この|本)?(?:記事|コンテンツ)は(?:有料)?会員(?:限定|専用|のみ)",
    r"会員限定(?:記事|コンテンツ)",
    r"有料(?:会員|記事|プラン)(?:限定|です|登録|の方)",
    r"残り\s?[\d,０-９]+\s?文字",
    r"続き(?:を読む|をお読みいただく|は)(?:には|、|ログイン|会員|有料)",
    r"(?:全文|続き)を(?:お)?読み?(?:いただく|む)?には",
    # Chinese
    (
        r"(?:订阅|訂閱|付费|付費|登录|登入|开通会员)(?:后|後|以|即可)?(?:继续|繼續|可)?"
        r"(?:阅读|閱讀)(?:全文)?"
    ),
    r"(?:本文|此文章|此内容)(?:仅供|僅供|为|為)(?:订阅|訂閱|付费|会员|會員)",
    # Korean, Arabic
    r"(?:유료|구독) ?(?:회원|기사|독자) ?(?:전용|만|입니다)",
    r"구독(?:하고|하시면)",
    r"이 기사는 .{0,10}(?:유료|구독)",
    r"(?:هذا المقال|المحتوى) (?:حصري|متاح) (?:ل|فقط )لمشتركين",
)
PAYWALL_KEYWORDS = (
    "subscri|member|premium|registered|reading|to read|unlock|free|rest of|end of|abonn"
    "|cet article|réservé|gratuit|lire |lecture|la suite|débloquez|weiter|lesen"
    "|exklusiv|abo |abos|-abo|mitglied|registrier|suscr|socios|leyendo|abbon"
    "|continuare|assin|lendo|a ler|lees |verder|word lid|läs|prenum|læse|lese"
    "|abonent|tilaa|subskry|czytać|kup |подпис|předplat|abone|会員|有料|残り|続き"
    "|全文|订阅|訂閱|付费|付費|登录|登入|开通|会员|會員|유료|구독|مشترك|read the"
    "|sign up"
).split("|")

# What a prompt invites to: reading the article.
READING_WORDS = (
    # English
    (
        r"\b(?:read(?:ing)?|unlock|access|the (?:full|whole|rest of th\w+) "
        r"(?:story|article|post)|continue|this (?:story|article|post))\b"
    ),
    # French
    r"\b(?:lire|lecture|lisez|la suite|cet article|ce contenu|accéde[rz])\b",
    # German
    r"(?:weiter(?:zu)?lesen|\blesen\b|\bartikeln?\b|\bbeitrag\b|\bzugang\b)",
    # Spanish, Italian, Portuguese, Dutch, Scandinavian, Finnish, Polish
    (
        r"\b(?:leer|leyendo|lee|este (?:art[íi]culo|contenido)|acced[ea]r?|leggere"
        r"|lettura|quest[oa] (?:articolo|contenuto|notizia)|ler|lendo"
        r"|est[ea] (?:matéria|artigo|conteúdo)|matérias|lees|lezen|dit artikel|läsa?"
        r"|artikeln|läse|lese|les|saken|artikkelen|lue|juttu\w*|artykuł\w*|treść"
        r"|czyta\w+)\b"
    ),
    # Russian
    r"читать",
    r"текст",
    r"стать[юяи]",
    # Japanese, Chinese, Korean, Arabic
    r"ページ",
    r"続き",
    r"記事",
    r"全文",
    r"阅读",
    r"閱讀",
    r"畅读",
    r"文章",
    r"기사",
    r"المقال",
)

# What a prompt asks for: a subscription or an account.
SUBSCRIBING_WORDS = (
    # English
    r"subscri(?:be|ption|ber)",
    (
        r"\b(?:a member|membership|members[ -]only|member-only|paying members"
        r"|to members)\b"
    ),
    r"(?:create|free|with an?) (?:free )?account",
    r"\bfree (?:trial|account)\b",
    r"\bregister\b",
    r"\bfree articles\b",
    r"\b(?:log|sign)(?:ging)? in\b",
    r"sign up",
    # French
    r"abonn[ée]\w*",
    r"\b(?:un|votre|mon) compte\b",
    r"connectez-vous",
    r"inscrivez",
    r"inscription gratuite",
    # German
    r"\w*abo(?:s|nnent\w*|nnement\w*|nnieren)?\b",
    r"registrier\w+",
    r"\banmelden\b",
    r"melden sie sich",
    # Spanish, Italian, Portuguese
    r"suscr[íi]\w+",
    r"reg[íi]strate",
    r"inicia(?:r)? sesi[óo]n",
    r"abbon\w+",
    r"registrat[io]",
    r"\bassin\w+",
    r"cadastr\w+",
    r"fa[çz]\w* login",
    # Dutch, Swedish, Polish, Finnish, Russian
    r"abonnee\w*",
    r"\baccount\b",
    r"prenumer\w+",
    r"logga in",
    r"abonent\w*",
    r"\btila\w+",
    r"subskry\w+",
    r"подпис\w+",
    # Japanese
    r"会員",
    r"有料",
    r"登録",
    r"ログイン",
    # Chinese, Korean, Arabic
    r"订阅",
    r"訂閱",
    r"付费",
    r"付費",
    r"登录",
    r"登入",
    r"会员",
    r"會員",
    r"유료",
    r"구독",
    r"مشترك",
)
SUBSCRIBING_KEYWORDS = (
    "subscri|member|account|trial|register|free articles|log|sign|abonn|compte"
    "|connect|inscri|abo|registr|anmeld|melden|suscr|regístr|sesi|abbon|assin"
    "|cadast|prenumer|abonent|tila|subskry|подпис|会員|有料|登録|ログイン|订阅|訂閱"
    "|付费|付費|登录|登入|会员|會員|유료|구독|مشترك"
).split("|")

# Lines that say that the article goes on elsewhere.
READ_ELSEWHERE_LINE = (
    # English
    (
        r"(?:read|view|see) (?:the )?(?:full|original|complete|entire|whole) "
        r"(?:article|story|post|report|text|version)"
        r"(?: (?:on|at|here|in|from)\b.{0,60})?\W*"
    ),
    r"(?:continue|keep) reading(?: (?:on|at|here)\b.{0,60})?\W*",
    r"read (?:more|on) (?:on|at) .{2,60}",
    # French
    (
        r"lire (?:la suite|l['’]article (?:complet|original|entier|intégral))"
        r"(?: (?:sur|dans|ici)\b.{0,60})?\W*"
    ),
    # German
    (
        r"(?:weiterlesen|den (?:ganzen|vollständigen) (?:artikel|beitrag) (?:lesen|auf)"
        r"|mehr lesen) ?(?:auf|bei|hier)?.{0,50}"
    ),
    # Spanish, Italian, Portuguese
    (
        r"(?:seguir leyendo|leer (?:el art[íi]culo|la noticia|la nota) "
        r"(?:completo|completa|original)|leggi (?:l['’]articolo (?:completo|originale)"
        r"|tutto)|continua a leggere|leia (?:mais|a (?:íntegra|matéria completa))) ?"
        r"(?:en|su|em|aquí|qui)?.{0,50}"
    ),
    # Dutch, Japanese, Chinese
    r"lees (?:verder|het (?:hele|volledige) artikel).{0,50}",
    r"続きを読む.{0,20}",
    r"(?:阅读|閱讀)(?:全文|更多).{0,20}",
)

# Notes of corrections and updates, which are the article's own words.
CORRECTION_NOTE_LINE = (
    # a label and a colon
    (
        r"\W*(?:corrections?|clarifications?|editor['’]s note|erratum|update[ds]?"
        r"|rectificatif|correctif|précisions?|mise à jour|màj|note de la rédaction|ndlr"
        r"|erratum|korrektur|berichtigung|anmerkung der redaktion|corrección"
        r"|fe de erratas|correzione)\b[^:]{0,40}:\s*\w.{15,}"
    ),
    # English
    (
        r".{0,60}\b(?:this|the) (?:article|story|report|post|piece|page|headline)"
        r"(?: \([^)]{0,60}\))? (?:was|has been|had been) "
        r"(?:since |later |subsequently |also )?(?:corrected|amended|clarified|updated"
        r"|revised|edited|changed|modified)\b.*"
    ),
    (
        r".{0,60}\b(?:earlier|previous|original) version of (?:this|the|our) "
        r"(?:article|story|report|post|piece|headline)\b.*"
    ),
    # French
    (
        r".{0,60}\b(?:cet|cette|notre|l['’]) ?(?:article|dépêche|enquête|tribune|papier"
        r"|texte) (?:a|avait) (?:depuis |également )?été "
        r"(?:corrigée?|modifiée?|rectifiée?|actualisée?|complétée?|mise? à jour)\b.*"
    ),
    (
        r".{0,80}\b(?:première|précédente|ancienne) version "
        r"(?:de (?:cet|notre|l['’]) ?(?:article|texte|papier)|indiquait|affirmait"
        r"|mentionnait).*"
    ),
    # German
    (
        r".{0,60}\b(?:artikel|beitrag|text) wurde (?:nachträglich |inzwischen )?"
        r"(?:korrigiert|aktualisiert|berichtigt|ergänzt)\b.*"
    ),
    r".{0,40}\bfrüheren (?:version|fassung) (?:dieses|des) .*",
)

# Notes below a text on whose opinion or responsibility it is, and on rights in it.
DISCLAIMER_LINE = (
    # English
    (
        r"\W*(?:notice|disclaimer|note)?\W*(?:the |all |any )?(?:views|opinions)"
        r"(?:,? (?:and|or|&) \w+)? (?:expressed|stated|presented|contained)\b"
        r".*\b(?:not|author|authors|own|those|writer|solely)\b.*"
    ),
    r"\W*disclaimer\W*[:：–—-].*",
    r"\W*notice: the content above\b.*",
    (
        r".{0,40}\b(?:this|the) (?:article|story|report|column|piece|post|content|op-ed)"
        r" (?:does not (?:necessarily )?(?:reflect|represent)|(?:solely )?reflects the"
        r" (?:views|opinions)|has not been (?:edited|created) by|is (?:auto-?generated"
        r"|published) from)\b.*"
    ),
    (
        r"\W*(?:(?:this|the) (?:article|story|post|piece|essay|interview|op-ed|column)"
        r" )?(?:(?:was|is|has been|originally|first|also) ){1,3}"
        r"(?:published|appeared|republished|posted|syndicated) (?:on|in|by|from|at|with)"
        r"\b.{2,160}"
    ),
    r"(?:©|copyright|\(c\)).*\b(?:all rights reserved|may not be)\b.*",
    # French, Spanish, Italian, Portuguese, Romanian
    (
        r"\W*les (?:opinions|propos|points de vue|avis|analyses)"
        r" (?:exprim|émis|tenu|publi|contenu).*"
    ),
    r".{0,160}\bn['’]engagent? que (?:leurs?|son|la responsabilité de|l['’]).*",
    r"\W*las? opini(?:ón|ones) (?:expresad|vertid|emitid|contenid).*",
    r"\W*le opinioni (?:espresse|contenute|riportate).*",
    r"\W*as opiniões (?:express|aqui|contid|emitid|manifestad).*",
    (
        r"\W*(?:este|o) (?:texto|artigo|conteúdo) (?:não )?"
        r"(?:reflete|representa)\b.*\bopini.*"
    ),
    r"\W*opiniile (?:exprimate|publicate).*",
    # German, Dutch, Scandinavian
    (
        r"\W*(?:der|dieser|die|das|dieses) (?:gast)?"
        r"(?:kommentar|beitrag|artikel|text|kolumne|meinung)"
        r" (?:gibt|spiegelt|entspricht|muss|drückt)\b.*"
        r"\b(?:meinung|ansicht|auffassung|redaktion)\b.*"
    ),
    (
        r"\W*(?:die )?(?:hier |in .{3,60} )?(?:geäußerten?|vertretenen?) "
        r"(?:meinung|ansicht|auffassung).*"
    ),
    r"\W*namentlich gekennzeichnete (?:beiträge|artikel)\b.*",
    r"\W*de (?:mening|opinie|standpunt)(?:en)? (?:in dit|in deze|die hier|van de)\b.*",
    r"\W*(?:åsikterna|åsikter|meninger|synspunkter) (?:som )?(?:uttryck|uttalat|i dette).*",
    # Russian, Ukrainian, Bulgarian, Polish, Czech
    (
        r"\W*(?:мнени[ея]|точк[аи] зрения|позици[яи]) (?:автор|редакц|колумнист)\w*"
        r".*\bне\b.*"
    ),
    r"\W*(?:думк[аи]|точк[аи] зору|погляди) (?:автор|редакц)\w*.*\bне\b.*",
    r"\W*(?:opinie|poglądy) (?:wyrażon|zawart|autor).*",
    r"\W*(?:názory|názor) (?:autor|vyjádřen|v tomto).*",
    # Greek, Turkish
    r"\W*(?:οι )?απόψεις .*\b(?:δεν|συντάκτ|συγγραφ)\w*.*",
    r"\W*(?:bu )?(?:yazı|makale|köşe|yorum)\w*.{0,60}(?:yazarı|görüş).*(?:yansıt|aittir).*",
    # Chinese
    (
        r"[【\[(（]?\s*(?:特别|特別|免责|免責|郑重|鄭重|严正|嚴正|版权|版權|重要|平台|作者|本站)"
        r"(?:声明|聲明|申明|提示).*"
    ),
    r"[【\[(（]?\s*(?:声明|聲明)\s*[:：].*",
    (
        r".{0,30}(?:未经|未經).{0,12}(?:授权|授權|许可|許可|同意).{0,8}"
        r"(?:不得|禁止|严禁|嚴禁|请勿|請勿).{0,80}"
    ),
    r"返回.{1,10}[，,]\s*查看更多",
    r".{0,20}(?:转载|轉載)(?:请|請|须|必须|時請).{0,6}(?:注明|註明|联系|保留).*",
    r".{0,12}(?:本文|文章|以上|上述).{0,20}(?:仅代表|僅代表|不代表|只代表).*",
    (
        r"[【\[(（]\s*(?:责任|責任|本文|实习)?"
        r"(?:编辑|編輯|责编|責編|稿源|来源|來源|校对|校對|审核|编审|监制)"
        r"\s*[:：][^】\])）]{1,40}[】\])）]"
    ),
    r"(?:责任|責任|本文)?(?:编辑|編輯|责编|責編)\s*[:：]\s*\S{2,8}(?:\s\S{1,4})?",
    # Japanese, Korean
    r".{0,40}無断(?:転載|複製|使用|引用).*",
    r"※?\s*(?:本|この)(?:記事|原稿|コラム|寄稿).{0,30}(?:見解|個人の意見|筆者).*",
    r".{0,60}(?:무단\s?(?:전재|복제|사용)|재배포\s?금지).*",
    r"\W*(?:ⓒ|©|저작권자).{0,80}",
    # Arabic, Hindi, Vietnamese
    r".{0,40}(?:الآراء|المقالات?|هذا المقال).{0,60}(?:لا تعبر|لا يعبر|تعبر عن|لا تعكس).*",
    r"\W*(?:डिस्क्लेमर|अस्वीकरण)\W*[:：–—-].*",
    r"\W*bài viết .{0,30}quan điểm.*",
)

# What else a line may ask for: newsletters, other channels, comments.
OTHER_OFFER_WORDS = (
    r"newsletter",
    r"inbox",
    r"e-?mail(?:s|ed)?\b",
    r"podcast",
    r"whatsapp",
    r"telegram",
    r"facebook",
    r"twitter",
    r"instagram",
    r"youtube",
    r"infolettre",
    r"boletín",
    r"bülten",
    r"nyhetsbrev",
    r"nieuwsbrief",
    r"comment(?:s|aires)?\b",
    r"kommentar",
    r"メールマガジン",
    r"メルマガ",
)

# What a subscription offers, beside a prompt to subscribe.
OFFER_LINE = (
    r"reached the end of (?:the|your|this) ",
    r"(?:unlimited|full|complete|digital|instant)(?: digital)? access",
    r"\b(?:cancel|pause) (?:at )?any ?time",
    r"\b(?:per|a|every|each|first) (?:week|month|year)\b",
    r"/\s?(?:week|month|mo|year|mois|semaine|an|monat|woche|jahr|mes|mese|mês)\b",
    r"[$€£¥₹₽]\s?\d|\d\s?(?:[$€£¥₹₽]|euros?|dollars?|usd|chf|kr|zł|руб)",
    r"subscri|\babo\b|abonn|abonnement|suscri|abbon|assin|prenumer|подпис|订阅|訂閱|会員",
    r"\b(?:log|sign)(?:ged)? ?in\b|\blogin\b|anmelden|einloggen|connectez|connexion",
    r"\btrial\b|\bgratuit|\bkostenlos|\bgratis\b|\bfree\b",
    r"kündbar|sans engagement|résiliable|sin permanencia|senza impegno|opzegbaar",
    r"(?:illimité|unbegrenzt|ilimitad|illimitat|onbeperkt)",
    r"(?:ad-free|werbefrei|sans publicité|sin publicidad)",
)

# Labels of lists and teasers of other articles.
TEASER_LABEL = (
    r"\b(?:most|best|top|more)[- ](?:read|viewed|popular|shared|loved)\b",
    r"\b(?:popular|trending|picks|favou?rites|stories|articles) (?:with|by|for|among)\b",
    r"\bles? plus (?:lus?|lues?|partagés|populaires)\b",
    r"\bmeist ?(?:gelesen|geklickt)|am meisten gelesen|beliebt bei",
    r"\b(?:lo )?más (?:leíd|vist|popular)|\b(?:i )?più (?:lett|vist)",
    r"\bmais (?:lid|vist)|best gelezen|meest gelezen|mest (?:läst|lest|læst)",
    r"luetuimmat|najczęściej czytan|najpopularniejsz|nejčtenější|legolvasottabb",
    r"самое читаемое|популярное|читають|најчитаниј|en çok okunan",
    r"よく読まれ|ランキング|人気の|热门|熱門|点击排行|排行|많이 본|الأكثر قراءة",
)

# Lines about comments.
COMMENTING_WORDS = (
    r"\bcomment(?:s|aires?)?\b",
    r"kommentar",
    r"comentario",
    r"commenti",
    r"comentários",
    r"reacties",
    r"コメント",
    r"评论",
)

# What is missing, in the heading of an error page.
PAGE_WORDS = (
    # languages of Latin script
    (
        r"\b(?:page|article|story|content|link|seite|beitrag|inhalt|página|pagina"
        r"|contenido|contenu|artículo|artigo|articolo|sidan|siden|artikel\w*|sayfa"
        r"|stron[ay]|str[áa]nka|sivua?)\b"
    ),
    # Russian, Japanese, Chinese, Korean, Arabic
    r"страниц",
    r"ページ",
    r"記事",
    r"页面",
    r"頁面",
    r"网页",
    r"내용",
    r"페이지",
    r"الصفحة",
    r"صفحة",
)

# That it is missing, in the heading of an error page.
MISSING_WORDS = (
    # languages of Latin script
    (
        r"\b(?:not|\w+n['’]t|no longer|unavailable|missing|removed|deleted|moved|gone"
        r"|find|nicht|keine?|gelöscht|pas|plus|indisponible|introuvable|supprimée?|no"
        r"|non|não|niet|ikke|inte|nie|neexistuje|ei|removida|eliminad[ao]|rimoss[ao]"
        r"|trovata|encontrada)\b"
    ),
    # Turkish, Russian, Japanese, Chinese, Korean, Arabic
    r"bulunamad",
    r"не (?:найден|существ)",
    r"удалена",
    r"見つかり",
    r"存在しません",
    r"削除",
    r"不存在",
    r"找不到",
    r"没有",
    r"없",
    r"غير",
)

# Paths of URLs that say what a page is.
PATHS = {
    "login": (
        (
            r"/(?:log-?in|sign-?in|logon|account/(?:login|signin|register)"
            r"|users/sign_in|connexion|anmelden|anmeldung|inloggen|iniciar-sesion"
            r"|wp-login\.php|auth/|sso/|oauth)"
        ),
    ),
    "wall": (
        (
            r"/(?:consent|zustimmung|cookie-?wall|privacy-?(?:gate|wall)|collectconsent"
            r"|captcha|distil_r_captcha|cdn-cgi/challenge|blocked|access-denied"
            r"|unavailable-in-eu|451)\b"
        ),
    ),
    "error": (
        (
            r"/(?:404|50[0-4]|not-?found|page-not-found|error(?:\.\w+|/\d*)?"
            r"|seite-nicht-gefunden|erreur)/?(?:index)?(?:\.\w{2,5})?$"
        ),
    ),
    "gallery": (
        (
            r"/(?:gallery|galleries|galerie|galeria|galleria|galerien|fotogaleria"
            r"|photogallery|photo-gallery|slideshow|diaporamas?|portfolio|fotostrecken?"
            r"|bilderstrecken?|fotos?|photos?|pictures|in-pictures|bildergalerien?)/"
        ),
    ),
    "live": (
        (
            r"(?:/|-)(?:live-?blog|live-?ticker|liveticker|live-?updates?|en-direct"
            r"|as-it-happened)(?:/|-|$)"
        ),
        r"/live/",
    ),
    "index": (
        (
            r"/(?:category|categories|tags?|author|authors|topics?|section|rubrique"
            r"|rubriken?|kategorie|categoria|themen?|search|archives?|page/\d+)(?:/|$)"
        ),
        r"^/?(?:index\.\w+)?$",
    ),
}
