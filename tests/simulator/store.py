"""A world as a ledger file, to be read through the real `Ledger`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import create_engine

from actions.ledger import Ledger, open_read_only
from actions.ledger.models import Base
from tests.simulator.world import TABLES, World


def write(world: World, path: Path) -> None:
    """Writes all rows of a world into a new SQLite file. Speed matters more than safety here."""
    engine = create_engine(f"sqlite:///{path}", future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        Base.metadata.create_all(connection)
        for table in TABLES:
            if world.tables[table]:
                connection.execute(Base.metadata.tables[table].insert(), world.tables[table])
    engine.dispose()


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[Ledger]:
    """The ledger in a file, read only as in the running bot."""
    engine = open_read_only(f"sqlite+aiosqlite:///{path}")
    try:
        yield Ledger(engine)
    finally:
        await engine.dispose()
