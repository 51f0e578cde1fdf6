"""A site on WordPress with a magazine theme, its boxes, its plugins and JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harvester.newsroom.article import Article
from harvester.newsroom.html_pieces import (
    BOTTOM_MARK,
    DYNAMIC_MARK,
    SIDEBAR_MARK,
    TOP_MARK,
    escape,
    excerpt,
    format_date,
    localized,
    render_blocks,
    render_links,
    slugify_label,
)
from harvester.newsroom.site import Site
from harvester.newsroom.site_feeds import render_rss

# Of the appeal below each article: what `remove` in the settings drops.
DONATION_CLASS = "soutien-don"

LABELS = {
    "fr": {
        "by": "Par",
        "views": "vues",
        "home": "Accueil",
        "latest": "Derniers articles",
        "cookies": "Nous utilisons des cookies pour vous garantir la meilleure expérience "
        "sur notre site web.",
        "accept": "J’accepte",
        "share": "Partager sur",
        "print": "Imprimer",
        "comments": "commentaires",
        "reply": "Laisser un commentaire",
        "tags": "Étiquettes",
        "give": "Faire un don",
        "missing": "Page introuvable",
        "sorry": "Cette page n’existe pas ou n’existe plus. Essayez une recherche.",
        "appeal": "Cet article vous a plu ? Notre journal vit de ses lecteurs : un don, "
        "même modeste, nous aide.",
    },
    "en": {
        "by": "By",
        "views": "views",
        "home": "Home",
        "latest": "Latest articles",
        "cookies": "We use cookies to make sure you have the best experience on our "
        "website.",
        "accept": "I accept",
        "share": "Share on",
        "print": "Print",
        "comments": "comments",
        "reply": "Leave a comment",
        "tags": "Tags",
        "give": "Donate",
        "missing": "Page not found",
        "sorry": "This page does not exist, or no longer exists. Try a search.",
        "appeal": "Did you enjoy this article? Our paper lives from its readers: even a "
        "small gift helps us.",
    },
}
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


class WordPressTemplate:
    """Paths and pages of such a site; see ``site_shapes.SiteTemplate``."""

    name = "wordpress"
    charset = "utf-8"
    page_type = "text/html; charset=UTF-8"
    feed_type = "application/rss+xml; charset=UTF-8"
    settings_lines = f'rules = {{ remove = [".{DONATION_CLASS}"] }}'
    render_feed = staticmethod(render_rss)

    def article_path(self, article: Article) -> str:
        """The slug, then the number of the post."""
        return f"/{article.slug}/{article.number}/"

    def section_path(self, section: str) -> str:
        """The page of a category."""
        return f"/category/{slugify_label(section)}/"

    def feed_path(self, section: str = "") -> str:
        """The feed of the site, or of a category."""
        return f"{self.section_path(section)}feed/" if section else "/feed/"

    def render_dynamic(self, article: Article) -> str:
        """The view counter: another number with each request."""
        count = f"{1_200 + 7 * article.number + article.view_count:,}"
        label = localized(LABELS, article.outlet.language)["views"]
        return f"{count} {label}".replace(",", "\u202f")

    def render_sidebar(self, site: Site, latest: Sequence[Article]) -> str:
        """The column beside each article."""
        heading = localized(LABELS, site.language)["latest"]
        return (
            f'<aside class="td-sidebar"><h4>{heading}</h4>'
            f"<ul>{render_links(latest)}</ul></aside>"
        )

    def render_article(self, article: Article, page: int = 1) -> str:
        """A page of an article."""
        site = article.outlet
        labels = localized(LABELS, site.language)
        tags = "".join(
            f'<a href="/tag/{slugify_label(tag)}/" rel="tag">{escape(tag)}</a> '
            for tag in article.tags
        )
        agency = (
            f'\n<p class="agence"><em>{escape(article.agency)}</em></p>'
            if article.agency
            else ""
        )
        return (
            f"{self._render_head(article)}\n"
            f"{self._render_opening(site, f'single postid-{article.number}')}"
            f'<main><article id="post-{article.number}" class="post type-post">\n'
            f"{self._render_header(article)}"
            f'<div class="td-post-sharing"><a href="#">{labels["share"]} Facebook</a> '
            f'<a href="#">Telegram</a> <a href="#">{labels["print"]}</a></div>\n'
            f"{self._render_figure(article)}\n"
            f'<div class="td-post-content entry-content">\n'
            f"{render_blocks(article, page=page)}{self._render_pager(article, page)}"
            f"{self._render_signature(article)}{agency}\n"
            f'<div class="{DONATION_CLASS}"><p><strong>{labels["appeal"]}</strong></p>'
            f'<p><a href="/don/">{labels["give"]}</a></p></div>\n</div>\n'
            f'<footer><div class="post-tags">{labels["tags"]} : {tags}</div></footer>'
            f"</article>\n{SIDEBAR_MARK}\n{self._render_comments(article)}</main>\n"
            f'<footer class="site-footer">{BOTTOM_MARK}'
            f"<p>© 2025 {escape(site.name)}</p></footer>\n</body></html>\n"
        )

    def _render_header(self, article: Article) -> str:
        site = article.outlet
        by = localized(LABELS, site.language)["by"]
        author_path = f"/author/{slugify_label(article.author)}/"
        date = format_date(site.to_local_time(article.published), site.language)
        sections = "".join(
            f'<li><a href="{self.section_path(label)}">{escape(label)}</a></li>'
            for label in (article.section, *article.tags[:1])
            if label
        )
        return (
            f'<header class="entry-header"><ul class="td-category">{sections}</ul>\n'
            f'<h1 class="entry-title">{escape(article.title)}</h1>\n'
            f'<div class="td-post-author-name">{by} '
            f'<a href="{author_path}" rel="author">{escape(article.author)}</a> - </div>'
            f'<time class="entry-date updated"'
            f' datetime="{site.to_local_iso(article.published)}">{date}</time>'
            f'<span class="td-post-views">{DYNAMIC_MARK}</span></header>\n'
        )

    def _render_figure(self, article: Article) -> str:
        if not article.image:
            return ""
        return (
            f'<div class="td-post-featured-image"><figure>'
            f'<img src="{escape(article.image)}" alt=""><figcaption>'
            f"{escape(article.section)} · {escape(article.outlet.name)}"
            f"</figcaption></figure></div>"
        )

    def _render_pager(self, article: Article, page: int) -> str:
        """As ``wp_link_pages`` renders it, where the article has several pages."""
        if article.page_count == 1:
            return ""
        links = [
            f'<span class="post-page-numbers current" aria-current="page">{number}</span>'
            if number == page
            else f'<a href="{article.url}{f"{number}/" if number > 1 else ""}"'
            f' class="post-page-numbers">{number}</a>'
            for number in range(1, article.page_count + 1)
        ]
        return f'\n<p class="post-nav-links">Pages : {" ".join(links)}</p>'

    def _render_signature(self, article: Article) -> str:
        if not (article.outlet.signs_articles and article.author):
            return ""
        return f"\n<p><strong>{escape(article.author)}</strong></p>"

    def _render_comments(self, article: Article) -> str:
        language = article.outlet.language
        labels = localized(LABELS, language)
        comment = localized(READER_COMMENTS, language)[article.number % 3]
        return (
            f'<div id="comments" class="comments">'
            f"<h4>{article.number % 4} {labels['comments']}</h4>"
            f'<ol class="comment-list"><li class="comment"><cite>Odile</cite>'
            f"<p>{comment}</p></li></ol>"
            f'<div id="respond"><h3>{labels["reply"]}</h3>'
            f"<form><textarea></textarea></form></div></div>"
        )

    def render_listing(
        self, site: Site, heading: str, articles: Sequence[Article]
    ) -> str:
        """The front page, or the page of a category."""
        cards = "".join(
            f'<div class="td_module"><h3><a href="{article.path}">'
            f"{escape(article.title)}</a></h3>"
            f"<p>{escape(excerpt(article, 18))}</p></div>"
            for article in articles
        )
        return (
            f'<!DOCTYPE html>\n<html lang="{site.locale}"><head><meta charset="UTF-8">'
            f"<title>{escape(heading)}</title>"
            f'<link rel="alternate" type="application/rss+xml" href="{site.feed_url}">'
            f"</head>\n{self._render_opening(site, 'home blog')}"
            f"<main><h1>{escape(heading)}</h1>{cards}</main>{BOTTOM_MARK}</body></html>\n"
        )

    def render_not_found(self, site: Site) -> str:
        """The page for unknown paths."""
        labels = localized(LABELS, site.language)
        return (
            f'<!DOCTYPE html>\n<html lang="{site.locale}"><head><meta charset="UTF-8">'
            f"<title>{labels['missing']}</title></head>\n"
            f"{self._render_opening(site, 'error404')}"
            f"<main><h1>{labels['missing']}</h1><p>{labels['sorry']}</p></main>"
            f"</body></html>\n"
        )

    def _render_opening(self, site: Site, body_classes: str) -> str:
        labels = localized(LABELS, site.language)
        menu = "".join(
            f'<li><a href="{self.section_path(section)}">{escape(section)}</a></li>'
            for section in site.menu_sections
        )
        return (
            f'<body class="{body_classes}">\n<div id="cookie-notice">'
            f'<p>{labels["cookies"]}</p><a href="#">{labels["accept"]}</a></div>\n'
            f'<header><nav><ul class="menu"><li><a href="/">{labels["home"]}</a></li>'
            f'{menu}<li><a href="/don/">{labels["give"]}</a></li></ul></nav></header>'
            f"{TOP_MARK}\n"
        )

    def _render_head(self, article: Article) -> str:
        site = article.outlet
        title, name = escape(article.title), escape(site.name)
        short_link = site.absolute_url(f"/?p={article.number}")
        image = (
            f'<meta property="og:image"'
            f' content="{escape(site.absolute_url(article.image))}">'
            if article.image
            else ""
        )
        json_ld = json.dumps(self._json_ld(article), ensure_ascii=False).replace(
            "</", "<\\/"
        )
        return (
            f'<!DOCTYPE html>\n<html lang="{site.locale}" prefix="og: https://ogp.me/ns#">'
            f'\n<head>\n<meta charset="UTF-8">\n<title>{title} - {name}</title>\n'
            f'<link rel="canonical" href="{article.url}">\n'
            f'<link rel="shortlink" href="{short_link}">\n'
            f'<link rel="alternate" type="application/rss+xml" title="{name}"'
            f' href="{site.feed_url}">\n'
            f'<meta name="description" content="{escape(excerpt(article))}">\n'
            f'<meta property="og:type" content="article">\n'
            f'<meta property="og:title" content="{title}">'
            f'<meta property="og:url" content="{article.url}">'
            f'<meta property="og:site_name" content="{name}">\n'
            f'<meta property="article:published_time"'
            f' content="{article.published.isoformat()}">'
            f'<meta property="article:section" content="{escape(article.section)}">\n'
            f'{image}\n<script type="application/ld+json">{json_ld}</script>\n</head>'
        )

    def _json_ld(self, article: Article) -> dict[str, object]:
        site = article.outlet
        news_article: dict[str, object] = {
            "@type": "NewsArticle",
            "@id": f"{article.url}#article",
            "headline": article.title,
            "datePublished": site.to_local_iso(article.published),
            "dateModified": site.to_local_iso(article.modified),
            "author": {"@type": "Person", "name": article.author},
            "inLanguage": site.locale,
            "articleSection": [article.section],
            "keywords": list(article.tags),
            "publisher": {"@type": "Organization", "name": site.name},
        }
        if article.image:
            news_article["image"] = {
                "@type": "ImageObject",
                "url": site.absolute_url(article.image),
            }
        return {"@context": "https://schema.org", "@graph": [news_article]}
