"""Names of months and weekdays in the languages in which feeds and pages write dates.

Names are compared without accents. A month is recognised by its whole name, else by its
first five letters, else, if it is shorter or not in Latin letters, by its first four or
three, if no other month and no weekday of these languages begins with them. If two
languages use one name for different months (``listopad``: October in Croatian, November
in Polish and Czech), the language decides, else the more widely written one wins.
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


# The first five letters of names in Latin letters (Unicode CLDR and usual variants):
# "marvel" and "decision" begin like months, too.
_STEMS = (
    "enero gener genna genve ianua ionaw jaanu janar janei janna janne janua janva janvi "
    "leden ledna sausi sijec siecz stycz tammi urtar xanei yanva yanwa",
    "chwef febbr feber febre febru fever fevra fevri fewra helmi luteg otsai pebre shkur "
    "subat unora vasar veebr velja",
    "breze brezn kovas maali maart machi maerz marca march marci marco marec maret marso "
    "marta marti marto marts martx marze marzo marzu mawrt ozuja ozujk",
    "abrel abril apiri aprel april avrig avril balan duben dubna ebril huhti kwiec kwiet "
    "nisan prill trava travn",
    "geguz kvete kvetn maaie maggi maiat maijs majus mejju sviba svibn touko",
    "birze czerw ekain giugn gunju hazir hunyo iunie junho junie junij junio juniu juuni "
    "kesak lipan lipnj mehef qersh",
    "gorff heina hulyo iulie juill julai julho julie julij julio juliu juuli korri liepa "
    "liepo lipca lipie lugli lulju srpan srpnj temmu uztai xullo",
    "abuzt agost agust augus avgus avqus awgus awwis eloku gusht kolov rugpj sierp srpen "
    "srpna",
    "eylul irail rugse rujan rujna senta senty septe septi setem sette setie setye shtat "
    "syysk szept wrzes",
    "hydre lokak octob octom octub oktab oktob oktoo oktub oktya ottob ottub outub pazdz "
    "rijen rijna spali tetor urria",
    "azaro lapkr listo marra nento nobye noiem novem novie novim noyab stude tachw",
    "abend decem dekab desem desim detse dezem dhjet dicem dicie disem disye grudn grudz "
    "gruod joulu prosi rhagf",
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
_MONTH_BY_STEM = _number_by_name(_STEMS, 1)
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
    if len(name) > 4 and name.isascii():
        return _MONTH_BY_STEM.get(name[:5], 0)
    return _MONTH_BY_NAME.get(name[:4], 0) or _MONTH_BY_NAME.get(name[:3], 0)


@lru_cache(maxsize=1024)
def weekday_number(word: str) -> int | None:
    """The weekday that a word names, 0 for Monday; None if it names none."""
    return _WEEKDAY_BY_NAME.get(_strip_accents(word[:20]))
