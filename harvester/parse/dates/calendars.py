"""Dates of other calendars as Gregorian ones: Persian, Islamic, Japanese, Taiwanese.

Persian years follow the arithmetic rule of 33 years, which agrees with the astronomical
calendar in the years that are read. Islamic months are those of the Umm al-Qura calendar of
Saudi Arabia. Both are read only from a name of their months, or from Persian digits.
"""

from __future__ import annotations

import re
from datetime import date

BUDDHIST_YEARS_AHEAD = 543  # the Thai calendar's years
_PERSIAN_EPOCH = date(622, 3, 21).toordinal()  # before leap days are counted
MIN_PERSIAN_YEAR, MAX_PERSIAN_YEAR = 1300, 1430
_ISLAMIC_EPOCH_YEAR = 1400
_ISLAMIC_EPOCH = date(1979, 11, 20).toordinal()  # 1 Muharram 1400
# Three hexadecimal digits a year, from 1400: bit n is set if month n has 30 days.
_ISLAMIC_MONTHS = (
    "d4b52aa574ae97656cb55aaaa554ad95d2da5d9db2ba4b4aa552b5575b6abd2bc4b89a95"
    "52d5adb6a6d4dc9d92aa69562ae56d36ab55aaa94d49d95d2ba5b55aad55a9a92e26e55d"
    "ada6d46a554ba9754eaae5acba9d92b2564bcab55ab556d2ea5e4aa9552daad36c7596d2"
    "69552da5b4ba9ba3b4b69b52aa6"
)
_PERSIAN_MONTHS = (
    "فروردين|حمل",
    "ارديبهشت|ثور",
    "خرداد|جوزا",
    "تير|سرطان",
    "مرداد|امرداد|اسد",
    "شهريور|سنبله",
    "مهر|ميزان",
    "ابان|عقرب",
    "اذر|قوس",
    "دي|جدي",
    "بهمن|دلو",
    "اسفند|حوت",
)
_ISLAMIC_MONTH_NAMES = (
    "محرم(?: الحرام)?",
    "صفر",
    "ربيع (?:الاول|اول)",
    "ربيع (?:الاخر|الثاني|ثاني)",
    "جماد[ياه] (?:الاولي|الاول|اولي)",
    "جماد[ياه] (?:الاخره|الثانيه|الاخر|الثاني)",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذ[وي] ?القعده",
    "ذ[وي] ?الحجه",
)


def _day_month_year(months: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(f"(?P<m{n}>{names})" for n, names in enumerate(months, 1))
    return re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})\s?(?:من |ماه )?\s?(?:{names})"
        r"(?:\s?ماه)?[\s,]{1,3}(?:سال |عام )?(?P<year>1[34]\d\d)(?!\d)"
        r"(?:\s?ه\S{0,5})?"
    )


_PERSIAN_DATE = _day_month_year(_PERSIAN_MONTHS)
_PERSIAN_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?:(?P<year>1[34]\d\d)[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})"
    r"|(?P<day_first>\d{1,2})[/.-](?P<middle>\d{1,2})[/.-](?P<year_last>1[34]\d\d))"
    r"(?![\d/.-])"
)
_ISLAMIC_DATE = _day_month_year(_ISLAMIC_MONTH_NAMES)
_GREGORIAN_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# The year before the first one of each era.
_ERAS = {
    "令和": 2018,
    "平成": 1988,
    "昭和": 1925,
    "大正": 1911,
    "明治": 1867,
    "㋿": 2018,
    "㍻": 1988,
    "㍼": 1925,
    "民國": 1911,
    "民国": 1911,
}
_ERA_YEAR = re.compile(rf"({'|'.join(_ERAS)})\s?(\d{{1,3}}|元)\s?年")
_HAN_DIGITS = {digit: n % 10 for n, digit in enumerate("〇一二三四五六七八九零")} | {
    "○": 0
}
_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月"
    r"([一二三四五六七八九十]{1,3})日"
)


def persian_to_gregorian(year: int, month: int, day: int) -> date | None:
    """A date of the Persian (Solar Hijri) calendar; None if there is no such day."""
    if not MIN_PERSIAN_YEAR <= year <= MAX_PERSIAN_YEAR or not 1 <= month <= 12:
        return None
    is_leap = (25 * year + 11) % 33 < 8
    length = 31 if month <= 6 else 30 if month < 12 or is_leap else 29
    if not 1 <= day <= length:
        return None
    leap_days = (8 * year + 21) // 33
    days_before = 31 * (month - 1) if month <= 7 else 30 * (month - 1) + 6
    first_day = _PERSIAN_EPOCH + 365 * (year - 1) + leap_days
    return date.fromordinal(first_day + days_before + day - 1)


def islamic_to_gregorian(year: int, month: int, day: int) -> date | None:
    """A date of the Umm al-Qura calendar from 1400 to 1480 AH; None otherwise."""
    index = year - _ISLAMIC_EPOCH_YEAR
    if not 0 <= index < len(_ISLAMIC_MONTHS) // 3 or not 1 <= month <= 12:
        return None
    ordinal = _ISLAMIC_EPOCH
    for n in range(index):
        ordinal += 29 * 12 + _long_months(n).bit_count()
    long_months = _long_months(index)
    for n in range(month - 1):
        ordinal += 29 + (long_months >> n & 1)
    if not 1 <= day <= 29 + (long_months >> (month - 1) & 1):
        return None
    return date.fromordinal(ordinal + day - 1)


def _long_months(index: int) -> int:
    return int(_ISLAMIC_MONTHS[3 * index : 3 * index + 3], 16)


def rewrite_arabic_script_dates(text: str) -> str:
    """A text in Arabic script with the Persian and Islamic dates in it as ISO dates.

    An Islamic date beside a Gregorian one is dropped: the new moon is not seen on the
    same day in all countries, and the other date is sure.
    """
    text = _PERSIAN_DATE.sub(_replace_persian, text)
    text = _PERSIAN_NUMERIC_DATE.sub(_replace_persian_numeric, text)
    has_other = _GREGORIAN_YEAR.search(text) is not None
    return _ISLAMIC_DATE.sub(" " if has_other else _replace_islamic, text)


def _month_of(match: re.Match[str]) -> int:
    return next(n for n in range(1, 13) if match[f"m{n}"])


def _replace_persian(match: re.Match[str]) -> str:
    found = persian_to_gregorian(
        int(match["year"]), _month_of(match), int(match["day"])
    )
    return match[0] if found is None else f"{found} "


def _replace_persian_numeric(match: re.Match[str]) -> str:
    year, month, day = (
        int(match[first] or match[last])
        for first, last in (
            ("year", "year_last"),
            ("month", "middle"),
            ("day", "day_first"),
        )
    )
    found = persian_to_gregorian(year, month, day)
    return match[0] if found is None else f"{found} "


def _replace_islamic(match: re.Match[str]) -> str:
    found = islamic_to_gregorian(
        int(match["year"]), _month_of(match), int(match["day"])
    )
    return " " if found is None else f"{found} "


def rewrite_han_dates(text: str) -> str:
    """A text with years of Japanese eras and of the Republic of China as Gregorian.

    ``令和6年`` and ``民國113年`` become ``2024年``, ``二〇二四年三月十二日`` becomes
    ``2024年3月12日``.
    """
    text = _ERA_YEAR.sub(
        lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text
    )
    return _HAN_DATE.sub(
        lambda m: (
            f"{''.join(str(_HAN_DIGITS[digit]) for digit in m[1])}年"
            f"{_small_number(m[2])}月{_small_number(m[3])}日"
        ),
        text,
    )


def _small_number(han: str) -> int:
    """A number below 100: ``三``, ``十二``, ``二十``, ``三十一``."""
    tens, ten, ones = han.rpartition("十")
    number = _HAN_DIGITS.get(ones[-1:], 0)
    return number + (10 * (_HAN_DIGITS.get(tens[-1:], 0) or 1) if ten else 0)
