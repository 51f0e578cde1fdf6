"""Recognise lines that pages put between an article's own. Pure.

These are counters, relative times, "read also", labels of advertisements, newsletters,
cookie notices, buttons. They change from visit to visit and do not belong to the
article's wording (``wording``). All patterns are for whole lines, in lower case, in the
typography of ``wording.normalise_typography``; French and English, with what is
frequent in other languages (``counter_patterns``).
"""

from __future__ import annotations

import re
from functools import cache

from harvester.identity.counter_patterns import (
    AGO,
    COUNTED,
    MINUTES,
    NUMBER,
    READING,
    READING_LABEL,
)

MAX_LINE_LENGTH = 260  # characters of a line of boilerplate
MAX_PROMPT_LENGTH = 170  # characters of "read also" with the title after it

# The number of a counter. Bounded, as an unbounded repetition is quadratic.
DIGITS_PATTERN = r"(?:\d[\d .,']{0,12}\d|\d)"
NUMBER_PATTERN = r"(?:\d[\d .,']{0,12}\d|\d|une?|an?|one)"
_SHORT_TIME_UNIT = (
    r"(?:secondes?|sec|s|minutes?|min|mn|m|heures?|h|seconds?|secs|hours?|hrs?"
    r"|sekunden?|minuten?|stunden?|segundos?|minutos?|horas?|secondi|minuti|ore|ora)"
)
_TIME_UNIT = (
    rf"(?:{_SHORT_TIME_UNIT}|jours?|j|semaines?|mois|days?|d|weeks?|w|months?|tagen?"
    r"|wochen?|días?|semanas?|giorni|giorno)"
)
_TIMESTAMP_PREFIX = (
    r"(?:(?:publié|posté|mis à jour|mise à jour|actualisé|modifié|published|posted"
    r"|updated|last updated|last modified|"
    r"aktualisiert|veröffentlicht|publicado|actualizado|aggiornato"
    r"|pubblicato)\s*:?\s*)?"
)
_DURATION = rf"{NUMBER_PATTERN} ?{_TIME_UNIT}"
_RELATIVE_TIME = (
    rf"{_TIMESTAMP_PREFIX}(?:il y a (?:environ |plus de |moins d[e'] ?)?{_DURATION}"
    rf"|(?:about )?{_DURATION} (?:ago|fa)|vor {_DURATION}|hace {_DURATION}|{AGO}"
    r"|à l'instant|just now|hier|yesterday|aujourd'hui|today|gerade eben|ahora)[.\s]*"
)
_COUNTED_NOUNS = (
    r"(?:vues?|lectures?|visites?|partages?|commentaires?|réactions?|j'aime|abonnés?"
    r"|votes?|fois|lecteurs?|"
    r"views?|reads?|shares?|comments?|likes?|reactions?|followers?|replies|retweets?"
    r"|readers?|"
    r"aufrufe|kommentare?|visitas?|comentarios?|visualizzazioni|commenti"
    r"|min(?:utes?)? (?:read|de lecture)|mins? read)"
)
_COUNTER_PATTERNS = (
    rf"{NUMBER} ?{COUNTED}|{COUNTED} ?:? ?\(?{NUMBER}\)?",
    (
        rf"{NUMBER}[ -]?{MINUTES}[ -]{READING}"
        rf"|{READING_LABEL} ?:? ?{NUMBER}(?:[ -]?{MINUTES})?"
    ),
    (
        rf"(?:nombre de )?{_COUNTED_NOUNS} ?:? ?\(?{DIGITS_PATTERN} ?[km]?\)?"
        rf"|\(?{DIGITS_PATTERN} ?[km]?\)? {_COUNTED_NOUNS}"
    ),
    (
        r"(?:(?:temps|durée) de lecture|lecture|(?:estimated )?read(?:ing)? time"
        r"|lesezeit|lesedauer|tempo di lettura|tiempo de lectura)"
        rf"(?: estimée?)? ?:? ?{DIGITS_PATTERN} ?(?:min\w*\.?|mn)?(?: (?:de lecture"
        r"|read))?"
    ),
    (
        rf"{DIGITS_PATTERN}[ -]?(?:min|mn|minutes?)\.?[ -](?:de lecture|read(?:ing)?"
        r"|to read)(?: time)?"
    ),
    rf"(?:lu|vue?|partagé|read|viewed|shared) {DIGITS_PATTERN} ?[km]? (?:fois|times)",
    (
        rf"{DIGITS_PATTERN} ?[km]? (?:personnes|people|others) .{{0,40}}(?:article|this"
        r"|page|now|ligne)"
    ),
    (
        r"(?:soyez|sois) l[ea] premi(?:er|ère) à (?:commenter|réagir)"
        r"|be the first to (?:comment|react)|(?:no|aucun) comment(?:s|aire)?(?: yet)?"
    ),
)

# Announces a link; its title follows, or is on the lines below.
_PROMPT_PATTERNS = (
    (
        r"(?:à )?(?:re)?(?:lire|voir|écouter|découvrir|consulter) (?:aussi|également"
        r"|encore|ensuite|sur le même (?:sujet|thème))\b.*"
    ),
    (
        r"(?:à (?:re)?(?:lire|voir|écouter|découvrir|retenir)|lire|voir|relire"
        r"|notre (?:article|dossier|enquête|analyse|décryptage|reportage|vidéo)"
        r"|nos (?:articles|dossiers)|retrouvez (?:ici|aussi|notre) .{0,40}"
        r"|pour aller plus loin|en savoir plus|sur le même (?:sujet|thème)"
        r"|dans la même rubrique|articles? (?:liés?|similaires?|associés?|recommandés?)"
        r"|recommandé pour vous|à ne pas (?:manquer|rater)|vidéo|en (?:images|vidéo)"
        r"|podcast)(?: [\w' ]{0,30})? ?[:|>»→-]+ .*"
    ),
    (
        r"(?:sur le même (?:sujet|thème)|dans la même rubrique|nos (?:articles"
        r"|dossiers)|articles? (?:liés?|similaires?|associés?|recommandés?)"
        r"|recommandé pour vous|à lire|à voir|(?:les |nos )?(?:articles )?(?:les )?plus "
        r"(?:lus|consultés|commentés|partagés)|en ce moment|le top \d{1,2}|à la une"
        r"|pour aller plus loin"
        r"|en savoir plus|(?:cela|ça) (?:peut|pourrait) (?:aussi )?vous intéresser"
        r"|à ne pas (?:manquer|rater)|plus d'articles|l'essentiel de l'actu(?:alité)?)"
    ),
    (
        r"(?:also (?:read|see|on|watch)|read (?:also|more|next|this|on)|see (?:also"
        r"|more)|watch (?:also|more|next)|more (?:from|on)|related (?:stor(?:y|ies)"
        r"|articles?|topics?|news|content|coverage|reading|links?)"
        r"|recommended(?: for you| stories| reading)?|you (?:may"
        r"|might) (?:also )?(?:like|be interested in)|most (?:read|popular|viewed)"
        r"|trending(?: now)?|top stories|latest (?:news|stories|headlines)|don't miss"
        r"|editors'? picks?|what to read next|up next"
        r"|more stories)(?: [\w' ]{0,30})?(?: ?[:|>»→-]+ ?.*)?"
    ),
    (
        r"(?:read (?:also|more|next)|also read|see also|related|more|opinion|analysis"
        r"|explainer|watch|listen|in pictures|gallery|video|live|must read"
        r"|explore) ?[:|>»→]+ ?.*"
    ),
    (
        r"(?:related|more|recommended|popular|meistgelesen(?:e artikel)?|lo más (?:leído"
        r"|visto)|(?:i )?più letti|(?:as )?mais lid[ao]s|meest gelezen|mest (?:läst|lest)"
        r"|najczęściej czytane|самое читаемое|популярное|en çok okunan(?:lar)?"
        r"|人気記事|热门|많이 본 뉴스)"
    ),
    (
        r"(?:lesen sie (?:auch|mehr)|lesen sie dazu|mehr (?:zum thema|dazu)"
        r"|auch interessant|das könnte (?:sie|dich) (?:auch )?interessieren|lea también"
        r"|le puede interesar|te puede interesar|leer también|lee también|leggi anche"
        r"|potrebbe interessarti|leia também|veja também|lees ook|läs också|les også"
        r"|læs også|czytaj (?:też|także))\b.*"
    ),
)

_AD_PATTERNS = (
    (
        r"publicités?|annonces?|pub|contenu (?:sponsorisé|partenaire)"
        r"|sponsorisé(?: par .{0,40})?|la suite (?:de (?:l'article"
        r"|votre article) )?(?:se trouve )?(?:ci-dessous |plus bas )?après (?:la|cette"
        r"|l[ea]) (?:publicité|pub|annonce)|l'article continue après (?:la"
        r"|cette) (?:publicité|pub)|suite après la publicité|fermer (?:la"
        r"|cette) publicité"
    ),
    (
        r"advert(?:isement|isements|ising|s)?|ads?(?: by .{0,30})?|sponsored(?: content"
        r"| post| links?| by .{0,40})?|(?:paid|partner) (?:content|post|partnership)"
        r"|promoted|(?:this )?(?:article|story|report|text"
        r"|content)? ?continues? (?:below|after)(?: (?:this|the))? (?:ads?"
        r"|advert(?:isement)?s?)|scroll (?:down )?to continue(?: reading)?|skip (?:ad"
        r"|advertisement|past .{0,40})|(?:close|report) (?:this )?ad|loading\.{0,3}"
        r"|why am i seeing this ad\??"
    ),
    (
        r"anzeige|werbung|advertorial|publicidad|pubblicità|publicidade|advertentie"
        r"|reklam[ae]?|annons|annonse"
    ),
)

_BUTTON_PATTERNS = (
    (
        r"(?:partager|partagez|tweeter|imprimer|envoyer|commenter|réagir|sauvegarder"
        r"|enregistrer|copier)(?: (?:cet |l[ea' ]*|cette |sur |par |à )*(?:article|page"
        r"|lien|ami|facebook|twitter|x|whatsapp|linkedin|messenger|e-?mail|mail|bluesky"
        r"|telegram|réseaux sociaux|ce contenu))*"
    ),
    (
        r"(?:share|tweet|print|e-?mail|save|comment|copy|bookmark|gift|send)(?: (?:this"
        r"|the|on|via|by|to|a|an|with|your|friends?|article|story|page|post|link"
        r"|facebook|twitter|x|whatsapp|linkedin|messenger|e-?mail|bluesky|telegram"
        r"|reddit|pinterest|social media))*"
    ),
    (
        r"(?:suivez|rejoignez|retrouvez)[- ]nous (?:aussi )?sur .{1,60}|follow (?:us"
        r"|@?\w+) (?:on|via) .{1,60}|(?:like|find|join) us on .{1,40}"
        r"|folgen sie uns .{1,40}|síguenos en .{1,40}"
    ),
    (
        r"(?:facebook|twitter|x|whatsapp|linkedin|messenger|telegram|bluesky|instagram"
        r"|youtube|pinterest|reddit|flipboard)(?: ?[,|/·-]? ?(?:facebook|twitter|x"
        r"|whatsapp|linkedin|messenger|telegram|bluesky|instagram|youtube|pinterest"
        r"|reddit|e-?mail))*"
    ),
    (
        r"(?:écouter|listen to) (?:l'|cet |the |this )?(?:article"
        rf"|story)(?: ?\(?{DIGITS_PATTERN}.{{0,10}})?|lire plus tard|read later"
        r"|afficher (?:plus|les commentaires)|(?:view|show|see|load) (?:all )?(?:more"
        r"|comments)|haut de page|back to top|retour en haut"
    ),
)

_URL = r"(?:https?://|www\.)[^\s]+"


def _any_of(*patterns: str) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """A large pattern, when it is needed first: commands that read need none of them."""
    return re.compile(pattern)


_BOILERPLATE = _any_of(
    _RELATIVE_TIME, *_COUNTER_PATTERNS, *_AD_PATTERNS, *_BUTTON_PATTERNS, _URL
)
_PROMPT = _any_of(*_PROMPT_PATTERNS)
_COUNTER = _any_of(_RELATIVE_TIME, *_COUNTER_PATTERNS)
_LEADING_MARKS = ' >»→•*|·▶►➡#[("-'
_TRAILING_MARKS = " >»→•*|·▶►➡.!])-"

# Newsletter sign-ups and cookie notices; each has at least one of these words.
_NEWSLETTER = re.compile(
    r"newsletters?|infolettres?|lettres? d'information|boîte (?:mail|de réception)"
    r"|\binbox\b|\bbriefing\b|e-?mail alerts?|alertes? (?:mail|info)|boletín|nyhetsbrev"
    r"|nieuwsbrief|\bpodcasts?\b|whatsapp|telegram|notre (?:chaîne|application)"
    r"|our app\b"
)
_NEWSLETTER_WORDS = (
    "newsletter",
    "lettre",
    "mail",
    "inbox",
    "briefing",
    "podcast",
    "whatsapp",
    "telegram",
    "chaîne",
    "appli",
    "our app",
    "réception",
    "bolet",
    "brev",
    "brief",
)
_SIGN_UP_PROMPT = re.compile(
    r"\b(?:inscri(?:vez|s)[- ](?:vous|toi)|abonne(?:z|s)?[- ](?:vous|toi)"
    r"|je m'(?:inscris|abonne)|en vous inscrivant|sign(?:ing)? up|subscribe (?:to|now"
    r"|here|for)|abonnieren sie|melden sie sich|suscríbete|iscriviti)\b"
    r"|^(?:recevez|retrouvez|rejoignez|téléchargez|découvrez|suivez|s'(?:inscrire"
    r"|abonner)|get|join|register|download|receive|want more|follow|try)\b"
    r"|^(?:la |notre |our |the )?(?:newsletter|infolettre)s?(?:$| ?[:|-])|(?:dans|in"
    r"|to) (?:votre|your) (?:boîte|inbox|e-?mail)"
    r"|\b(?:our|notre|nos) .{0,40}\b(?:newsletters?|infolettres?)\b.*(?:\bhere\b"
    r"|\bici\b|\bevery\b|\bchaque\b)|(?:chaque|tous les) (?:matins?|soirs?|semaines?"
    r"|jours?|midis?)[, ].{0,40}\b(?:vous|votre|notre)\b"
)
_COOKIE_NOTICE = re.compile(
    r"(?:(?:we|us|this (?:web)?site|this page) .{0,30}use[sd]? cookies|accept(?:ed"
    r"|ing)? (?:\w+ ){0,3}cookies|cookies? (?:settings|preferences|policy|notice"
    r"|consent)|(?:enable|allow|manage|reject|without) (?:\w+ )?cookies"
    r"|consent(?:ed)? to .{0,30}cookies|blocked .{0,40}cookies"
    r"|(?:accept\w+|refus\w+|autoris\w+|activ\w+|gére[rz]|paramétr\w+|choix|utilis\w+"
    r"|dép[oô]\w+|politique|préférences) .{0,40}\bcookies"
    r"|cookies? .{0,30}(?:n'ont pas été|sont) (?:accept|désactiv|refus|bloqu)\w+"
    r"|cookies (?:zustimmen|akzeptieren|verwenden)|uso de cookies"
    r"|utilizziamo (?:i )?cookie)"
)


def _has_newsletter_word(line: str) -> bool:
    for word in _NEWSLETTER_WORDS:  # noqa: SIM110 (half the time of any())
        if word in line:
            return True
    return False


def is_relative_time(lowercase_line: str) -> bool:
    """Whether a line is only a relative time: "updated 5 minutes ago"."""
    return len(lowercase_line) <= MAX_LINE_LENGTH and bool(
        _compile(_RELATIVE_TIME).fullmatch(lowercase_line)
    )


def is_counter(lowercase_line: str) -> bool:
    """Whether a line is only a counter or a relative time."""
    return len(lowercase_line) <= MAX_LINE_LENGTH and bool(
        _compile(_COUNTER).fullmatch(lowercase_line.rstrip(". "))
    )


def is_boilerplate(lowercase_line: str) -> bool:
    """Whether a line is not the article's own."""
    if len(lowercase_line) > MAX_LINE_LENGTH:
        return False
    bare = lowercase_line.lstrip(_LEADING_MARKS).rstrip(_TRAILING_MARKS)
    if not bare:
        return False
    if _compile(_BOILERPLATE).fullmatch(bare) or (
        len(bare) <= MAX_PROMPT_LENGTH and _compile(_PROMPT).fullmatch(bare)
    ):
        return True
    if "cookie" in bare and _COOKIE_NOTICE.search(bare):
        return True
    return bool(
        len(bare) <= 200
        and _has_newsletter_word(bare)
        and _NEWSLETTER.search(bare)
        and _SIGN_UP_PROMPT.search(bare)
    )
