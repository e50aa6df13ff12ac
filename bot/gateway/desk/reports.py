"""Numbers for leads. What each of them means stands in docs/desk.md; here it is counted.

A conversation belongs to the day, in the asked zone, on which it was begun, and to its page's language;
only those count in which the customer said something. Everything else is counted for these conversations.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk.chats import WAITING
from bot.gateway.desk.context import causes_of
from bot.gateway.desk.sessions import Sessions
from bot.handoff import states
from bot.store.models import CUSTOMER, Conversation, Handoff, Message, Rating, utcnow

LONGEST = 92  # days of one report
MOST = 100_000  # conversations of one report
CHUNK = 500  # conversations read at one time
AGAIN_WITHIN = timedelta(days=7)
AWAY = timedelta(hours=6)  # after this pause, a message in the same conversation is a coming back
MOST_LISTED = 10  # intents and causes

FALLBACK = "nlu_fallback"
SOLVED = "thanks"  # what the customer's last word must be to count as "solved"
UNSOLVED = "still_not_working"
# Words that neither bring a trouble nor say that one is over.
COURTESIES = frozenset({"greet", "goodbye", "affirm", "deny", "bot_challenge", SOLVED, FALLBACK, ""})
# Words about the trouble that is being talked of, not a new one.
FOLLOW_UPS = frozenset(
    {"choose_payment", "correct_detail", "ask_why", "ask_next", "human_handoff", "contact_support", UNSOLVED}
    | {"case_status", "open_case", "picture_sent", "steps_done", "secret_shared", "out_of_scope"}
)


class TooMuch(Exception):
    """More conversations than one report can count."""


@dataclass
class Story:
    """What one conversation comes to."""

    id: str
    owner: str | None  # the customer, None for a visitor: who would come back cannot be known
    language: str
    day: date
    begun_at: datetime
    ended_at: datetime  # the customer's last word
    intents: list[str] = field(default_factory=list)  # of the customer's words, in order
    causes: list[str] = field(default_factory=list)
    came_back_here: bool = False  # with the same trouble, after a pause, in this same conversation
    handoffs: list[Handoff] = field(default_factory=list)
    rating: int | None = None
    resolved: bool | None = None  # None: cannot be said, or not yet

    def same_trouble_as(self, other: Story) -> bool:
        """By the causes that were found; where there are none, by what the customers came with."""
        if self.causes and other.causes:
            return not set(self.causes).isdisjoint(other.causes)
        return not (set(self.intents) - COURTESIES - FOLLOW_UPS).isdisjoint(other.intents)


class Reports:
    """Counts conversations and what became of them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def report(
        self, first: date, last: date, zone: ZoneInfo, language: str | None = None
    ) -> dict[str, Any]:
        """The report over the days from `first` to `last`, both included. Raises TooMuch."""
        async with self._sessions() as session:
            told = await stories(session, _start(first, zone), _start(last + timedelta(days=1), zone), zone)
            waiting = select(func.count()).select_from(Handoff).where(Handoff.status.in_(WAITING))
            queue_now = (await session.execute(waiting)).scalar_one()
        if language is not None:
            told = [one for one in told if one.language == language]
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "zone": zone.key,
            "language": language,
            "queue_now": queue_now,
            "total": row(told),
            "by_day": [{"day": day.isoformat(), **row(_of(told, day=day))} for day in days],
            "by_language": [
                {"language": each, **row(_of(told, language=each))}
                for each in sorted({one.language for one in told})
            ],
        }

    async def rows(
        self, first: date, last: date, zone: ZoneInfo, language: str | None = None
    ) -> list[dict[str, Any]]:
        """One row a day and language, for a table. Raises TooMuch."""
        async with self._sessions() as session:
            told = await stories(session, _start(first, zone), _start(last + timedelta(days=1), zone), zone)
        kinds = sorted({(one.day, one.language) for one in told if language in (None, one.language)})
        return [
            {"day": day.isoformat(), "language": each, **row(_of(told, day=day, language=each))}
            for day, each in kinds
        ]


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(timezone.utc)


def _of(told: Iterable[Story], *, day: date | None = None, language: str | None = None) -> list[Story]:
    return [one for one in told if day in (None, one.day) and language in (None, one.language)]


# reading


async def stories(session: AsyncSession, since: datetime, until: datetime, zone: ZoneInfo) -> list[Story]:
    """The conversations begun from `since` until before `until`, each with what became of it."""
    told = await _begun(session, since, until, zone)
    # What the same customers came back with, as far as it can matter for these.
    last = max((one.ended_at for one in told), default=until) + AGAIN_WITHIN
    owners = {one.owner for one in told if one.owner is not None}
    later = await _begun(session, until, last, zone, owners) if owners else []
    by_owner: dict[str, list[Story]] = defaultdict(list)
    for one in [*told, *later]:
        if one.owner is not None:
            by_owner[one.owner].append(one)
    now = utcnow()
    for one in told:
        one.resolved = _resolved(one, by_owner.get(one.owner or "", []), now)
    return told


async def _begun(
    session: AsyncSession, since: datetime, until: datetime, zone: ZoneInfo, owners: set[str] | None = None
) -> list[Story]:
    """Stories begun in that time, of these customers only if they are given; not judged yet."""
    columns = (Conversation.id, Conversation.customer_id, Conversation.language, Conversation.created_at)
    query = (
        select(*columns)
        .where(Conversation.created_at >= since, Conversation.created_at < until)
        .order_by(Conversation.created_at, Conversation.id)
        .limit(MOST + 1)
    )
    rows = (await session.execute(query)).all()
    if len(rows) > MOST:
        raise TooMuch
    wanted = [one for one in rows if owners is None or one.customer_id in owners]
    told: list[Story] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = []
        for one in wanted[start : start + CHUNK]:
            at = one.created_at
            chunk.append(Story(one.id, one.customer_id, one.language, at.astimezone(zone).date(), at, at))
        told += await _read(session, chunk)
    return told


async def _read(session: AsyncSession, chunk: Sequence[Story]) -> list[Story]:
    """Fills stories in; those in which the customer said nothing are left out."""
    ids = [one.id for one in chunk]
    words = select(Message.conversation_id, Message.created_at, Message.understood)
    words = words.where(Message.conversation_id.in_(ids), Message.author == CUSTOMER)
    said: dict[str, list[Any]] = defaultdict(list)
    for message in await session.execute(words.order_by(Message.conversation_id, Message.seq)):
        said[message.conversation_id].append(message)
    causes = await causes_of(session, ids)
    handoffs: dict[str, list[Any]] = defaultdict(list)
    columns = (
        Handoff.conversation_id,
        Handoff.reason,
        Handoff.created_at,
        Handoff.replied_at,
        Handoff.closed_at,
        Handoff.closed_by,
        Handoff.outcome,
    )
    asked = select(*columns).where(Handoff.conversation_id.in_(ids)).order_by(Handoff.created_at)
    for handoff in await session.execute(asked):
        handoffs[handoff.conversation_id].append(handoff)
    rated = select(Rating.conversation_id, Rating.score).where(Rating.conversation_id.in_(ids))
    ratings = dict((await session.execute(rated)).all())
    for one in chunk:
        one.causes, one.handoffs, one.rating = causes.get(one.id, []), handoffs[one.id], ratings.get(one.id)
        _listen(one, said[one.id])
    return [one for one in chunk if said[one.id]]


def _listen(one: Story, said: Sequence[Any]) -> None:
    for message in said:
        intent = str((message.understood or {}).get("intent") or "")
        same = intent == UNSOLVED or (intent in one.intents and intent not in COURTESIES | FOLLOW_UPS)
        if one.intents and same and message.created_at - one.ended_at > AWAY:
            one.came_back_here = True
        if message.understood:
            one.intents.append(intent)
        one.ended_at = message.created_at


def _resolved(one: Story, of_owner: Sequence[Story], now: datetime) -> bool | None:
    words = [intent for intent in one.intents if intent not in ("goodbye", "greet")]
    last = words[-1] if words else ""
    again = one.came_back_here or any(
        one.same_trouble_as(other) and one.begun_at < other.begun_at <= one.ended_at + AGAIN_WITHIN
        for other in of_owner
    )
    unsettled = any(handoff.closed_at is None for handoff in one.handoffs)
    refused = any((handoff.outcome or {}).get("result") == "not_solved" for handoff in one.handoffs)
    if again or unsettled or refused or last == UNSOLVED:
        return False
    if last == SOLVED:
        return True
    if one.owner is None or now - one.ended_at < AGAIN_WITHIN:
        return None
    return True


# counting


def row(told: Sequence[Story]) -> dict[str, Any]:
    """The numbers for these conversations."""
    handed = [one for one in told if one.handoffs]
    contained = len(told) - len(handed)
    decided = [one for one in told if one.resolved is not None]
    resolved = sum(bool(one.resolved) for one in decided)
    handoffs = [handoff for one in told for handoff in one.handoffs]
    answered = [_seconds(h.created_at, h.replied_at) for h in handoffs if h.replied_at]
    by_people = (states.RESOLVE, states.HAND_BACK)
    ended = [
        _seconds(h.created_at, h.closed_at) for h in handoffs if h.closed_at and h.closed_by in by_people
    ]
    ratings = [one.rating for one in told if one.rating is not None]
    intents = [intent for one in told for intent in one.intents]
    fallbacks = intents.count(FALLBACK)
    verdicts = [(h.outcome or {}).get("diagnosis_right") for h in handoffs]
    return {
        "conversations": len(told),
        "contained": contained,
        "contained_rate": _rate(contained, len(told)),
        "resolved": resolved,
        "undecided": len(told) - len(decided),
        "resolved_rate": _rate(resolved, len(decided)),
        "handoffs": len(handed),
        "handoff_rate": _rate(len(handed), len(told)),
        "handoff_reasons": dict(Counter(one.handoffs[0].reason for one in handed).most_common()),
        "first_response_median_s": median(answered) if answered else None,
        "first_response_p90_s": percentile(answered, 90),
        "resolution_median_s": median(ended) if ended else None,
        "resolution_p90_s": percentile(ended, 90),
        "rating_count": len(ratings),
        "rating_mean": round(sum(ratings) / len(ratings), 2) if ratings else None,
        "rating_distribution": {str(score): ratings.count(score) for score in range(1, 6)},
        "turns": len(intents),
        "fallbacks": fallbacks,
        "fallback_rate": _rate(fallbacks, len(intents)),
        "intents": _most(intent for intent in intents if intent not in (FALLBACK, "")),
        "causes": _most(cause for one in told for cause in one.causes),
        "diagnosis_confirmed": verdicts.count(True),
        "diagnosis_overturned": verdicts.count(False),
    }


def percentile(values: Sequence[float], per_cent: int) -> float | None:
    """The smallest value that at least so many per cent of all do not exceed (nearest rank)."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * per_cent / 100) - 1)]


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 1)


def _most(names: Iterable[str]) -> list[dict[str, Any]]:
    counted = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"name": name, "count": count} for name, count in counted[:MOST_LISTED]]
