"""Signing in at the desk and out of it, one-time links, one's own password, single sign-on."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from bot.gateway.callers import address_of
from bot.gateway.desk import oidc
from bot.gateway.desk.accounts import LONGEST, LoginTaken, NoSuch, SignedIn, folded
from bot.gateway.desk.bodies import Accept, LinkToken, NewPassword, SignIn
from bot.gateway.desk.caller import DeskHere, Me, cookie_name, guard, secure
from bot.gateway.desk.passwords import WeakPassword
from bot.gateway.desk.roles import PREFIX
from bot.gateway.logs import event
from bot.gateway.messages import timestamp
from bot.gateway.problems import Problem, not_found
from bot.handoff import moves
from bot.store.desk_models import Agent

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])


@router.get("/sign-in")
async def ways(desk: DeskHere) -> dict[str, Any]:
    """How one can sign in here."""
    single = desk.single_sign_on
    return {
        "password": True,
        "oidc": {"label": single.label, "url": f"{PREFIX}/oidc/start"} if single else None,
        "demo": desk.settings.demo_mode,
    }


@router.post("/session")
async def sign_in(request: Request, response: Response, desk: DeskHere, body: SignIn) -> dict[str, Any]:
    """Signs in by password. An unknown login, a closed account and a wrong password are alike."""
    login, address = folded(body.login), address_of(request)
    await desk.lockout.check(login, address)
    try:
        secret, me = await desk.accounts.sign_in(login, body.password)
    except NoSuch:
        await desk.lockout.failed(login, address)
        event(log, "desk.sign_in_refused", level=logging.WARNING)
        raise Problem(401, "bad_login") from None
    await desk.lockout.succeeded(login)
    event(log, "desk.signed_in", agent=me.id)
    return _session(request, response, secret, me)


@router.get("/session")
async def who(me: Me, desk: DeskHere) -> dict[str, Any]:
    """The session that goes on."""
    return session_json(me, available=me.id in await desk.chats.present())


@router.delete("/session", status_code=204)
async def sign_out(request: Request, me: Me, desk: DeskHere) -> Response:
    """Ends this session. An agent who is signed in nowhere else is gone: their chats go back to the queue."""
    await desk.accounts.sign_out(me.session_id)
    if me.id not in await desk.accounts.seen():
        await desk.handoffs.leave(moves.agent(me.id, me.agent.name))
    event(log, "desk.signed_out", agent=me.id)
    return _forget(request, Response(status_code=204))


@router.post("/session/everywhere", status_code=204)
async def sign_out_everywhere(request: Request, me: Me, desk: DeskHere) -> Response:
    """Ends all sessions of this agent."""
    await desk.accounts.sign_out_everywhere(me.id)
    await desk.handoffs.leave(moves.agent(me.id, me.agent.name))
    event(log, "desk.signed_out_everywhere", agent=me.id)
    return _forget(request, Response(status_code=204))


@router.put("/password", status_code=204)
async def change_password(request: Request, me: Me, desk: DeskHere, body: NewPassword) -> Response:
    """Another password. The agent's other sessions end."""
    await desk.lockout.check(me.agent.login, address_of(request))
    try:
        await desk.accounts.change_password(me, body.old, body.new)
    except NoSuch:
        await desk.lockout.failed(me.agent.login, address_of(request))
        raise Problem(401, "bad_login") from None
    except WeakPassword as weak:
        raise Problem(422, "weak_password", reason=weak.reason) from None
    event(log, "desk.password_changed", agent=me.id)
    return Response(status_code=204)


@router.post("/invites/look")
async def look_at_invite(desk: DeskHere, body: LinkToken) -> dict[str, Any]:
    """Whom a one-time link is for; 404 for one that is used, has run out or never was."""
    try:
        invite = await desk.accounts.invited(body.token)
    except NoSuch:
        raise not_found() from None
    return {
        "login": invite.login,
        "name": invite.name,
        "role": invite.role,
        "expires_at": timestamp(invite.expires_at),
    }


@router.post("/invites/accept")
async def accept_invite(request: Request, response: Response, desk: DeskHere, body: Accept) -> dict[str, Any]:
    """Uses a one-time link up: the chosen password counts from now on, and its owner is signed in."""
    try:
        secret, me = await desk.accounts.accept(body.token, body.password, body.name)
    except NoSuch:
        raise not_found() from None
    except WeakPassword as weak:
        raise Problem(422, "weak_password", reason=weak.reason) from None
    except LoginTaken:
        raise Problem(409, "login_taken") from None
    event(log, "desk.invite_accepted", agent=me.id, role=me.agent.role)
    return _session(request, response, secret, me)


@router.get("/oidc/start", response_class=Response)
async def to_provider(request: Request, desk: DeskHere) -> Response:
    """Sends the browser to the OpenID provider."""
    if desk.single_sign_on is None:
        raise not_found()
    try:
        address, flow = await desk.single_sign_on.start(_back(request, desk))
    except oidc.Refused as refused:
        return _refused(refused)
    response = RedirectResponse(address, 303)
    # Lax: it has to come along when the provider sends the browser back.
    response.set_cookie(
        oidc.COOKIE,
        flow,
        max_age=int(oidc.FLOW_LIFETIME.total_seconds()),
        path=f"{PREFIX}/oidc",
        secure=secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/oidc/callback", response_class=Response)
async def from_provider(request: Request, desk: DeskHere) -> Response:
    """The browser comes back from the OpenID provider."""
    if desk.single_sign_on is None:
        raise not_found()
    try:
        person = await desk.single_sign_on.finish(
            dict(request.query_params), request.cookies.get(oidc.COOKIE, ""), _back(request, desk)
        )
        agent = await desk.accounts.from_single_sign_on(
            person.subject, person.login, person.name, person.role
        )
    except (oidc.Refused, NoSuch, LoginTaken) as error:
        return _refused(error if isinstance(error, oidc.Refused) else oidc.Refused("oidc_unknown"))
    secret, me = await desk.accounts.begin(agent)
    event(log, "desk.signed_in", agent=me.id, single_sign_on=True)
    response = RedirectResponse("/desk", 303)
    response.delete_cookie(oidc.COOKIE, path=f"{PREFIX}/oidc")
    _remember(request, response, secret)
    return response


def _back(request: Request, desk: DeskHere) -> str:
    """Where the provider sends the browser back to; must be known there."""
    base = desk.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}{PREFIX}/oidc/callback"


def _refused(why: oidc.Refused) -> Response:
    event(log, "desk.single_sign_on_refused", level=logging.WARNING, kind=why.kind, why=why.why)
    response = RedirectResponse(f"/desk#error={why.kind}", 303)
    response.delete_cookie(oidc.COOKIE, path=f"{PREFIX}/oidc")
    return response


def _session(request: Request, response: Response, secret: str, me: SignedIn) -> dict[str, Any]:
    _remember(request, response, secret)
    return session_json(me, available=False)


def _remember(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=secure(request),
        httponly=True,
        samesite="strict",
    )


def _forget(request: Request, response: Response) -> Response:
    response.delete_cookie(
        cookie_name(request), path="/", secure=secure(request), httponly=True, samesite="strict"
    )
    return response


def session_json(me: SignedIn, *, available: bool) -> dict[str, Any]:
    """A session as its page sees it."""
    return {
        "agent": agent_json(me.agent, available=available),
        "csrf": me.csrf,
        "expires_at": timestamp(me.expires_at),
        "ends_at": timestamp(me.ends_at),
    }


def agent_json(agent: Agent, *, available: bool) -> dict[str, Any]:
    """An agent as colleagues see them."""
    return {
        "id": agent.id,
        "login": agent.login,
        "name": agent.name,
        "role": agent.role,
        "available": available,
    }
