"""Dates in the scripts and calendars of the world, rewritten as Latin Gregorian dates.

``١٢ آذار ٢٠٢٤``, ``12 มีนาคม 2567``, ``۲۲ اسفند ۱۴۰۲``, ``令和6年3月12日`` and
``12 במרץ 2024`` become dates with ASCII digits, English names of months and Gregorian
years. Names of months are those of the Unicode CLDR, and their usual variants. How a
Latin, Greek or Cyrillic date is written is read by ``date_text``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from harvester.parse.dates import calendars

# Letters that Arabic, Persian, Urdu and Kurdish write in several ways; signs without a
# sound of their own; full-width punctuation.
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("أإآ", "ا"),
        **dict.fromkeys("ىی", "ي"),
        **dict.fromkeys("ةە", "ه"),
        "ک": "ك",
        **dict.fromkeys("\u0640\u200b\u200c\u200d\u200e\u200f\u061c"),
        **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
        "，": ",",
        "،": ",",
        "：": ":",
        "／": "/",
        "．": ".",
        "－": "-",
        "−": "-",
    }
)
_ENGLISH_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# From January; "_" stands for a space.
_SPACED_NAMES = (
    "يناير كانون_الثاني جانفي ژانويه جنوري كانووني_دووهم ינואר ינו जनवरी जानेवारी "
    "जाने জানুয়ারি জানু জানুৱাৰী ਜਨਵਰੀ જાન્યુઆરી જાન્યુ ଜାନୁଆରୀ ஜனவரி జనవరి "
    "ಜನವರಿ ജനുവരി ജനു იანვარი იან հունվարի հնվ հունվար জানুয়ারী كانون_ثاني",
    "فبراير شباط فيفري فوريه فروري فبروري فېبروري شوبات פברואר פבר फ़रवरी फ़र "
    "फेब्रुवारी फेब्रु फेब्रुअरी ফেব্রুয়ারি ফেব ফেব্ৰুৱাৰী ফেব্ৰু ਫ਼ਰਵਰੀ ਫ਼ਰ "
    "ફેબ્રુઆરી ફેબ્રુ ଫେବୃଆରୀ பிப்ரவரி பிப் ఫిబ్రవరి ఫిబ్ర ಫೆಬ್ರವರಿ ಫೆಬ್ರ "
    "ഫെബ്രുവരി ഫെബ്രു თებერვალი თებ փետրվարի փտվ փետրվար फरवरी फर ফেব্রুয়ারী",
    "مارس اذار مارچ ئازار מרץ מרס मार्च মার্চ মাৰ্চ ਮਾਰਚ માર્ચ ମାର୍ଚ୍ଚ மார்ச் மார் "
    "మార్చి ಮಾರ್ಚ್ മാർച്ച് മാർ მარტი მარ մարտի մրտ մարտ",
    "ابريل نيسان افريل اوريل اپريل אפריל אפר अप्रैल एप्रिल एप्रि अप्रिल এপ্রিল "
    "এপ্রি এপ্ৰিল ਅਪ੍ਰੈਲ ਅਪ੍ਰੈ એપ્રિલ ଅପ୍ରେଲ ஏப்ரல் ஏப் ఏప్రిల్ ఏప్రి ಏಪ್ರಿಲ್ "
    "ಏಪ್ರಿ ഏപ്രിൽ ഏപ്രി აპრილი აპრ ապրիլի ապր ապրիլ",
    "مايو ايار ماي مه مئي مۍ ئايار מאי मई मे মে ਮਈ મે ମଇ மே మే ಮೇ മേയ് მაისი მაი "
    "մայիսի մյս մայիս مايس مي",
    "يونيو حزيران جوان ژوئن جون حوزهيران יוני जून जुन জুন ਜੂਨ જૂન ଜୁନ ஜூன் జూన్ "
    "ಜೂನ್ ജൂൺ ივნისი ივნ հունիսի հնս հունիս يونيه",
    "يوليو تموز يوليوز جويليه ژوئيه جولائي جولاي تهمووز יולי जुलाई जुल जुलै জুলাই "
    "জুল ਜੁਲਾਈ ਜੁਲਾ જુલાઈ ଜୁଲାଇ ஜூலை జులై ಜುಲೈ ജൂലൈ ივლისი ივლ հուլիսի հլս հուլիս "
    "يوليه ജൂലായ്",
    "اغسطس اب غشت اوت اگست اګست ئاب אוגוסט אוג अगस्त ऑगस्ट अगस्ट আগস্ট আগষ্ট ਅਗਸਤ "
    "ઑગસ્ટ ଅଗଷ୍ଟ ஆகஸ்ட் ఆగస్టు ಆಗಸ್ಟ್ ഓഗസ്റ്റ് ഓഗ აგვისტო აგვ օգոստոսի օգս "
    "օգոստոս অগস্ট অগাস্ট",
    "سبتمبر ايلول شتنبر سپتامبر ستمبر سېپتمبر سپتمبر ئهيلوول ספטמבר ספט सितंबर "
    "सित सप्टेंबर सप्टें सेप्टेम्बर সেপ্টেম্বর সেপ সেপ্ট ছেপ্তেম্বৰ ছেপ্তে ਸਤੰਬਰ "
    "ਸਤੰ સપ્ટેમ્બર સપ્ટે ସେପ୍ଟେମ୍ବର செப்டம்பர் செப் సెప్టెంబర్ సెప్టెం ಸೆಪ್ಟೆಂಬರ್ "
    "ಸೆಪ್ಟೆಂ സെപ്റ്റംബർ സെപ്റ്റം სექტემბერი სექ սեպտեմբերի սեպ սեպտեմբեր सितम्बर",
    "اكتوبر تشرين_الاول اكتبر تشريني_يهكهم אוקטובר אוק अक्टूबर अक्टू ऑक्टोबर "
    "ऑक्टो अक्टोबर অক্টোবর অক্টো অক্টোবৰ ਅਕਤੂਬਰ ਅਕਤੂ ઑક્ટોબર ઑક્ટો ଅକ୍ଟୋବର "
    "அக்டோபர் அக் అక్టోబర్ అక్టో ಅಕ್ಟೋಬರ್ ಅಕ್ಟೋ ഒക്ടോബർ ഒക്ടോ ოქტომბერი ოქტ "
    "հոկտեմբերի հոկ հոկտեմբեր अक्तूबर تشرين_اول",
    "نوفمبر تشرين_الثاني نونبر نوامبر نومبر تشريني_دووهم נובמבר נוב नवंबर "
    "नोव्हेंबर नोव्हें नोभेम्बर নভেম্বর নভে নৱেম্বৰ নৱে ਨਵੰਬਰ ਨਵੰ નવેમ્બર નવે "
    "ନଭେମ୍ବର நவம்பர் నవంబర్ నవం ನವೆಂಬರ್ ನವೆಂ നവംബർ നവം ნოემბერი ნოე նոյեմբերի նոյ "
    "նոյեմբեր नवम्बर تشرين_ثاني",
    "ديسمبر كانون_الاول دجنبر دسامبر دسمبر كانوني_يهكهم דצמבר דצמ दिसंबर दिस "
    "डिसेंबर डिसें डिसेम्बर ডিসেম্বর ডিসে ডিচেম্বৰ ডিচে ਦਸੰਬਰ ਦਸੰ ડિસેમ્બર ડિસે "
    "ଡିସେମ୍ବର டிசம்பர் டிச డిసెంబర్ డిసెం ಡಿಸೆಂಬರ್ ಡಿಸೆಂ ഡിസംബർ ഡിസം დეკემბერი "
    "დეკ դեկտեմբերի դեկ դեկտեմբեր दिसम्बर كانون_اول",
)
# Thai, Lao, Khmer and Burmese write no spaces between words.
_UNSPACED_NAMES = (
    "มกราคม ม.ค ມັງກອນ ມ.ກ មករា ဇန်နဝါရီ ဇန်",
    "กุมภาพันธ์ ก.พ ກຸມພາ ກ.ພ កុម្ភៈ ဖေဖော်ဝါရီ",
    "มีนาคม มี.ค ມີນາ ມ.ນ មីនា မတ်",
    "เมษายน เม.ย ເມສາ ມ.ສ មេសា ဧပြီ",
    "พฤษภาคม พ.ค ພຶດສະພາ ພ.ພ ឧសភា မေ",
    "มิถุนายน มิ.ย ມິຖຸນາ ມິ.ຖ មិថុនា ဇွန်",
    "กรกฎาคม ก.ค ກໍລະກົດ ກ.ລ កក្កដា ဇူလိုင်",
    "สิงหาคม ส.ค ສິງຫາ ສ.ຫ សីហា ဩဂုတ်",
    "กันยายน ก.ย ກັນຍາ ກ.ຍ កញ្ញា စက်တင်ဘာ စက်",
    "ตุลาคม ต.ค ຕຸລາ ຕ.ລ តុលា အောက်တိုဘာ အောက်",
    "พฤศจิกายน พ.ย ພະຈິກ ພ.ຈ វិច្ឆិកា နိုဝင်ဘာ နို",
    "ธันวาคม ธ.ค ທັນວາ ທ.ວ ធ្នូ ဒီဇင်ဘာ",
)

_INDIC_MARKS = "\u0900-\u0963\u0971-\u0dff"
_ARABIC = "\u0620-\u065f\u066e-\u06d5"
_HAS_ARABIC = re.compile(f"[{_ARABIC}\u06f0-\u06f9]")
_HAS_UNSPACED = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]")
_HAS_SPACED = re.compile(f"[\u0530-\u05ff{_ARABIC}\u0900-\u0dff\u10a0-\u10ff]")
_HAS_HAN = re.compile("[\u3007\u4e00-\u9fff\u3300-\u33ff]")
_HARAKAT = re.compile("[\u064b-\u0652\u0670]")
_DIGIT = re.compile(r"\d")
_THAI_YEAR = re.compile(
    r"(?P<month>[A-Z][a-z]{2}\.? ?)(?:พ\.?ศ\.? ?)?(?P<year>2[45]\d\d|[4-9]\d)(?!\d)"
    r"|พ\.?ศ\.? ?(?P<era_year>2[45]\d\d)"
)
_COMMON_ERA = re.compile(
    r"ค\.?ศ\.? ?|ปี |ຄ\.?ສ\.? ?|ខែ|ឆ្នាំ ?|(?<=\d{4})\s?م(?![^\W\d_])"
)
_ARABIC_AM_PM = re.compile(
    r"(?<=\d)\s?(?:(ص(?:باحا)?|ق\.ظ)|(م(?:ساء)?|ب\.ظ))(?![^\W\d_])"
)
_DOUBLE_NAME = re.compile(r"\b([A-Z][a-z]{2})\s?[/(\-–]\s?\1\b\)?")
_MONGOLIAN_DATE = re.compile(
    r"(\d{4})\s*(?:он(?:ы)?)\s*(\d{1,2})(?:-р|\s)?\s*сарын\s*(\d{1,2})"
)
_VIETNAMESE_MONTHS = {
    name: number
    for number, names in enumerate(
        "một|giêng hai ba tư|bốn năm sáu bảy tám chín mười mười_một mười_hai|chạp".split(),
        1,
    )
    for name in names.replace("_", " ").split("|")
}
_VIETNAMESE_MONTH = re.compile(
    rf"(?<=tháng )(?:{'|'.join(sorted(_VIETNAMESE_MONTHS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_VIETNAMESE_DATE = re.compile(
    r"(\d{1,2}),? tháng (\d{1,2}),?(?: năm)? (\d{4})", re.IGNORECASE
)

_EAST_ASIAN_UNITS = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "}
)
_EAST_ASIAN_TIME = re.compile(
    r"(\d)\s?[时時點点시]\s?(?:(\d{1,2})\s?[分분])?(?:\s?(\d{1,2})\s?[秒초])?"
)
_EAST_ASIAN_AM_PM = re.compile(r"(上午|午前|오전)|(下午|午後|午后|오후|晚上)")


@lru_cache(maxsize=1)
def _spaced_names() -> tuple[re.Pattern[str], dict[str, str]]:
    """The names of scripts with spaces: a pattern, and the English month by name."""
    months = _english_by_name(_SPACED_NAMES)
    # Hebrew writes "in" and "of" as the first letter of the month.
    pattern = (
        rf"(?<![^\W\d_])[בלמה]?(?P<name>{_alternatives(months)})[׳'’]?"
        rf"(?![^\W\d_]|[{_INDIC_MARKS}])"
    )
    return re.compile(pattern), months


@lru_cache(maxsize=1)
def _unspaced_names() -> tuple[re.Pattern[str], dict[str, str]]:
    months = _english_by_name(_UNSPACED_NAMES)
    return re.compile(rf"(?P<name>{_alternatives(months)})\.?"), months


def _english_by_name(rows: tuple[str, ...]) -> dict[str, str]:
    return {
        name.replace("_", " "): english
        for english, names in zip(_ENGLISH_MONTHS, rows, strict=True)
        for name in names.split()
    }


def _alternatives(names: dict[str, str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s") for name in longest_first)


def to_latin(text: str) -> str:
    """A short text whose dates have ASCII digits, English months, Gregorian years.

    What is no date stays readable, but may lose marks and digits of its script.
    """
    if text.isascii():
        return text
    is_arabic = _HAS_ARABIC.search(text) is not None
    if is_arabic:
        text = _HARAKAT.sub("", text)
    text = unicodedata.normalize("NFC", text).translate(_FOLDED)
    text = _DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text)
    if _HAS_HAN.search(text):
        text = calendars.rewrite_han_dates(text)
    if is_arabic:
        text = calendars.rewrite_arabic_script_dates(text)
    if _HAS_SPACED.search(text):
        text = _replace_names(text, *_spaced_names())
    if _HAS_UNSPACED.search(text):
        text = " ".join(_replace_names(text, *_unspaced_names()).split())
        text = _THAI_YEAR.sub(_to_common_era, text)
    text = _COMMON_ERA.sub(" ", text)
    if is_arabic:
        text = _ARABIC_AM_PM.sub(lambda m: " am " if m[1] else " pm ", text)
    text = " ".join(text.split()).replace(" ,", ",")
    text = _DOUBLE_NAME.sub(r"\1", text)
    text = _MONGOLIAN_DATE.sub(r"\1-\2-\3 ", text)
    if "áng" in text:
        text = _VIETNAMESE_MONTH.sub(
            lambda match: str(_VIETNAMESE_MONTHS[match[0].lower()]), text
        )
        text = _VIETNAMESE_DATE.sub(r"\1.\2.\3", text)
    return text


def _replace_names(text: str, pattern: re.Pattern[str], months: dict[str, str]) -> str:
    return pattern.sub(
        lambda match: f" {months[' '.join(match['name'].split())]} ", text
    )


def _to_common_era(match: re.Match[str]) -> str:
    year = int(match["year"] or match["era_year"])
    year = year if year > 100 else 2500 + year
    return f"{match['month'] or ''}{year - calendars.BUDDHIST_YEARS_AHEAD}"


def replace_east_asian_units(text: str) -> str:
    """A Chinese, Japanese or Korean date with the separators of others."""
    half = _EAST_ASIAN_AM_PM.search(text)
    text = _EAST_ASIAN_TIME.sub(
        lambda match: f"{match[1]}:{match[2] or '00'}:{match[3] or '00'} ",
        text.translate(_EAST_ASIAN_UNITS),
    )
    if half:
        text = re.sub(
            r"(:\d\d)(?!:)",
            r"\1 am " if half[1] else r"\1 pm ",
            text.replace(half[0], " "),
            count=1,
        )
    return text
