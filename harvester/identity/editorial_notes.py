"""Sentences that speak of the article and not of the world: notes of correction, and lines of dates. Pure.

For sentences in the one typography of ``wording.key``; French and English, with what is frequent in German, Spanish and Italian.
"""

from __future__ import annotations

import re

MAX_SENTENCE_LENGTH = 1_500  # characters of a sentence that is looked at

_ARTICLE_NOUNS = r"(?:article|story|stories|report|post|piece|page|column|interview|headline|analysis|review|obituary|dispatch|item|version|text|caption|map|chart|graphic|photo|newsletter|live ?blog|blog|tribune|enquête|dépêche|papier|texte|billet|chronique|reportage|titre|légende|publication|contenu|beitrag|artikel|meldung|artículo|nota|articolo|notizia)"
_CHANGED_VERBS = r"(?:corrected|amended|clarified|updated|revised|edited|changed|modified|rectified|reworded|re-?written|expanded|altered|republished|fixed)"
_FRENCH_CHANGED_VERBS = r"(?:corrigée?s?|modifiée?s?|rectifiée?s?|amendée?s?|mise? à jour|actualisée?s?|complétée?s?|précisée?s?|clarifiée?s?|enrichie?s?|remaniée?s?|éditée?s?)"
_NOTE_LABELS = (
    r"(?:corrections?(?: and clarifications?)?|clarifications?|editor'?s'? note|editors' note|note from the editors?|errat(?:um|a)|corrigend(?:um|a)|amendment|correction (?:notice|appended|made)|updates?|updated|retraction|rectification|revision note"
    r"|rectificatifs?|correctifs?|précisions?|mise au point|note de la rédaction|n\.?d\.?l\.?r\.?|mise à jour|mis à jour|màj|maj|actualisation|actualisé|modification|erreur corrigée|nos excuses|droit de réponse"
    r"|korrektur|berichtigung|richtigstellung|anmerkung der redaktion|hinweis der redaktion|update|corrección|fe de erratas|aclaración|nota de la redacción|correzione|errata corrige|nota della redazione|precisazione)"
)
_NOTE_STATEMENTS = (
    rf"\b(?:an?|the|this|our|previous|earlier|original|initial|first)\b[ \w'-]{{0,30}}\b(?:earlier|previous|original|initial|first|prior)?\b[ \w-]{{0,20}}\bversions? of (?:this|the|our|an?) [\w ]{{0,30}}{_ARTICLE_NOUNS}",
    rf"\b(?:this|the|our|an earlier|a previous) [\w' -]{{0,25}}{_ARTICLE_NOUNS}(?: \([^)]{{0,60}}\))? (?:was|were|has been|have been|had been|is being|is) (?:since |later |subsequently |also |first published [^.]{{0,60}}and )?(?:{_CHANGED_VERBS})",
    rf"\b(?:this|the|our) [\w' -]{{0,25}}{_ARTICLE_NOUNS} (?:originally |previously |initially |initially, |incorrectly |wrongly |mistakenly |erroneously |first )+(?:said|stated|reported|gave|named|identified|referred|misstated|misidentified|quoted|described|attributed|included|listed|used|carried|suggested|published|appeared)",
    r"\b(?:article|story|report|headline|caption|version)\b.{0,80}\b(?:mis-?(?:stated|spelled|spelt|identified|quoted|named|attributed|reported|characteri[sz]ed)|incorrectly|wrongly|mistakenly|erroneously|in error|by mistake)\b",
    r"\b(?:we|the \w+) (?:have |has )?(?:corrected|apologi[sz]ed?s?|regrets?) (?:this|the|for (?:the|this|any)) (?:error|mistake|article|story|inaccurac|confusion)",
    r"\b(?:corrects|corrected) (?:the |to |a |an |typo|spelling|name|date|figure|paragraph|headline|day|year|quote|attribution|reference)|\b(?:has|have) been (?:corrected|amended) (?:to|throughout|above|in)\b|\bdue to an? (?:editing|production|reporting|typographical|transcription) (?:error|mistake)",
    r"\b(?:updated|amended|revised|edited|corrected) (?:on [\w ,]{3,30} |at [\w .:]{2,12} )?(?:to (?:add|include|reflect|clarify|correct|remove|fix|note|show|say|state|update|replace|make)|with (?:a |the |new |more |additional |further )?(?:comments?|statements?|responses?|details?|information|quotes?|reaction|figures?|background|confirmation))\b",
    r"\b(?:une?|la|notre|dans une|les) (?:première |précédente |ancienne )?versions? (?:précédente |antérieure |initiale |originale |ancienne |erronée )?s?(?:de |d'|du )(?:cet|cette|ce|notre|l'|la|le|l') ?\w+",
    r"\b(?:première|précédente|ancienne) version\b.{0,80}\b(?:indiqu|mentionn|affirm|écri|faisait|évoqu|attribu|comport|conten|disai|donnai|laissai|par erreur|à tort)\w*",
    rf"\b(?:cet|cette|ce|l'|notre|le|la) ?(?:présent )?{_ARTICLE_NOUNS} (?:a|ont|avait) (?:bien |depuis |également |ensuite )?été (?:\w+ )?{_FRENCH_CHANGED_VERBS}|\b{_ARTICLE_NOUNS} (?:{_FRENCH_CHANGED_VERBS})\b",
    r"\bcontrairement à ce (?:que|qui|qu')\b.{0,60}\b(?:écri|indiqu|annonc|affirm|publi|mentionn|laiss)\w*|\bnous (?:avons|l'avons|les avons) (?:corrigé|rectifié|modifié|précisé|mis à jour|supprimé|retiré|ajouté)|\bune (?:erreur|coquille|inexactitude) s'(?:est|était) glissée|\b(?:présent|pri)\w+ .{0,40}\b(?:excuses|excuser)\b.{0,60}\b(?:erreur|lecteurs?|lectrices?|confusion)|\b(?:par erreur|à tort|erronément)\b.{0,120}\b(?:article|version|titre|légende|dépêche|texte)\b|\b(?:article|version|titre|légende|dépêche|texte)\b.{0,120}\b(?:par erreur|à tort|erronément)\b",
    r"\b(?:corrigé|modifié|rectifié|actualisé|mis à jour|complété|édité) (?:le|ce|à|avec|pour|afin|suite|après)\b.{0,60}\b(?:pour|afin de?|avec|suite à|après|à la suite)\b|\b(?:actualisé|mis à jour|complété|enrichi) avec (?:la |le |les |une |des |l'|de nouve)",
    r"\bfrüheren (?:version|fassung)\b|\b(?:artikel|beitrag|text|meldung) wurde (?:nachträglich |inzwischen |am [\w. ]{3,20})?(?:korrigiert|aktualisiert|berichtigt|ergänzt|geändert|angepasst)|\buna versión anterior\b|\bartículo (?:ha sido|fue) (?:corregido|modificado|actualizado)|\buna versione precedente\b|\barticolo è stato (?:corretto|modificato|aggiornato)",
)
_LABELLED_NOTE = re.compile(
    rf"[\W_]*(?:{_NOTE_LABELS})\b[^:.;-]{{0,60}}(?:[:;]| -+ |\)|\])\s*\S", re.IGNORECASE
)
_STATED_NOTE = re.compile(
    "|".join(f"(?:{one})" for one in _NOTE_STATEMENTS), re.IGNORECASE
)
_CORRECTION_MARK = re.compile(r"[\[(](?:corrected|correction|updated?|clarified|amended|corrigée?|rectificatif|rectifiée?|mis(?:e)? à jour|màj|maj|actualisée?|précision|korrigiert|aktualisiert|corregido|corretto)\b[^\])]{0,40}[\])]", re.IGNORECASE)  # fmt: skip
_CORRECTION_TITLE = re.compile(r"^(?:\W*(?:corrected|correction|corrections|clarification|refile|amended|corrigé|rectificatif|correctif|mise à jour|màj|maj|updated?(?: \d+)?)\b ?[-:|/]|.*[\[(](?:corrected|updated?|corrigé|mis(?:e)? à jour|màj|maj|rectificatif)[\])])", re.IGNORECASE)  # fmt: skip


def is_correction_note(sentence: str) -> bool:
    """Whether it says of the article that it was corrected, clarified, updated, or was wrong."""
    return len(sentence) <= MAX_SENTENCE_LENGTH and bool(
        _LABELLED_NOTE.match(sentence) or _STATED_NOTE.search(sentence)
    )


def has_correction_mark(sentence: str) -> bool:
    """Whether a mark in brackets says so inside of a sentence."""
    return bool(_CORRECTION_MARK.search(sentence[:MAX_SENTENCE_LENGTH]))


def is_correction_title(title: str) -> bool:
    """Whether a headline says so."""
    return bool(_CORRECTION_TITLE.match(title[:300]))


# ---- dates

_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre janv févr fév avr juil sept oct nov déc"
    " january february march april may june july august september october november december jan feb mar apr jun jul aug sep dec"
    " januar februar märz juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre noviembre diciembre"
    " gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre"
)
_DAYS = (
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim monday tuesday wednesday thursday friday saturday sunday"
    " mon tue tues wed thu thur thurs fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag lunes martes miércoles jueves"
    " viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato domenica aujourd'hui hier demain today yesterday tomorrow heute gestern"
)
_TIMESTAMP_TEXT = (
    "publié publiée publication publiés paru parue posté mis mise jour modifié modifiée modification actualisé actualisée actualisation màj maj"
    " published publish posted updated update modified edited revised issued first last latest créé création rédigé diffusé"
    " veröffentlicht aktualisiert stand zuletzt publicado actualizado aggiornato pubblicato"
)
_FILLER_TEXT = (
    "le la les à a at on the um am pm h hr hrs heure heures hour hours min mins mn minute minutes s sec et and est edt gmt utc cet cest bst ist aest aedt pst pdt cst cdt mst ct pt mt"
    " de du dernière derniere première fois time times date local locale st nd rd th er uhr den ago il y as of ce cette in by dès since depuis il ya ore ore noon midi minuit midnight p m"
)
_BYLINE_WORDS = frozenset("par by von por di avec with rédaction redaction staff reporter reporters journaliste correspondent correspondant article story texte text écrit written propos recueillis from our notre contenu".split())  # fmt: skip
MONTHS_AND_DAYS = frozenset(f"{_MONTHS} {_DAYS}".split())
_TIMESTAMP_WORDS = frozenset(_TIMESTAMP_TEXT.split())
_DATE_WORDS = MONTHS_AND_DAYS | _TIMESTAMP_WORDS | frozenset(_FILLER_TEXT.split())
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'hui)?")
_TIMESTAMP = re.compile(
    r"\b(?:publiée?s? (?:le|à|il y a)|publication ?:|parue? le|postée? (?:le|à)|mise? à jour|(?:dernière )?(?:modification|mise à jour)|modifiée? (?:le|à)|actualisée? (?:le|à)|màj|published|posted|(?:last |first )?(?:updated|modified|revised|edited)|veröffentlicht|aktualisiert|zuletzt|publicado|actualizado|aggiornato|pubblicato)\b",
    re.IGNORECASE,
)
_UPDATE = re.compile(r"\b(?:mise? à jour|modifi|actualis|màj|updated|modified|revised|edited|amended|aktualisiert|actualizado|aggiornato)", re.IGNORECASE)  # fmt: skip
MAX_NAME_WORDS = 5  # words of a stamped line that are no words of dates
MAX_TIMESTAMP_LINE_WORDS = 24  # words of such a line
MAX_DATELINE_WORDS = 10  # words of a place and a date


def is_date_word(token: str) -> bool:
    """Whether a word or number is one of those that dates and times are written with."""
    return token.isdigit() or token.lower() in _DATE_WORDS


def is_date_line(sentence: str) -> bool:
    """Whether a line says when it was published or updated, or where and when it was written, and nothing else."""
    if len(sentence) > 200:
        return False
    tokens = _TOKEN.findall(sentence)
    digits = sum(token.isdigit() for token in tokens)
    dated = digits + sum(token.lower() in MONTHS_AND_DAYS for token in tokens)
    if not dated:
        return False
    strange = [token for token in tokens if not is_date_word(token)]
    if not strange:
        return dated >= 2 or any(token.lower() in _TIMESTAMP_WORDS for token in tokens)
    named = (
        all(token[0].isupper() or token.lower() in _BYLINE_WORDS for token in strange)
        and len(strange) <= MAX_NAME_WORDS
    )
    if (
        digits
        and has_timestamp_words(sentence)
        and named
        and len(tokens) <= MAX_TIMESTAMP_LINE_WORDS
    ):
        return True
    placed = (
        all(token[0].isupper() for token in strange)
        and len(strange) <= 4
        and len(tokens) <= MAX_DATELINE_WORDS
    )
    return placed and digits >= 1 and dated > digits


def has_only_date_words(sentence: str) -> bool:
    """Whether it has no words but those of dates: what is left of a line of dates that was cut in two."""
    return all(map(is_date_word, _TOKEN.findall(sentence[:MAX_SENTENCE_LENGTH])))


def has_timestamp_words(sentence: str) -> bool:
    """Whether it has words such as "published at"."""
    return bool(_TIMESTAMP.search(sentence[:MAX_SENTENCE_LENGTH]))


def mentions_update(sentence: str) -> bool:
    """Whether a line of dates speaks of an update."""
    return bool(_UPDATE.search(sentence[:MAX_SENTENCE_LENGTH]))


_AGENCIES = r"AFP|AP|Reuters|ANSA|dpa|DPA|ATS|ats|Belga|EFE|TASS|Xinhua|Interfax|Kyodo|PA|APA|Lusa|UPI|PTI|ANI|IANS|CP|AAP|PTI|Bloomberg|CNN|BBC|NPR"
# A word of a place begins where no word is: there is one way only to divide "ByByBy" or "A.B.C" into words.
_DATELINE = re.compile(
    rf"(?P<place>(?:(?<![\w.'-])[A-ZÀ-ÖØ-Þ][\w.'-]*[ /,-]{{0,3}}(?:(?:de|du|sur|la|le|les|of|the|am|an)[ -])?){{1,6}}?)"
    rf"(?P<date>[, ]{{1,2}}[^-()]{{2,40}}?)?(?P<agency> ?\((?:[^()]{{0,20}}\b)?(?:{_AGENCIES}|[A-Z]{{2,6}})\b[^()]{{0,20}}\))?(?: -{{1,2}} |- |--|: | _ )(?=\S)"
)
_AGENCY_DATELINE = re.compile(rf"\((?:{_AGENCIES})\) ?(?:-{{1,2}}|:|_) ?(?=\S)")


def dateline_length(sentence: str) -> int:
    """How many characters at the beginning are the place and date of a dispatch ("PARIS, 3 mars (AFP) - "); 0: none."""
    match = _AGENCY_DATELINE.match(sentence)
    if match is not None:
        return match.end()
    match = _DATELINE.match(sentence[:160])
    if match is None:
        return 0
    place = match["place"].strip(" ,/-")
    tokens = _TOKEN.findall(match["date"] or "") + _TOKEN.findall(place)
    dated = any(token.lower() in MONTHS_AND_DAYS for token in tokens) and any(
        token.isdigit() for token in tokens
    )
    first = re.split(r",|(?<=\w) *[/-] *(?=\w)", place)[0].strip()
    upper = first.isupper() and len(first) >= 3
    return match.end() if upper or match["agency"] or dated else 0
