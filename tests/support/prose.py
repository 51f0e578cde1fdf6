"""Random plausible sentences in French and English, the same for the same seed.

Sentences have many slots, so that two articles share hardly a sentence and are not
near-duplicates.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

Vocabulary = Mapping[str, Sequence[str]]

FRENCH: Vocabulary = {
    "sentence": (
        "{Who} de {place} {did} {what}, {when}.",
        "{When}, {who} {did} {what} malgré {but}.",
        "« {Claim} », {said} {person}, {role} à {place}.",
        "{Number} {people} ont assisté à la réunion de {place}, {when}.",
        "Le coût de {work} est estimé à {number} {money}, {detail}.",
        "Selon {person}, {role}, {claim}.",
        "À {place}, {who} attend {what} depuis {number} {units}.",
        "{Person} rappelle que {claim}, {detail}.",
        "La part de {place} atteint {percent} %, contre {percent} % {when}.",
        "{Work} devrait durer {number} {units}, {detail}, avant que {who} ne tranche.",
    ),
    "title": (
        "{Place} : {who} {did} {what}", "{Work} divise {place}",
        "{Number} {people} pour {what} à {place}", "{Person}, {role} : « {Claim} »",
        "À {place}, {work} reprend",
    ),
    "who": (
        "le conseil municipal", "la préfecture", "l’association des riverains",
        "le syndicat mixte", "la chambre de commerce", "le club de canoë",
        "la coopérative laitière", "l’office de tourisme", "le comité de quartier",
        "la gendarmerie", "le tribunal administratif", "l’amicale des pompiers",
        "le collectif des parents", "la régie des eaux",
    ),
    "did": (
        "a approuvé", "a reporté", "conteste", "réclame", "vient de présenter",
        "a inauguré", "refuse", "a voté", "prépare", "a suspendu", "finance",
        "a découvert", "redoute",
    ),
    "what": (
        "le nouveau plan de circulation", "la rénovation du gymnase",
        "un moratoire sur les forages", "la vente de l’ancien hospice",
        "le projet de halte ferroviaire", "une extension de la zone artisanale",
        "le retour du marché nocturne", "un relevé complet des chemins",
        "la fermeture du guichet", "un abri pour les saisonniers", "le budget rectifié",
        "une enquête sur la qualité de l’air", "la plantation de haies bocagères",
        "un pont de bois sur la rivière",
    ),
    "work": (
        "le chantier du gymnase", "la réfection des quais", "le curage du canal",
        "l’aménagement de la place", "la numérisation des registres",
        "le désamiantage de l’usine", "la recherche de fuites",
        "le comptage des hirondelles",
    ),
    "but": (
        "les réserves du commissaire enquêteur", "une pétition de dernière heure",
        "l’absence de devis", "la pluie", "deux recours", "le silence du département",
        "un budget serré", "les doutes de plusieurs élus",
    ),
    "claim": (
        "personne ne nous a consultés", "les délais seront tenus",
        "il faudra encore convaincre les habitants",
        "nous avons fait le plus difficile", "les comptes sont publics",
        "rien n’obligeait à aller si vite", "la nappe se recharge trop lentement",
        "c’est aux usagers de juger", "le matériel est arrivé abîmé",
        "les jeunes reviennent au village", "cette solution était la moins chère",
        "le terrain reste humide",
    ),
    "said": (
        "assure", "regrette", "insiste", "explique", "résume", "souligne", "prévient",
        "plaisante",
    ),
    "role": (
        "adjointe aux finances", "maraîcher", "institutrice", "hydrologue",
        "président du club", "chauffeur de car", "architecte des bâtiments anciens",
        "pharmacienne", "éleveur", "directrice de l’école",
    ),
    "when": (
        "lundi soir", "la semaine dernière", "avant la fin du mois",
        "au début de l’été", "mercredi matin", "à la rentrée", "dans la nuit de jeudi",
        "l’an passé", "depuis le printemps", "ce week-end",
    ),
    "detail": (
        "dont un tiers à la charge de la commune", "sans compter les imprévus",
        "d’après un document que nous avons lu", "ce que dément la mairie",
        "un record depuis vingt ans", "selon le même rapport",
        "soit le double de la moyenne", "sous réserve d’un avis favorable",
    ),
    "people": (
        "habitants", "bénévoles", "élèves", "signataires", "visiteurs", "agriculteurs",
        "retraités",
    ),
    "units": ("jours", "semaines", "mois", "ans"),
    "money": ("euros", "milliers d’euros"),
    "place": (
        "Valmourès", "Kerlaouen", "Brévignon", "Sainte-Colombe-du-Causse", "Trévignac",
        "Montagrel", "Les Arsuquières", "Pontorgeuil", "Cassenvielle", "Louvernay",
        "Saint-Aubrac", "Ressonville", "Fontarlier",
    ),
    "first": (
        "Maëlle", "Aristide", "Clémence", "Ronan", "Perrine", "Yann", "Ombeline",
        "Fulgence", "Soazig", "Gaspard", "Inès",
    ),
    "last": (
        "Kerdoncuff", "Vigouroux", "Lacassagne", "Le Bozec", "Carrigou", "Authier",
        "Espérou", "Tanguy", "Boudou", "Marchessol",
    ),
}  # fmt: skip

ENGLISH: Vocabulary = {
    "sentence": (
        "{Who} in {place} {did} {what} {when}.",
        "{When}, {who} {did} {what} despite {but}.",
        '"{Claim}," {said} {person}, {role} in {place}.',
        "{Number} {people} came to the meeting in {place} {when}.",
        "The cost of {work} is put at {number} {money}, {detail}.",
        "According to {person}, {role}, {claim}.",
        "In {place}, {who} has waited {number} {units} for {what}.",
        "{Person} pointed out that {claim}, {detail}.",
        "The share of {place} has reached {percent} per cent, against {percent} per cent {when}.",
        "{Work} should take {number} {units}, {detail}, before {who} decides.",
    ),
    "title": (
        "{Place}: {who} {did} {what}", "{Work} divides {place}",
        "{Number} {people} call for {what} in {place}", "{Person}, {role}: '{Claim}'",
        "{Work} starts again in {place}",
    ),
    "who": (
        "the parish council", "the county court", "the residents' association",
        "the water board", "the chamber of trade", "the canoe club",
        "the dairy co-operative", "the tourist office", "the allotment society",
        "the fire service", "the planning inspector", "the parents' group",
        "the harbour trust", "the history society",
    ),
    "did": (
        "approved", "postponed", "disputed", "demanded", "unveiled", "opened",
        "rejected", "voted for", "prepared", "suspended", "paid for", "discovered",
        "warned of",
    ),
    "what": (
        "the new one-way system", "the repair of the sports hall", "a halt to drilling",
        "the sale of the old infirmary", "plans for a railway stop",
        "an extension of the trading estate", "the return of the night market",
        "a full survey of footpaths", "the closure of the ticket office",
        "a shelter for seasonal workers", "the revised budget",
        "an inquiry into air quality", "the planting of hedgerows",
        "a wooden bridge over the river",
    ),
    "work": (
        "work on the sports hall", "the rebuilding of the quays",
        "the dredging of the canal", "the redesign of the square",
        "the scanning of the registers", "the stripping of the mill",
        "the hunt for leaks", "the count of swallows",
    ),
    "but": (
        "the inspector's reservations", "a last-minute petition",
        "the lack of a quotation", "the rain", "two appeals",
        "the silence of the county", "a tight budget",
        "the doubts of several councillors",
    ),
    "claim": (
        "nobody asked us", "the dates will be kept",
        "residents have yet to be convinced", "the hardest part is done",
        "the accounts are public", "there was no need for such haste",
        "the water table is slow to recover", "users will be the judges",
        "the equipment arrived damaged", "young people are coming back",
        "this was the cheapest answer", "the ground is still wet",
    ),
    "said": (
        "said", "insisted", "explained", "complained", "added", "warned", "joked",
        "argued",
    ),
    "role": (
        "the cabinet member for finance", "a market gardener", "a teacher",
        "a hydrologist", "the club's chairman", "a coach driver",
        "a conservation architect", "a pharmacist", "a sheep farmer",
        "the head of the school",
    ),
    "when": (
        "on Monday evening", "last week", "before the end of the month",
        "early in the summer", "on Wednesday morning", "at the start of term",
        "on Thursday night", "last year", "in the spring", "at the weekend",
    ),
    "detail": (
        "a third of it to be met by the parish", "not counting surprises",
        "according to a paper that we have read", "which the council denies",
        "the most in twenty years", "the same report says", "twice the average",
        "subject to approval",
    ),
    "people": (
        "residents", "volunteers", "pupils", "signatories", "visitors", "farmers",
        "pensioners",
    ),
    "units": ("days", "weeks", "months", "years"),
    "money": ("pounds", "thousand pounds"),
    "place": (
        "Harrowdale", "Thornmere", "Eskerton", "Wexcombe", "Millerby", "Pennaraleigh",
        "Stowbeck", "Carrow Green", "Lindermouth", "Ashgrove", "Quenby", "Northolme",
        "Tarnwick",
    ),
    "first": (
        "Imogen", "Desmond", "Callista", "Rosalind", "Winifred", "Anjali",
        "Bartholomew", "Saoirse", "Hester", "Callum", "Edith",
    ),
    "last": (
        "Calloway", "Thackeray", "Okafor", "Penhallow", "Quince", "Merriweather",
        "Drummond", "Pellworth", "Finch", "Ashby",
    ),
}  # fmt: skip


class ProseGenerator:
    """A stream of invented text."""

    def __init__(self, seed: int | str, language: str) -> None:
        self.rng = random.Random(f"{seed} {language}")
        self.language = language
        self._vocabulary = FRENCH if language == "fr" else ENGLISH

    def person(self) -> str:
        """A first and a last name."""
        return f"{self._choose('first')} {self._choose('last')}"

    def title(self) -> str:
        """A headline."""
        title = self._fill_template(self._choose("title"))
        return title[:1].upper() + title[1:]

    def sentence(self) -> str:
        """A sentence."""
        return self._fill_template(self._choose("sentence"))

    def paragraph(self) -> str:
        """Three to six sentences."""
        return " ".join(self.sentence() for _ in range(self.rng.randint(3, 6)))

    def article_paragraphs(self, paragraph_count: int) -> list[str]:
        """Paragraphs, with a heading now and then."""
        paragraphs: list[str] = []
        for number in range(paragraph_count):
            if number and number % 4 == 0:
                paragraphs.append(f"## {self.title()}")
            paragraphs.append(self.paragraph())
        return paragraphs

    def number(self) -> str:
        """A number as newspapers print it, from 2 to some hundred thousand."""
        number = int(10 ** self.rng.uniform(0.4, 5.5))
        return f"{number:,}".replace(",", "\u00a0" if self.language == "fr" else ",")

    def _choose(self, slot: str) -> str:
        return self.rng.choice(self._vocabulary[slot])

    def _fill_template(self, template: str) -> str:
        """Fill the slots; one with a capital letter begins a sentence."""
        pieces: list[str] = []
        for before, slot in _split_slots(template):
            pieces.append(before)
            word = self._fill_slot(slot.lower()) if slot else ""
            pieces.append(word[:1].upper() + word[1:] if slot[:1].isupper() else word)
        return "".join(pieces)

    def _fill_slot(self, slot: str) -> str:
        if slot == "person":
            return self.person()
        if slot == "number":
            return self.number()
        if slot == "percent":
            return f"{self.rng.uniform(1, 60):.1f}".replace(
                ".", "," if self.language == "fr" else "."
            )
        return self._choose(slot)


def _split_slots(template: str) -> list[tuple[str, str]]:
    """(text before a slot, slot) pairs; "" where there is none."""
    pairs: list[tuple[str, str]] = []
    for piece in template.split("{"):
        slot, closing, after = piece.partition("}")
        if closing:
            pairs.append(("", slot))
            pairs.append((after, ""))
        else:
            pairs.append((piece, ""))
    return pairs
