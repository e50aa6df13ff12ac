"""Where the stories happen: merchants, channels and their incidents, app releases, exchange rates."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

EXPONENTS = {"CNY": 2, "USD": 2, "EUR": 2, "THB": 2, "TRY": 2, "JPY": 0, "KWD": 3}  # ISO 4217

RAIL_OF_CHANNEL = {
    "unionpay": "iso8583",
    "visa": "iso8583",
    "wechat_pay": "wechat",
    "alipay": "alipay",
    "stripe": "stripe",
    "sepa": "iso20022",
    "wallet": "wallet",
}

RATES = {  # CNY for one unit, before the small daily movement
    "USD": Decimal("7.1042"),
    "EUR": Decimal("8.2310"),
    "JPY": Decimal("0.04715"),
    "KWD": Decimal("23.1480"),
    "THB": Decimal("0.2191"),
}
QUOTE_DAYS = 45

CURRENT_APP = "9.2.1"


class Shop(NamedTuple):
    """A merchant, short."""

    zh: str
    en: str
    channel: str
    country: str = "CN"
    currencies: tuple[str, ...] = ("CNY",)
    integration: str = "live"
    rule_zh: str | None = None
    rule_en: str | None = None


SHOPS: dict[str, Shop] = {
    "starbucks": Shop("星巴克", "Starbucks", "unionpay"),
    "luckin": Shop("瑞幸咖啡", "Luckin Coffee", "wechat_pay"),
    "meituan": Shop("美团", "Meituan", "wechat_pay"),
    "didi": Shop("滴滴出行", "DiDi", "alipay"),
    "jd": Shop("京东", "JD.com", "unionpay"),
    "taobao": Shop("淘宝", "Taobao", "alipay"),
    "pinduoduo": Shop("拼多多", "Pinduoduo", "wechat_pay"),
    "freshippo": Shop("盒马", "Freshippo", "alipay"),
    "familymart": Shop("全家", "FamilyMart", "wechat_pay"),
    "sams": Shop(
        "山姆会员店",
        "Sam's Club",
        "unionpay",
        rule_zh="仅限会员，单笔不超过 5000 元",
        rule_en="members only, at most ¥5,000 a payment",
    ),
    "metro": Shop("地铁", "Metro", "wallet"),
    "mcdonalds": Shop("麦当劳", "McDonald's", "alipay"),
    "china_mobile": Shop("中国移动", "China Mobile", "wallet"),
    "state_grid": Shop("国家电网", "State Grid", "wallet"),
    "railway": Shop("铁路12306", "China Railway 12306", "alipay"),
    "hanting": Shop("汉庭酒店", "Hanting Hotel", "unionpay"),
    "iqiyi": Shop("爱奇艺", "iQIYI", "wallet"),
    "apple": Shop("苹果", "Apple", "stripe", currencies=("CNY", "USD")),
    "old_street_tea": Shop("老街奶茶铺", "Old Street Tea House", "wechat_pay", integration="misconfigured"),
    "friend_wang_fang": Shop("转账给王芳", "Transfer to Wang Fang", "wallet"),
    "steam": Shop("Steam", "Steam", "stripe", "US", ("USD",)),
    "amazon": Shop("亚马逊美国", "Amazon.com", "stripe", "US", ("USD",)),
    "booking": Shop("缤客", "Booking.com", "stripe", "NL", ("EUR", "USD")),
    "deutsche_bahn": Shop("德国铁路", "Deutsche Bahn", "sepa", "DE", ("EUR",)),
    "seven_tokyo": Shop("7-Eleven 东京", "7-Eleven Tokyo", "visa", "JP", ("JPY",)),
    "lawson_tokyo": Shop("罗森 东京", "Lawson Tokyo", "visa", "JP", ("JPY",)),
    "bic_camera": Shop("必酷相机", "Bic Camera", "visa", "JP", ("JPY",)),
    "big_c_bangkok": Shop("曼谷 Big C", "Big C Bangkok", "visa", "TH", ("THB",)),
    "grand_bazaar": Shop("伊斯坦布尔大巴扎", "Grand Bazaar Istanbul", "visa", "TR", ("TRY", "USD")),
    "avenues_kuwait": Shop("科威特大道商场", "The Avenues Kuwait", "visa", "KW", ("KWD",)),
    "talabat": Shop("Talabat 外卖", "Talabat", "visa", "KW", ("KWD",)),
}

# Everyday spending: (merchant, least, most, step) in minor units, by where the customer lives.
EVERYDAY: dict[str, tuple[tuple[str, int, int, int], ...]] = {
    "CNY": (
        ("metro", 300, 900, 100),
        ("familymart", 650, 4500, 10),
        ("luckin", 990, 2990, 100),
        ("meituan", 1850, 7600, 10),
        ("didi", 1180, 6200, 1),
        ("freshippo", 3500, 21900, 10),
        ("mcdonalds", 1690, 5800, 50),
        ("taobao", 2900, 32900, 100),
        ("pinduoduo", 990, 8900, 10),
        ("china_mobile", 5000, 20000, 1000),
    ),
    "JPY": (("seven_tokyo", 180, 1650, 1), ("lawson_tokyo", 150, 1900, 1), ("bic_camera", 980, 6800, 10)),
    "KWD": (("talabat", 1250, 9750, 5), ("avenues_kuwait", 2500, 24950, 5)),
}


def merchants() -> list[dict[str, Any]]:
    """Rows of all merchants."""
    return [
        {
            "id": id,
            "name_zh": shop.zh,
            "name_en": shop.en,
            "channel": shop.channel,
            "integration": shop.integration,
            "country": shop.country,
            "currencies": list(shop.currencies),
            "countries": [],
            "special_rule_zh": shop.rule_zh,
            "special_rule_en": shop.rule_en,
        }
        for id, shop in SHOPS.items()
    ]


def ongoing_outage(now: datetime) -> datetime:
    """When the disturbance of wechat_pay that still goes on began."""
    return now - timedelta(hours=3)


def ended_outage(now: datetime) -> tuple[datetime, datetime]:
    """The disturbance of unionpay that is over."""
    started = _local(now, days_ago=2, hour=17)
    return started, started + timedelta(hours=1, minutes=40)


def stripe_outage(now: datetime) -> tuple[datetime, datetime]:
    """A disturbance of stripe, no evidence for what failed elsewhere at the time."""
    started = _local(now, days_ago=1, hour=9)
    return started, started + timedelta(hours=4)


def _local(now: datetime, *, days_ago: int, hour: int) -> datetime:
    """A full hour of an earlier day in Shanghai, as UTC, so that "two days ago" holds at any time of day."""
    day = now.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(days=days_ago)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(timezone.utc)


def incidents(now: datetime) -> list[dict[str, Any]]:
    """Rows of the channels' disturbances."""
    ended, stripe = ended_outage(now), stripe_outage(now)
    return [
        {
            "id": "inc_wechat_slow",
            "channel": "wechat_pay",
            "started_at": ongoing_outage(now),
            "ended_at": None,
            "title_zh": "微信支付通道部分交易失败",
            "title_en": "Some payments over the WeChat Pay channel fail",
        },
        {
            "id": "inc_unionpay_gateway",
            "channel": "unionpay",
            "started_at": ended[0],
            "ended_at": ended[1],
            "title_zh": "银联通道短时中断",
            "title_en": "Short interruption of the UnionPay channel",
        },
        {
            "id": "inc_stripe_latency",
            "channel": "stripe",
            "started_at": stripe[0],
            "ended_at": stripe[1],
            "title_zh": "国际卡通道响应缓慢",
            "title_en": "Slow answers from the international card channel",
        },
    ]


def releases(now: datetime) -> list[dict[str, Any]]:
    """Rows of the app's releases: older than 9.0.0 is refused; 9.1.0 and 9.2.0 have a known bug."""

    def release(version: str, days: int, **more: Any) -> dict[str, Any]:
        empty = dict.fromkeys(("minimum_from", "known_bug_zh", "known_bug_en", "fixed_in"))
        return {"version": version, "released_at": now - timedelta(days=days), **empty, **more}

    return [
        release("8.6.0", 210),
        release("9.0.0", 120, minimum_from=now - timedelta(days=2)),
        release(
            "9.1.0",
            70,
            known_bug_zh="在付款码页面切换语言会闪退",
            known_bug_en="closes when the language is changed on the payment code page",
            fixed_in="9.1.2",
        ),
        release("9.1.2", 55),
        release(
            "9.2.0",
            25,
            known_bug_zh="部分机型用指纹支付时会闪退",
            known_bug_en="closes on some phones when paying with a fingerprint",
        ),
        release(CURRENT_APP, 8),
    ]


def quotes(now: datetime) -> list[dict[str, Any]]:
    """Rows of one quote a day and currency, moving a little around its level."""
    rows = []
    for currency, level in RATES.items():
        for days in range(QUOTE_DAYS + 1):
            move = Decimal((days * 7) % 11 - 5) / Decimal(2000)
            rows.append(
                {
                    "id": f"fx_{currency.lower()}_{days:02d}",
                    "base": "CNY",
                    "currency": currency,
                    "rate": (level * (1 + move)).quantize(Decimal("0.000001")),
                    "quoted_at": now - timedelta(days=days, minutes=20),
                }
            )
    return rows
