"""A PostgreSQL database of a test's own on the server that TEST_DATABASE_URL names."""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy.engine import make_url

VARIABLE = "TEST_DATABASE_URL"
needs_postgres = pytest.mark.skipif(
    not os.environ.get(VARIABLE),
    reason=f"set {VARIABLE} to a PostgreSQL server, e.g. postgresql://root@127.0.0.1:5432/test, to run this",
)


def server() -> str:
    """The server's address, as asyncpg wants it (no driver in the scheme)."""
    return plain(os.environ[VARIABLE])


def plain(url: str) -> str:
    """A PostgreSQL address without SQLAlchemy's driver name."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def for_sqlalchemy(url: str, **parts: str) -> str:
    """The same address as LEDGER_URL wants it; `parts` (username, database …) replace those of `url`."""
    changed = make_url(url).set(drivername="postgresql+asyncpg", **parts)
    return changed.render_as_string(hide_password=False)


@contextlib.asynccontextmanager
async def own_database(url: str, prefix: str = "imwallet_test") -> AsyncIterator[str]:
    """The asyncpg address of a new database on the server of `url`, dropped at the end."""
    name = f"{prefix}_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(plain(url))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield plain(make_url(url).set(database=name).render_as_string(hide_password=False))
        finally:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@contextlib.contextmanager
def database_for_tests() -> Iterator[str]:
    """`own_database` on the tests' server, for fixtures of a whole module, which outlive one test's loop."""
    loop = asyncio.new_event_loop()
    database = own_database(server())
    try:
        own = loop.run_until_complete(database.__aenter__())
        try:
            yield own
        finally:
            loop.run_until_complete(database.__aexit__(None, None, None))
    finally:
        loop.close()


async def run(url: str, *scripts: str) -> None:
    """Runs SQL scripts, one after the other, on one connection."""
    connection = await asyncpg.connect(plain(url))
    try:
        for script in scripts:
            await connection.execute(script)
    finally:
        await connection.close()
