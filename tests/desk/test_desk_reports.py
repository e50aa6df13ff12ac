"""Reports against a data set that is small enough to count by hand: see the comment at each conversation."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk.reports import percentile
from bot.store.engine import open_engine
from bot.store.models import BOT, CUSTOMER, Conversation, Handoff, Message, Rating, utcnow
from tests.desk.people import Colleague
from tests.gateway.helpers import problem

FIRST, LAST, ZONE = "2024-03-01", "2024-03-03", "Asia/Shanghai"
PERIOD = {"from": FIRST, "to": LAST, "zone": ZONE}


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in March 2024, eight hours ahead of UTC."""
    return datetime(2024, 3, day, hour, minute, tzinfo=timezone(timedelta(hours=8)))


class Records:
    """Writes conversations as the gateway would have."""

    def __init__(self, db: Path) -> None:
        self._url, self._rows = f"sqlite+aiosqlite:///{db}", list[Any]()

    def conversation(
        self,
        name: str,
        customer: str | None,
        language: str,
        at: datetime,
        intents: list[str | None],
        *,
        cause: str | None = None,
        rating: int | None = None,
        handoff: dict[str, Any] | None = None,
        pause: timedelta = timedelta(minutes=5),
    ) -> None:
        """The customer says something with each intent, `pause` apart; the bot finds `cause` at first."""
        self._rows.append(
            Conversation(
                id=name,
                subject=f"customer:{customer}" if customer else f"visitor:{name}",
                customer_id=customer,
                language=language,
                last_seq=2 * len(intents),
                created_at=at,
            )
        )
        for n, intent in enumerate(intents):
            understood = {"intent": intent, "confidence": 0.9} if intent else None
            blocks = [{"type": "diagnosis", "cause": cause}] if cause and n == 0 else []
            for seq, author, extra in (
                (1, CUSTOMER, {"understood": understood}),
                (2, BOT, {"blocks": blocks}),
            ):
                self._rows.append(
                    Message(
                        conversation_id=name,
                        seq=2 * n + seq,
                        author=author,
                        text="…",
                        created_at=at + n * pause,
                        **extra,
                    )
                )
        if rating:
            self._rows.append(Rating(conversation_id=name, score=rating, words=""))
        if handoff:
            self._rows.append(self._handoff(name, customer, language, at, **handoff))

    def _handoff(
        self,
        name: str,
        customer: str | None,
        language: str,
        at: datetime,
        *,
        reason: str,
        replied: int | None = None,
        closed: int | None = None,
        by: str | None = None,
        outcome: dict[str, Any] | None = None,
    ) -> Handoff:
        asked = at + timedelta(minutes=10)
        return Handoff(
            reference=f"H-{name}",
            conversation_id=name,
            customer_id=customer,
            language=language,
            status="closed" if closed else "queued",
            reason=reason,
            urgency="medium",
            summary="",
            transcript=[],
            created_at=asked,
            waiting_since=asked,
            replied_at=asked + timedelta(seconds=replied) if replied else None,
            closed_at=asked + timedelta(seconds=closed) if closed else None,
            closed_by=by,
            outcome=outcome,
        )

    def write(self) -> None:
        async def written() -> None:
            engine = open_engine(self._url)
            async with AsyncSession(engine, future=True) as session, session.begin():
                for kind in (Conversation, Message, Rating, Handoff):
                    session.add_all(row for row in self._rows if isinstance(row, kind))
                    await session.flush()
            await engine.dispose()

        asyncio.run(written())


@pytest.fixture
def counted(db: Path) -> None:
    """Nine conversations within the three days, one of them without a word; one after them."""
    records = Records(db)
    # c1: the customer says thanks: resolved. A bad rating or a good one changes nothing in that.
    records.conversation(
        "c1",
        "alice",
        "zh",
        local(1, 10),
        ["payment_failed", "thanks"],
        cause="insufficient_balance",
        rating=5,
    )
    # c2: comes back with the same cause four days later (c9, after the period): not resolved.
    records.conversation("c2", "bob", "en", local(1, 11), ["refund_timing"], cause="refund_in_progress")
    # c3: a visitor: nobody can know whether they come back: undecided. One fallback.
    records.conversation("c3", None, "zh", local(1, 12), ["nlu_fallback", "top_up"])
    # c4: half past midnight, which in UTC is still 1 March. Handed off, answered after 2 minutes, solved.
    records.conversation(
        "c4",
        "carol",
        "zh",
        local(2, 0, 30),
        ["payment_failed", "still_not_working", "thanks"],
        rating=4,
        handoff={
            "reason": "not_solved",
            "replied": 120,
            "closed": 1800,
            "by": "resolve",
            "outcome": {"result": "solved", "diagnosis_right": True},
        },
    )
    # c5: handed off, answered after 10 minutes, given back to the bot after an hour; never back: resolved.
    records.conversation(
        "c5",
        "dave",
        "en",
        local(2, 9),
        ["human_handoff"],
        handoff={"reason": "asked", "replied": 600, "closed": 3600, "by": "hand_back"},
    )
    # c6: the agent says that it is not solved, and that the diagnosis was wrong.
    records.conversation(
        "c6",
        "erin",
        "en",
        local(2, 23, 59),
        ["unauthorized_transaction"],
        rating=1,
        handoff={
            "reason": "fraud",
            "replied": 60,
            "closed": 7200,
            "by": "resolve",
            "outcome": {"result": "not_solved", "diagnosis_right": False},
        },
    )
    # c7: never back: resolved. A pressed button is not something that had to be understood.
    records.conversation("c7", "frank", "en", local(3, 8), ["fees", None, "goodbye"])
    # c8: opened, and nothing said: does not count.
    records.conversation("c8", "grace", "en", local(3, 9), [])
    # c10: the customer of c1 again, with another cause: that one stays resolved, and so is this one.
    records.conversation("c10", "alice", "zh", local(3, 10), ["payment_failed"], cause="issuer_declined")
    records.conversation("c9", "bob", "en", local(5, 11), ["refund_timing"], cause="refund_in_progress")
    records.write()


def test_the_numbers_are_those_counted_by_hand(counted: None, lead: Colleague) -> None:
    total = lead.get("/reports", **PERIOD)["total"]
    assert total == {
        "conversations": 8,
        "contained": 5,  # c1 c2 c3 c7 c10
        "contained_rate": 0.625,
        "resolved": 5,  # c1 c4 c5 c7 c10
        "undecided": 1,  # c3
        "resolved_rate": 0.7143,  # 5 of 7
        "handoffs": 3,
        "handoff_rate": 0.375,
        "handoff_reasons": {"not_solved": 1, "asked": 1, "fraud": 1},
        "first_response_median_s": 120,  # 60 120 600
        "first_response_p90_s": 600,
        "resolution_median_s": 3600,  # 1800 3600 7200
        "resolution_p90_s": 7200,
        "rating_count": 3,  # 5 4 1
        "rating_mean": 3.33,
        "rating_distribution": {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1},
        "turns": 13,  # 2 1 2 3 1 1 2 1
        "fallbacks": 1,
        "fallback_rate": 0.0769,
        "intents": [
            {"name": "payment_failed", "count": 3},
            {"name": "thanks", "count": 2},
            *(
                {"name": name, "count": 1}
                for name in (
                    "fees",
                    "goodbye",
                    "human_handoff",
                    "refund_timing",
                    "still_not_working",
                    "top_up",
                    "unauthorized_transaction",
                )
            ),
        ],
        "causes": [
            {"name": name, "count": 1}
            for name in ("insufficient_balance", "issuer_declined", "refund_in_progress")
        ],
        "diagnosis_confirmed": 1,  # c4
        "diagnosis_overturned": 1,  # c6
    }


def test_days_are_those_of_the_asked_zone_and_languages_stand_apart(counted: None, lead: Colleague) -> None:
    report = lead.get("/reports", **PERIOD)
    assert [(day["day"], day["conversations"]) for day in report["by_day"]] == [
        ("2024-03-01", 3),
        ("2024-03-02", 3),
        ("2024-03-03", 2),
    ]
    assert [(one["language"], one["conversations"]) for one in report["by_language"]] == [
        ("en", 4),
        ("zh", 4),
    ]
    in_utc = lead.get("/reports", **{**PERIOD, "zone": "UTC"})
    assert [day["conversations"] for day in in_utc["by_day"]] == [4, 2, 2], "c4 was begun on 1 March in UTC"
    only = lead.get("/reports", **PERIOD, language="en")
    assert only["total"]["conversations"] == 4 and only["total"]["resolved"] == 2


def test_the_table_has_a_row_for_each_day_and_language(counted: None, lead: Colleague) -> None:
    answer = lead.asks("/reports.csv", **PERIOD)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["day"], row["language"], row["conversations"]) for row in table] == [
        ("2024-03-01", "en", "1"),
        ("2024-03-01", "zh", "2"),
        ("2024-03-02", "en", "2"),
        ("2024-03-02", "zh", "1"),
        ("2024-03-03", "en", "1"),
        ("2024-03-03", "zh", "1"),
    ]
    assert table[2]["handoff_reasons"] == "asked:1 fraud:1"


def test_who_may_still_come_back_and_who_waits_is_not_called_resolved(db: Path, lead: Colleague) -> None:
    records = Records(db)
    now = utcnow()
    today = now.astimezone(timezone.utc).date().isoformat()
    begun = now.replace(hour=0, minute=0, second=1)
    records.conversation("d1", "alice", "zh", begun, ["fees"])
    records.conversation("d2", "bob", "zh", begun, ["fees"], handoff={"reason": "asked"})
    records.write()
    report = lead.get("/reports", **{"from": today, "to": today, "zone": "UTC"})
    row = report["total"]
    assert (row["conversations"], row["resolved"], row["undecided"]) == (2, 0, 1)
    assert report["queue_now"] == 1


def test_who_comes_back_in_the_same_conversation_was_not_helped(db: Path, lead: Colleague) -> None:
    records = Records(db)
    a_day, soon = timedelta(days=1), timedelta(minutes=5)
    records.conversation("e1", "alice", "zh", local(1, 10), ["refund_timing"] * 2, pause=a_day)
    records.conversation("e2", "bob", "zh", local(1, 10), ["refund_timing"] * 2, pause=soon)
    records.conversation("e3", "carol", "zh", local(1, 10), ["refund_timing", "fees"], pause=a_day)
    records.write()
    row = lead.get("/reports", **{**PERIOD, "to": FIRST})["total"]
    assert (row["conversations"], row["resolved"]) == (3, 2)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2024-03-03", "to": "2024-03-01"},
        {"from": "2024-01-01", "to": "2024-04-02"},
        {"from": "nonsense", "to": "2024-03-01"},
        {**PERIOD, "zone": "Mars/Olympus"},
    ],
)
def test_a_period_that_is_none_is_refused(lead: Colleague, query: dict[str, str]) -> None:
    problem(lead.asks("/reports", **query), 422, "invalid")


def test_a_percentile_is_a_value_that_occurred() -> None:
    assert percentile([], 90) is None
    assert percentile([7], 90) == 7
    assert percentile(list(range(1, 11)), 90) == 9
    assert percentile(list(range(1, 12)), 90) == 10
