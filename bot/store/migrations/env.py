"""Alembic's entry: see `bot.store.migrate`, which holds the configuration."""

from alembic import context

from bot.store.migrate import run_in_env

run_in_env(context.config.attributes["url"])
