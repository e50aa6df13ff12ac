"""The demo's stories: always the same for one moment, true at any hour, and hard enough to be worth it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actions.diagnosis.facts import Outcome, PaymentStatus
from actions.diagnosis.result import VARIANTS, Cause
from actions.ledger import Ledger, open_read_only, open_writable
from actions.ledger.demo import DemoLedger, make, seed
from tests.ledger.small import NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = [(0, 0), (0, 30), (6, 15), (12, 0), (18, 59), (21, 0), (22, 45), (23, 50), (23, 59)]


def shanghai(hour: int, minute: int) -> datetime:
    """A moment of the day in Shanghai, as UTC."""
    return datetime(2026, 3, 11, hour, minute, 30, tzinfo=SHANGHAI).astimezone(timezone.utc)


def troubled(demo: DemoLedger, customer_id: str) -> list[Any]:
    """A customer's payments that are not plainly well."""
    return [
        p
        for p in demo.tables["payments"]
        if p["customer_id"] == customer_id and (p["status"] != "captured" or not p["merchant_notified_at"])
    ]


def people(demo: DemoLedger) -> Iterable[str]:
    """The customers one can sign in as."""
    return (one["id"] for one in demo.customers)


def test_the_same_moment_gives_the_same_ledger() -> None:
    first, second = make(NOON), make(NOON)
    assert (first.tables, first.customers, first.expected) == (
        second.tables,
        second.customers,
        second.expected,
    )


def test_enough_customers_in_both_languages_and_lin_wei_first(demo: DemoLedger) -> None:
    languages = Counter(one["language"] for one in demo.customers)
    assert len(demo.customers) >= 30
    assert languages["en"] >= 8
    assert languages["zh"] > languages["en"]
    first = demo.customers[0]
    assert (first["id"], first["name"], first["story"]) == (
        "cust_lin_wei",
        "林伟",
        "我昨天在星巴克付款失败了，钱还被扣了",
    )
    assert len({one["id"] for one in demo.customers}) == len(demo.customers)


def test_stories_are_in_the_customers_language(demo: DemoLedger) -> None:
    for one in demo.customers:
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in one["story"])
        assert chinese == (one["language"] == "zh"), one


def test_every_cause_and_variant_is_told(demo: DemoLedger) -> None:
    told = {(cause, variant) for _, cause, variant in demo.expected.values()}
    wanted = {(cause, variant) for cause in Cause for variant in VARIANTS.get(cause, (None,))}
    # what no payment can show: asked about something unknown, and by one who never paid
    wanted -= {(Cause.NO_RECORD, "nothing_matches"), (Cause.NO_RECORD, "no_payments")}
    # records with holes; the demo's are complete
    wanted -= {(cause, "unspecified") for cause in Cause}
    # the demo's books know no chargebacks yet
    wanted -= {(Cause.UNKNOWN, "disputed")}
    assert told == wanted


def test_trouble_hides_among_ordinary_payments(demo: DemoLedger) -> None:
    counts = Counter(p["customer_id"] for p in demo.tables["payments"])
    for id in set(people(demo)) - {"cust_xiao_yu"}:
        assert 8 <= counts[id] <= 30, id
    assert counts["cust_xiao_yu"] == 0
    assert troubled(demo, "cust_qian_yi") == []
    assert sum(len(troubled(demo, id)) >= 2 for id in people(demo)) >= 5


def test_codes_of_several_rails_are_as_their_channels_send_them(demo: DemoLedger) -> None:
    rails = {a["rail"] for a in demo.tables["attempts"] if a["code"]}
    assert rails == {"iso8583", "iso20022", "wechat", "alipay", "stripe", "wallet"}


@pytest.mark.parametrize(("hour", "minute"), HOURS)
def test_yesterday_is_yesterday_and_within_a_day_at_any_hour(hour: int, minute: int) -> None:
    now = shanghai(hour, minute)
    demo = make(now)
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    for who, status in (("cust_lin_wei", "processing"), ("cust_emma_clark", "reversing")):
        coffee = next(p for p in troubled(demo, who) if p["merchant_id"] == "starbucks")
        assert coffee["status"] == status
        assert coffee["created_at"].astimezone(SHANGHAI).date() == yesterday
        for moment in (coffee["created_at"], coffee["ended_at"]):
            assert moment is None or timedelta(0) < now - moment < timedelta(hours=24)


@pytest.mark.parametrize(("hour", "minute"), HOURS)
def test_all_stories_lie_in_the_past_and_in_order_at_any_hour(hour: int, minute: int) -> None:
    demo = make(shanghai(hour, minute))
    for payment in demo.tables["payments"]:
        known = [payment[c] for c in ("created_at", "captured_at") if payment[c]] + [demo.now]
        assert known == sorted(known), payment
    for refund in demo.tables["refunds"]:
        payment = next(p for p in demo.tables["payments"] if p["id"] == refund["payment_id"])
        assert payment["captured_at"] < refund["accepted_at"] < demo.now
    assert min(p["balance_after"] for p in demo.tables["postings"] if p["balance_after"] is not None) >= 0
    assert max(p["posted_at"] for p in demo.tables["postings"]) <= demo.now


async def test_lin_weis_coffee_as_the_bot_reads_it(demo: DemoLedger, demo_ledger: Ledger) -> None:
    payments = await demo_ledger.payments("cust_lin_wei", since=NOON - timedelta(days=40))
    coffee = next(p for p in payments if p.status is PaymentStatus.PROCESSING)
    assert (coffee.merchant.name_zh, coffee.amount.minor, coffee.amount.currency) == ("星巴克", 3800, "CNY")
    attempt = coffee.attempts[0]
    assert (attempt.outcome, attempt.rail, attempt.code) == (Outcome.PENDING, "iso8583", "09")
    assert attempt.client_timed_out
    assert [(leg.account, leg.amount.minor) for leg in coffee.postings] == [
        ("customer", -3800),
        ("channel", 3800),
    ]
    assert attempt.available_before is not None
    assert coffee.postings[0].balance_after == attempt.available_before - coffee.amount


async def test_frozen_money_is_not_available_at_the_attempt(demo: DemoLedger, demo_ledger: Ledger) -> None:
    payment_id = next(id for id, (who, *_) in demo.expected.items() if who == "cust_he_jun")
    payment = (await demo_ledger.facts("cust_he_jun", payment_id)).payment
    assert payment
    assert payment.attempts[0].available_before is not None
    assert payment.attempts[0].available_before.minor == 11_500
    assert payment.attempts[0].frozen_before is not None
    assert payment.attempts[0].frozen_before.minor == 20_000


async def test_the_tea_house_fails_for_everybody(demo: DemoLedger, demo_ledger: Ledger) -> None:
    payment_id = next(id for id, (who, *_) in demo.expected.items() if who == "cust_feng_li")
    health = (await demo_ledger.facts("cust_feng_li", payment_id)).merchant_health
    assert health.others_succeeded == 0
    assert health.others_failed >= 5


async def test_what_is_used_of_the_daily_limit(demo: DemoLedger, demo_ledger: Ledger) -> None:
    payment_id = next(id for id, (who, *_) in demo.expected.items() if who == "cust_gao_fei")
    payment = (await demo_ledger.facts("cust_gao_fei", payment_id)).payment
    assert payment
    limits = payment.attempts[0].limits
    assert limits.daily and limits.used_today
    assert limits.daily.minor == 500_000
    assert limits.used_today.minor >= 320_000
    assert limits.used_today.minor + payment.amount.minor > limits.daily.minor


def test_the_command_seeds_quickly_and_writes_the_sign_in_list(tmp_path: Path) -> None:
    customers = tmp_path / "var" / "customers.json"
    command = [
        *(sys.executable, "-m", "actions.ledger.demo"),
        *("--url", f"sqlite+aiosqlite:///{tmp_path}/var/ledger.db"),
        *("--customers-file", str(customers), "--now", "2026-03-11T12:00:00+08:00"),
    ]
    for _ in range(2):  # the second run replaces the first
        started = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        assert time.monotonic() - started < 5
    listed = json.loads(customers.read_text(encoding="utf-8"))
    assert listed == make(NOON).customers
    assert set(listed[0]) == {"id", "name", "story", "language"}


async def test_the_ledger_can_be_seeded_anew_while_the_bot_has_it_open(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/ledger.db"
    writer = open_writable(url)
    await seed(writer, NOON)
    reader = open_read_only(url)
    ledger = Ledger(reader)
    assert await ledger.customer("cust_lin_wei")
    later = NOON + timedelta(days=2)
    await seed(writer, later)
    newest = (await ledger.payments("cust_lin_wei", since=NOON))[0]
    assert newest.created_at > NOON
    await writer.dispose()
    await reader.dispose()
