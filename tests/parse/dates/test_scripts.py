"""Dates in other scripts: the day is what a reader of the language understands."""

from __future__ import annotations

import pytest

from harvester.parse.dates import clocks, date_text
from harvester.parse.dates.scripts import to_latin

# All are Thursday, 14 November 2024.
WRITTEN = {
    "Arabic": [
        "١٤ نوفمبر ٢٠٢٤",
        "الخميس، 14 نوفمبر 2024",
        "الخميس ١٤ تشرين الثاني ٢٠٢٤",
        "14 تشرين الثاني/نوفمبر 2024",
        "14 نوفمبر / تشرين الثاني 2024",
        "14 نونبر 2024",
        "12 جمادى الأولى 1446 هـ",
        "12 جمادى الأولى 1446هـ الموافق 14 نوفمبر 2024م",
        "١٤/١١/٢٠٢٤",
    ],
    "Persian": [
        "۲۴ آبان ۱۴۰۳",
        "پنجشنبه ۲۴ آبان ماه ۱۴۰۳ - ۰۸:۳۰",
        "۱۴۰۳/۰۸/۲۴",
        "۲۴ عقرب ۱۴۰۳",
        "۱۴ نوامبر ۲۰۲۴",
    ],
    "Urdu": ["14 نومبر 2024", "۱۴ نومبر ۲۰۲۴"],
    "Hebrew": ["14 בנובמבר 2024, 08:30", "יום חמישי 14 נובמבר 2024"],
    "Hindi": ["14 नवंबर 2024", "१४ नवम्बर २०२४", "गुरुवार, 14 नवंबर 2024"],
    "Bengali": ["১৪ নভেম্বর ২০২৪", "বৃহস্পতিবার, ১৪ নভেম্বর ২০২৪, ০৮:৩০"],
    "Tamil": ["14 நவம்பர் 2024", "நவம்பர் 14, 2024"],
    "Telugu": ["నవంబర్ 14, 2024"],
    "Malayalam": ["നവംബർ 14, 2024"],
    "Thai": [
        "14 พฤศจิกายน 2567 08:30 น.",
        "14 พ.ย. 2567",
        "14 พ.ย. 67",
        "วันพฤหัสบดีที่ 14 พฤศจิกายน พ.ศ. 2567",
        "๑๔ พฤศจิกายน ๒๕๖๗",
        "14 พ.ย. 2024",
        "14/11/2567",
    ],
    "Khmer": ["ថ្ងៃទី១៤ ខែវិច្ឆិកា ឆ្នាំ២០២៤"],
    "Georgian": ["14 ნოემბერი, 2024"],
    "Armenian": ["14 նոյեմբերի, 2024"],
    "Japanese": [
        "令和6年11月14日 8時30分",
        "２０２４年１１月１４日（木）",
        "二〇二四年十一月十四日",
    ],
    "Chinese": ["民國113年11月14日", "2024年11月14日 星期四 上午08:30"],
    "Korean": ["2024년 11월 14일 목요일", "2024. 11. 14."],
    "Mongolian": ["2024 оны 11 сарын 14"],
    "Vietnamese": [
        "Thứ năm, ngày 14 tháng 11 năm 2024",
        "14 tháng 11, 2024",
        "14 tháng mười một, 2024",
    ],
    "Hungarian": ["2024. november 14. 08:30", "2024. nov. 14., csütörtök"],
    "Lithuanian": ["2024 m. lapkričio 14 d."],
    "Latvian": ["2024. gada 14. novembris"],
    "Basque": ["2024ko azaroaren 14a"],
    "Kazakh": ["2024 жылғы 14 қараша", "14 қараша 2024"],
    "Uzbek": ["2024-yil 14-noyabr"],
    "Belarusian": ["14 лістапада 2024"],
    "Ukrainian": ["14 листопада 2024, 08:30"],
    "Serbian": ["14. новембар 2024.", "14. novembra 2024."],
    "Albanian": ["14 nëntor 2024"],
    "Swahili": ["14 Novemba 2024"],
    "Greek": ["Πέμπτη, 14 Νοεμβρίου 2024"],
    "Catalan": ["14 de novembre de 2024"],
    "Turkish": ["14 Kasım 2024 Perşembe"],
}


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in WRITTEN.items() for text in texts],
)
def test_a_day_alone_and_in_a_line(language: str, text: str) -> None:
    parsed = date_text.parse_date(text, order="day")
    assert parsed is not None
    assert parsed[0].date().isoformat() == "2024-11-14"
    assert clocks.find_date(f"• {text} •", order="day")[:10] == "2024-11-14"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("پنجشنبه ۲۴ آبان ۱۴۰۳ - ۰۸:۳۰", "08:30"),
        ("14 พฤศจิกายน 2567 08:30 น.", "08:30"),
        ("令和6年11月14日 8時30分", "08:30"),
        ("١٤ نوفمبر ٢٠٢٤ 08:30 م", "20:30"),
        ("14 בנובמבר 2024, 08:30", "08:30"),
        ("2024. november 14. 08:30", "08:30"),
    ],
)
def test_the_time_of_day_beside_it(text: str, time: str) -> None:
    assert clocks.find_date(text) == f"2024-11-14T{time}:00"


def test_a_name_of_two_months_is_read_by_the_language() -> None:
    for language, month in (("hr", 10), ("pl", 11), ("cs", 11), ("", 11)):
        parsed = date_text.parse_date("5. listopada 2024.", language=language)
        assert parsed is not None
        assert parsed[0].month == month


def test_years_of_other_calendars_need_their_script_or_a_name() -> None:
    for text in (
        "1403/08/24",
        "24 November 1403",
        "14 November 113",
        "2567",
    ):
        assert date_text.parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["Top 10 Marvel 2024", "12 decisions 2024", "3 Mayors 2019", "Octopus 12, 2024"],
)
def test_words_that_begin_like_months(text: str) -> None:
    assert clocks.find_date(text) == ""


def test_latin_text_stays() -> None:
    assert to_latin("Published 5 May 2024, 10:00") == "Published 5 May 2024, 10:00"
