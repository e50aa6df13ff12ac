"""Search over the articles of one language, with SQLite's FTS5 in memory.

FTS5 has no Chinese word breaker, so every Chinese character is indexed as a word of its own, and a run of
them is asked for as its overlapping pairs ("退款到账" = "退 款", "款 到", "到 账"): no dictionary to go
stale. Latin words are stemmed by FTS5's Porter tokenizer. Traditional counts as Simplified, full width as
half.
"""

from __future__ import annotations

import difflib
import re
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from bot.help.articles import Article
from bot.nlu.text import CJK, fold, stem

MAX_QUERY = 200  # characters read; what comes after is ignored
MAX_TERMS = 40
WEIGHTS = {"title": 10.0, "keywords": 8.0, "summary": 4.0, "body": 0.5, "other_language": 4.0}
ALWAYS_SHOWN = 3  # articles, as far as any have a word in common
WORTH_SHOWING = 0.15  # of the best article's score; the rest has the odd word in common
SNIPPET = {"zh": 60, "en": 150}  # characters

_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
_RUN = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
# What says nothing about the topic; a question of nothing else is searched for as it stands.
_FILLERS = re.compile(
    "怎么办|怎么样|怎么|怎样|如何|为什么|为何|请问|可以|我的|你们|您们|一下|一直|什么|这个|那个|是不是|[我你您了吗呢啊吧的么]"
)
_STOP_WORDS = frozenset(
    "a about am an and any are as at be been but by can could d did do does doesn didn don for from get got "
    "had has have how i if in into is isn it its just ll m me my of on or our please re s should so t that "
    "the their there they this to ve was wasn we were what when where which who why will with won would you "
    "your".split()
)


@dataclass(frozen=True)
class Found:
    """An article that answers a query, with the part of its text that speaks of it."""

    article: Article
    snippet: str


@dataclass(frozen=True)
class _Term:
    """A word or a pair of Chinese characters, and how FTS5 is asked for it."""

    written: str
    match: str


class Index:
    """The articles of one language; `twins` are the same in another, found by title and keywords too."""

    def __init__(self, articles: Iterable[Article], twins: Iterable[Article] = ()) -> None:
        self._articles = list(articles)
        others = {twin.slug: (twin.title, *twin.keywords) for twin in twins}
        self._keywords = [
            {_words(keyword) for keyword in (*a.keywords, *others.get(a.slug, ()))} for a in self._articles
        ]
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        columns = ", ".join(WEIGHTS)
        self._db.execute(f"CREATE VIRTUAL TABLE help USING fts5({columns}, tokenize='porter unicode61')")
        rows = [
            (a.title, " | ".join(a.keywords), a.summary, a.searchable, " | ".join(others.get(a.slug, ())))
            for a in self._articles
        ]
        words = [[_words(column) for column in row] for row in rows]
        marks = ", ".join("?" * len(WEIGHTS))
        self._db.executemany(
            f"INSERT INTO help (rowid, {columns}) VALUES (?, {marks})",  # noqa: S608 (our own names)
            [(n, *row) for n, row in enumerate(words)],
        )
        known = {word for row in words for column in row for word in column.split() if len(word) > 2}
        self._known = dict.fromkeys(sorted(known))  # a set in a fixed order

    def search(self, query: str, limit: int = 10) -> list[Found]:
        """The best articles first; none for a query without a word. Never raises, whatever is typed."""
        query = query[:MAX_QUERY]
        terms = self._terms(query)
        if not terms:
            return []
        # Any term will do: bm25 puts those with the most and the rarest first (asking for all of them first
        # was measured and changes nothing). Who types just a keyword gets its article at the top.
        named = [row for row, keywords in enumerate(self._keywords) if _words(query) in keywords]
        rows = list(dict.fromkeys([*named, *self._match(terms, limit)]))
        return [self._found(self._articles[row], terms) for row in rows[:limit]]

    def _match(self, terms: list[_Term], limit: int) -> list[int]:
        weights = ", ".join(str(weight) for weight in WEIGHTS.values())
        with self._lock:
            found = self._db.execute(
                f"SELECT rowid, -bm25(help, {weights}) FROM help WHERE help MATCH ? ORDER BY 2 DESC LIMIT ?",  # noqa: S608
                (" OR ".join(term.match for term in terms), limit),
            ).fetchall()
        worth = found[0][1] * WORTH_SHOWING if found else 0.0
        return [row for n, (row, score) in enumerate(found) if n < ALWAYS_SHOWN or score >= worth]

    def _terms(self, query: str) -> list[_Term]:
        folded = fold(query)
        runs = [run for part in _FILLERS.split(folded) for run in _RUN.findall(part)]
        runs = [run for run in runs if run not in _STOP_WORDS] or _RUN.findall(folded)
        terms: list[_Term] = []
        for n, run in enumerate(runs):
            if re.match(f"[{CJK}]", run):
                pairs = [run[i : i + 2] for i in range(max(1, len(run) - 1))]
                terms += [_Term(pair, f'"{" ".join(pair)}"') for pair in pairs]
            else:
                unfinished = n == len(runs) - 1 and folded.endswith(run)
                word = self._as_known(run, unfinished)
                terms.append(_Term(stem(word), f'"{word}"' + "*" * (unfinished and len(word) > 1)))
        return list(dict.fromkeys(terms))[:MAX_TERMS]

    def _as_known(self, word: str, unfinished: bool) -> str:
        """A mistyped word as the articles spell it; any other as it is."""
        if len(word) < 4 or not word.isalpha() or word in self._known:
            return word
        begins = word if unfinished else stem(word)
        if len(begins) > 3 and any(known.startswith(begins) for known in self._known):
            return word  # half typed, or another form of a word: FTS5 finds it as it is
        alike = [k for k in self._known if k[0] == word[0] and abs(len(k) - len(word)) <= 2]
        return next(iter(difflib.get_close_matches(word, alike, n=1, cutoff=0.75)), word)

    def _found(self, article: Article, terms: list[_Term]) -> Found:
        return Found(article, _snippet(article, [term.written for term in terms]))


def _words(text: str) -> str:
    """The text's words, a Chinese character being one, with a space between them."""
    return " ".join(_WORD.findall(fold(text)))


def _snippet(article: Article, written: list[str]) -> str:
    """What says most of the terms: the summary, or the best stretch of the text, cut at words."""
    text, length = article.text.replace("\n", " "), SNIPPET[article.language]
    places = _places(text, written)

    def within(start: int) -> int:
        return len({term for at, term in places if start <= at < start + length * 2 // 3})

    best = max((at for at, _ in places), key=within, default=None)
    if best is None or within(best) <= len({term for _, term in _places(article.summary, written)}):
        return article.summary
    start = _beginning(text, max(0, best - length // 4), best)
    end = min(len(text), start + length)
    if end < len(text):
        end = max(text.rfind(" ", best + length // 3, end), end - length // 4)
    return f"{'…' * (start > 0)}{text[start:end].strip()}{'…' * (end < len(text))}"


def _places(text: str, written: list[str]) -> list[tuple[int, str]]:
    """Where each term stands; a Latin one only at the beginning of a word."""
    folded = fold(text)  # as long as the text, so that places in one are places in the other
    patterns = {
        term: re.escape(term) if re.match(f"[{CJK}]", term) else rf"\b{re.escape(term)}" for term in written
    }
    return [(hit.start(), term) for term, pattern in patterns.items() for hit in re.finditer(pattern, folded)]


def _beginning(text: str, start: int, hit: int) -> int:
    """Where to begin between `start` and the hit: after a full stop or comma, else at a word."""
    if start == 0:
        return 0
    for mark in ("。", "！", "？", ". ", "，", "；", ", ", " "):
        at = text.find(mark, start, hit)
        if at >= 0:
            return at + len(mark)
    return start
