"""The migrations build exactly the tables that the models describe, and can be taken back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import IntegrityError

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


def test_a_line_of_the_audit_log_can_be_added_but_not_changed_or_taken_away(file: Path) -> None:
    migrate.upgrade(f"sqlite+aiosqlite:///{file}")
    with create_engine(f"sqlite:///{file}").begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_log (at, agent_id, agent_name, role, action, why) "
            "VALUES ('2026-01-01', 'agent_1', 'Anna', 'agent', 'context', '')"
        )
    for statement in ("UPDATE audit_log SET agent_id = 'agent_2'", "DELETE FROM audit_log"):
        with create_engine(f"sqlite:///{file}").begin() as connection, pytest.raises(IntegrityError):
            connection.exec_driver_sql(statement)


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
