"""Word families: what CSS names, and the words of short lines, are usually about.

The lists hold the words that templates and boilerplate use in the languages of the
press that we know. How much a family counts is up to the model. A set of families is
an integer, one bit for each, in the order of ``CSS_FAMILIES`` or ``TEXT_FAMILIES``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# Parts of class, id, itemprop and role, as hyphens, underscores and capitals set them
# apart: family → words. The order of the families is part of the model.
_CSS_WORDS = {
    "content": (
        "content contents article story storytext articletext articlebody entry post "
        "text copy richtext rte prose contenu artikel texto cuerpo corpo noticia"
    ),
    "body": (
        "body bodytext articlebody storybody postbody main paragraph para absatz "
        "wysiwyg field html"
    ),
    "comment": (
        "comment comments commentlist disqus reply replies discussion kommentar "
        "kommentare comentarios respond coral"
    ),
    "related": (
        "related relatedcontent recommend recommended recommendations recirc more "
        "also outbrain taboola readmore similar teaser teasers suggest suggestions "
        "next previous prev trending popular mostread latest promo promotion "
        "crosslink siblings verwandt weitere mehr associes liees"
    ),
    "share": (
        "share shares sharing social socials addthis sharedaddy twitter facebook "
        "whatsapp follow linkedin pinterest"
    ),
    "navigation": (
        "nav navigation menu navbar breadcrumb breadcrumbs pagination pager toc tabs "
        "subnav skip topbar toolbar"
    ),
    "footer": "footer foot colophon copyright legal imprint bottom disclaimer",
    "header": "header masthead top banner logo brand",
    "side": (
        "sidebar side aside rail widget widgets column secondary right left extra "
        "module complementary"
    ),
    "advert": (
        "ad ads advert advertisement adsense sponsor sponsored sponsoring promoted "
        "commercial anzeige werbung publicite pub dfp gpt adslot affiliate shop "
        "product deal buy cta"
    ),
    "author": (
        "author authors byline autor auteur bio profile vcard contributor writer "
        "about avatar"
    ),
    "date": (
        "date time timestamp datetime published updated posted datum dateline pubdate"
    ),
    "caption": (
        "caption captions credit credits image img photo photos picture figure media "
        "legend legende bild bildunterschrift wp-caption thumbnail copyright gallery "
        "slideshow carousel lightbox"
    ),
    "tag": (
        "tag tags keyword keywords topic topics category categories label labels "
        "schlagwort rubrik"
    ),
    "subscribe": (
        "newsletter newsletters signup subscribe subscription paywall premium abo "
        "plus register registration login donate donation optin mailchimp form modal "
        "offer regwall piano"
    ),
    "title": "title headline heading hed h1 titel titre kicker overline eyebrow",
    "lead": (
        "lead lede intro introduction summary excerpt standfirst dek deck subtitle "
        "subheadline subline chapo teaserr abstract vorspann description sapo "
        "strapline leadtext"
    ),
    "consent": (
        "cookie cookies consent gdpr popup modal overlay banner notice privacy cmp "
        "onetrust dialog toast"
    ),
    "quote": "quote blockquote pullquote zitat citation tweet embed instagram",
    "list": "list item items listing grid cards card row tile tiles feed stream",
    "video": "video player audio podcast playlist youtube jw brightcove listen",
    "meta": (
        "meta info infos details stats count views counter print tools actions "
        "utility rating vote"
    ),
    "hidden": "hidden hide sr screenreader offscreen visuallyhidden invisible noprint",
    "live": "live liveblog ticker update updates timeline",
    "box": (
        "box infobox factbox sidebox callout highlight inset info kasten encadre note "
        "notes footnote footnotes references correction"
    ),
}

# Words of short lines that are about something else than the article.
_TEXT_WORDS = {
    "read": (
        "read lire lesen leggi lea leia lees läs читайте читать voir see siehe auch "
        "aussi also également anche también más mehr more plus weiterlesen suite "
        "suivre related similar verwandte thema sujet sujets themen topics "
        "lesezeichen"
    ),
    "share": (
        "share partager teilen compartir condividi compartilhar facebook twitter "
        "whatsapp email mail linkedin pinterest tweet print imprimer drucken telegram "
        "reddit flipboard copy link"
    ),
    "subscribe": (
        "subscribe subscribers subscriber subscription newsletter newsletters "
        "abonnieren abonnement abonnez abonnés abonner suscríbete suscribirse "
        "iscriviti inscrever sign signup inbox register inscription inscrivez-vous "
        "anmelden registrieren abo digital trial unlimited access premium email "
        "adresse address"
    ),
    "rights": (
        "copyright rights reserved reproduction droits réservés vorbehalten rechte "
        "derechos reservados diritti riservati licence license terms conditions "
        "privacy policy"
    ),
    "consent": (
        "cookie cookies consent einwilligung datenschutz consentement privacy gdpr "
        "zustimmen accept accepter akzeptieren"
    ),
    "advert": (
        "advertisement advertising advert anzeige werbung publicité publicidad "
        "pubblicità sponsored sponsor affiliate commission purchase werbelinks "
        "provision partner promoted ad"
    ),
    "comment": (
        "comment comments commentaire commentaires kommentar kommentare comentario "
        "comentarios commenta reply leave log logged post antworten répondre "
        "discussion forum reactions réactions"
    ),
    "author": (
        "author journalist reporter correspondent writer editor redakteur redakteurin "
        "redaktion autor autorin auteur journaliste rédaction rédacteur correspondant "
        "columnist biography posts contributed reporting by von par por di"
    ),
    "photo": (
        "photo photos foto fotos credit image images getty reuters ap afp dpa imago "
        "picture bild courtesy photograph photographer shutterstock istock archiv "
        "archives alliance via file quelle crédit"
    ),
    "time": (
        "published updated last posted publié modifié mis jour veröffentlicht "
        "aktualisiert stand publicado actualizado uhr am pm est edt gmt bst ago min "
        "read minutes monday tuesday wednesday thursday friday saturday sunday"
    ),
    "donate": (
        "donate donation donations support soutenir soutien don dons unterstützen "
        "spenden spende donar apoyar generosity généreux généreuse fund"
    ),
    "app": (
        "app download télécharger herunterladen descargar android ios google apple "
        "play store channel kanal push mobile"
    ),
    "follow": (
        "follow folgen suivez suivre síguenos seguici us uns nous instagram youtube "
        "tiktok bluesky mastodon google news"
    ),
    "media": (
        "video watch listen audio podcast gallery slideshow galerie vidéo écouter "
        "ansehen hören ver play pause seconds volume"
    ),
    "contact": (
        "contact tips email call phone kontakt contacter redazione newsroom tip press "
        "inquiries pr information visit website www"
    ),
    "note": (
        "correction corrected clarification note article story version originally "
        "appeared earlier updated erratum korrektur anmerkung hinweis"
    ),
}

CSS_FAMILIES = tuple(_CSS_WORDS)
TEXT_FAMILIES = tuple(_TEXT_WORDS)


def _bits_by_word(words_by_family: Mapping[str, str]) -> dict[str, int]:
    bits: dict[str, int] = {}
    for position, words in enumerate(words_by_family.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << position
    return bits


_CSS_WORD_BITS = _bits_by_word(_CSS_WORDS)
_CSS_WORD_BITS_BY_BYTES = {word.encode(): bits for word, bits in _CSS_WORD_BITS.items()}
TEXT_WORD_BITS = _bits_by_word(_TEXT_WORDS)
_OTHERS_TO_SPACE = bytes(
    code if chr(code) in "abcdefghijklmnopqrstuvwxyz" else ord(" ")
    for code in range(256)
)
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|h[1-6]")


@lru_cache(maxsize=8192)
def families_of_names(css_names: str) -> int:
    """The families that the parts of these names, split by spaces, belong to."""
    families = 0
    if css_names.isascii() and css_names.islower():  # as most are, and faster
        for part in css_names.encode().translate(_OTHERS_TO_SPACE).split():
            families |= _CSS_WORD_BITS_BY_BYTES.get(part, 0)
    else:
        for name in css_names.split():
            families |= families_of_name(name)
    return families


@lru_cache(maxsize=4096)
def families_of_name(css_name: str) -> int:
    """The families that the parts of one name belong to."""
    families = 0
    if css_name.isascii() and css_name.islower():
        for part in css_name.encode().translate(_OTHERS_TO_SPACE).split():
            families |= _CSS_WORD_BITS_BY_BYTES.get(part, 0)
    else:
        for name_part in _NAME_PART.findall(css_name):
            families |= _CSS_WORD_BITS.get(name_part.lower(), 0)
    return families
