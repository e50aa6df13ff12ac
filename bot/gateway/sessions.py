"""Sessions: begun with the wallet's token, or as a visitor; renewed while they last; ended by signing out."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response

from bot.gateway.callers import PartsHere, SessionHere, address_of
from bot.gateway.identity import Customer, Refused, Session, known_language
from bot.gateway.logs import event
from bot.gateway.messages import SessionRequest, timestamp
from bot.gateway.parts import Parts
from bot.gateway.problems import Problem, not_found, unauthorized
from bot.gateway.sentences import preferred

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api")


@router.post("/session")
async def begin(
    request: Request,
    parts: PartsHere,
    body: SessionRequest | None = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """A session for a wallet customer (by the wallet's token) or for a visitor."""
    body = body or SessionRequest()
    parts.session_limit.check(address_of(request))
    customer = await _who(body, parts)
    language = known_language(body.language) or (customer and customer.language) or preferred(accept_language)
    event(log, "session.opened", signed_in=customer is not None, demo=body.demo_customer is not None)
    return _session_json(*parts.access.begin(customer, language))


@router.post("/session/renew")
async def renew(session: SessionHere, parts: PartsHere) -> dict[str, Any]:
    """A fresh token for a session that is still going on."""
    return _session_json(*parts.access.renew(session))


@router.post("/session/end", status_code=204)
async def end(session: SessionHere, parts: PartsHere) -> Response:
    """Signs out: none of the session's tokens is worth anything from now on."""
    await parts.store.end_session(session.id, session.ends_at)
    event(log, "session.ended", signed_in=session.customer_id is not None)
    return Response(status_code=204)


@router.get("/demo/customers")
async def demo_customers(parts: PartsHere) -> list[dict[str, Any]]:
    """The customers one may sign in as in demo mode; 404 outside it."""
    if parts.demo is None:
        raise not_found()
    return parts.demo.all()


async def _who(body: SessionRequest, parts: Parts) -> Customer | None:
    if body.token is not None and body.demo_customer is not None:
        raise Problem(422, "invalid", errors=[{"at": "body", "code": "token_or_demo_customer"}])
    if body.token is not None:
        try:
            return await parts.wallet.verify(body.token)
        except Refused:
            raise unauthorized("bad_wallet_token") from None
    if body.demo_customer is not None:
        customer = parts.demo.find(body.demo_customer) if parts.demo else None
        if customer is None:
            raise not_found()
        return customer
    return None


def _session_json(token: str, session: Session) -> dict[str, Any]:
    who = {"id": session.customer_id, "name": session.name} if session.customer_id is not None else None
    return {
        "access_token": token,
        "expires_at": timestamp(session.expires_at),
        "customer": who,
        "language": session.language,
    }
