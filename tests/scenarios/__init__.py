"""Scenario files: a customer's records and a talk with the bot, written so that a support lead can read
and write them. `python -m tests.scenarios PATH...` plays them; `docs/scenarios.md` documents the format."""
