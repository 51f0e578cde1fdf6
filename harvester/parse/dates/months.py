"""Names of months and weekdays in the languages that feeds and pages state dates in. Pure; data.

Names count without their accents. A month is told by its whole name, else by its first four letters, else by its first three,
where no other month of these languages, and no weekday, begins so. Where two languages mean different months by one name
(``listopad``: October in Croatian, November in Polish and Czech), the more widely written one counts.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Beginnings and whole names. Croatian and Finnish names that begin like another month stand whole.
_MONTH_NAMES = (
    "jan gen ene sty led ian jaa tam sij oca ocak styczen stycznia ledna янв яну січ ιαν يناير ינואר",
    "feb fev uno lut hel sub vee veljaca veljace фев лют φεβ فبراير פברואר",
    "mar maa mrt mrz mac bre ozu maer maalis мар бер μαρ مارس מרץ",
    "apr avr abr kwi dub huh nis travanj travnja апр кві απρ أبريل אפריל",
    "may mai maj mag mei maio mayo kve tou svibanj svibnja май мая тра μαι مايو מאי",
    "jun juin juni juun giu iun kes haz cze cerven cervna lipanj lipnja июн юни чер ιουν يونيو יוני",
    "jul juil juli juul lug iul hei tem lip cervenec cervence srpanj srpnja июл юли лип ιουλ يوليو יולי",
    "aug aou ago agu agt avg ogo sie elo srp kolovoz kolovoza авг сер αυγ أغسطس אוגוסט",
    "sep set sett szep wrz zar syy eyl rujan rujna сен сеп вер σεπ سبتمبر ספטמבר",
    "oct okt ott out paz rij lok eki окт жов οκτ أكتوبر אוקטובר",
    "nov noi lis marr kas studeni studenoga ноя ное лис νοε نوفمبر נובמבר",
    "dec dez dic dis des det gru pro jou ara prosinac prosinca дек гру δεκ ديسمبر דצמבר",
)
# From Monday; those that begin like months, and those that are met beside dates with slashes.
_WEEKDAY_NAMES = (
    "mon monday lun lunes lundi lunedi mo montag man mandag maandag maanantai seg segunda пн δευ pon pazartesi",
    "tue tues tuesday mar martes mardi martedi marti di dienstag tir tirsdag dinsdag tiistai ter terca вт τρι wto sali",
    "wed weds wednesday mie mer mercredi miercoles mercoledi miercuri mi mittwoch ons onsdag woensdag qua quarta ср τετ sro szerda середа carsamba",
    "thu thur thurs thursday jue jeu jueves jeudi gio giovedi joi do donnerstag tor torsdag donderdag qui quinta чт πεμ czw persembe",
    "fri friday vie ven viernes vendredi venerdi vineri fr freitag fre fredag vrijdag sex sexta пт παρ pia cuma",
    "sat saturday sab sam sabado samedi sabato sambata sa samstag sonnabend lor lordag zaterdag сб σαβ sob cumartesi",
    "sun sunday dom dim domingo dimanche domenica duminica so sonntag son sondag zondag вс κυρ nie pazar",
)  # fmt: skip


def _strip_accents(name: str) -> str:
    return "".join(
        c
        for c in unicodedata.normalize("NFD", name.lower())
        if not unicodedata.combining(c)
    )


def _number_by_name(rows: tuple[str, ...], first_number: int) -> dict[str, int]:
    return {
        _strip_accents(name): number
        for number, names in enumerate(rows, first_number)
        for name in names.split()
    }


_MONTH_BY_NAME = _number_by_name(_MONTH_NAMES, 1)
_WEEKDAY_BY_NAME = _number_by_name(_WEEKDAY_NAMES, 0)


@lru_cache(maxsize=1024)
def month_number(word: str) -> int:
    """The month that a word names, 1 to 12; 0 where it names none."""
    bare = _strip_accents(word[:20])
    if bare in _MONTH_BY_NAME:
        return _MONTH_BY_NAME[bare]
    if len(bare) < 3 or bare in _WEEKDAY_BY_NAME:
        return 0
    return _MONTH_BY_NAME.get(bare[:4], 0) or _MONTH_BY_NAME.get(bare[:3], 0)


@lru_cache(maxsize=1024)
def weekday_number(word: str) -> int | None:
    """The day of the week that a word names, Monday is 0; None where it names none."""
    return _WEEKDAY_BY_NAME.get(_strip_accents(word[:20]))
