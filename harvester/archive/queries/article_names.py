"""Find the article that a person means: by key, the beginning of one, or an address."""

from __future__ import annotations

import sqlite3

from harvester.archive.queries import article_pages
from harvester.archive.takedown import blocklist
from harvester.errors import NotInArchive
from harvester.identity import url_variants, urls
from harvester.identity.urns import is_urn


def resolve_article(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    """The article with a key, a unique prefix of one, or an address.

    Raises NotInArchive, with the reason if the article was purged.
    """
    name = name.strip()
    try:
        return _find_article(connection, name)
    except NotInArchive as error:
        article, mark, _ = name.rpartition("@")
        if mark and article and not _is_address(name):
            raise NotInArchive(
                f"{name!r} names a version, and this concerns the whole article",
                f"write {article}",
            ) from error
        reason = _purge_reason(connection, name)
        if reason:
            raise NotInArchive(
                f"{name} {reason}", "`harvest purge --list` says why"
            ) from error
        raise


def _find_article(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    if not _is_address(name):
        return article_pages.get_article_by_key(connection, name)
    url = _complete_url(name)
    article = article_pages.find_article_at(
        connection,
        url_variants.list_keys(url),
        url_variants.variant_key(url),
        urls.site(url),
    )
    if article is not None:
        return article
    return article_pages.get_article_by_address(
        connection, urls.url_key(url), urls.mask_secrets(name)
    )


def _purge_reason(connection: sqlite3.Connection, name: str) -> str:
    """Why an article was purged; "" if it never was."""
    if not _is_address(name):
        return blocklist.get_block_reason_by_key(connection, name)
    digest = blocklist.blocklist_digest("address", urls.url_key(_complete_url(name)))
    return blocklist.get_block_reason(connection, [digest])


def _is_address(name: str) -> bool:
    return any(mark in name for mark in "/.:")


def _complete_url(address: str) -> str:
    is_complete = "://" in address or is_urn(address)
    return address if is_complete else f"https://{address}"
