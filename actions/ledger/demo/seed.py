"""Makes the demo ledger and writes it into a database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from actions.ledger.demo.book import TABLES, Book, DemoLedger
from actions.ledger.demo.stories import STORIES
from actions.ledger.models import Base


def make(now: datetime) -> DemoLedger:
    """Tells all stories relative to `now` (aware). The same moment gives the same rows."""
    book = Book(now)
    for story in STORIES:
        story(book)
    return book.finish()


async def seed(engine: AsyncEngine, now: datetime) -> DemoLedger:
    """Drops the ledger's tables in the database, creates them and fills them, in one transaction."""
    demo = make(now)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        for table in TABLES:
            rows = demo.tables[table]
            if rows:
                await connection.execute(Base.metadata.tables[table].insert(), rows)
    return demo
