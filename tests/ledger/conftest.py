"""Two ledgers for the tests: a small one with Alice, Bob and Charlie, and the whole demo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.ledger import Ledger, open_read_only, open_writable
from actions.ledger.demo import DemoLedger, seed
from tests.ledger.small import NOON, write_small


def url_of(path: Path) -> str:
    """The address of a SQLite ledger."""
    return f"sqlite+aiosqlite:///{path}"


async def _seed(url: str) -> DemoLedger:
    engine = open_writable(url)
    try:
        return await seed(engine, NOON)
    finally:
        await engine.dispose()


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the demo ledger, seeded once at NOON, lies."""
    return url_of(tmp_path_factory.mktemp("demo") / "ledger.db")


@pytest.fixture(scope="session")
def demo(demo_url: str) -> DemoLedger:
    """What the seeder wrote."""
    return asyncio.run(_seed(demo_url))


@pytest.fixture
async def demo_ledger(demo: DemoLedger, demo_url: str) -> AsyncIterator[Ledger]:
    """The demo ledger, opened as the bot opens it."""
    engine = open_read_only(demo_url)
    yield Ledger(engine)
    await engine.dispose()


@pytest.fixture
async def small_url(tmp_path: Path) -> str:
    """A ledger written by hand: see `small`."""
    url = url_of(tmp_path / "small.db")
    await write_small(url)
    return url


@pytest.fixture
async def engine(small_url: str) -> AsyncIterator[AsyncEngine]:
    """The small ledger's read-only engine."""
    engine = open_read_only(small_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> Ledger:
    """The small ledger, opened as the bot opens it."""
    return Ledger(engine)
