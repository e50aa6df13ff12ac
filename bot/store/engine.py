"""Opens the support database: SQLite (WAL, foreign keys, patience) or PostgreSQL, by URL."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_TIMEOUT_MS = 10_000

# At DEBUG this library writes every statement with its values, and so what customers wrote.
logging.getLogger("aiosqlite").setLevel(logging.INFO)


def open_engine(url: str) -> AsyncEngine:
    """An engine for `url`; for SQLite the folder of the file is made if it is missing.

    Statement values never appear in errors or logs (`hide_parameters`): they are what
    customers wrote.
    """
    options: dict[str, Any] = {}
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite:
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    else:
        options = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
    engine = create_async_engine(
        url,
        future=True,
        hide_parameters=True,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False),
        **options,
    )
    if sqlite:
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
