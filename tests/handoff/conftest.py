"""The support database with conversations in it, on SQLite and, where there is a server, on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.gateway.hub import InProcessHub
from bot.handoff.customer import Rules
from bot.handoff.desk import Desk
from bot.store import Conversation, Store, migrate
from bot.store.engine import open_engine
from tests.ledger.postgres import database_for_tests, for_sqlalchemy, needs_postgres


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("handoff") / "empty.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with database_for_tests() as address:
        url = for_sqlalchemy(address)
        migrate.upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs_postgres)])
def url(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> str:
    if request.param == "postgres":
        return request.getfixturevalue("postgres")
    return f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'support.db')}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = Store(open_engine(url))
    yield opened
    await opened.close()


@pytest.fixture
async def alice(store: Store) -> Conversation:
    return await store.create_conversation(
        subject="customer:alice", customer_id="alice", language="zh", email="alice@example.com"
    )


@pytest.fixture
async def bob(store: Store) -> Conversation:
    return await store.create_conversation(subject="customer:bob", customer_id="bob", language="en")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store.engine, InProcessHub(), Rules())
