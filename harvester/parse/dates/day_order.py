"""Whether day or month comes first in ``3/4/2020``, by language and country."""

from __future__ import annotations

from urllib.parse import urlsplit

from harvester.parse.dates.date_text import DayOrder
from harvester.parse.dates.zones import COUNTRY_DOMAINS

# Countries where English is written and the day comes first.
_DAY_FIRST_REGIONS = frozenset(
    "gb uk ie au nz in za sg hk my ng ke gh ug tz zw pk bd lk mt jm tt eu".split()
)
_MONTH_FIRST_REGIONS = frozenset(("us", "ph", "gov", "mil", "edu"))
# Written with the year first: a year that comes last says nothing about the others.
_YEAR_FIRST_LANGUAGES = frozenset(("ja", "zh", "ko", "hu", "mn"))
_YEAR_FIRST_COUNTRIES = frozenset(("jp", "cn", "tw", "kr", "hu", "mn", "ca"))


def guess_day_order(locale: str, url: str) -> DayOrder:
    """What comes first in ``3/4/2020``, by language and country; "" if unknown.

    ``locale`` begins with a language tag: "en-US", "pt_BR".
    """
    tag = (locale.split() or [""])[0].lower().replace("_", "-")
    language, _, region = tag.partition("-")
    try:
        domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    except ValueError:
        domain = ""
    if language == "en" or not language:
        for place in (region, domain):
            if place in _MONTH_FIRST_REGIONS:
                return "month"
            if place in _DAY_FIRST_REGIONS:
                return "day"
        is_day_first = domain in COUNTRY_DOMAINS - _YEAR_FIRST_COUNTRIES
        return "day" if is_day_first else ""
    return "" if language in _YEAR_FIRST_LANGUAGES else "day"
