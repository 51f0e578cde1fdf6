"""The words of bylines in many languages: labels, roles, newsrooms, accounts, dates.

Everything here is matched without regard to case.
"""

from __future__ import annotations

import re

# ---- labels

# "By" before a name. Those of one or two letters are also other words: only at the
# beginning, before a name.
_BY = (
    "by par von vom por di da door av af od przez oleh bởi kirj από του της от від"
    " מאת بقلم كتب كتبت تحرير إعداد نویسنده نوشته"
).split()
BY_WORDS = "|".join([*_BY, "به قلم", "γράφει (?:ο|η)", "γράφουν οι"])
# One of the first words of a line that begins with "by" or "written by".
MAX_WORDS_TO_BY = 4
_FIRST_WORDS = frozenset((*_BY, "γράφει", "γράφουν"))
# Participles before "by": "written by".
_WRITTEN = (
    "(?:written|posted|published|filed|recommended|reported|submitted|created|authored"
    "|contributed|compiled|story|report|words|text|analysis"
    "|opinion|guest post|recipe|guide|interview|article)"
)
_WRITTEN_BY = (
    rf"{_WRITTEN}\s*:?\s+by"
    r"|(?:geschrieben|verfasst|veröffentlicht|eingestellt|erstellt|gepostet|beitrag"
    r"|gastbeitrag|kommentar|gastkommentar|kolumne|analyse|nachricht|rezension|artikel"
    r"|blog|ein (?:gast)?beitrag|ein (?:gast)?kommentar|pressemitteilung|im wortlaut"
    r"|gespeichert|eine? \w+)\s*:?\s+von"
    r"|(?:écrit|publié|rédigé|proposé|posté|recueillis|recueilli|article)\s+par"
    r"|propos recueillis par"
    r"|(?:publicado|escrito|postado|redactado|elaborado)\s+por"
    r"|(?:scritto|pubblicato|articolo|a cura)\s+d[ai]"
    r"|(?:geplaatst|gepost|geschreven)\s+door"
    r"|(?:skriven|skrevet|publicerad|publisert)\s+a[vf]"
    r"|(?:napisane|opublikowane|dodane)\s+przez"
    r"|ditulis oleh|được viết bởi"
)
_POSTS_BY = (
    r"about (?:the author)?|view all posts by"
    r"|(?:all|more|other) (?:posts|articles|stories) (?:by|from)"
    r"|über (?:den autor|die autorin)"
    r"|(?:zeige )?alle (?:beiträge|artikel) (?:von|anzeigen von)"
    r"|(?:tous les|voir (?:tous )?les) articles (?:de|par)"
    r"|ver todas las entradas de|visualizza tutti gli articoli di"
)
# Nouns before a colon: "Author: …".
LABEL_NOUNS = (
    r"texto|testo|phóng viên"
    r"|texte?s?(?:\s*(?:und|&|et|\+|och|og)\s*(?:fotos?|bilder|bild|photos?))?"
    r"|authors?|autor(?:in|en|es|a|ka|s)?|auteure?s?|auteur|autrice|autore|autori"
    r"|writer|written|tekst|verfasser(?:in)?|redakteur(?:in)?|reporter|byline|redaktion"
    r"|redacción|redazione|journaliste?|giornalista|periodista|jornalista"
    r"|автори|авторы|автор(?: текста| статьи| материала)?|текст|журналіст(?:ка)?"
    r"|журналист(?:ка)?|корреспондент|кореспондент|подготовил[аи]?|підготував|підготувала"
    r"|писала?|пише|piše|napsala?|napisała?|opracowanie|opracował[ay]?|oprac\.?|protokoll|bericht|interview|opinion|words|story|by|von|par"
    r"|συντάκτης|συντάκτρια|κείμενο|επιμέλεια|yazar|yazan|haber|muhabir|hazırlayan"
    r"|szerző|írta|szöveg|teksti|kirjoittaja|toimittaja|forfatter|skribent|journalist"
    r"|autor articol|scris de|tác giả|penulis|reporter|pewarta|ผู้เขียน|เรื่อง|โดย"
    r"|作者|责编|責編|责任编辑|責任編輯|文|撰文|撰稿|采写|採訪|记者|記者|本报记者|本報記者"
    r"|通讯员|特约记者|執筆|執筆者|取材・文|著者|ライター|글|글쓴이|작성자|기자"
    r"|الكاتب|كاتب|بقلم|كتبت?|تحرير|إعداد|المحرر|نویسنده|خبرنگار|مصنف|תחریر|כתב|כתבה|מאת|מחבר"
    r"|लेखक|रिपोर्ट|संवाददाता|লেখক|প্রতিবেদক"
)
ONLY_LABEL = re.compile(rf"(?:{'|'.join(_BY)}|{LABEL_NOUNS})", re.IGNORECASE)
LABEL_PREFIX = re.compile(
    rf"^\W*(?:(?:{_POSTS_BY}|{_WRITTEN_BY}|{BY_WORDS})\b[\s:：]+"
    rf"|(?:{LABEL_NOUNS})(?:\s*[:：／/=]\s*|\s+[-–—]\s+)"
    r"|(?:文|取材|執筆)\s*[・＝]\s*|글\s+(?=[\uac00-\ud7a3]{2,4}\s*$)"
    r"|(?:oprac(?:owa[łl][aiy]?)?\.?|napisa[łl][aiy]?|kirjoittanut|words|texte?|tekst|texto)"
    r"\s+(?=(?-i:[A-ZÀ-ÞŁŚŻ])\S*\s+(?:(?:de|den|der|di|la|van|von)\s+){0,2}"
    r"(?-i:[A-ZÀ-ÞŁŚŻ]))"
    r"|un[ea]? (?:article|enquête|reportage|chronique|crónica|reportaje|artículo|articolo)"
    r" (?:de|par|di|da|por)\s+|aus \S+ berichte[nt]\s+"
    r"|\S{1,8}(?:일보|신문|뉴스|경제|데일리|타임스)[\s=]+(?=[\uac00-\ud7a3]{2,4})"
    r"|(?-i:de\s+(?=[A-ZÀ-Þ]\S+\s+[A-ZÀ-Þ]))"
    r"|(?:author|autor|auteur|autorin|writer|автор|guest author)\s+(?=[A-ZÀ-ÞА-Я])"
    r"|[\u4e00-\u9fff]{0,6}(?:记者|記者|作者)[\s|｜]*(?=[\u4e00-\u9fff])"
    r"|โดย\s*(?=[\u0e00-\u0e7f]))",
    re.IGNORECASE,
)
# "Kolumne von", "Feature by": any two words before.
LOOSE_PREFIX = re.compile(
    r"^(?:[^\W\d_]+\s+){1,2}(?i:by|par)\s+(?=[A-ZÀ-Þ])"
    r"|^[a-zà-ÿ]+\s+(?i:von|por|da)\s+(?=[A-ZÀ-Þ])"
)
ENDS_IN_LABEL = re.compile(
    rf"(?:^|\s)(?:{BY_WORDS})\s*[:：]?$|(?:^|\s)(?:{LABEL_NOUNS})\s*[:：]$",
    re.IGNORECASE,
)
WRITTEN_BY = re.compile(rf"^\W{{0,3}}(?:{_WRITTEN_BY})\b", re.IGNORECASE)
# A line near the headline that begins so is a byline.
_BYLINE_START = re.compile(
    r"^\W{0,3}(?:(?:by|par|von|por|door|oleh|bởi|przez|γράφει (?:ο|η)|מאת|بقلم|كتبت?"
    rf"|{_WRITTEN_BY})(?=[\s:：]|$)"
    rf"|(?:{LABEL_NOUNS})\s*[:：])",
    re.IGNORECASE,
)
# The same in the middle of a line: "Time: 08:30 Author: …".
_INNER_LABEL = re.compile(
    rf"(?:^|[\s|｜·•,，/(（【])(?:{LABEL_NOUNS})\s*[:：]\s*"
    r"([^|｜•:：()（）【】\d]{2,60})",
    re.IGNORECASE,
)


def find_byline_start(text: str) -> re.Match[str] | None:
    """The "By" or "Author:" that a text begins with; None if there is none.

    Most texts are told apart without the regular expression, which is slow.
    """
    first_words = text.lower().split(None, MAX_WORDS_TO_BY)[:MAX_WORDS_TO_BY]
    if _FIRST_WORDS.isdisjoint(word.strip(" :：(") for word in first_words) and (
        not _has_colon(text)
    ):
        return None
    return _BYLINE_START.match(text)


def is_byline_label(text: str) -> bool:
    """Whether a text is nothing but "Written by", "By" or "Author"."""
    return (
        ONLY_LABEL.fullmatch(text.strip(" :：")) is not None
        or re.fullmatch(_WRITTEN_BY, text.strip(" :："), re.IGNORECASE) is not None
    )


def find_inner_label(text: str) -> str:
    """What follows "Author:" somewhere in a text; "" if it is not there.

    Or what stands beside "reporter" in Chinese, Japanese and Korean.
    """
    match = _INNER_LABEL.search(text) if _has_colon(text) else None
    if match and text[match.end() : match.end() + 1] in (":", "："):
        return re.sub(r"\s+\S*$", "", match[1])  # without the label that follows
    if match is None and not text.isascii() and _REPORTERS.search(text):
        match = _BESIDE_REPORTER.search(text)
    return next(filter(None, match.groups()), "") if match else ""


def _has_colon(text: str) -> bool:
    return ":" in text or "：" in text


_REPORTERS = re.compile("记者|記者|기자|특파원")
_BESIDE_REPORTER = re.compile(
    r"(?:^|[\s(（\[【=])(?:[\u4e00-\u9fff]{0,4}(?:记者|記者)[\s\u3000]+([\u4e00-\u9fff·]{2,4})"
    r"|([\uac00-\ud7a3]{2,4})\s?(?:기자|특파원)"
    r"|([\u3040-\u30ff\u4e00-\u9fff]{2,8})記者)(?=$|[\s)）\]】=])"
)


# ---- between names

CONJUNCTIONS = (
    r"and|et|und|&|\+|og|och|ir|eta|и|та|та й|και|ve|és|și|và|및|と|和|(?-i:un|dan)"
)
# Of one letter or two: in names as well, as in "Ortega y Gasset".
SHORT_CONJUNCTIONS = "y|e|i|ja|і|й"

# ---- roles

_DEPARTMENTS = (
    "political|politics|business|sports?|health|science|tech(?:nology)?|marketing"
    "|content|culture|arts?|music|film|fashion|food|travel|education|environment(?:al)?"
    "|climate|crime|court|legal|foreign|national|international|local|regional|world"
    "|diplomatic|parliamentary|investigative|data|digital|online|social media|media|web"
    "|video|photo|picture|news|features?|opinion|economics?|financial|finance|money"
    "|market|markets|sales|product|growth|community|communications?|customer|creative"
    "|shipping|seo|public relations|pr|hr|trial|software|multimedia|multiplatform|royal"
    "|religion|consumer|housing|transport|energy|defen[cs]e|security|washington|europe"
    "|city|metro|general|copy|night|research|editorial|brand|project|program"
)
_RANKS = (
    "senior|sr\\.?|junior|jr\\.?|lead|leading|chief|deputy|managing|associate|assistant"
    "|contributing|executive|vice|principal|staff|special|guest|freelance|former"
    "|founding|acting|interim|head|global|registered|certified|licensed|independent"
)
_ROLES = (
    r"journalist(?:e|in|en|ka)?|reporters?|correspondent(?:e|in)?|correspondante?"
    r"|korrespondent(?:in)?|corresponsal|corrispondente|correspondente"
    r"|(?:chef)?redakteur(?:in)?|redaktörs?|redaktør|redaktor(?:ka)?|redacteur"
    r"|(?:sub|copy)-?editor|redactora?|redattore|redattrice|redatora?|editora?"
    r"|editor(?:-in-chief| in chief| at large)?"
    r"|rédact(?:eur|rice)(?: en chef)?|writer|columnist|kolumnist(?:in)?|columnista"
    r"|envoyée? spéciale?|enviad[oa] especial|inviat[oa]|verslaggever|periodista"
    r"|giornalista|jornalista|repórter|dziennikar(?:z|ka)|novinář(?:ka)?|reportér(?:ka)?"
    r"|toimittaja|muhabir(?:i)?|editörü?|yazarı|újságíró|szerkesztő|gazeteci"
    r"|журналист(?:ка)?|журналіст(?:ка)?|корреспондент|кореспондент(?:ка)?|обозреватель"
    r"|(?:шеф-)?редактор(?:ка)?|συντάκτης|δημοσιογράφος|صحفية?|صحافية?|مراسلة?"
    r"|contributor|photographer|photojournalist|producer|blogger|anchor|host|presenter"
    r"|analyst|founder|co-?founder|gründer(?:in)?|owner|partner|ceo|cto|cfo|coo|cmo"
    r"|president|director|manager|professor|lecturer|officer|executive|leader"
    r"|consultant|strategist|marketer|specialist|expert|coach|coordinator|reviewer"
    r"|attorney|lawyer|advisor|adviser|engineer|developer|designer|scientist|researcher"
    r"|intern|fellow|nutritionist|dietitian|therapist|psychologist|economist|historian"
    r"|associate|assistant|freelancer|author"
)
_HEAD_OF = (
    r"(?:head|chief|s?vp|director|leiter(?:in)?|chef(?:in)?|responsable|lead)"
    r" (?:of|de|der|des|für)"
)
# It may hold an "and" or an "&" of its own.
HEAD_OF_SUFFIX = re.compile(rf"[\s,|–-]+(?:{_HEAD_OF})\b[^;|,\n]*", re.IGNORECASE)
# What stands before a role and belongs to it.
_QUALIFIER = rf"(?:{_RANKS}|{_DEPARTMENTS})"
# Roles that no surname is ("Baker", "Coach" and "Partner" may be one).
_JOBS = (
    r"journaliste?|reporter|correspondent|korrespondent(?:in)?|(?:chef)?redakteur(?:in)?"
    r"|redaktor|editor(?:-in-chief| in chief| at large)?|writer|columnist|producer"
    r"|coordinator|(?:co-)?founder|contributor|gründer(?:in)?|manager|director|analyst"
    r"|strategist|specialist|reviewer|attorney|officer|photographer|consultant"
)
ROLE_SUFFIX = re.compile(
    r"(?:\s*[,|(–:-]\s*|\s+)(?:(?:[\w’'-]+\s+){0,4}?)"
    rf"(?:{_ROLES})\b.*$",
    re.IGNORECASE,
)
ONLY_ROLE = re.compile(
    rf"^(?:(?:{_QUALIFIER})(?:\s+|\s*[&/-]\s*|\s+and\s+))*(?:{_ROLES})s?"
    r"(?:\s+(?:of|at|for|in|de|du|des|für|bei|dla)\b.*|\s+(?:and|und|et|&)\s.*)?$"
    rf"|^(?:{_HEAD_OF})\b.*$"
    rf"|^(?:{_RANKS})\s+(?:{_DEPARTMENTS})$",
    re.IGNORECASE,
)
# After a name and a separator: also what is a role only there.
ROLE_IN_LIST = re.compile(
    rf"^(?:[\w’'&-]+\s+){{0,4}}(?:{_ROLES})s?"
    r"(?:\s+(?:of|at|for|in|de|du|des|für|bei|en|à|a|na|w|из|в|til|i)\b.*"
    r"|(?-i:\s+[a-zà-ÿ]+){1,2})?$",
    re.IGNORECASE,
)
NAME_WITH_JOB = re.compile(  # "Howard Blume Staff Writer"
    rf"^(\S+(?:\s+\S+){{1,2}}?)\s+(?:{_QUALIFIER}\s+)*(?:{_JOBS})\b.*$",
    re.IGNORECASE,
)
# A part of a list that ends in a job: "Senior Health Correspondent".
JOB_LAST = re.compile(
    rf"(?:^|\s)(?:{_JOBS}|correspond[ae]nte|reporterin|rédact(?:eur|rice)|professor)s?"
    r"(?:[ -](?:in|of|at|for|de|du|en|für|bei)\b.*)?$",
    re.IGNORECASE,
)
# Before a name: "Staff writer Nora Lund", "unserer Redakteurin Nora Lund".
ROLE_PREFIX = re.compile(
    r"^(?:(?:(?:de|dal|dalla)\s+)?"
    r"(?:our|unser(?:em|er|en|e)|nuestr[oa]|nostr[oa]|notre|onze|vår)\s+)?"
    rf"(?:{_QUALIFIER}\s+)*"
    rf"(?:{_JOBS}|korrespondenten|mitarbeiter(?:in|s)?|journalistin|redaktör|reporterin"
    r"|corresponsal|correspondante?|corrispondente|inviat[oa]|verslaggever|envoyée? spéciale?)"
    r"(?:\s+(?:in|à|a|en)\s+\S+)?,?\s+"
    r"(?=(?-i:[A-ZÀ-ÞА-Я])\S*\s+(?-i:[A-ZÀ-ÞА-Я]))",
    re.IGNORECASE,
)
# Titles that stand after a name without a space, or in its script.
NATIVE_TITLE = re.compile(
    r"\s*(?:(?:수습|선임|전문|인턴|객원)?기자|특파원|논설위원|記者|編集委員|记者|特派員|氏)"
    r"(?:\s+외(?:\s*\d+명)?)?(?=$|\s|[(（=\]])"
    r"|\s+(?:tarafından|द्वारा|报道|報道|報導)$"
)

# ---- who is nobody, and who is a newsroom

# Accounts of content management systems, and placeholders.
NOBODY = re.compile(
    r"^(?:(?:wp|wordpress|web|site|sys|super|drupal|joomla|cms|admin|\w{1,20}[-_])?[-_ ]?"
    r"(?:admin(?:istrat(?:or|eur|ör|ore))?|master|root|user|editor|content)[-_ ]?\d*"
    r"|wordpress|drupal|joomla|no-?reply|uncategori[sz]ed|blog|\[?object object\]?"
    r"|(?:your|author|first|full|last) name|first(?:name)? last(?:name)?"
    r"|编辑|小编|責編|責編|編輯|责编"
    r"|administrador(?:a)?|адміністратор|администратор|админ|管理员|管理員|관리자|운영자|編集者"
    r"|نویسنده|المحرر|كاتب"
    r"|editors?|author|auteur|autor(?:in)?|authors|guests?|gast|invité|invitado|gastautor(?:in)?"
    r"|guest (?:author|contributor|writer|post|blogger|user)|anonymous|anonyme?|anonym"
    r"|anónimo|unknown|unbekannt|inconnu|n/?a|none|null|nil|undefined|default|test|demo"
    r"|no author|kein autor|sin autor|name|system|cms|moderator|owner|site"
    r"|front ?page|home ?page|top stor(?:y|ies)|breaking news|latest news|news|nachrichten"
    r"|noticias|actualités?|notizie|sports?|politics|opinion|business|culture|headlines"
    r"|human|press release|journaliste?|reporters?|correspondente?|correspondant"
    r"|columnist|contributors?|writers?|blogger|by|from|von|par|stand|foto|photo)$",
    re.IGNORECASE,
)
_ORGANISATION = (
    r"the .+"
    r"|(?:.+ )?(?:inc|ltd|llc|plc|corp|corporation|gmbh|e\. ?v|ag|s\.?a\.?r\.?l|kg|se"
    r"|association|university|universität|université|institute?|institut|ministry"
    r"|ministerium|foundation|stiftung|fondation|verlag|zeitung|magazine?|media|medien"
    r"|group|agency|agentur|presse-agentur|society|department|\w*anstalt|verein|verband"
    r"|broadcasting|television|newspapers?|publishing|publications?|news|online)"
    r"(?:\.|,? .*)?"
)
NOT_A_PERSON = re.compile(
    rf"^(?:{_ORGANISATION}"
    r"|wire reports?|news service reports|agenc(?:y|ies)|agenturen|agences?|agencias?"
    r"|agenzie|newsroom"
    r"|(?:(?:la |die |the |de |notre |il |el )?"
    r"(?:rédaction|editorial(?: (?:team|board|staff))?"
    r"|staff(?: (?:writers?|reporters?|report|editor))?|editors?"
    r"|redaktion|redacción|redazione|redactie|redação|redakcja|redakce|redaktionen"
    r"|redakcia|redakcija|редакция|редакція|редакцията|σύνταξη|news ?desk|web ?desk|szerkesztőség"
    r"|toimitus"
    r"|(?:national|online|digital) desk"
    r"|(?:.* )?(?:redaktion|editorial (?:team|staff|board)|newsroom|staff))"
    r"|rédaction .*|redaktion .*|redacción .*|redazione .*|redakcja .*)"
    r"|.{0,8}(?:编辑部|編輯部|編集部|新闻中心|편집부|편집국|뉴스팀|취재팀))$",
    re.IGNORECASE,
)
# After a name: the agency that it was written for, as agencies write themselves.
AGENCY_SUFFIX = re.compile(
    r"(?:\s*[,/|(-]\s*|\s+)\(?(?:(?:[Tt]he )?Associated Press|AP|AFP|Reuters|REUTERS"
    r"|dpa|DPA|TNN|PTI|ANI|IANS|EFE|ANSA|TASS|UPI|KNA|epd|sid|SID|APA|SDA|ATS|ANP|NTB|STT|PAP|MTI|DHA|AA"
    r"|Xinhua|Bloomberg|USA TODAY)\)?$"
)

# The same as a part of a list: "Anne Roux, Anadolu Ajansı".
AGENCY = re.compile(
    r"(?:the )?associated press|agence france[- ]presse|deutsche presse-agentur"
    r"|europa press|press association|pa media|usa today|anadolu ajansı|риа новости"
    r"|interfax ukraine|радіо свобода|радио свобода|cna|kyodo news|yonhap news",
    re.IGNORECASE,
)

# Short names of agencies, alone in a list of authors.
AGENCY_INITIALS = re.compile(
    r"afp|ansa|ap|apa|ats|belga|bloomberg|dpa|efe|epd|kna|ntb|pa|reuters|ritzau|sid"
    r"|tass|tt|upi|xinhua",
    re.IGNORECASE,
)
# Cities of two words that stand after a name: "Anne Roux, New York".
CITY = re.compile(
    r"new (?:york|delhi|orleans)|los (?:angeles|ángeles)|nueva york|san (?:francisco|diego|josé?)"
    r"|las vegas|salt lake city|st\.? (?:louis|petersburg)|saint petersburg|hong kong"
    r"|tel aviv|buenos aires|rio de janeiro|são paulo|sao paulo|mexico city|la paz"
    r"|santiago de chile|cape town|kuala lumpur|abu dhabi|addis ababa|the hague|den haag"
    r"|phnom penh|ho chi minh city|washington,? d\.?c\.?|belo horizonte|porto alegre"
    r"|santa cruz|el paso|san juan|port-au-prince|novi sad|banja luka|frankfurt am main",
    re.IGNORECASE,
)

# ---- dates

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november"
    "|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    "|januar|jänner|februar|märz|mai|juni|juli|oktober|dezember"
    "|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    "|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro"
    "|januari|februari|maart|mei|augustus|augusti|maj|desember|december|januára"
    "|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października"
    "|listopada|grudnia|января|февраля|марта|апреля|мая|июня|июля|августа|сентября"
    "|октября|ноября|декабря|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül"
    "|ekim|kasım|aralık|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر"
    "|نوفمبر|ديسمبر"
)
_WEEKDAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    "|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
)
_SHORT_WEEKDAYS = "mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
_CLOCK = (
    r"(?:(?:at|um|à|a las|kl\.?|,|-|@)?\s*\d{1,2}[:.h]\d{2}(?::\d\d)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:uhr|[ECMP][SD]?T|GMT|UTC|BST|CES?T|ME[SZ]Z?|MSK|[IJK]ST|A[ECW][SD]T)?\b)?"
)
# A whole date with its time: what is left beside it is the name.
WHOLE_DATE = re.compile(
    rf"(?:\b(?:(?:on|am|le|el|il|den)\s+)?(?:(?:{_WEEKDAYS}|{_SHORT_WEEKDAYS})\b\.?,?\s*)?"
    rf"(?:\b(?:{_MONTHS})\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?\s+(?:de\s+|of\s+)?(?:{_MONTHS})\b\.?,?\s*(?:de\s+)?\d{{4}}"
    r"|\b\d{4}[-./年]\s?\d{1,2}[-./月]\s?\d{1,2}日?|\b\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d\d)\b)"
    rf"\s*{_CLOCK})",
    re.IGNORECASE,
)
DATE_SUFFIX = re.compile(
    rf"\s*\b(?:\d|(?:(?:am|le|on)\s+)?(?:{_WEEKDAYS})\b"
    rf"|(?:{_SHORT_WEEKDAYS})(?:\.(?:\s|,|$)|,?\s+(?:{_MONTHS}|\d))"
    r"|(?:hace|vor|il y a)\s*(?:\d|$)|(?:am|um|at|on)\s*$"
    rf"|(?:{_MONTHS})\.?\s+\d"
    r"|(?:published|updated|posted|last|on|publié|veröffentlicht|aktualisiert|stand"
    r"|min(?:utes?)? read|tiempo de lectura|lesezeit|reading time|text size)\b).*$",
    re.IGNORECASE,
)
