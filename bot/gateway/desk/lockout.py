"""After failed attempts at signing in: waiting, ever longer, for the account and for the network address.

Kept in the database, so that it holds for every gateway and over a restart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk.sessions import Sessions
from bot.gateway.problems import Problem
from bot.store.desk_models import SignInFailures
from bot.store.models import utcnow

FORGOTTEN_AFTER = timedelta(hours=24)  # without a further failure


@dataclass(frozen=True)
class Patience:
    """`free` failures cost nothing; after that each doubles the wait, from `first` up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after the latest of so many failures nothing is accepted."""
        if failures < self.free:
            return timedelta(0)
        return min(self.first * 2 ** min(failures - self.free, 20), self.longest)


# An account waits at most 15 minutes, or anyone could keep an agent out for as long as they like.
ACCOUNT = Patience(free=5, first=timedelta(seconds=15), longest=timedelta(minutes=15))
# Behind one address there may be a whole office.
ADDRESS = Patience(free=25, first=timedelta(seconds=30), longest=timedelta(hours=1))


class Lockout:
    """Counts failures and refuses those who must wait."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def check(self, login: str, address: str) -> None:
        """Raises a 429 problem with Retry-After while the account or the address must wait."""
        now, wait = utcnow(), timedelta(0)
        async with self._sessions() as session:
            for key, patience in _keys(login, address):
                row = await session.get(SignInFailures, key)
                if row is not None and row.last_at > now - FORGOTTEN_AFTER:
                    wait = max(wait, row.last_at + patience.wait(row.count) - now)
        if wait > timedelta(0):
            raise Problem(429, "locked", headers={"Retry-After": str(int(wait.total_seconds()) + 1)})

    async def failed(self, login: str, address: str) -> None:
        """One more failure, for both."""
        async with self._sessions() as session, session.begin():
            await session.execute(
                delete(SignInFailures).where(SignInFailures.last_at < utcnow() - FORGOTTEN_AFTER)
            )
        for key, _ in _keys(login, address):
            await self._count(key, utcnow())

    async def succeeded(self, login: str) -> None:
        """The account begins anew; the address does not, or one good account would open all others."""
        async with self._sessions() as session, session.begin():
            await session.execute(delete(SignInFailures).where(SignInFailures.key == _key("login", login)))

    async def _count(self, key: str, now: datetime) -> None:
        async with self._sessions() as session, session.begin():
            if await _one_more(session, key, now):
                return
        try:
            async with self._sessions() as session, session.begin():
                session.add(SignInFailures(key=key, count=1, last_at=now))
        except IntegrityError:  # another failure at the same time was the first
            async with self._sessions() as session, session.begin():
                await _one_more(session, key, now)


async def _one_more(session: AsyncSession, key: str, now: datetime) -> bool:
    done = await session.execute(
        update(SignInFailures)
        .where(SignInFailures.key == key)
        .values(count=SignInFailures.count + 1, last_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def _keys(login: str, address: str) -> tuple[tuple[str, Patience], ...]:
    return (_key("login", login), ACCOUNT), (_key("address", address), ADDRESS)


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "replace")).hexdigest()
