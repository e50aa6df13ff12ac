"""`python -m bot.gateway`: the gateway's own process."""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.logs import configure
from bot.help import HelpError
from bot.settings import Settings, SettingsError
from bot.store import migrate
from bot.store.engine import open_engine


async def _check_store(url: str) -> None:
    engine = open_engine(url)
    try:
        await migrate.check(engine)
    finally:
        await engine.dispose()


def main(arguments: list[str] | None = None) -> int:
    """Serves until told to stop; 2 and one sentence when the settings or the database are not right."""
    parser = argparse.ArgumentParser(prog="python -m bot.gateway", description=__doc__)
    parser.add_argument("--host", help="address to listen on (GATEWAY_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (GATEWAY_PORT)")
    options = parser.parse_args(arguments)
    configure()
    try:
        settings = Settings.from_env()
        asyncio.run(_check_store(settings.support_db_url))
        app = create_app(settings)
    except (SettingsError, HelpError, migrate.SchemaOutdated) as error:
        print(error, file=sys.stderr)
        return 2
    uvicorn.run(
        app,
        host=options.host or settings.gateway_host,
        port=options.port or settings.gateway_port,
        log_config=None,
        access_log=False,  # our own line a request holds no addresses and no paths
        server_header=False,
        ws="none",  # Rasa pins a websockets that uvicorn cannot load; we have no use for it
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
