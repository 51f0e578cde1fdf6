"""What lines with dates say: published, changed, or something else."""

from __future__ import annotations

import time

import pytest

from harvester.parse.metadata.date_lines import DateStyle, read_date_line

FIRST, LAST = "2021-02-03", "2024-10-28"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Published Feb 3, 2021 | Updated Oct 28, 2024"),
        ("en", "Last modified: 28 October 2024 - Published: 3 February 2021"),
        ("en", "Posted 3 February 2021, last updated 28 October 2024"),
        ("en", "By Ida Moor · Published 3 Feb 2021 · Updated 28 Oct 2024"),
        (
            "en",
            "Published at 10:00, 3 February 2021 and updated at 16:15, 28 October 2024",
        ),
        ("en", "Created: 2021-02-03 | Modified: 2024-10-28"),
        ("de", "Veröffentlicht: 03.02.2021 | Aktualisiert: 28.10.2024"),
        ("de", "Erschienen am 03.02.2021, geändert am 28.10.2024, 10:15 Uhr"),
        (
            "fr",
            "Publié le 3 février 2021 à 10h00 - Mis à jour le 28 octobre 2024 à 16h15",
        ),
        ("fr", "Mis à jour le 28/10/2024, publié le 03/02/2021"),
        ("es", "Publicado el 03/02/2021 - Última actualización: 28/10/2024"),
        ("it", "Pubblicato: 03/02/2021 10:00 Ultima modifica: 28/10/2024 16:15"),
        (
            "pt",
            "Publicado em 3 de fevereiro de 2021 | Atualizado em 28 de outubro de 2024",
        ),
        ("nl", "Gepubliceerd op 3 februari 2021, bijgewerkt op 28 oktober 2024"),
        ("ru", "Опубликовано: 3 февраля 2021, обновлено: 28 октября 2024"),
        ("pl", "Data publikacji: 03.02.2021 | Data aktualizacji: 28.10.2024"),
        ("ja", "2021年2月3日 公開 2024年10月28日 更新"),
        ("ja", "公開日：2021年2月3日　更新日：2024年10月28日"),
        ("zh", "发布时间：2021-02-03 10:00 更新时间：2024-10-28 16:15"),
        ("ko", "입력 2021.02.03 10:00 수정 2024.10.28 16:15"),
        ("sv", "Publicerad 2021-02-03 Uppdaterad 2024-10-28"),
        ("fi", "Julkaistu 3.2.2021, päivitetty 28.10.2024"),
        ("tr", "Yayınlanma: 03.02.2021 10:00 Güncelleme: 28.10.2024 16:15"),
        ("el", "Δημοσίευση: 3 Φεβρουαρίου 2021, Ενημέρωση: 28 Οκτωβρίου 2024"),
        ("ar", "تاريخ النشر: 3 فبراير 2021 - آخر تحديث: 28 أكتوبر 2024"),
        ("he", "פורסם: 03.02.2021 עודכן: 28.10.2024"),
        ("vi", "Đăng ngày 03/02/2021, cập nhật 28/10/2024"),
        ("hu", "Megjelent: 2021. február 3. Frissítve: 2024. október 28."),
    ],
)
def test_published_and_changed_in_one_line(language: str, line: str) -> None:
    labels = {
        date.text[:10]: date.label
        for date in read_date_line(line, DateStyle("day", language))
    }
    assert labels == {FIRST: "published", LAST: "modified"}


def test_a_date_beside_that_of_first_publication_is_of_a_change() -> None:
    line = "28 October 2024 (first published 3 February 2021)"
    labels = [(date.text, date.label) for date in read_date_line(line, DateStyle())]
    assert labels == [(LAST, "modified"), (FIRST, "first")]


@pytest.mark.parametrize(
    "line",
    [
        "28 October 2024",
        "Monday, 28 October 2024, 10:15",
        "28.10.2024 um 10:15 Uhr",
        "le lundi 28 octobre 2024 à 10h15",
        "2024年10月28日（月） 10:15",
        "(28 October 2024)",
    ],
)
def test_dates_that_stand_alone(line: str) -> None:
    (date,) = read_date_line(line, DateStyle())
    assert (date.is_alone, date.is_prose, date.label) == (True, False, "")


@pytest.mark.parametrize(
    "line",
    [
        "By Ida Moor, 28 October 2024",
        "Ida Moor | 28.10.2024",
        "28 October 2024 | 4 min read",
        "Harbour • 28 Oct 2024 • 3 comments",
        "Oslo, 28 October 2024",
        "www.creek.example 2024-10-28 10:15",
    ],
)
def test_bylines_are_no_sentences(line: str) -> None:
    (date,) = read_date_line(line, DateStyle())
    assert not date.is_prose


@pytest.mark.parametrize(
    "line",
    [
        "On 28 October 2024 the first arch fell.",
        "The bridge was opened on 28 October 1924 by the king.",
        "The report was published on 28 October 2024.",
        "Published in the gazette of 28 October 2024, the rule was never kept.",
        "Engineers at the bridge, 28 October 2024",
    ],
)
def test_sentences(line: str) -> None:
    assert all(date.is_prose for date in read_date_line(line, DateStyle()))


@pytest.mark.parametrize(
    "line",
    [
        "Tel. 28.10.2024",
        "Call 28-10-2024",
        "Fax +49 28-10-2024-44",
        "© 28 October 2024",
        "Copyright 2024-10-28",
        "Photo: 28 October 2024",
        "Valid until 28.10.2024",
        "Price: 28.10.20",
        "28.10.20 euros",
        "Version 2024.10.28",
        "v2.10.2024",
        "release_2024-10-28.pdf",
        "backup-2024-10-28.tar.gz",
        "Order 2024-10-28-17",
        "Case no. 28-10-2024",
        "Next meeting: 28 October 2024",
        "Save the date: 28.10.2024",
        "When: 28 October 2024, 7 pm",
        "Term: 28 October 2024 – 4 November 2024",
    ],
)
def test_dates_of_something_else(line: str) -> None:
    assert read_date_line(line, DateStyle("day")) == []


def test_hostile_lines_take_linear_time() -> None:
    start = time.process_time()
    for piece in ("1.1.2024 ", "published ", "1 a 2024 ", "http://a.", "2024年", "١٢ "):
        for _ in range(50):
            read_date_line((piece * 300)[:300], DateStyle())
    assert time.process_time() - start < 3
