"""How the desk's parts reach the support database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

Sessions = Callable[[], AsyncSession]


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Opens sessions on `engine`; what they gave out stays readable after they are closed."""
    made: Sessions = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)
    return made
