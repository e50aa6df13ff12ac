"""The articles that we ship, and what is refused of those that an operator writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.diagnosis.policy import DEFAULT
from bot.help import Article, HelpError, Library
from bot.help.articles import LANGUAGES
from bot.help.centre import FOLDER
from bot.help.figures import figures

LIBRARY = Library.load(FOLDER)
EVERY = [article for language in LANGUAGES for article in LIBRARY.all(language)]
each_article = pytest.mark.parametrize("article", EVERY, ids=lambda a: f"{a.language}/{a.slug}")

ARTICLE = """---
title: A title of it
summary: A summary of the article.
topic: money
keywords: [one, two]
order: 1
updated: 2026-01-15
ask: What about it?
---
{body}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Library]:
    """Loads a library of two articles a language; `en_first=…` replaces that file's text."""

    def written(body: str = "Words.", **files: str | None) -> Library:
        (tmp_path / "topics.yml").write_text(files.pop("topics", None) or "money: {zh: 钱, en: Money}\n")
        for language in LANGUAGES:
            (tmp_path / language).mkdir(exist_ok=True)
            for slug in ("first", "second"):
                text = files.get(f"{language}_{slug}", ARTICLE.format(body=body))
                if text is not None:
                    (tmp_path / language / f"{slug}.md").write_text(text, encoding="utf-8")
        return Library.load(tmp_path)

    return written


def test_all_topics_of_the_bot_have_an_article() -> None:
    asked_for = """payment-failed insufficient-balance bank-card-declined payment-limits network-problems
    app-version expired-order merchant-side security-check declined-abroad charged-twice charged-order-unpaid
    refund-times refund-not-arrived holds change-password forgot-password password-locked enable-international
    international-fees account-restricted unknown-transaction merchant-disputes automatic-payments
    wrong-person cases contact account-security privacy using-chat payment-status"""
    assert {article.slug for article in LIBRARY.all("en")} == set(asked_for.split())


@each_article
def test_an_article_is_neither_a_stub_nor_a_book(article: Article) -> None:
    if article.language == "zh":
        assert 300 <= len(re.findall(r"[\u4e00-\u9fff]", article.text)) <= 600
    else:
        assert 150 <= len(article.text.split()) <= 400
    assert article.html.count("<h2>") >= 2
    assert "{{" not in article.html + article.summary


@each_article
def test_an_article_states_no_time_but_the_policys(article: Article) -> None:
    window = r"(\d+)[ -]?(小时|分钟|个工作日|天|hours?|minutes?|working days?|days?)"
    allowed = {
        (figures()[n], u) for n in figures() for u in (("天", "days") if "days" in n else ("小时", "hours"))
    }
    assert set(re.findall(window, f"{article.title} {article.summary} {article.text}")) <= allowed


def test_the_policys_times_are_stated() -> None:
    for slug, window in (("refund-times", DEFAULT.refund_window), ("cases", DEFAULT.case_promise)):
        hours = window.total_seconds() / 3600
        for language, words in (("zh", f"{hours:g} 小时内"), ("en", f"within {hours:g} hours")):
            article = LIBRARY.find(language, slug)
            assert article and words in article.text


def test_a_limits_day_begins_where_the_policy_says() -> None:
    assert DEFAULT.wallet_zone == "Asia/Shanghai", "the articles payment-limits say Beijing time"


@each_article
def test_no_number_to_call_and_no_address_is_in_the_text(article: Article) -> None:
    assert not re.search(r"\d{5,}|\d{1,2}:\d\d|@|https?:", article.text)


@each_article
def test_nothing_is_promised(article: Article) -> None:
    promises = r"一定会?退|保证退款|肯定(会|能)退|will certainly|guarantee(d)? (a )?refund|will be refunded"
    for found in re.finditer(promises, article.text):
        before = article.text[max(0, found.start() - 12) : found.start()]
        assert re.search(r"不能|不|not|cannot", before), found[0]


def test_a_search_engine_can_tell_the_articles_apart() -> None:
    for language in LANGUAGES:
        articles = LIBRARY.all(language)
        for field in ("title", "summary", "ask"):
            assert len({getattr(a, field) for a in articles}) == len(articles), field


def test_there_is_always_something_to_read_next() -> None:
    for article in EVERY:
        related = LIBRARY.related(article)
        assert 2 <= len(related) <= 4
        assert article not in related
        assert {other.language for other in related} == {article.language}


def test_a_link_to_an_article_becomes_its_page(write: Callable[..., Library]) -> None:
    article = write("See [the other](second.md).").find("en", "first")
    assert article
    assert '<a href="/help/en/second">the other</a>' in article.html
    assert article.links == ("second",)
    assert article.text == "See the other."


def test_a_link_elsewhere_tells_the_other_site_nothing(write: Callable[..., Library]) -> None:
    article = write("See [them](https://example.com/).").find("zh", "first")
    assert article and 'rel="noopener noreferrer"' in article.html


def test_raw_html_is_shown_as_text(write: Callable[..., Library]) -> None:
    body = "<script>alert(1)</script>\n\n<b onclick='x()'>bold</b> ![picture](https://example.com/a.png)"
    article = write(body).find("en", "first")
    assert article
    assert "<script" not in article.html and "<b " not in article.html and "<img" not in article.html
    assert "&lt;script&gt;" in article.html


@pytest.mark.parametrize(
    "target", ["third.md", "/somewhere", "http://example.com", "second.md#part", "mailto:a@example.com", ""]
)
def test_a_link_that_leads_nowhere_good_is_refused(write: Callable[..., Library], target: str) -> None:
    with pytest.raises(HelpError, match=r"first\.md.*link"):
        write(f"See [this]({target}).")


def test_a_link_that_runs_a_script_is_no_link(write: Callable[..., Library]) -> None:
    article = write("[this](javascript:alert) [that](data:text/html,x) <vbscript:x>").find("en", "first")
    assert article and "<a" not in article.html


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("title: A title of it\n", ""), "title: field required"),
        (("order: 1", "order: first"), "order"),
        (("updated: 2026-01-15", "updated: soon"), "updated"),
        (("keywords: [one, two]", "keywords: one"), "keywords"),
        (("topic: money", "topic: weather"), "topic 'weather'"),
        (("order: 1", "order: 1\nauthor: me"), "author"),
        (("title: A", "title: [A"), "YAML"),
        (("---\ntitle", "title"), "front matter"),
        (("Words.", "Within {{ refund_weeks }} weeks"), "no figure is called 'refund_weeks'"),
    ],
)
def test_an_error_names_the_file_and_the_field(
    write: Callable[..., Library], change: tuple[str, str], says: str
) -> None:
    broken = ARTICLE.format(body="Words.").replace(*change)
    with pytest.raises(HelpError) as error:
        write(en_second=broken)
    assert "second.md" in str(error.value) and says in str(error.value)


def test_an_article_in_one_language_only_is_refused(write: Callable[..., Library]) -> None:
    with pytest.raises(HelpError, match=r"zh/second\.md is missing"):
        write(zh_second=None)


def test_the_two_languages_agree_on_topic_and_place(write: Callable[..., Library]) -> None:
    with pytest.raises(HelpError, match=r"en/first\.md: order differs"):
        write(en_first=ARTICLE.format(body="Words.").replace("order: 1", "order: 2"))


def test_topics_have_a_title_in_both_languages(write: Callable[..., Library]) -> None:
    with pytest.raises(HelpError, match=r"topics\.yml, topic money: en: field required"):
        write(topics="money: {zh: 钱}\n")


def test_no_articles_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HelpError, match="cannot be read"):
        Library.load(tmp_path)
