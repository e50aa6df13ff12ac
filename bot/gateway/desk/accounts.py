"""Agents' accounts: invited by a one-time link, signed in by a cookie's secret, never deleted.

The database holds no secret in the clear: passwords as argon2id, links and sessions as SHA-256 of
random values that need no salt.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk import passwords
from bot.gateway.desk.sessions import Sessions
from bot.store.desk_models import ADMIN_ROLE, Agent, AgentInvite, AgentSession
from bot.store.models import utcnow

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
INVITE_LIFETIME = timedelta(hours=24)
SEEN_EVERY = timedelta(seconds=60)  # how often activity is written down


class NoSuch(Exception):
    """No such account, session or invite, or none that still counts."""


class LoginTaken(Exception):
    """The login belongs to another account."""


class LastAdmin(Exception):
    """Without this one nobody could administer the desk."""


@dataclass(frozen=True)
class SignedIn:
    """An agent with a session: what every call at the desk is made by."""

    agent: Agent
    session_id: str
    csrf: str = field(repr=False)
    expires_at: datetime  # unless the agent does something before
    ends_at: datetime

    @property
    def id(self) -> str:
        """The agent's id."""
        return str(self.agent.id)

    @property
    def lead(self) -> bool:
        """Whether they may do what leads may."""
        return self.agent.role != "agent"


class Accounts:
    """Agents, their invites and their sessions. Every method is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    # signing in

    async def sign_in(self, login: str, password: str) -> tuple[str, SignedIn]:
        """A new session, with the secret for its cookie. Raises NoSuch, alike for every reason and after
        the same time."""
        async with self._sessions() as session:
            query = select(Agent).where(Agent.login == folded(login), Agent.active)
            agent = (await session.execute(query)).scalar_one_or_none()
        right = await passwords.matches(agent.password if agent else None, password)
        if agent is None or not right:
            raise NoSuch
        if passwords.outdated(agent.password):
            await self._keep_password(agent.id, await passwords.hashed(password))
        return await self.begin(agent)

    async def begin(self, agent: Agent) -> tuple[str, SignedIn]:
        """A new session for an agent whose identity has been proven, with the secret for its cookie."""
        secret, now = secrets.token_urlsafe(32), utcnow()
        row = AgentSession(
            id=_digest(secret), agent_id=agent.id, created_at=now, seen_at=now, ends_at=now + LONGEST
        )
        async with self._sessions() as session, session.begin():
            await session.execute(delete(AgentSession).where(AgentSession.ends_at < now))
            session.add(row)
        return secret, _signed_in(agent, row, secret)

    async def of(self, secret: str, *, active: bool) -> SignedIn:
        """Whose session the cookie's secret opens. `active`: the call shows that the agent is there.
        Raises NoSuch when it has ended or its account was closed."""
        now = utcnow()
        query = (
            select(Agent, AgentSession)
            .join(AgentSession, AgentSession.agent_id == Agent.id)
            .where(
                AgentSession.id == _digest(secret),
                AgentSession.seen_at > now - IDLE,
                AgentSession.ends_at > now,
                Agent.active,
            )
        )
        async with self._sessions() as session:
            found = (await session.execute(query)).first()
        if found is None:
            raise NoSuch
        agent, row = found
        if active and row.seen_at < now - SEEN_EVERY:
            async with self._sessions() as session, session.begin():
                await session.execute(
                    update(AgentSession)
                    .where(AgentSession.id == row.id)
                    .values(seen_at=now)
                    .execution_options(synchronize_session=False)
                )
            row.seen_at = now
        return _signed_in(agent, row, secret)

    async def goes_on(self, session_id: str) -> bool:
        """Whether a session that was open still is."""
        now = utcnow()
        query = (
            select(AgentSession.id)
            .join(Agent, Agent.id == AgentSession.agent_id)
            .where(
                AgentSession.id == session_id,
                AgentSession.seen_at > now - IDLE,
                AgentSession.ends_at > now,
                Agent.active,
            )
        )
        async with self._sessions() as session:
            return (await session.execute(query)).first() is not None

    async def sign_out(self, session_id: str) -> None:
        """Ends one session."""
        async with self._sessions() as session, session.begin():
            await session.execute(delete(AgentSession).where(AgentSession.id == session_id))

    async def sign_out_everywhere(self, agent_id: str, *, but: str | None = None) -> None:
        """Ends all sessions of an agent, or all `but` one."""
        async with self._sessions() as session, session.begin():
            await _end_sessions(session, agent_id, but)

    async def change_password(self, me: SignedIn, old: str, new: str) -> None:
        """Raises NoSuch for a wrong old password, WeakPassword for a new one that is not good enough.
        The agent's other sessions end."""
        if not await passwords.matches(me.agent.password, old):
            raise NoSuch
        passwords.check(new, me.agent.login, me.agent.name)
        await self._keep_password(me.id, await passwords.hashed(new))
        await self.sign_out_everywhere(me.id, but=me.session_id)

    async def _keep_password(self, agent_id: str, kept: str) -> None:
        async with self._sessions() as session, session.begin():
            await session.execute(
                update(Agent)
                .where(Agent.id == agent_id)
                .values(password=kept)
                .execution_options(synchronize_session=False)
            )

    # invites

    async def invite(
        self, login: str, name: str, role: str, *, made_by: str | None
    ) -> tuple[str, AgentInvite]:
        """A one-time link's token for someone new. Raises LoginTaken."""
        async with self._sessions() as session, session.begin():
            taken = await session.execute(select(Agent.id).where(Agent.login == folded(login)))
            if taken.first() is not None:
                raise LoginTaken
            return _invite(session, folded(login), name.strip(), role, None, made_by)

    async def reset(self, agent_id: str, *, made_by: str) -> tuple[str, AgentInvite]:
        """A one-time link's token by which an agent chooses a new password. Raises NoSuch."""
        async with self._sessions() as session, session.begin():
            agent = await session.get(Agent, agent_id)
            if agent is None or not agent.active:
                raise NoSuch
            return _invite(session, agent.login, agent.name, agent.role, agent.id, made_by)

    async def invited(self, token: str) -> AgentInvite:
        """The invite of a link that still counts. Raises NoSuch."""
        async with self._sessions() as session:
            return await _open_invite(session, token)

    async def accept(self, token: str, password: str, name: str | None = None) -> tuple[str, SignedIn]:
        """Uses a link up: makes the account, or gives it a new password. Raises NoSuch, WeakPassword,
        LoginTaken."""
        invite = await self.invited(token)
        chosen = (name or "").strip() or invite.name
        passwords.check(password, invite.login, chosen)
        kept = await passwords.hashed(password)
        try:
            async with self._sessions() as session, session.begin():
                used = await session.execute(
                    update(AgentInvite)
                    .where(AgentInvite.id == invite.id, AgentInvite.used_at.is_(None))
                    .values(used_at=utcnow())
                    .execution_options(synchronize_session=False)
                )
                if used.rowcount != 1:
                    raise NoSuch
                agent = await self._account(session, invite, chosen)
                agent.password = kept
                await session.flush()
                await _end_sessions(session, agent.id, None)
        except IntegrityError:
            raise LoginTaken from None
        return await self.begin(agent)

    async def _account(self, session: AsyncSession, invite: AgentInvite, name: str) -> Agent:
        if invite.agent_id is None:
            agent = Agent(login=invite.login, name=name, role=invite.role)
            session.add(agent)
            return agent
        agent = await session.get(Agent, invite.agent_id)
        if agent is None or not agent.active:
            raise NoSuch
        return agent

    async def open_invites(self) -> list[AgentInvite]:
        """Links that can still be used, the newest first."""
        query = (
            select(AgentInvite)
            .where(AgentInvite.used_at.is_(None), AgentInvite.expires_at > utcnow())
            .order_by(AgentInvite.created_at.desc())
            .limit(200)
        )
        async with self._sessions() as session:
            return list((await session.execute(query)).scalars())

    async def take_back(self, invite_id: str) -> None:
        """Makes an unused link worthless. Raises NoSuch."""
        async with self._sessions() as session, session.begin():
            done = await session.execute(
                update(AgentInvite)
                .where(AgentInvite.id == invite_id, AgentInvite.used_at.is_(None))
                .values(used_at=utcnow())
                .execution_options(synchronize_session=False)
            )
        if not done.rowcount:
            raise NoSuch

    # all of them

    async def all(self, *, active: bool = False) -> list[Agent]:
        """The accounts by name; only those that can sign in if `active`."""
        query = select(Agent).order_by(Agent.name, Agent.id).limit(1_000)
        async with self._sessions() as session:
            return list((await session.execute(query.where(Agent.active) if active else query)).scalars())

    async def seen(self) -> dict[str, datetime]:
        """When each agent with a session last did something."""
        query = select(AgentSession.agent_id, func.max(AgentSession.seen_at)).group_by(AgentSession.agent_id)
        async with self._sessions() as session:
            return {agent_id: at for agent_id, at in await session.execute(query)}

    async def find(self, agent_id: str) -> Agent:
        """The account of that id. Raises NoSuch."""
        async with self._sessions() as session:
            agent = await session.get(Agent, agent_id)
        if agent is None:
            raise NoSuch
        return agent

    async def change(
        self, agent_id: str, *, role: str | None = None, active: bool | None = None, name: str | None = None
    ) -> Agent:
        """Changes what is given. A new role, or closing, ends the sessions. Raises NoSuch, LastAdmin."""
        async with self._sessions() as session, session.begin():
            admins = await _lock_admins(session)
            agent = await session.get(Agent, agent_id, populate_existing=True)
            if agent is None:
                raise NoSuch
            new_role = agent.role if role is None else role
            new_active = agent.active if active is None else active
            if list(admins) == [agent.id] and not (new_active and new_role == ADMIN_ROLE):
                raise LastAdmin
            if (new_role, new_active) != (agent.role, agent.active):
                await _end_sessions(session, agent.id, None)
            agent.role, agent.active, agent.name = new_role, new_active, name or agent.name
        return agent

    async def from_single_sign_on(self, subject: str, login: str, name: str, role: str) -> Agent:
        """The account of someone whom the OpenID provider vouches for, made if it is new; the provider
        says the role each time. Raises NoSuch for a closed one, LoginTaken when the login is another's."""
        try:
            async with self._sessions() as session, session.begin():
                query = select(Agent).where(Agent.single_sign_on == subject)
                agent = (await session.execute(query)).scalar_one_or_none()
                if agent is None:
                    agent = Agent(login=folded(login), name=name, role=role, single_sign_on=subject)
                    session.add(agent)
                    await session.flush()
                elif not agent.active:
                    raise NoSuch
                elif agent.role != role:
                    await _end_sessions(session, agent.id, None)
                    agent.role = role
        except IntegrityError:
            raise LoginTaken from None
        return agent


def folded(login: str) -> str:
    """A login as it is compared."""
    return login.strip().casefold()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _signed_in(agent: Agent, row: AgentSession, secret: str) -> SignedIn:
    return SignedIn(
        agent=agent,
        session_id=row.id,
        # Only who has the cookie's secret can know it, and it does not give the secret away.
        csrf=hmac.new(secret.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest(),
        expires_at=min(row.seen_at + IDLE, row.ends_at),
        ends_at=row.ends_at,
    )


async def _open_invite(session: AsyncSession, token: str) -> AgentInvite:
    query = select(AgentInvite).where(
        AgentInvite.token == _digest(token), AgentInvite.used_at.is_(None), AgentInvite.expires_at > utcnow()
    )
    invite = (await session.execute(query)).scalar_one_or_none()
    if invite is None:
        raise NoSuch
    return invite


def _invite(
    session: AsyncSession, login: str, name: str, role: str, agent_id: str | None, made_by: str | None
) -> tuple[str, AgentInvite]:
    token = secrets.token_urlsafe(32)
    invite = AgentInvite(
        token=_digest(token),
        agent_id=agent_id,
        login=login,
        name=name,
        role=role,
        made_by=made_by,
        expires_at=utcnow() + INVITE_LIFETIME,
    )
    session.add(invite)
    return token, invite


async def _end_sessions(session: AsyncSession, agent_id: str, but: str | None) -> None:
    ending = delete(AgentSession).where(AgentSession.agent_id == agent_id)
    if but is not None:
        ending = ending.where(AgentSession.id != but)
    await session.execute(ending.execution_options(synchronize_session=False))


async def _lock_admins(session: AsyncSession) -> Sequence[str]:
    """The ids of those who can administer, held so that two of them cannot remove one another."""
    admin = (Agent.role == ADMIN_ROLE, Agent.active)
    # A write first: SQLite takes its lock here, PostgreSQL the rows'.
    await session.execute(
        update(Agent).where(*admin).values(role=ADMIN_ROLE).execution_options(synchronize_session=False)
    )
    return list((await session.execute(select(Agent.id).where(*admin))).scalars())
