"""Whether the account could write: the bot never does, and had better not be able to."""

from __future__ import annotations

import os

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.ledger.check.finding import Finding, note, some, wrong
from actions.ledger.check.schema import Shape

_ROLE = text(
    "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
)
_MAY_WRITE = text(
    """
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'
      AND n.nspname NOT LIKE 'pg\\_%'
      AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
           OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
    ORDER BY c.oid <> ALL (SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name), 1
    LIMIT 50
    """
)
_MAY_CREATE = text(
    """
    SELECT nspname AS name FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
      AND has_schema_privilege(oid, 'CREATE')
    ORDER BY 1 LIMIT 50
    """
)
_HOW = "make a role with SELECT on the contract's views alone and put it into LEDGER_URL"


async def writable(connection: AsyncConnection, shape: Shape) -> list[Finding]:
    """What the account could do besides reading."""
    if shape.dialect == "postgresql":
        return await _postgres(connection, list(shape.things))
    return await _sqlite(connection)


async def _postgres(connection: AsyncConnection, names: list[str]) -> list[Finding]:
    role = (await connection.execute(_ROLE)).one()
    if role.rolsuper:
        return [wrong(f"The account {role.rolname} is a superuser and may write anything: {_HOW}.")]
    found = []
    tables = (await connection.execute(_MAY_WRITE, {"names": names})).scalars().all()
    if tables:
        found.append(wrong(f"The account {role.rolname} may write to {some(tables)}: {_HOW}."))
    schemas = (await connection.execute(_MAY_CREATE)).scalars().all()
    if schemas:
        found.append(
            wrong(
                f"The account {role.rolname} may create tables in the schema {some(schemas)}: "
                f"REVOKE CREATE ON SCHEMA {schemas[0]} FROM {role.rolname} (and from PUBLIC)."
            )
        )
    if role.rolcreaterole or role.rolcreatedb:
        found.append(
            wrong(f"The account {role.rolname} may create roles or databases: ALTER ROLE … NOCREATEROLE.")
        )
    return found


async def _sqlite(connection: AsyncConnection) -> list[Finding]:
    """A file opened with `mode=ro`: the database refuses, whatever the file's permissions say."""
    await connection.exec_driver_sql("BEGIN")
    try:
        await connection.exec_driver_sql("CREATE TABLE im_wallet_may_write (never INTEGER)")
    except DBAPIError:
        path = (await connection.execute(text("PRAGMA database_list"))).first()
        if path is not None and path.file and os.access(path.file, os.W_OK):
            return [
                note(
                    "The file is opened read only, but this account could write to it: "
                    "give the bot's account read permission alone."
                )
            ]
        return []
    finally:
        await connection.exec_driver_sql("ROLLBACK")
    return [wrong("The SQLite file can be written on this connection: open it with mode=ro.")]
