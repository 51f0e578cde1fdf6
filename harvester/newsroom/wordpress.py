"""The first shape of site: WordPress with a magazine theme, its boxes, its plugins and JSON-LD. Not for: feeds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harvester.newsroom.html_pieces import (
    BOTTOM_MARK,
    DYNAMIC_MARK,
    SIDEBAR_MARK,
    TOP_MARK,
    escape,
    excerpt,
    format_date,
    render_blocks,
    render_links,
    slugify_label,
)
from harvester.newsroom.site_feeds import render_rss

if TYPE_CHECKING:
    from harvester.newsroom.article import Article
    from harvester.newsroom.outlet import Outlet

DONATION_CLASS = "soutien-don"  # the class of the appeal under each article: what `remove` in the settings takes out

LABELS = {
    "fr": {
        "by": "Par", "views": "vues", "home": "Accueil", "more": "À lire aussi", "latest": "Derniers articles",
        "cookies": "Nous utilisons des cookies pour vous garantir la meilleure expérience sur notre site web.",
        "accept": "J’accepte", "share": "Partager sur", "print": "Imprimer", "comments": "commentaires",
        "reply": "Laisser un commentaire", "tags": "Étiquettes", "give": "Faire un don", "missing": "Page introuvable",
        "sorry": "Cette page n’existe pas ou n’existe plus. Essayez une recherche.",
        "appeal": "Cet article vous a plu ? Notre journal vit de ses lecteurs : un don, même modeste, nous aide.",
    },
    "en": {
        "by": "By", "views": "views", "home": "Home", "more": "Read also", "latest": "Latest articles",
        "cookies": "We use cookies to make sure you have the best experience on our website.",
        "accept": "I accept", "share": "Share on", "print": "Print", "comments": "comments",
        "reply": "Leave a comment", "tags": "Tags", "give": "Donate", "missing": "Page not found",
        "sorry": "This page does not exist, or no longer exists. Try a search.",
        "appeal": "Did you enjoy this article? Our paper lives from its readers: even a small gift helps us.",
    },
}  # fmt: skip


READER_COMMENTS = {
    "fr": (
        "Merci pour cet article très clair.",
        "Et que dit la mairie de tout cela ?",
        "J’y étais, c’est exact.",
    ),
    "en": (
        "Thank you, very clear.",
        "And what does the council say?",
        "I was there, it is true.",
    ),
}


def _labels_for(outlet: Outlet) -> dict[str, str]:
    return LABELS["fr" if outlet.language == "fr" else "en"]


class WordPressTemplate:
    """Paths, pages and moving parts of such a site."""

    name = "wordpress"
    charset = "utf-8"
    page_type = "text/html; charset=UTF-8"
    feed_type = "application/rss+xml; charset=UTF-8"
    settings_lines = f'rules = {{ remove = [".{DONATION_CLASS}"] }}'
    render_feed = staticmethod(render_rss)

    def article_path(self, article: Article) -> str:
        """As MPI has them: the slug, then the number of the post."""
        return f"/{article.slug}/{article.number}/"

    def section_path(self, section: str) -> str:
        """The page of a category."""
        return f"/category/{slugify_label(section)}/"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a category."""
        return f"{self.section_path(section)}feed/" if section else "/feed/"

    def render_dynamic(self, article: Article) -> str:
        """The view counter: another number at each request."""
        count = f"{1_200 + 7 * article.number + article.view_count:,}".replace(
            ",", "\u202f"
        )
        return f"{count} {_labels_for(article.outlet)['views']}"

    def render_sidebar(self, outlet: Outlet, latest: Sequence[Article]) -> str:
        """The column beside each article."""
        return f'<aside class="td-sidebar"><h4>{_labels_for(outlet)["latest"]}</h4><ul>{render_links(latest)}</ul></aside>'

    def render_article(self, article: Article, page: int = 1) -> str:
        """A page of an article, with marks where its parts meet."""
        outlet, words = article.outlet, _labels_for(article.outlet)
        note = READER_COMMENTS["fr" if outlet.language == "fr" else "en"][
            article.number % 3
        ]
        labels = "".join(
            f'<li><a href="{self.section_path(one)}">{escape(one)}</a></li>'
            for one in (article.section, *article.tags[:1])
            if one
        )
        tags = "".join(
            f'<a href="/tag/{slugify_label(one)}/" rel="tag">{escape(one)}</a> '
            for one in article.tags
        )
        figure = (
            f'<div class="td-post-featured-image"><figure><img src="{escape(article.image)}" alt="">'
            f"<figcaption>{escape(article.section)} · {escape(outlet.name)}</figcaption></figure></div>"
            if article.image
            else ""
        )
        signed = (
            f"\n<p><strong>{escape(article.author)}</strong></p>"
            if outlet.signs_articles and article.author
            else ""
        )
        agency = (
            f'\n<p class="agence"><em>{escape(article.agency)}</em></p>'
            if article.agency
            else ""
        )
        return (
            f"{self._render_head(article)}\n{self._render_opening(outlet, f'single postid-{article.number}')}"
            f'<main><article id="post-{article.number}" class="post type-post">\n<header class="entry-header">'
            f'<ul class="td-category">{labels}</ul>\n<h1 class="entry-title">{escape(article.title)}</h1>\n'
            f'<div class="td-post-author-name">{words["by"]} <a href="/author/{slugify_label(article.author)}/" rel="author">'
            f"{escape(article.author)}</a> - </div>"
            f'<time class="entry-date updated" datetime="{outlet.to_local_iso(article.published)}">'
            f'{format_date(outlet.to_local_time(article.published), outlet.language)}</time><span class="td-post-views">{DYNAMIC_MARK}</span></header>\n'
            f'<div class="td-post-sharing"><a href="#">{words["share"]} Facebook</a> <a href="#">Telegram</a> '
            f'<a href="#">{words["print"]}</a></div>\n{figure}\n<div class="td-post-content entry-content">\n'
            f'{render_blocks(article, page=page)}{self._render_pager(article, page)}{signed}{agency}\n<div class="{DONATION_CLASS}"><p><strong>{words["appeal"]}</strong></p>'
            f'<p><a href="/don/">{words["give"]}</a></p></div>\n</div>\n'
            f'<footer><div class="post-tags">{words["tags"]} : {tags}</div></footer></article>\n{SIDEBAR_MARK}\n'
            f'<div id="comments" class="comments"><h4>{article.number % 4} {words["comments"]}</h4><ol class="comment-list">'
            f'<li class="comment"><cite>Odile</cite><p>{note}</p></li></ol><div id="respond"><h3>{words["reply"]}</h3>'
            f'<form><textarea></textarea></form></div></div></main>\n<footer class="site-footer">{BOTTOM_MARK}'
            f"<p>© 2025 {escape(outlet.name)}</p></footer>\n</body></html>\n"
        )

    def _render_pager(self, article: Article, page: int) -> str:
        """As ``wp_link_pages`` makes it, where the article has several pages."""
        if article.page_count == 1:
            return ""
        numbers = [
            f'<span class="post-page-numbers current" aria-current="page">{one}</span>'
            if one == page
            else f'<a href="{article.url}{f"{one}/" if one > 1 else ""}" class="post-page-numbers">{one}</a>'
            for one in range(1, article.page_count + 1)
        ]
        return f'\n<p class="post-nav-links">Pages : {" ".join(numbers)}</p>'

    def render_listing(
        self, outlet: Outlet, heading: str, articles: Sequence[Article]
    ) -> str:
        """The front page, or the page of a category."""
        cards = "".join(
            f'<div class="td_module"><h3><a href="{one.path}">{escape(one.title)}</a></h3><p>{escape(excerpt(one, 18))}</p></div>'
            for one in articles
        )
        return (
            f'<!DOCTYPE html>\n<html lang="{outlet.locale}"><head><meta charset="UTF-8"><title>{escape(heading)}</title>'
            f'<link rel="alternate" type="application/rss+xml" href="{outlet.feed_url}"></head>\n'
            f"{self._render_opening(outlet, 'home blog')}<main><h1>{escape(heading)}</h1>{cards}</main>{BOTTOM_MARK}</body></html>\n"
        )

    def render_not_found(self, outlet: Outlet) -> str:
        """The page for what is not there."""
        words = _labels_for(outlet)
        return (
            f'<!DOCTYPE html>\n<html lang="{outlet.locale}"><head><meta charset="UTF-8"><title>{words["missing"]}</title></head>\n'
            f"{self._render_opening(outlet, 'error404')}<main><h1>{words['missing']}</h1><p>{words['sorry']}</p></main></body></html>\n"
        )

    def _render_opening(self, outlet: Outlet, classes: str) -> str:
        words = _labels_for(outlet)
        menu = "".join(
            f'<li><a href="{self.section_path(one)}">{escape(one)}</a></li>'
            for one in outlet.menu_sections
        )
        return (
            f'<body class="{classes}">\n<div id="cookie-notice"><p>{words["cookies"]}</p><a href="#">{words["accept"]}</a></div>\n'
            f'<header><nav><ul class="menu"><li><a href="/">{words["home"]}</a></li>{menu}'
            f'<li><a href="/don/">{words["give"]}</a></li></ul></nav></header>{TOP_MARK}\n'
        )

    def _render_head(self, article: Article) -> str:
        outlet = article.outlet
        title, summary, section = (
            escape(article.title),
            escape(excerpt(article)),
            escape(article.section),
        )
        short = outlet.absolute_url(f"/?p={article.number}")
        picture = (
            f'<meta property="og:image" content="{escape(outlet.absolute_url(article.image))}">'
            if article.image
            else ""
        )
        graph = json.dumps(self._json_ld(article), ensure_ascii=False).replace(
            "</", "<\\/"
        )
        return (
            f'<!DOCTYPE html>\n<html lang="{outlet.locale}" prefix="og: https://ogp.me/ns#">\n<head>\n<meta charset="UTF-8">\n'
            f'<title>{title} - {escape(outlet.name)}</title>\n<link rel="canonical" href="{article.url}">\n'
            f'<link rel="shortlink" href="{short}">\n'
            f'<link rel="alternate" type="application/rss+xml" title="{escape(outlet.name)}" href="{outlet.feed_url}">\n'
            f'<meta name="description" content="{summary}">\n<meta property="og:type" content="article">\n'
            f'<meta property="og:title" content="{title}"><meta property="og:url" content="{article.url}">'
            f'<meta property="og:site_name" content="{escape(outlet.name)}">\n'
            f'<meta property="article:published_time" content="{article.published.isoformat()}">'
            f'<meta property="article:section" content="{section}">\n{picture}\n'
            f'<script type="application/ld+json">{graph}</script>\n</head>'
        )

    def _json_ld(self, article: Article) -> dict[str, object]:
        outlet = article.outlet
        news: dict[str, object] = {
            "@type": "NewsArticle",
            "@id": f"{article.url}#article",
            "headline": article.title,
            "datePublished": outlet.to_local_iso(article.published),
            "dateModified": outlet.to_local_iso(article.modified),
            "author": {"@type": "Person", "name": article.author},
            "inLanguage": outlet.locale,
            "articleSection": [article.section],
            "keywords": list(article.tags),
            "publisher": {"@type": "Organization", "name": outlet.name},
        }
        if article.image:
            news["image"] = {
                "@type": "ImageObject",
                "url": outlet.absolute_url(article.image),
            }
        return {"@context": "https://schema.org", "@graph": [news]}
