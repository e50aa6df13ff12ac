"""Who works at the desk: admins invite agents, change their roles, close accounts."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from bot.gateway.desk.accounts import LastAdmin, LoginTaken, NoSuch
from bot.gateway.desk.bodies import AccountChange, NewInvite
from bot.gateway.desk.caller import DeskHere, DeskParts, Me, guard
from bot.gateway.desk.roles import PREFIX
from bot.gateway.desk.signing_in import agent_json
from bot.gateway.logs import event
from bot.gateway.messages import timestamp
from bot.gateway.problems import Problem, not_found
from bot.handoff import moves
from bot.store.desk_models import Agent, AgentInvite

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])


@router.get("/accounts")
async def accounts(desk: DeskHere) -> dict[str, Any]:
    """All accounts, closed ones too, and the links that nobody has used yet."""
    seen, present = await desk.accounts.seen(), await desk.chats.present()
    return {
        "accounts": [
            {
                **_account_json(one, available=one.id in present),
                "last_seen_at": timestamp(seen[one.id]) if one.id in seen else None,
            }
            for one in await desk.accounts.all()
        ],
        "invites": [_invite_json(one) for one in await desk.accounts.open_invites()],
    }


@router.patch("/accounts/{agent_id}")
async def change(agent_id: str, me: Me, desk: DeskHere, body: AccountChange) -> dict[str, Any]:
    """Changes a role or a name, closes or opens an account. The last admin stays one."""
    try:
        agent = await desk.accounts.change(agent_id, role=body.role, active=body.active, name=body.name)
    except NoSuch:
        raise not_found() from None
    except LastAdmin:
        raise Problem(409, "last_admin") from None
    if not agent.active:
        await desk.handoffs.leave(moves.agent(agent.id, agent.name))
    await desk.audit.wrote(me, "account_changed", why=f"{agent.login}: {agent.role}, active={agent.active}")
    event(log, "desk.account_changed", by=me.id, agent=agent.id, role=agent.role, active=agent.active)
    return _account_json(agent, available=agent.id in await desk.chats.present())


@router.post("/accounts/{agent_id}/sign-out", status_code=204)
async def sign_out(agent_id: str, me: Me, desk: DeskHere) -> Response:
    """Ends all sessions of an agent; their chats go back to the front of the queue."""
    agent = await _found(agent_id, desk)
    await desk.accounts.sign_out_everywhere(agent.id)
    await desk.handoffs.leave(moves.agent(agent.id, agent.name))
    await desk.audit.wrote(me, "signed_out_by_admin", why=agent.login)
    return Response(status_code=204)


@router.post("/accounts/{agent_id}/reset")
async def reset(request: Request, agent_id: str, me: Me, desk: DeskHere) -> dict[str, Any]:
    """A one-time link by which an agent chooses a new password."""
    try:
        token, invite = await desk.accounts.reset(agent_id, made_by=me.id)
    except NoSuch:
        raise not_found() from None
    await desk.audit.wrote(me, "password_reset", why=invite.login)
    return {"link": _link(request, desk, token), "expires_at": timestamp(invite.expires_at)}


@router.post("/invites", status_code=201)
async def invite(request: Request, me: Me, desk: DeskHere, body: NewInvite) -> dict[str, Any]:
    """A one-time link for someone new; it is shown this once."""
    try:
        token, made = await desk.accounts.invite(body.login, body.name, body.role, made_by=me.id)
    except LoginTaken:
        raise Problem(409, "login_taken") from None
    await desk.audit.wrote(me, "invited", why=f"{made.login}: {made.role}")
    event(log, "desk.invited", by=me.id, invite=made.id, role=made.role)
    return {"id": made.id, "link": _link(request, desk, token), "expires_at": timestamp(made.expires_at)}


@router.delete("/invites/{invite_id}", status_code=204)
async def take_back(invite_id: str, me: Me, desk: DeskHere) -> Response:
    """Makes a link worthless that nobody has used."""
    try:
        await desk.accounts.take_back(invite_id)
    except NoSuch:
        raise not_found() from None
    await desk.audit.wrote(me, "invite_taken_back")
    return Response(status_code=204)


async def _found(agent_id: str, desk: DeskParts) -> Agent:
    try:
        return await desk.accounts.find(agent_id)
    except NoSuch:
        raise not_found() from None


def _link(request: Request, desk: DeskParts, token: str) -> str:
    return invite_link(desk.settings.public_url or str(request.base_url).rstrip("/"), token)


def invite_link(base: str, token: str) -> str:
    """The link for a token. It stands after the #, which browsers send to nobody: no log can hold it."""
    return f"{base}/desk#invite={token}"


def _account_json(agent: Agent, *, available: bool) -> dict[str, Any]:
    return {
        **agent_json(agent, available=available),
        "active": agent.active,
        "created_at": timestamp(agent.created_at),
        "has_password": agent.password is not None,
    }


def _invite_json(invite: AgentInvite) -> dict[str, Any]:
    return {
        "id": invite.id,
        "login": invite.login,
        "name": invite.name,
        "role": invite.role,
        "expires_at": timestamp(invite.expires_at),
    }
