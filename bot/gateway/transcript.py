"""A conversation as plain text, in the customer's language and zone."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.gateway.sentences import ZH, say
from bot.store import Message


def known_zone(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, None for what is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return None


def transcript(messages: Sequence[Message], language: str, zone: ZoneInfo) -> str:
    """Every message with its time and who said it; a line for each new day."""
    lines = [say("transcript_title", language, zone=zone.key)]
    day = None
    for message in messages:
        at = message.created_at.astimezone(zone)
        if at.date() != day:
            day = at.date()
            locale = "zh_CN" if language == ZH else "en"
            lines += ["", f"— {format_date(day, 'full', locale=locale)} —"]
        who = message.agent_name or say(f"author_{message.author}", language)
        pictures = sum(block.get("type") == "image" for block in message.blocks)
        words = [message.text, *[say("picture", language)] * pictures]
        lines += ["", f"{at:%H:%M} {who}", *(word for word in words if word)]
    return "\n".join(lines) + "\n"
