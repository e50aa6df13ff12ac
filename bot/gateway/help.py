"""The help centre over HTTP: articles and search as JSON and as pages, and what search engines ask for.

Everyone may read it. It knows no session: nothing here is anybody's own.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from bot.gateway.callers import PartsHere, address_of
from bot.gateway.identity import known_language
from bot.gateway.parts import Parts
from bot.gateway.problems import Problem
from bot.gateway.sentences import LANGUAGES, preferred

router = APIRouter()

# The same for everyone, and changed only by a new release.
KEPT = {"Cache-Control": "public, max-age=300"}

AcceptLanguage = Annotated[str | None, Header()]
Asked = Annotated[str, Query(description="what the customer types; read up to 200 characters")]


@router.get("/api/help")
async def articles(
    request: Request,
    response: Response,
    parts: PartsHere,
    language: str | None = None,
    accept_language: AcceptLanguage = None,
) -> dict[str, Any]:
    """Every article, in order; `ask` is what its reader may say to the chat."""
    parts.help_limit.check(address_of(request))
    response.headers.update({**KEPT, "Vary": "Accept-Language"})
    language = known_language(language) or preferred(accept_language)
    return {
        "topics": [
            {
                "slug": article.slug,
                "title": article.title,
                "summary": article.summary,
                "url": article.url,
                "topic": article.topic.title[language],
                "ask": article.ask,
            }
            for article in parts.help.library.all(language)
        ]
    }


@router.get("/api/help/search")
async def search(
    request: Request,
    parts: PartsHere,
    q: Asked = "",
    language: str | None = None,
    accept_language: AcceptLanguage = None,
) -> dict[str, Any]:
    """The articles that answer what was typed, best first, as plain text; none when nothing fits."""
    parts.help_limit.check(address_of(request))
    found = parts.help.search(known_language(language) or preferred(accept_language), q)
    return {
        "results": [
            {"slug": f.article.slug, "title": f.article.title, "snippet": f.snippet, "url": f.article.url}
            for f in found
        ]
    }


@router.get("/help", include_in_schema=False)
async def choose_language(accept_language: AcceptLanguage = None) -> Response:
    """To the help centre in the visitor's language."""
    return RedirectResponse(f"/help/{preferred(accept_language)}", 302, {"Vary": "Accept-Language"})


@router.get("/help/{language}", include_in_schema=False)
async def index(
    request: Request,
    language: str,
    parts: PartsHere,
    q: Asked = "",
    accept_language: AcceptLanguage = None,
) -> Response:
    """All articles by topic, or what a search found: the form works without a script."""
    base = _base(request, parts)
    if language not in LANGUAGES:
        return _missing(request, parts, preferred(accept_language))
    if not q.strip():
        return HTMLResponse(parts.help_pages.index(language, base, parts.contacts.now()), headers=KEPT)
    try:
        parts.help_limit.check(address_of(request))
    except Problem as busy:
        page = parts.help_pages.trouble("busy", language, base)
        return HTMLResponse(page, busy.status_code, busy.headers)
    return HTMLResponse(parts.help_pages.results(language, base, q, parts.help.search(language, q)))


@router.get("/help/{language}/{slug:path}", include_in_schema=False)
async def article(
    request: Request, language: str, slug: str, parts: PartsHere, accept_language: AcceptLanguage = None
) -> Response:
    """One article's page; a kind 404 page in the visitor's language for any other address."""
    found = parts.help.library.find(language, slug)
    if found is None:
        spoken = language if language in LANGUAGES else preferred(accept_language)
        return _missing(request, parts, spoken)
    page = parts.help_pages.article(found, _base(request, parts), parts.contacts.now())
    return HTMLResponse(page, headers=KEPT)


@router.get("/sitemap.xml", include_in_schema=False)
async def sitemap(request: Request, parts: PartsHere) -> Response:
    """Every help page, for search engines."""
    xml = parts.help_pages.sitemap(_base(request, parts))
    return Response(xml, media_type="application/xml", headers=KEPT)


@router.get("/robots.txt", include_in_schema=False)
async def robots(request: Request, parts: PartsHere) -> Response:
    """What search engines may read."""
    return PlainTextResponse(parts.help_pages.robots(_base(request, parts)), headers=KEPT)


def _missing(request: Request, parts: Parts, language: str) -> Response:
    return HTMLResponse(parts.help_pages.trouble("missing", language, _base(request, parts)), 404)


def _base(request: Request, parts: Parts) -> str:
    """The service's address as customers know it: PUBLIC_URL, else the one that was asked."""
    return parts.settings.public_url or str(request.base_url).rstrip("/")
