"""The help centre over HTTP: what scripts ask for, what people read, what search engines follow."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest

from bot.help import HelpCentre
from tests.gateway.helpers import Gateway, Person, problem

Start = Callable[..., Gateway]
VOID = {"meta", "link", "img", "input", "br", "hr"}
LIBRARY = HelpCentre.open().library


class Html(HTMLParser):
    """A page taken apart: its elements, its text, and whether what is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> where {self.open[-3:]} is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **having: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.elements if t == tag and having.items() <= a.items()]

    def one(self, tag: str, **having: str) -> dict[str, str | None]:
        (found,) = self.all(tag, **having)
        return found


@pytest.fixture
def charlie(gateway: Gateway) -> Person:
    """Somebody without a session: all of this is for everyone."""
    return gateway.stranger()


def page(answer: httpx.Response, status: int = 200) -> Html:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Html(answer.text)


# ---- JSON


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_articles_are_listed_with_what_to_ask(charlie: Person, language: str) -> None:
    answer = charlie.http.get("/api/help", params={"language": language})
    assert answer.status_code == 200
    topics = answer.json()["topics"]
    assert [t["slug"] for t in topics] == [a.slug for a in LIBRARY.all(language)]
    assert set(topics[0]) == {"slug", "title", "summary", "url", "topic", "ask"}
    assert topics[0]["url"] == f"/help/{language}/payment-failed"
    assert all(t["ask"] for t in topics)


def test_search_answers_in_the_language_asked_for(charlie: Person) -> None:
    answer = charlie.http.get("/api/help/search", params={"q": "退款多久到賬", "language": "zh-TW"})
    first = answer.json()["results"][0]
    assert set(first) == {"slug", "title", "snippet", "url"}
    assert first["url"] == "/help/zh/refund-times"
    english = charlie.http.get(
        "/api/help/search", params={"q": "refund"}, headers={"Accept-Language": "en-GB"}
    )
    assert english.json()["results"][0]["url"] == "/help/en/refund-times"


HOSTILE = {
    "nothing": "",
    "a quote": '"',
    "operators": "a OR (",
    "a NUL": "x\x00y",
    "very long": "退" * 5_000,
    "HTML": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_searched_for_is_answered(charlie: Person, query: str) -> None:
    answer = charlie.http.get("/api/help/search", params={"q": query})
    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_searching_too_fast_is_refused_kindly(start: Start) -> None:
    someone = start(help_per_minute=2).stranger().http
    for _ in range(2):
        assert someone.get("/api/help/search", params={"q": "refund"}).status_code == 200
    refused = someone.get("/api/help/search", params={"q": "refund"})
    problem(refused, 429, "too-many")
    assert int(refused.headers["Retry-After"]) >= 1
    busy = page(someone.get("/help/en", params={"q": "refund"}), 429)
    assert "One moment" in busy.text
    assert someone.get("/help/en/refund-times").status_code == 200, "reading goes on"


# ---- pages


@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_every_article_has_a_sound_page(charlie: Person, language: str, tag: str) -> None:
    for article in LIBRARY.all(language):
        answer = charlie.http.get(article.url)
        html = page(answer)
        assert html.one("html")["lang"] == tag
        assert html.one("meta", name="description")["content"] == article.summary
        assert article.title in html.text
        assert len(html.all("h1")) == 1
        assert html.one("link", rel="canonical")["href"] == str(answer.url)
        alternates = {a["hreflang"]: a["href"] for a in html.all("link", rel="alternate")}
        assert alternates == {
            "zh-CN": str(answer.url.copy_with(path=f"/help/zh/{article.slug}")),
            "en": str(answer.url.copy_with(path=f"/help/en/{article.slug}")),
        }
        assert len([a for a in html.all("a") if a["href"] == f"/?ask={article.slug}"]) == 1
        ids = [a["id"] for _, a in html.elements if "id" in a]
        assert len(ids) == len(set(ids))


def test_every_link_of_every_page_leads_somewhere(charlie: Person) -> None:
    seen, todo = set(), ["/help/zh", "/help/en"]
    while todo:
        path = todo.pop()
        html = page(charlie.http.get(path))
        links = {str(a["href"]).split("#")[0] for a in html.all("a")}
        new = {link for link in links if link.startswith("/help") and link not in seen}
        seen |= new | {path}
        todo += new
        assert all(link.startswith(("/help/", "/?ask=")) or link in ("", "/") for link in links)
    assert len(seen) == 2 * len(LIBRARY.all("zh")) + 2


def test_pages_need_no_inline_script_or_style(charlie: Person) -> None:
    for path in ("/help/zh", "/help/en/refund-times", "/help/en?q=refund", "/help/en/nothing"):
        answer = charlie.http.get(path)
        html = Html(answer.text)
        assert not html.all("script") and not html.all("style")
        assert not [name for _, a in html.elements for name in a if name == "style" or name.startswith("on")]
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_the_button_names_a_payment_only_where_one_is_meant(charlie: Person) -> None:
    assert "Ask about my payment" in charlie.http.get("/help/en/charged-twice").text
    assert "Ask about my payment" not in charlie.http.get("/help/en/privacy").text
    assert "问问客服我的这笔付款" in charlie.http.get("/help/zh/charged-twice").text


def test_hours_stand_on_the_contact_page_as_the_operator_wrote_them(charlie: Person) -> None:
    channels = charlie.http.get("/api/contacts").json()["channels"]
    for language in ("zh", "en"):
        text = page(charlie.http.get(f"/help/{language}/contact")).text
        assert all(channel["text"][language] in text for channel in channels)


def test_the_search_form_works_without_a_script(charlie: Person) -> None:
    form = page(charlie.http.get("/help/zh")).one("form")
    assert (form["action"], form["method"]) == ("/help/zh", "get")
    results = page(charlie.http.get("/help/zh", params={"q": "忘記密碼"}))
    assert results.one("meta", name="robots")["content"] == "noindex"
    hits = [a["href"] for a in results.all("a") if str(a["href"]).startswith("/help/zh/")]
    assert hits[0] == "/help/zh/forgot-password"
    assert results.one("input")["value"] == "忘記密碼"


def test_what_was_typed_is_shown_as_text(charlie: Person) -> None:
    typed = '"><script>alert(1)</script>'
    answer = charlie.http.get("/help/en", params={"q": typed})
    results = page(answer)
    assert "<script" not in answer.text
    assert results.one("input")["value"] == typed
    assert page(charlie.http.get("/help/en", params={"q": "x" * 5_000})).one("input")["value"] == "x" * 200


def test_a_search_without_result_shows_the_topics(charlie: Person) -> None:
    results = page(charlie.http.get("/help/en", params={"q": "xylophone"}))
    assert "No article fits" in results.text
    assert "/help/en/refund-times" in {a["href"] for a in results.all("a")}


@pytest.mark.parametrize(
    ("accepts", "goes_to"),
    [("en-US,en;q=0.9,zh;q=0.8", "/help/en"), ("zh-TW", "/help/zh"), ("fr", "/help/zh")],
)
def test_help_opens_in_the_visitors_language(charlie: Person, accepts: str, goes_to: str) -> None:
    answer = charlie.http.get("/help", headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.headers["Location"]) == (302, goes_to)
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/help/en/no-such-article", "This page is not here"),
        ("/help/zh/no-such-article", "没有找到这一页"),
        ("/help/fr", "This page is not here"),
        ("/help/fr/refund-times", "This page is not here"),
        ("/help/en/refund-times/more", "This page is not here"),
        ("/help/en/..%2F..%2Fetc%2Fpasswd", "This page is not here"),
    ],
)
def test_an_unknown_page_is_kind_in_both_languages(charlie: Person, path: str, says: str) -> None:
    html = page(charlie.http.get(path, headers={"Accept-Language": "en"}), 404)
    assert says in html.text
    assert html.one("meta", name="robots")["content"] == "noindex"
    assert {"/help/zh", "/help/en"} <= {a["href"] for a in html.all("a")}


# ---- search engines


def test_the_sitemap_names_every_page_in_both_languages(charlie: Person) -> None:
    answer = charlie.http.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    urls = ElementTree.fromstring(answer.text).findall("s:url", space)
    paths = {httpx.URL(url.findtext("s:loc", "", space)).path for url in urls}
    articles = {a.url for language in ("zh", "en") for a in LIBRARY.all(language)}
    assert paths == articles | {"/help/zh", "/help/en"}
    assert all(len(url.findall("x:link", space)) == 2 for url in urls)


def test_robots_may_read_the_help_and_not_the_api(charlie: Person) -> None:
    answer = charlie.http.get("/robots.txt")
    lines = answer.text.splitlines()
    assert {"Allow: /help", "Disallow: /api"} <= set(lines)
    assert f"Sitemap: {charlie.http.base_url}/sitemap.xml".replace("//sitemap", "/sitemap") in lines


def test_kept_links_bear_the_public_address_when_there_is_one(start: Start) -> None:
    someone = start(public_url="https://support.example.com").stranger().http
    html = page(someone.get("/help/en/contact"))
    assert html.one("link", rel="canonical")["href"] == "https://support.example.com/help/en/contact"
    assert "https://support.example.com/help/zh/contact" in someone.get("/sitemap.xml").text
    assert "Sitemap: https://support.example.com/sitemap.xml" in someone.get("/robots.txt").text
