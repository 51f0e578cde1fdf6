"""Names of months and weekdays in the languages in which feeds and pages write dates.

Names are compared without accents. A month is recognised by its whole name, else by its
first four letters, else by its first three, if no other month and no weekday of these
languages begins with them. If two languages use one name for different months
(``listopad``: October in Croatian, November in Polish and Czech), the more widely
written language wins.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# From January; prefixes and whole names. Croatian and Finnish names that begin like
# another month are listed whole.
_MONTH_NAMES = (
    "jan gen ene sty led ian jaa tam sij oca ocak styczen stycznia ledna "
    "янв яну січ ιαν يناير ינואר",
    "feb fev uno lut hel sub vee veljaca veljace фев лют φεβ فبراير פברואר",
    "mar maa mrt mrz mac bre ozu maer maalis мар бер μαρ مارس מרץ",
    "apr avr abr kwi dub huh nis travanj travnja апр кві απρ أبريل אפריל",
    "may mai maj mag mei maio mayo kve tou svibanj svibnja май мая тра μαι مايو מאי",
    "jun juin juni juun giu iun kes haz cze cerven cervna lipanj lipnja "
    "июн юни чер ιουν يونيو יוני",
    "jul juil juli juul lug iul hei tem lip cervenec cervence srpanj srpnja "
    "июл юли лип ιουλ يوليو יולי",
    "aug aou ago agu agt avg ogo sie elo srp kolovoz kolovoza авг сер αυγ أغسطس אוגוסט",
    "sep set sett szep wrz zar syy eyl rujan rujna сен сеп вер σεπ سبتمبر ספטמבר",
    "oct okt ott out paz rij lok eki окт жов οκτ أكتوبر אוקטובר",
    "nov noi lis marr kas studeni studenoga ноя ное лис νοε نوفمبر נובמבר",
    "dec dez dic dis des det gru pro jou ara prosinac prosinca "
    "дек гру δεκ ديسمبر דצמבר",
)
# From Monday; names that begin like months, and names found beside dates with slashes.
_WEEKDAY_NAMES = (
    "mon monday lun lunes lundi lunedi mo montag man mandag maandag maanantai "
    "seg segunda пн δευ pon pazartesi",
    "tue tues tuesday mar martes mardi martedi marti di dienstag tir tirsdag dinsdag "
    "tiistai ter terca вт τρι wto sali",
    "wed weds wednesday mie mer mercredi miercoles mercoledi miercuri mi mittwoch ons "
    "onsdag woensdag qua quarta ср τετ sro szerda середа carsamba",
    "thu thur thurs thursday jue jeu jueves jeudi gio giovedi joi do donnerstag tor "
    "torsdag donderdag qui quinta чт πεμ czw persembe",
    "fri friday vie ven viernes vendredi venerdi vineri fr freitag fre fredag vrijdag "
    "sex sexta пт παρ pia cuma",
    "sat saturday sab sam sabado samedi sabato sambata sa samstag sonnabend lor lordag "
    "zaterdag сб σαβ sob cumartesi",
    "sun sunday dom dim domingo dimanche domenica duminica so sonntag son sondag "
    "zondag вс κυρ nie pazar",
)


# Whole names in further languages, from January: Albanian, Azerbaijani and Uzbek,
# Belarusian, Galician, Lithuanian, Macedonian and Serbian, Basque, Kazakh, Maltese,
# Filipino, Turkmen, Welsh. Not compared by their beginnings.
_WHOLE_NAMES = (
    "yanvar yan ýanwar студзеня студзень xaneiro xan sausio sausis saus јануар јануари "
    "јан urtarrila urtarrilaren urt қаңтар қаң enero ionawr",
    "shkurt shk fewral vasario vasaris vas фебруар фебруари феб otsaila "
    "otsailaren ots ақпан ақп frar pebrero chwefror",
    "сакавіка сакавік kovo kovas kov martxoaren наурыз нау mawrth",
    "prill pri красавіка красавік balandžio balandis bal apirila apirilaren сәуір сәу "
    "ebrill",
    "мај gegužės gegužė geg мамыр мам mejju mee maaie maayo meyi",
    "qershor qer iyun iyn iýun чэрвеня чэрвень xuño birželio birželis birž јун јуни "
    "ekaina ekainaren eka маусым мау ġunju hunyo mehefin yuni",
    "korrik iyul iyl iýul ліпеня ліпень xullo xul liepos liepa liep јул јули uztaila "
    "uztailaren uzt шілде шіл lulju hulyo gorffennaf yuli luulyo",
    "gusht avqust avq awgust жніўня жнівень rugpjūčio rugpjūtis rugp abuztua "
    "abuztuaren abu тамыз там awwissu awst agasti",
    "shtator sentyabr sentabr sentýabr rugsėjo rugsėjis rugs iraila irailaren "
    "қыркүйек қыр medi sebtembar",
    "tetor кастрычніка кастрычнік spalio spalis spal urria urriaren urr қазан қаз "
    "hydref",
    "nëntor nën noyabr noy noýabr лістапада лістапад lapkričio lapkritis lapkr новембар "
    "новември azaroa azaroaren aza қараша қар nobyembre tachwedd",
    "dhjetor dhj dekabr dek снежня снежань децембар децембри дец abendua abenduaren abe "
    "желтоқсан rhagfyr",
)
# Names that mean another month in one language than in the others.
_NAMES_BY_LANGUAGE = {
    "hr": {
        "velj": 2,
        "tra": 4,
        "svi": 5,
        "lip": 6,
        "srp": 7,
        "kol": 8,
        "ruj": 9,
        "lis": 10,
        "listopad": 10,
        "listopada": 10,
        "stu": 11,
    },
}


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
_MONTH_BY_WHOLE_NAME = _number_by_name(_WHOLE_NAMES, 1)
_WEEKDAY_BY_NAME = _number_by_name(_WEEKDAY_NAMES, 0)


@lru_cache(maxsize=1024)
def month_number(word: str, language: str = "") -> int:
    """The month that a word names, 1 to 12; 0 if it names none.

    ``language``: an ISO 639 code, "" if unknown.
    """
    name = _strip_accents(word[:20])
    number = (
        _NAMES_BY_LANGUAGE.get(language, {}).get(name)
        or _MONTH_BY_NAME.get(name)
        or _MONTH_BY_WHOLE_NAME.get(name)
    )
    if number:
        return number
    if len(name) < 3 or name in _WEEKDAY_BY_NAME:
        return 0
    return _MONTH_BY_NAME.get(name[:4], 0) or _MONTH_BY_NAME.get(name[:3], 0)


@lru_cache(maxsize=1024)
def weekday_number(word: str) -> int | None:
    """The weekday that a word names, 0 for Monday; None if it names none."""
    return _WEEKDAY_BY_NAME.get(_strip_accents(word[:20]))
