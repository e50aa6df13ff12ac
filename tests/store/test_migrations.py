"""The migrations build exactly the tables that the models describe, and can be taken back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from bot.store import migrate
from bot.store.engine import open_engine
from bot.store.models import Base


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "support.db"


def test_migrations_and_models_agree(file: Path) -> None:
    migrate.upgrade(f"sqlite+aiosqlite:///{file}")
    with create_engine(f"sqlite:///{file}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_is_harmless_and_back_is_possible(file: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    migrate.upgrade(url)
    migrate.upgrade(url)
    engine = create_engine(f"sqlite:///{file}")
    assert {"conversations", "messages", "reply_options", "handoffs", "cases"} <= set(
        inspect(engine).get_table_names()
    )
    migrate.downgrade(url, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


async def test_an_old_schema_is_noticed(file: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(migrate.SchemaOutdated, match=r"bot\.store\.migrate"):
        await migrate.check(engine)
    await engine.dispose()


@pytest.mark.parametrize(("url", "code"), [(None, 0), ("nonsense://x", 2)])
def test_the_command_line(file: Path, url: str | None, code: int) -> None:
    env = {"SUPPORT_DB_URL": url or f"sqlite+aiosqlite:///{file}", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    command = [sys.executable, "-m", "bot.store.migrate"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("SUPPORT_DB_URL" in done.stderr) == (code == 2)
    assert "Traceback" not in done.stderr
