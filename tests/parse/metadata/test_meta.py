"""What meta elements say: their names, and whom they name."""

from __future__ import annotations

import pytest

from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import meta
from harvester.parse.metadata.statements import PageMetadata

AT = "2025-09-10T12:00:00Z"
URL = "https://paper.example/news/dike"


def read(markup: str) -> PageMetadata:
    tree = parse_html(f"<html><head>{markup}</head><body></body></html>")
    assert tree is not None
    metadata = PageMetadata(metas=meta.collect_metas(list(tree.iter("meta"))))
    meta.add_meta_values(metadata, URL, AT)
    return metadata


def test_a_property_may_hold_several_names() -> None:
    metadata = read(
        '<meta property="og:description twitter:description" content="Water">'
        '<meta property="dc:creator twitter:site" content="Anne Roux">'
    )
    assert metadata.values["description"] == "Water"
    assert metadata.values["authors"] == ("Anne Roux",)


def test_an_element_may_have_several_attributes() -> None:
    metadata = read(
        '<meta name="author" property="article:author" content="Anne Roux">'
        '<meta itemprop="description" name="Description" content="Water">'
    )
    assert metadata.values["authors"] == ("Anne Roux",)
    assert metadata.values["description"] == "Water"
    assert metadata.metas["description"] == ["Water"]


@pytest.mark.parametrize(
    "name",
    (
        "author og:author DC.Creator dc:creator dcterms:creator byl cXenseParse:author"
        " parsely-author article:author_name"
    ).split(),
)
def test_names_of_the_author(name: str) -> None:
    metadata = read(f'<meta name="{name}" content="By Anne Roux">')
    assert metadata.values["authors"] == ("Anne Roux",)


@pytest.mark.parametrize("label", ["Written by", "Verfasst von", "Écrit par", "Autor"])
def test_the_author_of_a_preview(label: str) -> None:
    number = "2" if label == "Autor" else "1"
    metadata = read(
        f'<meta name="twitter:label{number}" content="{label}">'
        f'<meta name="twitter:data{number}" content="Anne Roux">'
    )
    assert metadata.values["authors"] == ("Anne Roux",)


def test_another_fact_of_a_preview_is_no_author() -> None:
    metadata = read(
        '<meta name="twitter:label1" content="Est. reading time">'
        '<meta name="twitter:data1" content="Five Minutes">'
    )
    assert "authors" not in metadata.values


def test_authors_in_markup() -> None:
    metadata = read(
        '<meta property="og:author" content="By &lt;a href=&quot;/p/1&quot;&gt;Anne'
        ' Roux&lt;/a&gt;, Jean Petit &lt;a&gt;and Ida Berg&lt;/a&gt;, Paper">'
    )
    assert metadata.values["authors"] == ("Anne Roux", "Jean Petit", "Ida Berg")


def test_the_publisher_is_not_an_author_beside_a_person() -> None:
    metadata = read(
        '<meta name="author" content="Harbour Media Inc">'
        '<meta property="article:author" content="Anne Roux">'
    )
    assert metadata.values["authors"] == ("Anne Roux",)


@pytest.mark.parametrize(
    "content", ["https://www.facebook.com/paper", "@paper", "/authors/anne-roux"]
)
def test_an_address_is_not_a_name(content: str) -> None:
    metadata = read(f'<meta property="article:author" content="{content}">')
    assert "authors" not in metadata.values


def test_an_outlet_with_an_and_in_its_name_is_one_name() -> None:
    metadata = read(
        '<meta property="og:site_name" content="Dikes & Dams">'
        '<meta name="author" content="Dikes & Dams">'
    )
    assert metadata.values["authors"] == ("Dikes & Dams",)
