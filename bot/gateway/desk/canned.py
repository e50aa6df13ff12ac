"""Canned replies: those that come with the product, in `data/canned`, and what leads have made of them.

The suggested reply to a diagnosis is the canned reply that names its cause, or else where the money is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from bot.gateway.desk.accounts import SignedIn
from bot.gateway.desk.chats import Chat
from bot.gateway.desk.naming import form_of_address
from bot.gateway.desk.sessions import Sessions
from bot.gateway.sentences import LANGUAGES
from bot.store.desk_models import CannedReply
from bot.store.models import utcnow

FOLDER = Path(__file__).resolve().parents[3] / "data" / "canned"
VARIABLES = ("customer_name", "merchant", "amount", "reference", "agent", "due")
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"\{(\w+)\}")


class UnknownVariable(Exception):
    """A text has a {variable} that nothing can fill."""


@dataclass(frozen=True)
class Reply:
    """One canned reply. `fits`: causes, and `money:` states, that it is suggested for."""

    language: str
    key: str
    title: str
    text: str
    fits: frozenset[str] = frozenset()


def load(folder: Path = FOLDER) -> dict[tuple[str, str], Reply]:
    """The replies in the files, in their order. Raises ValueError for one that makes no sense."""
    found: dict[tuple[str, str], Reply] = {}
    for language in LANGUAGES:
        for row in yaml.safe_load((folder / f"{language}.yml").read_text(encoding="utf-8")):
            reply = Reply(language, row["key"], row["title"], row["text"], frozenset(row.get("for", ())))
            if (language, reply.key) in found or not KEY.fullmatch(reply.key) or unknown(reply.text):
                raise ValueError(f"{language}.yml: {reply.key}: twice, no key, or a variable that is none")
            found[language, reply.key] = reply
    return found


def unknown(text: str) -> set[str]:
    """The variables of a text that nothing can fill."""
    return set(_VARIABLE.findall(text)) - set(VARIABLES)


def left_open(text: str) -> list[str]:
    """The variables that stand unfilled in a text, in order."""
    return [name for name in dict.fromkeys(_VARIABLE.findall(text)) if name in VARIABLES]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known filled in; the rest stays as it is, for the agent to see."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def values_for(
    chat: Chat, diagnosis: Mapping[str, Any] | None, me: SignedIn, language: str
) -> dict[str, str]:
    """What the variables stand for in a chat, as far as it is known."""
    card = diagnosis or {}
    payment, money = card.get("payment") or {}, card.get("money") or {}
    name = form_of_address(chat.conversation.customer_name, language)
    values = {
        "customer_name": name,
        "merchant": payment.get("merchant"),
        "amount": money.get("amount") or payment.get("amount"),
        "reference": chat.handoff.reference if chat.handoff else None,
        "agent": me.agent.name,
        "due": card.get("resolves"),
    }
    return {key: str(value) for key, value in values.items() if value}


class Canned:
    """The canned replies as they are now. Raises ValueError for files that make no sense."""

    def __init__(self, sessions: Sessions, folder: Path = FOLDER) -> None:
        self._sessions, self._shipped = sessions, load(folder)

    async def all(self, language: str) -> list[Reply]:
        """The replies in a language: the product's in their order, then the leads' own by title."""
        query = select(CannedReply).where(CannedReply.language == language).order_by(CannedReply.title)
        async with self._sessions() as session:
            changed = {row.key: row for row in (await session.execute(query.limit(1_000))).scalars()}
        found = []
        for (of, key), reply in self._shipped.items():
            if of == language:
                row = changed.pop(key, None)
                if row is None or not row.hidden:
                    found.append(replace(reply, title=row.title, text=row.text) if row else reply)
        own = [Reply(language, row.key, row.title, row.text) for row in changed.values() if not row.hidden]
        return [*found, *own]

    async def search(self, language: str, words: str) -> list[Reply]:
        """The replies that hold all the words in their key, title or text; titles come first."""
        wanted = words.casefold().split()
        fitting = [
            reply
            for reply in await self.all(language)
            if all(word in f"{reply.key}\n{reply.title}\n{reply.text}".casefold() for word in wanted)
        ]
        in_title = [
            not all(word in f"{reply.key}\n{reply.title}".casefold() for word in wanted) for reply in fitting
        ]
        return [reply for _, reply in sorted(zip(in_title, fitting, strict=True), key=lambda pair: pair[0])]

    async def suggestion(self, language: str, diagnosis: Mapping[str, Any]) -> Reply | None:
        """The reply for a diagnosis: by its cause, else by where the money is."""
        money = (diagnosis.get("money") or {}).get("state")
        replies = await self.all(language)
        for fits in (diagnosis.get("cause"), f"money:{money}"):
            for reply in replies:
                if fits in reply.fits:
                    return reply
        return None

    async def keep(self, me: SignedIn, language: str, key: str, title: str, text: str) -> Reply:
        """Writes a reply, new or in place of the one there. Raises UnknownVariable."""
        if unknown(text):
            raise UnknownVariable
        await self._write(me, language, key, title, text, hidden=False)
        return Reply(language, key, title, text)

    async def remove(self, me: SignedIn, language: str, key: str) -> bool:
        """Takes a reply away; False when there is none."""
        if not any(reply.key == key for reply in await self.all(language)):
            return False
        await self._write(me, language, key, "", "", hidden=True)
        return True

    async def _write(
        self, me: SignedIn, language: str, key: str, title: str, text: str, *, hidden: bool
    ) -> None:
        async with self._sessions() as session, session.begin():
            await session.merge(
                CannedReply(
                    language=language,
                    key=key,
                    title=title,
                    text=text,
                    hidden=hidden,
                    changed_by=me.id,
                    changed_at=utcnow(),
                )
            )
