"""Lines that pages put between an article's own: counters, relative times, "read also", labels of advertisements, letters, cookies,
buttons. Pure.

What they say changes from visit to visit, so they are no words of the article (``wording``). All patterns are for whole lines, in
lower case, in the one typography of ``wording.normalise``; French and English first, with what is frequent in their neighbours.
"""

from __future__ import annotations

import re

MAX_LINE_LENGTH = 260  # characters of a line that may be one
MAX_PROMPT_LENGTH = 170  # characters of "read also" with the title behind it

DIGITS_PATTERN = r"(?:\d[\d .,']{0,12}\d|\d)"  # of counters; bounded: an expression without end is quadratic
NUMBER_PATTERN = r"(?:\d[\d .,']{0,12}\d|\d|une?|an?|one)"
_SHORT_TIME_UNIT = r"(?:secondes?|sec|s|minutes?|min|mn|m|heures?|h|seconds?|secs|hours?|hrs?|sekunden?|minuten?|stunden?|segundos?|minutos?|horas?|secondi|minuti|ore|ora)"
_TIME_UNIT = rf"(?:{_SHORT_TIME_UNIT}|jours?|j|semaines?|mois|days?|d|weeks?|w|months?|tagen?|wochen?|días?|semanas?|giorni|giorno)"
_TIMESTAMP_PREFIX = (
    r"(?:(?:publié|posté|mis à jour|mise à jour|actualisé|modifié|published|posted|updated|last updated|last modified|"
    r"aktualisiert|veröffentlicht|publicado|actualizado|aggiornato|pubblicato)\s*:?\s*)?"
)
_RELATIVE_TIME = (
    rf"{_TIMESTAMP_PREFIX}(?:il y a (?:environ |plus de |moins d[e'] ?)?{NUMBER_PATTERN} ?{_TIME_UNIT}|(?:about )?{NUMBER_PATTERN} ?{_TIME_UNIT} (?:ago|fa)|vor {NUMBER_PATTERN} ?{_TIME_UNIT}|hace {NUMBER_PATTERN} ?{_TIME_UNIT}"
    r"|à l'instant|just now|hier|yesterday|aujourd'hui|today|gerade eben|ahora)[.\s]*"
)
_COUNTED_NOUNS = (
    r"(?:vues?|lectures?|visites?|partages?|commentaires?|réactions?|j'aime|abonnés?|votes?|fois|lecteurs?|"
    r"views?|reads?|shares?|comments?|likes?|reactions?|followers?|replies|retweets?|readers?|"
    r"aufrufe|kommentare?|visitas?|comentarios?|visualizzazioni|commenti|min(?:utes?)? (?:read|de lecture)|mins? read)"
)
_COUNTER_PATTERNS = (
    rf"(?:nombre de )?{_COUNTED_NOUNS} ?:? ?\(?{DIGITS_PATTERN} ?[km]?\)?|\(?{DIGITS_PATTERN} ?[km]?\)? {_COUNTED_NOUNS}",
    rf"(?:(?:temps|durée) de lecture|lecture|(?:estimated )?read(?:ing)? time|lesezeit|lesedauer|tempo di lettura|tiempo de lectura)(?: estimée?)? ?:? ?{DIGITS_PATTERN} ?(?:min\w*\.?|mn)?(?: (?:de lecture|read))?",
    rf"{DIGITS_PATTERN}[ -]?(?:min|mn|minutes?)\.?[ -](?:de lecture|read(?:ing)?|to read)(?: time)?",
    rf"(?:lu|vue?|partagé|read|viewed|shared) {DIGITS_PATTERN} ?[km]? (?:fois|times)",
    rf"{DIGITS_PATTERN} ?[km]? (?:personnes|people|others) .{{0,40}}(?:article|this|page|now|ligne)",
    r"(?:soyez|sois) l[ea] premi(?:er|ère) à (?:commenter|réagir)|be the first to (?:comment|react)|(?:no|aucun) comment(?:s|aire)?(?: yet)?",
)

# Announces a link to something else; its title stands behind it, or on the lines below.
_PROMPT_PATTERNS = (
    r"(?:à )?(?:re)?(?:lire|voir|écouter|découvrir|consulter) (?:aussi|également|encore|ensuite|sur le même (?:sujet|thème))\b.*",
    r"(?:à (?:re)?(?:lire|voir|écouter|découvrir|retenir)|lire|voir|relire|notre (?:article|dossier|enquête|analyse|décryptage|reportage|vidéo)|nos (?:articles|dossiers)|retrouvez (?:ici|aussi|notre) .{0,40}|pour aller plus loin|en savoir plus|sur le même (?:sujet|thème)|dans la même rubrique|articles? (?:liés?|similaires?|associés?|recommandés?)|recommandé pour vous|à ne pas (?:manquer|rater)|vidéo|en (?:images|vidéo)|podcast)(?: [\w' ]{0,30})? ?[:|>»→-]+ .*",
    r"(?:sur le même (?:sujet|thème)|dans la même rubrique|nos (?:articles|dossiers)|articles? (?:liés?|similaires?|associés?|recommandés?)|recommandé pour vous|à lire|à voir|les plus lus|pour aller plus loin|en savoir plus|(?:cela|ça) (?:peut|pourrait) (?:aussi )?vous intéresser|à ne pas (?:manquer|rater)|plus d'articles|l'essentiel de l'actu(?:alité)?)",
    r"(?:also (?:read|see|on|watch)|read (?:also|more|next|this|on)|see (?:also|more)|watch (?:also|more|next)|more (?:from|on)|related (?:stor(?:y|ies)|articles?|topics?|news|content|coverage|reading|links?)|recommended(?: for you| stories| reading)?|you (?:may|might) (?:also )?(?:like|be interested in)|most (?:read|popular|viewed)|trending(?: now)?|don't miss|editors'? picks?|what to read next|up next|more stories)(?: [\w' ]{0,30})?(?: ?[:|>»→-]+ ?.*)?",
    r"(?:read (?:also|more|next)|also read|see also|related|more|opinion|analysis|explainer|watch|listen|in pictures|gallery|video|live|must read|explore) ?[:|>»→]+ ?.*",
    r"(?:related|more|recommended|popular)",
    r"(?:lesen sie (?:auch|mehr)|lesen sie dazu|mehr (?:zum thema|dazu)|auch interessant|das könnte (?:sie|dich) (?:auch )?interessieren|lea también|le puede interesar|te puede interesar|leer también|lee también|leggi anche|potrebbe interessarti|leia também|veja também|lees ook|läs också|les også|læs også|czytaj (?:też|także))\b.*",
)

_AD_PATTERNS = (
    r"publicités?|annonces?|pub|contenu (?:sponsorisé|partenaire)|sponsorisé(?: par .{0,40})?|la suite (?:de (?:l'article|votre article) )?(?:se trouve )?(?:ci-dessous |plus bas )?après (?:la|cette|l[ea]) (?:publicité|pub|annonce)|l'article continue après (?:la|cette) (?:publicité|pub)|suite après la publicité|fermer (?:la|cette) publicité",
    r"advert(?:isement|isements|ising|s)?|ads?(?: by .{0,30})?|sponsored(?: content| post| links?| by .{0,40})?|(?:paid|partner) (?:content|post|partnership)|promoted|(?:this )?(?:article|story|report|text|content)? ?continues? (?:below|after)(?: (?:this|the))? (?:ads?|advert(?:isement)?s?)|scroll (?:down )?to continue(?: reading)?|skip (?:ad|advertisement|past .{0,40})|(?:close|report) (?:this )?ad|loading\.{0,3}|why am i seeing this ad\??",
    r"anzeige|werbung|advertorial|publicidad|pubblicità|publicidade|advertentie|reklam[ae]?|annons|annonse",
)

_BUTTON_PATTERNS = (
    r"(?:partager|partagez|tweeter|imprimer|envoyer|commenter|réagir|sauvegarder|enregistrer|copier)(?: (?:cet |l[ea' ]*|cette |sur |par |à )*(?:article|page|lien|ami|facebook|twitter|x|whatsapp|linkedin|messenger|e-?mail|mail|bluesky|telegram|réseaux sociaux|ce contenu))*",
    r"(?:share|tweet|print|e-?mail|save|comment|copy|bookmark|gift|send)(?: (?:this|the|on|via|by|to|a|an|with|your|friends?|article|story|page|post|link|facebook|twitter|x|whatsapp|linkedin|messenger|e-?mail|bluesky|telegram|reddit|pinterest|social media))*",
    r"(?:suivez|rejoignez|retrouvez)[- ]nous (?:aussi )?sur .{1,60}|follow (?:us|@?\w+) (?:on|via) .{1,60}|(?:like|find|join) us on .{1,40}|folgen sie uns .{1,40}|síguenos en .{1,40}",
    r"(?:facebook|twitter|x|whatsapp|linkedin|messenger|telegram|bluesky|instagram|youtube|pinterest|reddit|flipboard)(?: ?[,|/·-]? ?(?:facebook|twitter|x|whatsapp|linkedin|messenger|telegram|bluesky|instagram|youtube|pinterest|reddit|e-?mail))*",
    rf"(?:écouter|listen to) (?:l'|cet |the |this )?(?:article|story)(?: ?\(?{DIGITS_PATTERN}.{{0,10}})?|lire plus tard|read later|afficher (?:plus|les commentaires)|(?:view|show|see|load) (?:all )?(?:more|comments)|haut de page|back to top|retour en haut",
)

_URL = r"(?:https?://|www\.)[^\s]+"

_BOILERPLATE = re.compile(
    "|".join(
        f"(?:{one})"
        for one in (
            _RELATIVE_TIME,
            *_COUNTER_PATTERNS,
            *_AD_PATTERNS,
            *_BUTTON_PATTERNS,
            _URL,
        )
    )
)
_PROMPT = re.compile("|".join(f"(?:{one})" for one in _PROMPT_PATTERNS))
_COUNTER = re.compile(
    "|".join(f"(?:{one})" for one in (_RELATIVE_TIME, *_COUNTER_PATTERNS))
)
_LEADING_MARKS, _TRAILING_MARKS = (
    ' >»→•*|·▶►➡#[("-',
    " >»→•*|·▶►➡.!])-",
)  # marks around a line

# What asks the visitor for an address, or for consent: one word of each.
_NEWSLETTER = re.compile(
    r"newsletters?|infolettres?|lettres? d'information|boîte (?:mail|de réception)|\binbox\b|\bbriefing\b|e-?mail alerts?|alertes? (?:mail|info)|boletín|nyhetsbrev|nieuwsbrief|\bpodcasts?\b|whatsapp|telegram|notre (?:chaîne|application)|our app\b"
)
_NEWSLETTER_WORDS = ("newsletter", "lettre", "mail", "inbox", "briefing", "podcast", "whatsapp", "telegram", "chaîne", "appli", "our app", "réception", "bolet", "brev", "brief")  # fmt: skip
_SIGN_UP_PROMPT = re.compile(
    r"\b(?:inscri(?:vez|s)[- ](?:vous|toi)|abonne(?:z|s)?[- ](?:vous|toi)|je m'(?:inscris|abonne)|en vous inscrivant|sign(?:ing)? up|subscribe (?:to|now|here|for)|abonnieren sie|melden sie sich|suscríbete|iscriviti)\b"
    r"|^(?:recevez|retrouvez|rejoignez|téléchargez|découvrez|suivez|s'(?:inscrire|abonner)|get|join|register|download|receive|want more|follow|try)\b"
    r"|^(?:la |notre |our |the )?(?:newsletter|infolettre)s?(?:$| ?[:|-])|(?:dans|in|to) (?:votre|your) (?:boîte|inbox|e-?mail)"
    r"|\b(?:our|notre|nos) .{0,40}\b(?:newsletters?|infolettres?)\b.*(?:\bhere\b|\bici\b|\bevery\b|\bchaque\b)|(?:chaque|tous les) (?:matins?|soirs?|semaines?|jours?|midis?)[, ].{0,40}\b(?:vous|votre|notre)\b"
)
_COOKIE_NOTICE = re.compile(
    r"(?:(?:we|us|this (?:web)?site|this page) .{0,30}use[sd]? cookies|accept(?:ed|ing)? (?:\w+ ){0,3}cookies|cookies? (?:settings|preferences|policy|notice|consent)|(?:enable|allow|manage|reject|without) (?:\w+ )?cookies|consent(?:ed)? to .{0,30}cookies|blocked .{0,40}cookies"
    r"|(?:accept\w+|refus\w+|autoris\w+|activ\w+|gére[rz]|paramétr\w+|choix|utilis\w+|dép[oô]\w+|politique|préférences) .{0,40}\bcookies|cookies? .{0,30}(?:n'ont pas été|sont) (?:accept|désactiv|refus|bloqu)\w+|cookies (?:zustimmen|akzeptieren|verwenden)|uso de cookies|utilizziamo (?:i )?cookie)"
)


def is_counter(lowercase_line: str) -> bool:
    """Whether it is only a counter or a relative time."""
    return len(lowercase_line) <= MAX_LINE_LENGTH and bool(
        _COUNTER.fullmatch(lowercase_line.rstrip(". "))
    )


def is_boilerplate(lowercase_line: str) -> bool:
    """Whether a line, in lower case, is the page's and not the article's."""
    if len(lowercase_line) > MAX_LINE_LENGTH:
        return False
    bare = lowercase_line.lstrip(_LEADING_MARKS).rstrip(_TRAILING_MARKS)
    if not bare:
        return False
    if _BOILERPLATE.fullmatch(bare) or (
        len(bare) <= MAX_PROMPT_LENGTH and _PROMPT.fullmatch(bare)
    ):
        return True
    if "cookie" in bare and _COOKIE_NOTICE.search(bare):
        return True
    return bool(
        len(bare) <= 200
        and any(word in bare for word in _NEWSLETTER_WORDS)
        and _NEWSLETTER.search(bare)
        and _SIGN_UP_PROMPT.search(bare)
    )
