"""Who calls the desk, and whether they may: the one dependency of every route in it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from bot.gateway.callers import parts_of
from bot.gateway.desk import roles
from bot.gateway.desk.accounts import Accounts, NoSuch, SignedIn
from bot.gateway.desk.audit import Audit
from bot.gateway.desk.canned import Canned
from bot.gateway.desk.chats import Chats
from bot.gateway.desk.ledger import LedgerView
from bot.gateway.desk.lockout import Lockout
from bot.gateway.desk.oidc import SingleSignOn
from bot.gateway.desk.reports import Reports
from bot.gateway.desk.sessions import Sessions, sessions_of
from bot.gateway.hub import Hub
from bot.gateway.limits import RateLimit
from bot.gateway.parts import Parts
from bot.gateway.problems import Problem, not_found
from bot.handoff.desk import Desk
from bot.settings import Settings
from bot.store import Pictures, Store

COOKIE, SECURE_COOKIE = "desk", "__Host-desk"  # the second is refused by browsers unless it is Secure
HEADER = "X-CSRF-Token"
CALLS_A_MINUTE = 600  # of one agent: several chats, typing and heartbeats
ATTEMPTS_A_MINUTE = 30  # of one address, at what needs no session


@dataclass(frozen=True)
class DeskParts:
    """The desk's collaborators."""

    settings: Settings
    sessions: Sessions
    store: Store
    hub: Hub
    pictures: Pictures
    handoffs: Desk
    accounts: Accounts
    lockout: Lockout
    chats: Chats
    canned: Canned
    ledger: LedgerView
    audit: Audit
    reports: Reports
    single_sign_on: SingleSignOn | None
    calls: RateLimit
    attempts: RateLimit

    @classmethod
    def wire(cls, parts: Parts) -> DeskParts:
        """Builds everything from the gateway's parts; opens no connection yet."""
        settings, sessions = parts.settings, sessions_of(parts.store.engine)
        return cls(
            settings=settings,
            sessions=sessions,
            store=parts.store,
            hub=parts.hub,
            pictures=parts.pictures,
            handoffs=parts.desk,
            accounts=Accounts(sessions),
            lockout=Lockout(sessions),
            chats=Chats(sessions),
            canned=Canned(sessions),
            ledger=LedgerView(settings),
            audit=Audit(sessions),
            reports=Reports(sessions),
            single_sign_on=SingleSignOn(settings.oidc, settings.session_secret) if settings.oidc else None,
            calls=RateLimit(CALLS_A_MINUTE),
            attempts=RateLimit(ATTEMPTS_A_MINUTE),
        )


def desk_of(request: Request) -> DeskParts:
    """The desk's collaborators in this app."""
    return request.app.state.desk


DeskHere = Annotated[DeskParts, Depends(desk_of)]


def secure(request: Request) -> bool:
    """Whether the browser reaches us over HTTPS."""
    return request.url.scheme == "https" or parts_of(request).settings.https_only


def cookie_name(request: Request) -> str:
    """The name of the session's cookie on this connection."""
    return SECURE_COOKIE if secure(request) else COOKIE


async def guard(request: Request, desk: DeskHere) -> SignedIn | None:
    """Lets a call in: 401 without a session, 403 for too small a role and for a forged call.

    A route that the table does not name is closed to everyone. None only on public routes.
    """
    call = request.method, request.scope["route"].path[len(roles.PREFIX) :]
    least = roles.LEAST.get(call)
    if least is None:
        raise not_found()
    if least == roles.PUBLIC:
        if request.method not in roles.SAFE:
            desk.attempts.check(request.client.host if request.client else "")
            _same_origin(request, desk.settings)
            if not request.headers.get(HEADER):
                raise Problem(403, "csrf")
        return None
    secret = request.cookies.get(cookie_name(request), "")
    try:
        me = await desk.accounts.of(secret, active=call not in roles.BY_ITSELF)
    except NoSuch:
        raise Problem(401, "desk_signed_out") from None
    if request.method not in roles.SAFE:
        _same_origin(request, desk.settings)
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), me.csrf.encode()):
            raise Problem(403, "csrf")
    if not roles.enough(me.agent.role, least):
        raise Problem(403, "forbidden")
    desk.calls.check(me.id)
    return me


def signed_in(me: Annotated[SignedIn | None, Depends(guard)]) -> SignedIn:
    """The agent who calls. Raises a 401 problem where there is none."""
    if me is None:
        raise Problem(401, "desk_signed_out")
    return me


Me = Annotated[SignedIn, Depends(signed_in)]


def _same_origin(request: Request, settings: Settings) -> None:
    """Browsers say with every unsafe call which page makes it (Fetch, 3.1); only ours may."""
    origin = urlsplit(request.headers.get("origin", ""))
    ours = {request.headers.get("host", "")}
    if settings.public_url:
        ours.add(urlsplit(settings.public_url).netloc)
    if not origin.netloc or origin.netloc not in ours:
        raise Problem(403, "csrf")
