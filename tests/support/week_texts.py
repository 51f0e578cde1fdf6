"""The words of the stories of the simulated week."""

from __future__ import annotations

MARKUP_TITLE = (
    'Why <script>alert("Arle")</script> is no headline, and <b>bold</b> & "quoted" is'
)
LONG_TITLE = (
    "After eleven hours of debate, two recesses and a lost vote on the order of the "
    "agenda, the council of Arle resolves to ask the county, the region and the harbour "
    "trust for an opinion on whether a second opinion on the first survey of the north "
    "pier, which was closed on Sunday, is needed before winter begins"
)
FLOOD = [
    "The Arle rose by half a metre in the night and reached the lower steps of the fish "
    "market at six, the harbour office said.",
    "Nobody was hurt. The quay road is closed between the rope works and the ferry.",
    "Forecasters expect the peak at noon. The level was last so high in 2013.",
]
FLOOD_EDITS: tuple[tuple[str, str, str], ...] = (  # (words, new words, new headline)
    ("half a metre", "60 centimetres", ""),
    ("", "The fire brigade is handing out sandbags at the old customs house.", ""),
    ("Nobody was hurt.", "One person was treated for exposure.", ""),
    ("", "", "Quay closed as the Arle rises"),
    ("the peak at noon", "the peak at about two in the afternoon", ""),
    ("", "Schools on the left bank will send pupils home at one.", ""),
    (
        "60 centimetres",
        "80 centimetres",
        "Arle reaches the market steps; schools close",
    ),
    ("One person was", "Three people were", ""),
    ("The level was last so high in 2013.", "The level was last so high in 2003.", ""),
    (
        "",
        "Correction: an earlier version of this article gave the wrong year for the "
        "last flood.",
        "",
    ),
    (
        "is closed between",
        "has reopened between",
        "Quay road reopens as the Arle falls",
    ),
)
SILENT_FLOOD_EDITS = (3, 4)
BRIDGE = [
    "The old bridge over the Arle will close on Monday for repairs that the town council "
    "expects to last until spring.",
    "Traffic will be led over the northern crossing, which adds some six kilometres to "
    "the way between the station and the harbour.",
    '"We know what this asks of the shops on the quay," said the mayor, Ines Halloran. '
    '"There is no other way to keep the bridge standing."',
    "The repairs will cost 2.4 million, of which the region pays half.",
    "A survey last winter found cracks in two of the five piers.",
]
FERRY_EN = [
    "TARNWICK (AP) - Negotiators for the two coastal towns said on Wednesday that they had agreed on how "
    "to share the ferry line, ending a dispute that had lasted for three summers.",
    "The agreement, which still needs the consent of both councils, keeps the early boat "
    "and drops the one at noon.",
    "Fishing crews had asked for a later departure in winter, when the channel is dark "
    "until eight and the ferry has no searchlight.",
    "Both towns will pay for a new landing stage, at a cost of 1.8 million, and share "
    "what the tickets bring by the number of their passengers.",
]
FERRY_FR = [
    "KERLAOUEN (AFP) - Les deux villes du littoral se sont entendues mercredi sur le partage de la ligne "
    "de bac, au terme d’un différend qui durait depuis trois étés.",
    "L’accord, qui doit encore être approuvé par les deux conseils, maintient le premier "
    "bateau du matin et supprime celui de midi.",
    "Les pêcheurs réclamaient un départ plus tardif en hiver, quand le chenal reste "
    "sombre jusqu’à huit heures.",
    "Les deux villes financeront un nouveau ponton, pour 1,8 million d’euros, et se "
    "partageront les recettes selon le nombre de leurs passagers.",
]
DESPATCHES = (
    ("Grain ships leave the estuary after a month", "the estuary", "grain ships"),
    ("Court lets the night trains run", "the high court", "night trains"),
    ("Storm warning for the whole coast", "the weather service", "storm warnings"),
)
STUB = "The rest of this article is for subscribers. Subscribe for one pound a week."
