"""Brings the support database to the newest schema: `python -m bot.store.migrate`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.settings import SettingsError, database_url
from bot.store.engine import open_engine

# It tells at length what it is about to do; we say what was done.
logging.getLogger("alembic").setLevel(logging.WARNING)


class SchemaOutdated(Exception):
    """The database has not been migrated; the text says what to run."""


def config(url: str) -> Config:
    """Alembic's configuration for the database at `url`; no ini file is needed."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["url"] = url  # an option would have its % signs interpreted
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Migrates the database at `url`. Not to be called from a running event loop."""
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes migrations back down to `revision` ("base" = all of them)."""
    command.downgrade(config(url), revision)


async def check(engine: AsyncEngine) -> None:
    """Raises SchemaOutdated unless the database stands at the newest revision."""
    head = ScriptDirectory.from_config(config("")).get_current_head()
    async with engine.connect() as connection:
        current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    if current != head:
        raise SchemaOutdated("The support database is not up to date: run `python -m bot.store.migrate`.")


def run_in_env(url: str) -> None:
    """What `migrations/env.py` calls: Alembic's commands are synchronous, our engine is not."""
    asyncio.run(_run(url))


async def _run(url: str) -> None:
    from alembic import context

    from bot.store.models import Base

    def migrate(connection: object) -> None:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()

    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def main() -> int:
    """Command line: migrates SUPPORT_DB_URL."""
    try:
        upgrade(database_url(os.environ))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    print("The support database is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
