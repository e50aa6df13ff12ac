"""The help centre's pages as HTML, and what search engines read: sitemap.xml and robots.txt.

Everything that is filled in is escaped by Jinja2, except an article's own HTML, which `articles` has made
safe. There is no script and no inline style, so the Content-Security-Policy stays as strict as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.help.articles import LANGUAGES, Article
from bot.help.centre import HelpCentre
from bot.help.search import MAX_QUERY, Found
from bot.help.words import WORDS

TEMPLATES = Path(__file__).parent / "templates"
CONTACT = "contact"  # the article that the contact channels belong to

Channels = Sequence[Mapping[str, Any]]  # as GET /api/contacts gives them


class Pages:
    """Writes the pages of one help centre."""

    def __init__(self, centre: HelpCentre) -> None:
        self._library = centre.library
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def index(self, language: str, base: str, channels: Channels) -> str:
        """All articles by topic. `base` is the service's own address, without a slash at its end."""
        return self._write("index.html", language, base, path="", channels=channels)

    def article(self, article: Article, base: str, channels: Channels) -> str:
        """One article, with what to read next."""
        return self._write(
            "article.html",
            article.language,
            base,
            path=f"/{article.slug}",
            article=article,
            body=Markup(article.html),  # noqa: S704 (rendered with raw HTML off)
            related=self._library.related(article),
            channels=channels,
            with_channels=article.slug == CONTACT,
        )

    def results(self, language: str, base: str, query: str, found: Sequence[Found]) -> str:
        """What a search found; the topics when it found nothing."""
        return self._write("results.html", language, base, path="", query=query[:MAX_QUERY], found=found)

    def trouble(self, kind: str, language: str, base: str) -> str:
        """A kind page instead of the one asked for: `missing` or `busy`, in both languages."""
        others = [other for other in LANGUAGES if other != language]
        return self._write(
            "trouble.html", language, base, path="", kind=kind, others={o: WORDS[o] for o in others}
        )

    def sitemap(self, base: str) -> str:
        """Every page in every language, as sitemaps.org wants it."""
        slugs = [article.slug for article in self._library.all(LANGUAGES[0])]
        pages = [{language: self._library.find(language, slug) for language in LANGUAGES} for slug in slugs]
        return self._templates.get_template("sitemap.xml").render(base=base, pages=pages, words=WORDS)

    def robots(self, base: str) -> str:
        """What search engines may read: the help centre and the support page."""
        closed = "".join(f"Disallow: {path}\n" for path in ("/api", "/widget", "/desk", "/demo"))
        return f"User-agent: *\nAllow: /help\n{closed}\nSitemap: {base}/sitemap.xml\n"

    def _write(self, template: str, language: str, base: str, *, path: str, **values: Any) -> str:
        return self._templates.get_template(template).render(
            t=WORDS[language],
            language=language,
            words=WORDS,
            base=base,
            path=path,
            topics=self._library.by_topic(language),
            max_query=MAX_QUERY,
            **{"query": "", **values},
        )
