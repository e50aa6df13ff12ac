"""Opening the ledger: read only at the database level for the bot, writable for the demo's seeder alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

STATEMENT_SECONDS = 3.0
_SQLITE_STEPS_BETWEEN_CHECKS = 10_000  # well under a millisecond of work


class LedgerError(Exception):
    """The ledger cannot be opened or used as asked; the text says what to do about it."""


def open_read_only(url: str, *, statement_seconds: float = STATEMENT_SECONDS) -> AsyncEngine:
    """An engine on which the database itself refuses every write and stops a statement that takes
    longer than `statement_seconds`.

    SQLite is opened with `mode=ro`, PostgreSQL with `default_transaction_read_only` and one snapshot
    a transaction. Raises LedgerError for another database or a missing SQLite file.
    """
    parsed = make_url(url)
    if parsed.drivername == "sqlite+aiosqlite":
        return _sqlite_read_only(parsed, statement_seconds)
    if parsed.drivername == "postgresql+asyncpg":
        return create_async_engine(
            parsed,
            future=True,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            connect_args={"server_settings": postgres_settings(statement_seconds)},
        )
    raise LedgerError(f"LEDGER_URL must be sqlite+aiosqlite or postgresql+asyncpg, not {parsed.drivername}.")


def postgres_settings(statement_seconds: float) -> dict[str, str]:
    """The session settings of a read-only PostgreSQL connection."""
    return {
        "application_name": "im-wallet-support",
        "default_transaction_read_only": "on",
        # Customers differ too much for one plan: fifty payments here, a hundred thousand there.
        "plan_cache_mode": "force_custom_plan",
        # Every join of ours finds a few rows by key; these two would read a whole table or index for it.
        "enable_mergejoin": "off",
        "enable_hashjoin": "off",
        "jit": "off",  # compiling a plan takes longer than any of our statements
        "statement_timeout": str(int(statement_seconds * 1000)),
    }


def open_writable(url: str) -> AsyncEngine:
    """A writable engine, for the demo seeder only. Makes the SQLite file's folder if it is missing."""
    parsed = make_url(url)
    engine = create_async_engine(parsed, future=True)
    if parsed.get_backend_name() == "sqlite":
        Path(_file(parsed)).parent.mkdir(parents=True, exist_ok=True)

        @event.listens_for(engine.sync_engine, "connect")
        def foreign_keys(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _file(url: URL) -> str:
    if not url.database or url.database == ":memory:":
        raise LedgerError("The ledger needs a SQLite file, not an in-memory database.")
    return str(url.database)


def _sqlite_read_only(url: URL, statement_seconds: float) -> AsyncEngine:
    path = Path(_file(url)).resolve()
    if not path.is_file():
        raise LedgerError(f"There is no ledger at {path}: seed it with `python -m actions.ledger.demo`.")
    read_only = url.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    engine = create_async_engine(read_only, future=True)

    @event.listens_for(engine.sync_engine, "connect")
    def limit(connection: Any, record: Any) -> None:
        """SQLite has no statement time limit: its progress handler breaks off a statement past its time."""
        info = record.info

        def too_late() -> bool:
            return time.monotonic() > info.get("deadline", float("inf"))

        connection.run_async(lambda raw: raw.set_progress_handler(too_late, _SQLITE_STEPS_BETWEEN_CHECKS))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def start(connection: Any, *_: Any) -> None:
        connection.info["deadline"] = time.monotonic() + statement_seconds

    return engine
