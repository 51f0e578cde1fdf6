"""Sentences about the article itself: correction notes, date lines, datelines. Pure.

Sentences are those of ``wording.comparison_key``. The patterns are French and English,
with what is frequent in German, Spanish and Italian.
"""

from __future__ import annotations

import re

MAX_SENTENCE_LENGTH = 1_500  # characters of a sentence that are searched

_ARTICLE_NOUNS = (
    r"(?:article|story|stories|report|post|piece|page|column|interview|headline"
    r"|analysis|review|obituary|dispatch|item|version|text|caption|map|chart|graphic"
    r"|photo|newsletter|live ?blog|blog|tribune|enquête|dépêche|papier|texte|billet"
    r"|chronique|reportage|titre|légende|publication|contenu|beitrag|artikel|meldung"
    r"|artículo|nota|articolo|notizia)"
)
_CHANGED_VERBS = (
    r"(?:corrected|amended|clarified|updated|revised|edited|changed|modified|rectified"
    r"|reworded|re-?written|expanded|altered|republished|fixed)"
)
_FRENCH_CHANGED_VERBS = (
    r"(?:corrigée?s?|modifiée?s?|rectifiée?s?|amendée?s?|mise? à jour|actualisée?s?"
    r"|complétée?s?|précisée?s?|clarifiée?s?|enrichie?s?|remaniée?s?|éditée?s?)"
)
_NOTE_LABELS = (
    r"(?:corrections?(?: and clarifications?)?|clarifications?|editor'?s'? note"
    r"|editors' note|note from the editors?|errat(?:um|a)|corrigend(?:um|a)|amendment"
    r"|correction (?:notice|appended|made)|updates?|updated|retraction|rectification"
    r"|revision note"
    r"|rectificatifs?|correctifs?|précisions?|mise au point|note de la rédaction"
    r"|n\.?d\.?l\.?r\.?|mise à jour|mis à jour|màj|maj|actualisation|actualisé"
    r"|modification|erreur corrigée|nos excuses|droit de réponse"
    r"|korrektur|berichtigung|richtigstellung|anmerkung der redaktion"
    r"|hinweis der redaktion|update|corrección|fe de erratas|aclaración"
    r"|nota de la redacción|correzione|errata corrige|nota della redazione"
    r"|precisazione)"
)
_NOTE_STATEMENTS = (
    (
        r"\b(?:an?|the|this|our|previous|earlier|original|initial"
        rf"|first)\b[ \w'-]{{0,30}}\b(?:earlier|previous|original|initial|first"
        rf"|prior)?\b[ \w-]{{0,20}}\bversions? of (?:this|the|our"
        rf"|an?) [\w ]{{0,30}}{_ARTICLE_NOUNS}"
    ),
    (
        rf"\b(?:this|the|our|an earlier|a previous) [\w' -]{{0,25}}{_ARTICLE_NOUNS}"
        rf"(?: \([^)]{{0,60}}\))? (?:was|were|has been|have been|had been|is being"
        rf"|is) (?:since |later |subsequently |also |first published [^.]{{0,60}}and )?"
        rf"(?:{_CHANGED_VERBS})"
    ),
    (
        rf"\b(?:this|the|our) [\w' -]{{0,25}}{_ARTICLE_NOUNS} (?:originally "
        r"|previously |initially |initially, |incorrectly |wrongly |mistakenly "
        r"|erroneously |first )+(?:said|stated|reported|gave|named|identified|referred"
        r"|misstated|misidentified|quoted|described|attributed|included|listed|used"
        r"|carried|suggested|published|appeared)"
    ),
    (
        r"\b(?:article|story|report|headline|caption|version)\b.{0,80}\b(?:mis-?"
        r"(?:stated|spelled|spelt|identified|quoted|named|attributed|reported"
        r"|characteri[sz]ed)|incorrectly|wrongly|mistakenly|erroneously|in error"
        r"|by mistake)\b"
    ),
    (
        r"\b(?:we|the \w+) (?:have |has )?(?:corrected|apologi[sz]ed?s?"
        r"|regrets?) (?:this|the|for (?:the|this|any)) (?:error|mistake|article|story"
        r"|inaccurac|confusion)"
    ),
    (
        r"\b(?:corrects|corrected) (?:the |to |a |an |typo|spelling|name|date|figure"
        r"|paragraph|headline|day|year|quote|attribution|reference)|\b(?:has"
        r"|have) been (?:corrected|amended) (?:to|throughout|above|in)\b"
        r"|\bdue to an? (?:editing|production|reporting|typographical"
        r"|transcription) (?:error|mistake)"
    ),
    (
        r"\b(?:updated|amended|revised|edited|corrected) (?:on [\w ,]{3,30} "
        r"|at [\w .:]{2,12} )?(?:to (?:add|include|reflect|clarify|correct|remove|fix"
        r"|note|show|say|state|update|replace|make)|with (?:a |the |new |more "
        r"|additional |further )?(?:comments?|statements?|responses?|details?"
        r"|information|quotes?|reaction|figures?|background|confirmation))\b"
    ),
    (
        r"\b(?:une?|la|notre|dans une|les) (?:première |précédente "
        r"|ancienne )?versions? (?:précédente |antérieure |initiale |originale "
        r"|ancienne |erronée )?s?(?:de |d'|du )(?:cet|cette|ce|notre|l'|la|le|l') ?\w+"
    ),
    (
        r"\b(?:première|précédente|ancienne) version\b.{0,80}\b(?:indiqu|mentionn"
        r"|affirm|écri|faisait|évoqu|attribu|comport|conten|disai|donnai|laissai"
        r"|par erreur|à tort)\w*"
    ),
    (
        rf"\b(?:cet|cette|ce|l'|notre|le|la) ?(?:présent )?{_ARTICLE_NOUNS} (?:a|ont"
        r"|avait) (?:bien |depuis |également |ensuite )?été "
        rf"(?:\w+ )?{_FRENCH_CHANGED_VERBS}|\b{_ARTICLE_NOUNS} "
        rf"(?:{_FRENCH_CHANGED_VERBS})\b"
    ),
    (
        r"\bcontrairement à ce (?:que|qui|qu')\b.{0,60}\b(?:écri|indiqu|annonc|affirm"
        r"|publi|mentionn|laiss)\w*|\bnous (?:avons|l'avons|les avons) (?:corrigé"
        r"|rectifié|modifié|précisé|mis à jour|supprimé|retiré|ajouté)|\bune (?:erreur"
        r"|coquille|inexactitude) s'(?:est|était) glissée|\b(?:présent"
        r"|pri)\w+ .{0,40}\b(?:excuses|excuser)\b.{0,60}\b(?:erreur|lecteurs?"
        r"|lectrices?|confusion)|\b(?:par erreur|à tort"
        r"|erronément)\b.{0,120}\b(?:article|version|titre|légende|dépêche|texte)\b"
        r"|\b(?:article|version|titre|légende|dépêche|texte)\b.{0,120}\b(?:par erreur"
        r"|à tort|erronément)\b"
    ),
    (
        r"\b(?:corrigé|modifié|rectifié|actualisé|mis à jour|complété|édité) (?:le|ce|à"
        r"|avec|pour|afin|suite|après)\b.{0,60}\b(?:pour|afin de?|avec|suite à|après"
        r"|à la suite)\b|\b(?:actualisé|mis à jour|complété|enrichi) avec (?:la |le "
        r"|les |une |des |l'|de nouve)"
    ),
    (
        r"\bfrüheren (?:version|fassung)\b|\b(?:artikel|beitrag|text"
        r"|meldung) wurde (?:nachträglich |inzwischen |am [\w. ]{3,20})?(?:korrigiert"
        r"|aktualisiert|berichtigt|ergänzt|geändert|angepasst)|\buna versión anterior\b"
        r"|\bartículo (?:ha sido|fue) (?:corregido|modificado|actualizado)"
        r"|\buna versione precedente\b|\barticolo è stato (?:corretto|modificato"
        r"|aggiornato)"
    ),
)
_LABELLED_NOTE = re.compile(
    rf"[\W_]*(?:{_NOTE_LABELS})\b[^:.;-]{{0,60}}(?:[:;]| -+ |\)|\])\s*\S", re.IGNORECASE
)
_STATED_NOTE = re.compile(
    "|".join(f"(?:{pattern})" for pattern in _NOTE_STATEMENTS), re.IGNORECASE
)
_CORRECTION_MARK = re.compile(
    r"[\[(](?:corrected|correction|updated?|clarified|amended|corrigée?|rectificatif"
    r"|rectifiée?|mis(?:e)? à jour|màj|maj|actualisée?|précision|korrigiert"
    r"|aktualisiert|corregido|corretto)\b[^\])]{0,40}[\])]",
    re.IGNORECASE,
)
_CORRECTION_TITLE = re.compile(
    r"^(?:\W*(?:corrected|correction|corrections|clarification|refile|amended|corrigé"
    r"|rectificatif|correctif|mise à jour|màj|maj|updated?(?: \d+)?)\b ?[-:|/]"
    r"|.*[\[(](?:corrected|updated?|corrigé|mis(?:e)? à jour|màj|maj"
    r"|rectificatif)[\])])",
    re.IGNORECASE,
)


def is_correction_note(sentence: str) -> bool:
    """Whether a sentence says that the article was corrected, updated or wrong."""
    return len(sentence) <= MAX_SENTENCE_LENGTH and bool(
        _LABELLED_NOTE.match(sentence) or _STATED_NOTE.search(sentence)
    )


def has_correction_mark(sentence: str) -> bool:
    """Whether a sentence contains a mark in brackets such as "[corrected]"."""
    return bool(_CORRECTION_MARK.search(sentence[:MAX_SENTENCE_LENGTH]))


def is_correction_title(title: str) -> bool:
    """Whether a headline says that the article was corrected or updated."""
    return bool(_CORRECTION_TITLE.match(title[:300]))


_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre"
    " décembre janv févr fév avr juil sept oct nov déc"
    " january february march april may june july august september october november"
    " december jan feb mar apr jun jul aug sep dec"
    " januar februar märz juni juli oktober dezember enero febrero marzo abril mayo"
    " junio julio agosto septiembre noviembre diciembre"
    " gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre"
)
_DAYS = (
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim monday"
    " tuesday wednesday thursday friday saturday sunday"
    " mon tue tues wed thu thur thurs fri sat sun montag dienstag mittwoch donnerstag"
    " freitag samstag sonntag lunes martes miércoles jueves"
    " viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato domenica"
    " aujourd'hui hier demain today yesterday tomorrow heute gestern"
)
_TIMESTAMP_TEXT = (
    "publié publiée publication publiés paru parue posté mis mise jour modifié modifiée"
    " modification actualisé actualisée actualisation màj maj"
    " published publish posted updated update modified edited revised issued first last"
    " latest créé création rédigé diffusé"
    " veröffentlicht aktualisiert stand zuletzt publicado actualizado aggiornato"
    " pubblicato"
)
_FILLER_TEXT = (
    "le la les à a at on the um am pm h hr hrs heure heures hour hours min mins mn"
    " minute minutes s sec et and est edt gmt utc cet cest bst ist aest aedt pst pdt"
    " cst cdt mst ct pt mt"
    " de du dernière derniere première fois time times date local locale st nd rd th er"
    " uhr den ago il y as of ce cette in by dès since depuis il ya ore ore noon midi"
    " minuit midnight p m"
)
_BYLINE_WORDS = frozenset(
    "par by von por di avec with rédaction redaction staff reporter reporters"
    " journaliste correspondent correspondant article story texte text écrit written"
    " propos recueillis from our notre contenu".split()
)
MONTHS_AND_DAYS = frozenset(f"{_MONTHS} {_DAYS}".split())
_TIMESTAMP_WORDS = frozenset(_TIMESTAMP_TEXT.split())
_DATE_WORDS = MONTHS_AND_DAYS | _TIMESTAMP_WORDS | frozenset(_FILLER_TEXT.split())
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'hui)?")
_TIMESTAMP = re.compile(
    r"\b(?:publiée?s? (?:le|à|il y a)|publication ?:|parue? le|postée? (?:le|à)"
    r"|mise? à jour|(?:dernière )?(?:modification|mise à jour)|modifiée? (?:le|à)"
    r"|actualisée? (?:le|à)|màj|published|posted|(?:last |first )?(?:updated|modified"
    r"|revised|edited)|veröffentlicht|aktualisiert|zuletzt|publicado|actualizado"
    r"|aggiornato|pubblicato)\b",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r"\b(?:mise? à jour|modifi|actualis|màj|updated|modified|revised|edited|amended"
    r"|aktualisiert|actualizado|aggiornato)",
    re.IGNORECASE,
)
MAX_NAME_WORDS = 5  # words of a timestamp line other than those of dates
MAX_TIMESTAMP_LINE_WORDS = 24
MAX_DATELINE_WORDS = 10  # words of a place and a date


def is_date_word(token: str) -> bool:
    """Whether a token is a number, or a word used in dates and times."""
    return token.isdigit() or token.lower() in _DATE_WORDS


def is_date_line(sentence: str) -> bool:
    """Whether a line is only a timestamp of the article, or a place and date."""
    if len(sentence) > 200:
        return False
    tokens = _TOKEN.findall(sentence)
    numbers = sum(token.isdigit() for token in tokens)
    date_parts = numbers + sum(token.lower() in MONTHS_AND_DAYS for token in tokens)
    if not date_parts:
        return False
    others = [token for token in tokens if not is_date_word(token)]
    if not others:
        return date_parts >= 2 or any(
            token.lower() in _TIMESTAMP_WORDS for token in tokens
        )
    are_names = len(others) <= MAX_NAME_WORDS and all(
        token[0].isupper() or token.lower() in _BYLINE_WORDS for token in others
    )
    if (
        numbers
        and are_names
        and len(tokens) <= MAX_TIMESTAMP_LINE_WORDS
        and has_timestamp_words(sentence)
    ):
        return True
    is_place = (
        all(token[0].isupper() for token in others)
        and len(others) <= 4
        and len(tokens) <= MAX_DATELINE_WORDS
    )
    return is_place and numbers >= 1 and date_parts > numbers


def has_only_date_words(sentence: str) -> bool:
    """Whether a sentence has only words of dates, as parts of date lines do."""
    return all(map(is_date_word, _TOKEN.findall(sentence[:MAX_SENTENCE_LENGTH])))


def has_timestamp_words(sentence: str) -> bool:
    """Whether a sentence has words such as "published at"."""
    return bool(_TIMESTAMP.search(sentence[:MAX_SENTENCE_LENGTH]))


def mentions_update(sentence: str) -> bool:
    """Whether a date line mentions an update."""
    return bool(_UPDATE.search(sentence[:MAX_SENTENCE_LENGTH]))


_AGENCIES = (
    r"AFP|AP|Reuters|ANSA|dpa|DPA|ATS|ats|Belga|EFE|TASS|Xinhua|Interfax|Kyodo|PA|APA"
    r"|Lusa|UPI|PTI|ANI|IANS|CP|AAP|PTI|Bloomberg|CNN|BBC|NPR"
)
# A word of a place only begins outside of words, so that there is one way to divide
# "ByByBy" or "A.B.C".
_DATELINE = re.compile(
    r"(?P<place>(?:(?<![\w.'-])[A-ZÀ-ÖØ-Þ][\w.'-]*[ /,-]{0,3}"
    r"(?:(?:de|du|sur|la|le|les|of|the|am|an)[ -])?){1,6}?)"
    r"(?P<date>[, ]{1,2}[^-()]{2,40}?)?"
    rf"(?P<agency> ?\((?:[^()]{{0,20}}\b)?(?:{_AGENCIES}"
    rf"|[A-Z]{{2,6}})\b[^()]{{0,20}}\))?"
    r"(?: -{1,2} |- |--|: | _ )(?=\S)"
)
_AGENCY_DATELINE = re.compile(rf"\((?:{_AGENCIES})\) ?(?:-{{1,2}}|:|_) ?(?=\S)")


def dateline_length(sentence: str) -> int:
    """The length of the dateline at the beginning ("PARIS, 3 mars (AFP) - "), or 0."""
    match = _AGENCY_DATELINE.match(sentence)
    if match is not None:
        return match.end()
    match = _DATELINE.match(sentence[:160])
    if match is None:
        return 0
    place = match["place"].strip(" ,/-")
    tokens = _TOKEN.findall(match["date"] or "") + _TOKEN.findall(place)
    has_date = any(token.lower() in MONTHS_AND_DAYS for token in tokens) and any(
        token.isdigit() for token in tokens
    )
    first_place = re.split(r",|(?<=\w) *[/-] *(?=\w)", place)[0].strip()
    is_upper = first_place.isupper() and len(first_place) >= 3
    return match.end() if is_upper or match["agency"] or has_date else 0
