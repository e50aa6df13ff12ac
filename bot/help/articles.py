"""Articles: front matter and Markdown in, checked and rendered once at start.

`data/help/topics.yml` names the topics in order; `data/help/<language>/<slug>.md` is an article. Every
slug stands in every language. A link to another article is written as its file, `refund-times.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel, Extra, Field, StrictInt, StrictStr, ValidationError

from bot.help.figures import figures

LANGUAGES = ("zh", "en")

_FRONT = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_FIGURE = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ARTICLE_LINK = re.compile(rf"({_SLUG.pattern})\.md")
# No raw HTML and no pictures; what is not a link to an article must be https.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": False}).disable("image")


class HelpError(Exception):
    """The articles can't be used; the text is one sentence that names file and field."""


@dataclass(frozen=True)
class Topic:
    """A group of articles."""

    key: str
    title: Mapping[str, str]  # by language
    about_payment: bool  # whether its articles lead to "ask about my payment"


@dataclass(frozen=True)
class Article:
    """One article in one language; `html` is safe as it stands."""

    language: str
    slug: str
    title: str
    summary: str
    topic: Topic
    keywords: tuple[str, ...]
    order: int
    updated: date
    ask: str  # what the customer may ask the chat after reading
    html: str
    text: str  # its sentences without marks: what a snippet is cut from
    searchable: str  # with headings, but without the names of other articles that it refers to
    links: tuple[str, ...]  # slugs that the text refers to

    @property
    def url(self) -> str:
        """Its page's path."""
        return f"/help/{self.language}/{self.slug}"


class Library:
    """All articles, by language, in the order in which they are listed."""

    def __init__(self, topics: tuple[Topic, ...], articles: Mapping[str, Mapping[str, Article]]) -> None:
        self.topics = topics
        self._articles = articles

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Reads and checks everything. Raises HelpError for the first thing that is not right."""
        topics = {topic.key: topic for topic in _topics(folder / "topics.yml")}
        place = {key: n for n, key in enumerate(topics)}
        articles: dict[str, dict[str, Article]] = {}
        for language in LANGUAGES:
            files = sorted((folder / language).glob("*.md"))
            if not files:
                raise HelpError(f"{folder / language} holds no article.")
            read = [_article(path, language, topics) for path in files]
            read.sort(key=lambda a: (place[a.topic.key], a.order, a.slug))
            articles[language] = {article.slug: article for article in read}
        _check_pairs(folder, articles)
        return cls(tuple(topics.values()), articles)

    def all(self, language: str) -> list[Article]:
        """The articles of a language, in order."""
        return list(self._articles[language].values())

    def find(self, language: str, slug: str) -> Article | None:
        """The article, None when there is none by that name."""
        return self._articles.get(language, {}).get(slug)

    def by_topic(self, language: str) -> list[tuple[Topic, list[Article]]]:
        """Topics with their articles, in order."""
        return [(t, [a for a in self.all(language) if a.topic is t]) for t in self.topics]

    def related(self, article: Article, limit: int = 4) -> list[Article]:
        """What to read next: what the text refers to, then the rest of its topic."""
        same_topic = [a.slug for a in self.all(article.language) if a.topic is article.topic]
        slugs = dict.fromkeys((*article.links, *same_topic))
        return [self._articles[article.language][s] for s in slugs if s != article.slug][:limit]


class _TopicEntry(BaseModel):
    zh: StrictStr = Field(min_length=1)
    en: StrictStr = Field(min_length=1)
    about_payment: bool = False

    class Config:
        extra = Extra.forbid


class _Front(BaseModel):
    title: StrictStr = Field(min_length=4, max_length=70)
    summary: StrictStr = Field(min_length=10, max_length=160)
    topic: StrictStr
    keywords: list[StrictStr] = Field(min_items=2, max_items=30)
    order: StrictInt
    updated: date
    ask: StrictStr = Field(min_length=2, max_length=120)

    class Config:
        extra = Extra.forbid


def _topics(path: Path) -> Iterator[Topic]:
    entries = _yaml(path, _read(path))
    for key, entry in entries.items():
        checked = _checked(_TopicEntry, entry, f"{path}, topic {key}")
        yield Topic(str(key), {"zh": checked.zh, "en": checked.en}, checked.about_payment)


def _article(path: Path, language: str, topics: Mapping[str, Topic]) -> Article:
    if not _SLUG.fullmatch(path.stem):
        raise HelpError(f"{path}: a file is named in small letters, digits and hyphens.")
    parts = _FRONT.match(_read(path))
    if parts is None:
        raise HelpError(f"{path}: it must begin with front matter between two lines of ---.")
    front = _checked(_Front, _yaml(path, parts["front"]), str(path))
    if front.topic not in topics:
        raise HelpError(f"{path}: topic {front.topic!r} is not in topics.yml.")
    tokens = _MARKDOWN.parse(_with_figures(parts["body"], path))
    links = tuple(_resolve_links(tokens, path, language))
    return Article(
        language=language,
        slug=path.stem,
        title=front.title,
        summary=_with_figures(front.summary, path),
        topic=topics[front.topic],
        keywords=tuple(front.keywords),
        order=front.order,
        updated=front.updated,
        ask=front.ask,
        html=_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}),
        text=_plain(block for block, heading in _blocks(tokens) if not heading),
        searchable=_plain(_without_links(block) for block, _ in _blocks(tokens)),
        links=links,
    )


def _with_figures(text: str, path: Path) -> str:
    known = figures()

    def filled(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise HelpError(f"{path}: no figure is called {match[1]!r}; known are {', '.join(known)}.")
        return known[match[1]]

    return _FIGURE.sub(filled, text)


def _resolve_links(tokens: list[Token], path: Path, language: str) -> Iterator[str]:
    """Points each link at its page, in place, and yields the slugs. Raises HelpError for any other link."""
    for token in _inline(tokens):
        if token.type == "link_open":
            target = str(token.attrGet("href"))
            article = _ARTICLE_LINK.fullmatch(target)
            if article:
                token.attrSet("href", f"/help/{language}/{article[1]}")
                yield article[1]
            elif target.startswith("https://"):
                token.attrSet("rel", "noopener noreferrer")
            else:
                raise HelpError(f"{path}: a link must be <slug>.md or https://, not {target!r}.")


def _blocks(tokens: list[Token]) -> Iterator[tuple[list[Token], bool]]:
    """Each paragraph, list item and heading as its inline parts, and whether it is a heading."""
    for before, token in pairwise(tokens):
        if token.type == "inline":
            yield token.children or [], before.type == "heading_open"


def _without_links(block: list[Token]) -> list[Token]:
    depth, kept = 0, []
    for part in block:
        depth += part.nesting if part.type in ("link_open", "link_close") else 0
        if not depth:
            kept.append(part)
    return kept


def _plain(blocks: Iterable[list[Token]]) -> str:
    return "\n".join("".join(" " if p.type == "softbreak" else p.content for p in block) for block in blocks)


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or []


def _check_pairs(folder: Path, articles: Mapping[str, Mapping[str, Article]]) -> None:
    """Every article in every language, alike in what the two have in common; every link leads somewhere."""
    slugs = {slug for by_slug in articles.values() for slug in by_slug}
    for language in LANGUAGES:
        for slug in sorted(slugs):
            path = folder / language / f"{slug}.md"
            article = articles[language].get(slug)
            if article is None:
                raise HelpError(f"{path} is missing: the article exists in another language.")
            twin = articles[LANGUAGES[0]].get(slug)
            for field in ("topic", "order"):
                if twin and getattr(twin, field) != getattr(article, field):
                    raise HelpError(f"{path}: {field} differs from the article's other language.")
            for link in article.links:
                if link not in slugs:
                    raise HelpError(f"{path}: it links to {link}.md, which does not exist.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HelpError(f"{path} cannot be read as UTF-8 text.") from error


def _yaml(path: Path, text: str) -> dict[str, object]:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise HelpError(f"{path}: the YAML is not well-formed: {' '.join(str(error).split())}.") from error
    if not isinstance(values, dict):
        raise HelpError(f"{path}: names and values are expected.")
    return values


def _checked(model: type[BaseModel], values: object, where: str):  # type: ignore[no-untyped-def]
    try:
        return model.parse_obj(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise HelpError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
