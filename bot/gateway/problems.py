"""Every refusal as a problem document (RFC 9457), in the caller's language."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from bot.gateway.sentences import preferred, say

MEDIA_TYPE = "application/problem+json"


class Problem(HTTPException):
    """A refusal: `kind` is a key of the sentences and the last part of the problem's `type`."""

    def __init__(
        self, status: int, kind: str, *, headers: dict[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        self.kind = kind
        self.extra = extra


def unauthorized(kind: str = "unauthorized") -> Problem:
    """401, with the scheme that would be accepted."""
    return Problem(401, kind, headers={"WWW-Authenticate": "Bearer"})


def not_found() -> Problem:
    """404: for what is not there and for what is another's, in the same words."""
    return Problem(404, "not_found")


def document(
    status: int,
    kind: str,
    accept_language: str | None,
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    """The response for a problem; `extra` becomes further members of the document."""
    language = preferred(accept_language)
    body = {
        "type": f"urn:imwallet:problem:{kind.replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": say(kind, language),
        **extra,
    }
    return JSONResponse(
        body,
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language, "Cache-Control": "no-store", **(headers or {})},
    )


KIND_BY_STATUS = {401: "unauthorized", 404: "not_found", 405: "method", 413: "too_large", 429: "too_many"}


def install(app: FastAPI) -> None:
    """Makes problem documents of everything that FastAPI and our own code refuse."""

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, error: StarletteHTTPException) -> JSONResponse:
        kind = getattr(error, "kind", None) or KIND_BY_STATUS.get(error.status_code, "invalid")
        headers = dict(error.headers or {})
        extra = getattr(error, "extra", {})
        return document(error.status_code, kind, request.headers.get("accept-language"), headers, **extra)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Where and what kind only: the message or the value could repeat what the customer typed.
        errors = [{"at": "/".join(map(str, e["loc"])), "code": e["type"]} for e in error.errors()][:20]
        return document(422, "invalid", request.headers.get("accept-language"), errors=errors)
