"""`python -m bot.gateway.desk`: makes one-time links for agents, before there is an admin to make them."""

from __future__ import annotations

import argparse
import asyncio
import sys

from bot.gateway.desk.accounts import Accounts, LoginTaken
from bot.gateway.desk.administration import invite_link
from bot.gateway.desk.sessions import sessions_of
from bot.settings import Settings, SettingsError
from bot.store import migrate
from bot.store.desk_models import ROLES
from bot.store.engine import open_engine

DEMO = (
    ("xiaowang", "小王", "agent"),
    ("anna", "Anna", "agent"),
    ("lead", "陈组长", "lead"),
    ("admin", "Admin", "admin"),
)


async def invite(settings: Settings, people: tuple[tuple[str, str, str], ...]) -> list[str]:
    """A line for each (login, name, role): their link, or that the login is taken. Raises SchemaOutdated."""
    base = settings.public_url or f"http://localhost:{settings.gateway_port}"
    engine, lines = open_engine(settings.support_db_url), []
    try:
        await migrate.check(engine)
        accounts = Accounts(sessions_of(engine))
        for login, name, role in people:
            try:
                token, _ = await accounts.invite(login, name, role, made_by=None)
                lines.append(f"{name} ({role}, signs in as {login}): {invite_link(base, token)}")
            except LoginTaken:
                lines.append(f"{name}: there is an account {login} already")
    finally:
        await engine.dispose()
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Prints links that work once, within 24 hours; 2 and one sentence when something is not right."""
    parser = argparse.ArgumentParser(prog="python -m bot.gateway.desk", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("invite", help="one person")
    one.add_argument("name", help="as customers read it")
    one.add_argument("--role", choices=ROLES, default="agent")
    one.add_argument("--login", help="what they sign in as (default: the name)")
    commands.add_parser("demo", help="two agents, a lead and an admin; in demo mode only")
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_env()
        if options.command == "demo" and not settings.demo_mode:
            raise SettingsError("Demo agents are for demo mode only: set DEMO_MODE=1.")
        people = (
            DEMO
            if options.command == "demo"
            else ((options.login or options.name, options.name, options.role),)
        )
        lines = asyncio.run(invite(settings, people))
    except (SettingsError, migrate.SchemaOutdated) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join([*lines, "Each link works once, within 24 hours."]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
