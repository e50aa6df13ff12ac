"""What is nobody's own: channels, merchants, disturbances, app releases and exchange rates of one world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.simulator.journal import EXPONENTS

RAIL_OF = {
    "unionpay": "iso8583",
    "city_bank": "iso8583",
    "wechat_pay": "wechat",
    "alipay_plus": "alipay",
    "card_processor": "stripe",
    "instant_transfer": "iso20022",
    "im_direct": "wallet",
}
COUNTRY_OF = {"CNY": "CN", "HKD": "HK", "JPY": "JP", "KWD": "KW", "EUR": "DE", "USD": "US"}
ZONES = {
    "CN": "Asia/Shanghai",
    "HK": "Asia/Hong_Kong",
    "JP": "Asia/Tokyo",
    "KW": "Asia/Kuwait",
    "DE": "Europe/Berlin",
    "US": "America/Los_Angeles",
}
RATES = {"HKD": "0.9183", "JPY": "0.04762", "KWD": "23.4517", "EUR": "7.8342", "USD": "7.1869"}
# Versions and the days before now on which each was released, made the minimum, and what is wrong with it.
RELEASES: tuple[tuple[str, int, int | None, str | None], ...] = (
    ("5.2.0", 300, None, None),
    ("5.9.1", 200, 190, None),
    ("5.10.0", 150, 120, None),
    ("5.11.0", 100, None, "5.11.2"),
    ("5.11.2", 70, None, None),
    ("5.12.0", 40, 35, None),
    ("6.0.0", 12, None, "never"),
    ("6.0.1", 3, 1, None),
)
GOOD_VERSIONS = ("5.12.0", "6.0.1")
OLD_VERSIONS = ("5.2.0", "5.9.1", "5.10.0", "5.11.2")


@dataclass(frozen=True)
class Shop:
    """A merchant (or a person who can be paid) as the customers meet it."""

    id: str
    channel: str
    country: str
    currency: str
    person: bool = False

    @property
    def rail(self) -> str:
        """The kind of response codes that its channel speaks."""
        return rail_of(self.channel)


def rail_of(channel: str) -> str:
    """The kind of codes that a channel speaks; `unionpay.017` is one of several UnionPay channels."""
    return RAIL_OF[channel.split(".")[0]]


class Places:
    """The shared part of a world; its rows grow as stories need merchants or disturbances of their own."""

    def __init__(self, now: datetime, dice: Random, slug: str) -> None:
        self.now, self._dice, self._slug = now, dice, slug
        self.rows: dict[str, list[dict[str, Any]]] = {"merchants": [], "incidents": []}
        self.rows["app_releases"] = [self._release(*one) for one in RELEASES]
        self.rows["fx_quotes"] = list(self._quotes())
        self.shops: list[Shop] = []
        for currency in EXPONENTS:
            for channel in RAIL_OF:
                self.shops.append(self.open(channel, currency))
            self.shops.append(self.open("im_direct", currency, person=True))

    def open(
        self, channel: str, currency: str, *, person: bool = False, integration: str = "live", takes: str = ""
    ) -> Shop:
        """A new merchant. `takes`: a currency that it can be paid in instead of its own."""
        number = len(self.rows["merchants"])
        shop = Shop(f"mer_{self._slug}_{number:03d}", channel, COUNTRY_OF[currency], currency, person)
        self.rows["merchants"].append(
            {
                "id": shop.id,
                "name_zh": f"商户{number}",
                "name_en": f"Shop {number}",
                "channel": channel,
                "integration": integration,
                "country": shop.country,
                "currencies": [takes or currency],
                "countries": [],
                "special_rule_zh": None,
                "special_rule_en": None,
            }
        )
        return shop

    def own_channel(self, shop: Shop) -> Shop:
        """A merchant like another one, but on a channel that no other story uses."""
        kind = shop.channel.split(".")[0]
        takes = next(row["currencies"][0] for row in self.rows["merchants"] if row["id"] == shop.id)
        return self.open(f"{kind}.{len(self.rows['merchants']):03d}", shop.currency, takes=takes)

    def break_integration(self, shop: Shop) -> None:
        """From now on the merchant's set-up is wrong (what was paid before, was paid)."""
        row = next(row for row in self.rows["merchants"] if row["id"] == shop.id)
        row["integration"] = self._dice.choice(["misconfigured", "suspended"])

    def incident(self, channel: str, start: datetime, end: datetime | None) -> dict[str, Any]:
        """A disturbance of one channel."""
        number = len(self.rows["incidents"])
        row = {
            "id": f"inc_{self._slug}_{number:03d}",
            "channel": channel,
            "started_at": start,
            "ended_at": end,
            "title_zh": "渠道波动",
            "title_en": "Channel disturbance",
        }
        self.rows["incidents"].append(row)
        return row

    def quote(self, base: str, currency: str, at: datetime) -> dict[str, Any]:
        """The latest rate before a moment: what one unit of `currency` cost in `base`."""
        known = [
            row
            for row in self.rows["fx_quotes"]
            if (row["base"], row["currency"]) == (base, currency) and row["quoted_at"] <= at
        ]
        return max(known, key=lambda row: row["quoted_at"])

    def _release(self, version: str, released: int, minimum: int | None, fixed: str | None) -> dict[str, Any]:
        return {
            "version": version,
            "released_at": self.now - timedelta(days=released),
            "minimum_from": None if minimum is None else self.now - timedelta(days=minimum),
            "known_bug_zh": "付款前闪退" if fixed else None,
            "known_bug_en": "Closes before paying" if fixed else None,
            "fixed_in": None if fixed in (None, "never") else fixed,
        }

    def _quotes(self) -> list[dict[str, Any]]:
        """Rates between all currencies, every four days, moving a little."""
        found = []
        for base in EXPONENTS:
            for currency in EXPONENTS:
                if base == currency:
                    continue
                middle = Decimal(RATES.get(currency, "1")) / Decimal(RATES.get(base, "1"))
                for days in range(0, 44, 4):
                    drift = Decimal(self._dice.randrange(-150, 151)) / 10_000
                    found.append(
                        {
                            "id": f"fxq_{self._slug}_{base}{currency}{days:02d}",
                            "base": base,
                            "currency": currency,
                            "rate": (middle * (1 + drift)).quantize(Decimal("0.000001")),
                            "quoted_at": self.now - timedelta(days=days, hours=9),
                        }
                    )
        return found
