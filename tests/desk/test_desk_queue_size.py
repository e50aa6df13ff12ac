"""Two hundred customers in the queue: the order is right, and a look at it costs no more than a small one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk.chats import Chats
from bot.gateway.desk.sessions import sessions_of
from bot.store.engine import open_engine
from bot.store.models import BOT, CUSTOMER, Conversation, Handoff, Message, utcnow
from tests.desk.people import Colleague

URGENCIES = ("low", "medium", "high", "critical")
WORDS_EACH = 20


def fill(db: Path, waiting: int) -> None:
    """So many customers wait, the first the longest, each after a talk with the bot."""
    now = utcnow()
    rows: list[list[Any]] = [[], [], []]
    for n in range(waiting):
        at = now - timedelta(minutes=waiting - n)
        chat = f"conv_{n:03}"
        rows[0].append(
            Conversation(
                id=chat,
                subject=f"customer:{n}",
                customer_id=f"cust_{n}",
                language="zh",
                last_seq=WORDS_EACH,
                created_at=at,
            )
        )
        rows[1] += [
            Message(
                conversation_id=chat,
                seq=seq,
                author=CUSTOMER if seq % 2 else BOT,
                text="…" * 50,
                created_at=at,
            )
            for seq in range(1, WORDS_EACH + 1)
        ]
        rows[2].append(
            Handoff(
                reference=f"H-{n}",
                conversation_id=chat,
                customer_id=f"cust_{n}",
                language="zh",
                reason="asked",
                urgency=URGENCIES[n % 4],
                summary="",
                diagnosis={"cause": "refund_overdue"},
                transcript=[{"author": "customer", "text": "…" * 1_000, "at": at.isoformat()}] * WORDS_EACH,
                created_at=at,
                waiting_since=at,
            )
        )

    async def written() -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{db}")
        async with AsyncSession(engine, future=True) as session, session.begin():
            for kind in rows:
                session.add_all(kind)
                await session.flush()
        await engine.dispose()

    asyncio.run(written())


def statements(db: Path, look: Callable[[Chats], Any]) -> int:
    """How many statements a look at the database takes."""
    seen: list[str] = []

    async def looked() -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{db}")
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
        await look(Chats(sessions_of(engine)))
        await engine.dispose()

    asyncio.run(looked())
    return len(seen)


def test_two_hundred_wait_in_order_and_the_page_has_them_at_once(anna: Colleague, db: Path) -> None:
    fill(db, 200)
    anna.get("/queue")
    started = time.monotonic()
    queue = anna.get("/queue")
    assert time.monotonic() - started < 2.0
    assert queue["total"] == 200 and len(queue["chats"]) == 200
    critical = [chat for chat in queue["chats"] if chat["urgency"] == "critical"]
    assert queue["chats"][: len(critical)] == critical, "critical ones come first"
    for part in (critical, queue["chats"][len(critical) :]):
        waited = [chat["since"] for chat in part]
        assert waited == sorted(waited), "then who has waited longest"
    assert {chat["cause"] for chat in queue["chats"]} == {"refund_overdue"}
    assert len(str(queue)) < 200_000


def test_more_than_two_hundred_are_counted_and_not_all_sent(anna: Colleague, db: Path) -> None:
    fill(db, 230)
    queue = anna.get("/queue")
    assert queue["total"] == 230 and len(queue["chats"]) == 200


def test_a_long_queue_takes_as_many_statements_as_a_short_one(db: Path) -> None:
    fill(db, 1)
    few = statements(db, lambda chats: chats.queue())
    with_one = statements(db, lambda chats: chats.waiting())
    import sqlite3

    with sqlite3.connect(db) as connection:
        for table in ("messages", "handoffs", "conversations"):
            connection.execute(f"DELETE FROM {table}")
    fill(db, 200)
    assert statements(db, lambda chats: chats.queue()) == few <= 6
    assert statements(db, lambda chats: chats.waiting()) == with_one == 1
