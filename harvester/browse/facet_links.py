"""The facets of a list as links that narrow it down. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harvester.archive.queries.facets import Facets
from harvester.browse import phrasing
from harvester.browse.list_filter import MAX_QUERY_CHARS, ListFilter
from harvester.browse.query_parts import add_part

TITLES = {
    "outlet": "Outlets",
    "month": "Months",
    "section": "Sections",
    "author": "Authors",
    "lang": "Languages",
}
MAX_SHOWN = 8  # values of one facet


@dataclass(frozen=True, slots=True)
class FacetLink:
    """A value, how many articles have it, and the address of the list with only these."""

    label: str
    articles: int
    href: str


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """A facet that has more than one value."""

    title: str
    links: tuple[FacetLink, ...]
    further: int  # values that are not among the links


def build_facets(
    path: str,
    chosen: ListFilter,
    facets: Facets,
    outlet_names: Mapping[str, str],
    now: str,
) -> tuple[FacetLinks, ...]:
    """The facets of the list at ``path``; of a facet with one value there is no choice."""
    found = []
    for name, title in TITLES.items():
        values = [one for one in facets.values if one.facet == name]
        links = tuple(
            FacetLink(label, value.articles, address)
            for value in values[:MAX_SHOWN]
            for label, address in _narrow(
                path, chosen, name, value.value, outlet_names, now
            )
        )
        further = len(values) - len(values[:MAX_SHOWN]) + facets.further.get(name, 0)
        if len(links) > 1:
            found.append(FacetLinks(title, links, further))
    return tuple(found)


def _narrow(
    path: str,
    chosen: ListFilter,
    facet: str,
    value: str,
    outlet_names: Mapping[str, str],
    now: str,
) -> Iterator[tuple[str, str]]:
    """The label and the address of a value; nothing where no query asks for it."""
    if facet == "outlet":
        yield outlet_names.get(value, value), chosen.address(path, outlets=(value,))
    elif facet == "month":
        yield _name_month(value), chosen.address(path, since=value, until=value)
    elif value and '"' not in value:
        part = f"lang:{value}" if facet == "lang" else f'{facet}:"{value}"'
        query = add_part(chosen.q, part, now)
        if part not in chosen.q and len(query) <= MAX_QUERY_CHARS:
            yield value, chosen.address(path, q=query)


def _name_month(month: str) -> str:
    """As in September 2026."""
    return phrasing.format_day(f"{month}-01").partition(" ")[2] or month
