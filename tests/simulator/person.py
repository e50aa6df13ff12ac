"""One customer: what they own, what is set for them, and the ordinary payments of their life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from actions.diagnosis.facts import Method, MethodKind, Money
from tests.simulator.codes import RISK_REASON
from tests.simulator.journal import EXPONENTS, Journal
from tests.simulator.paying import Paying
from tests.simulator.places import COUNTRY_OF, GOOD_VERSIONS, ZONES, Shop

if TYPE_CHECKING:
    from tests.simulator.world import World

Row = dict[str, Any]
HISTORY = timedelta(days=32)
WALLET_ZONE = ZoneInfo("Asia/Shanghai")  # the wallet's "day" and "month"
BANKS = ("招商银行", "工商银行", "HSBC", "MUFG", "Deutsche Bank")


class Person:
    """Makes one customer's rows. All chance comes from the customer's own seed."""

    def __init__(self, world: World, number: int, dice: Random, *, home: str | None = None) -> None:
        self.world, self.dice, self.now = world, dice, world.now
        self.slug = f"{world.slug}_{number:04d}"
        self.id = f"cust_{self.slug}"
        self.home = home or dice.choice(["CNY"] * 6 + ["HKD", "JPY", "KWD", "EUR", "USD"])
        self.country = COUNTRY_OF[self.home]
        self.journal = Journal(self.slug)
        self.methods: dict[str, Method] = {}
        self.paid: list[Paying] = []
        self.fees = 100  # basis points abroad
        self._wallets: dict[str, str] = {}
        self._limited: list[tuple[str, int, datetime, datetime | None]] = []
        self._later: list[Callable[[], None]] = []
        self._busy: list[tuple[datetime, datetime]] = []
        self._barred: list[tuple[datetime, datetime]] = []
        self._counts: dict[str, int] = {}
        zone = ZONES[self.country] if dice.random() < 0.9 else dice.choice(list(ZONES.values()))
        self.add(
            "customers",
            id=self.id,
            name=f"客户{number}",
            language=dice.choice(["zh", "en"]),
            timezone=zone,
            country=self.country,
            app_version=dice.choice(GOOD_VERSIONS),
            risk_status=dice.choice(["normal"] * 8 + ["watched", "under_review"]),
            created_at=self.now - timedelta(days=500),
        )
        self.wallet(self.home)
        self.balance = self.method(MethodKind.BALANCE)
        self.card = self.method(MethodKind.BANK_CARD)
        self.abroad = self.add(
            "international_settings",
            enabled=True,
            changed_at=self.now - timedelta(days=300),
            enabled_before=False,
            countries=sorted(COUNTRY_OF.values()),
            currencies=sorted(EXPONENTS),
            fee_basis_points=self.fees,
        )

    # rows and numbers

    def add(self, table: str, **values: Any) -> Row:
        """Adds a row of this customer's and gives it back, so that a story may still change it."""
        if table != "customers":
            values["customer_id"] = self.id
        self.world.tables[table].append(values)
        return values

    def new_id(self, prefix: str) -> str:
        """A readable id that is used once."""
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}_{self.slug}_{self._counts[prefix]:02d}"

    def digits(self, count: int) -> str:
        """Some digits."""
        return "".join(self.dice.choice("0123456789") for _ in range(count))

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.dice.random() < share

    def units(self, low: int, high: int, currency: str | None = None) -> int:
        """An amount of about low to high yuan's worth, in minor units of a currency (the home one)."""
        currency = currency or self.home
        scale = {"JPY": 20, "KWD": 1 / 20, "USD": 1 / 7, "EUR": 1 / 8}.get(currency, 1)
        least = max(1, round(low * scale * 10 ** EXPONENTS[currency]))
        most = max(least + 5, round(high * scale * 10 ** EXPONENTS[currency]))
        return self.dice.randint(least, most)

    # what the customer has

    def wallet(self, currency: str) -> str:
        """The wallet account in a currency, opened when first asked for."""
        return self._wallets.setdefault(currency, f"acc_{self.slug}_{currency.lower()}")

    def method(self, kind: MethodKind, *, closed: datetime | None = None) -> str:
        """A way to pay; cards get a bank and four digits."""
        card = kind is MethodKind.BANK_CARD
        bank, last4 = (self.dice.choice(BANKS), self.digits(4)) if card else (None, None)
        row = self.add(
            "payment_methods",
            id=self.new_id("mth"),
            kind=kind.value,
            bank=bank,
            last4=last4,
            closed_at=closed,
        )
        self.methods[row["id"]] = Method(kind, bank, last4, closed=closed is not None)
        return str(row["id"])

    def exactly(self, at: datetime, minor: int, currency: str | None = None) -> None:
        """This much can be spent just before a moment."""
        currency = currency or self.home
        self.journal.exactly(at - timedelta(seconds=20), self.wallet(currency), currency, minor)

    def freeze(self, at: datetime, minor: int, until: datetime | None = None) -> None:
        """Part of the home balance is frozen, for reasons of no payment's."""
        leg, wallet = self.journal.leg, self.wallet(self.home)
        for when, sign in ((at, 1), (until, -1)):
            if when is not None:
                kind = "hold" if sign > 0 else "release"
                self.journal.note(
                    when,
                    leg("customer", kind, -sign * minor, self.home, wallet=wallet),
                    leg("customer_hold", kind, sign * minor, self.home, wallet=wallet),
                )

    def restrict(self, since: datetime, lifted: datetime | None = None) -> Row:
        """Risk control stops payments for a time."""
        self._stop(since, lifted)
        return self.add(
            "restrictions",
            id=self.new_id("res"),
            status=self.dice.choice(["restricted", "frozen"]),
            effective_from=since,
            lifted_at=lifted,
            identity_check_offered=self.chance(0.5),
            reason=RISK_REASON,
        )

    def lock(self, at: datetime, hours: float = 3) -> Row:
        """The payment password is locked."""
        until = at + timedelta(hours=hours)
        self._stop(at, until)
        return self.add(
            "password_locks", id=self.new_id("lck"), locked_at=at, locked_until=until, wrong_tries=5
        )

    def version_at(self, at: datetime) -> str:
        """The version of the app on the customer's phone at a moment: they update in time."""
        return GOOD_VERSIONS[at >= self.now - timedelta(days=1, hours=1)]

    def limit(self, scope: str, minor: int, since: datetime, until: datetime | None) -> None:
        """Another limit than the usual one for a time."""
        self._limited.append((scope, minor, since, until))

    def busy(self, since: datetime, until: datetime | None) -> None:
        """No ordinary payment is made in this time."""
        self._busy.append((since, until or self.now))

    def _stop(self, since: datetime, until: datetime | None) -> None:
        self._barred.append((since, until or self.now))
        self.busy(since, until)

    def barred(self, at: datetime) -> bool:
        """Whether the customer could not pay at a moment."""
        return any(since <= at <= until for since, until in self._barred)

    def later(self, do: Callable[[], None]) -> None:
        """To be done when all payments are known."""
        self._later.append(do)

    def used(self, since: datetime, before: datetime) -> int:
        """What left the customer for payments in a time, less what had come back of it; fees aside."""
        total, spent = 0, set()
        for entry in sorted(self.journal.noted, key=lambda one: one.at):
            if entry.payment_id is None or entry.refund_id is not None or not since <= entry.at < before:
                continue
            for leg in entry.legs:
                if leg.account == "customer" and leg.currency == self.home:
                    if leg.kind in ("debit", "hold"):
                        spent.add(leg.id)
                        total -= leg.minor
                    elif leg.reverses in spent:
                        total -= leg.minor
        return total

    # payments

    def payment(
        self,
        shop: Shop,
        minor: int,
        at: datetime,
        *,
        currency: str | None = None,
        method: str | None = None,
        order_no: str | None = None,
        kind: str = "purchase",
        fee: int = 0,
        link: str | None = None,
        key: str | None = None,
        expires: datetime | None = None,
        margin: int | None = None,
        booked: bool | None = None,
        purse: str | None = None,
    ) -> Paying:
        """A payment that has only been created. In another currency than its purse's (the home one) it
        is converted."""
        purse = purse or self.home
        method = method or self.balance
        currency = currency or shop.currency
        by_balance = self.methods[method].kind is MethodKind.BALANCE
        row = self.add(
            "payments",
            id=self.new_id("pay"),
            merchant_id=shop.id,
            method_id=method,
            paying_account_id=self.wallet(purse) if by_balance else None,
            order_no=order_no or f"{at:%Y%m%d}{self.digits(10)}",
            transaction_no=f"IM{self.slug}{self.digits(10)}",
            kind="transfer" if shop.person else kind,
            status="created",
            minor=minor,
            currency=currency,
            fee_minor=fee if currency == purse else 0,
            country=shop.country,
            idempotency_key=key or f"idem-{self.digits(16)}",
            link_key=link,
            created_at=at,
            expires_at=expires,
            **dict.fromkeys(("authorized_at", "captured_at", "ended_at", "merchant_notified_at")),
        )
        cost = Money(minor, purse)
        if currency != purse:
            cost, fee = self._convert(row, margin)
        if booked is None:
            booked = by_balance or self.chance(0.6)
        paying = Paying(self, shop, row, cost, fee, booked)
        self.paid.append(paying)
        return paying

    def _convert(self, row: Row, margin: int | None) -> tuple[Money, int]:
        quote = self.world.places.quote(self.home, row["currency"], row["created_at"])
        scale = Decimal(10) ** (EXPONENTS[self.home] - EXPONENTS[row["currency"]])
        cost = int((row["minor"] * quote["rate"] * scale).quantize(Decimal(1), ROUND_HALF_UP)) or 1
        fee = int((Decimal(cost) * self.fees / 10_000).quantize(Decimal(1), ROUND_HALF_UP))
        self.add(
            "fx_conversions",
            payment_id=row["id"],
            quote_id=quote["id"],
            converted_minor=cost,
            fee_minor=fee,
            margin_minor=margin,
            currency=self.home,
        )
        return Money(cost, self.home), fee

    # the ordinary rest of life

    def finish(self, ordinary: int) -> None:
        """Ordinary payments, limits, accounts, and the money booked in order of time."""
        self._live(ordinary)
        for do in self._later:
            do()
        usual = {"per_payment": 100_000, "daily": 200_000, "monthly": 2_000_000}
        for scope, yuan in usual.items():
            low = max(1, round(yuan * 10 ** EXPONENTS[self.home]))
            self._limit_row(scope, low * (20 if self.home == "JPY" else 1), self.now - 2 * HISTORY, None)
        for one in self._limited:
            self._limit_row(*one)
        for currency, wallet in self._wallets.items():
            opening = self.units(800, 3000, currency)
            self.journal.transfer(self.now - HISTORY - timedelta(days=60), wallet, currency, opening)
        self.world.book(self.id, self.journal.book())
        for currency, wallet in self._wallets.items():
            free, frozen = (  # broken books may say less than nothing; the account's own row can't
                max(0, self.journal.sides[wallet, side]) for side in ("customer", "customer_hold")
            )
            self.add(
                "wallet_accounts",
                id=wallet,
                currency=currency,
                total_minor=free + frozen,
                frozen_minor=frozen,
            )

    def _limit_row(self, scope: str, minor: int, since: datetime, until: datetime | None) -> None:
        self.add(
            "spending_limits",
            id=self.new_id("lim"),
            scope=scope,
            minor=minor,
            currency=self.home,
            effective_from=since,
            effective_until=until,
        )

    def _live(self, count: int) -> None:
        """Ordinary payments, none while something else goes on and no two equal ones at one merchant."""
        taken = {(one.shop.id, one.row["minor"]) for one in self.paid}
        for _ in range(count * 4):
            if count <= 0:
                return
            at = self.now - timedelta(seconds=self.dice.randrange(3600, int(HISTORY.total_seconds())))
            shop = self.world.shop(self.home, self.dice)
            minor = self.units(5, 300)
            if (shop.id, minor) in taken or any(since <= at <= until for since, until in self._busy):
                continue
            taken.add((shop.id, minor))
            paying = self.payment(shop, minor, at, method=self.card if self.chance(0.2) else None)
            paying.attempt("approved").pay()
            count -= 1
            if self.chance(0.05) and at + timedelta(hours=30) < self.now:
                paying.refund(accepted=at + timedelta(hours=1), completed=at + timedelta(hours=5))
                paying.settle_refunds()


def day_start(at: datetime) -> datetime:
    """The midnight of the wallet's zone that began the day; UTC."""
    local = at.astimezone(WALLET_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(timezone.utc)


def month_start(at: datetime) -> datetime:
    """The midnight of the wallet's zone that began the month; UTC."""
    return day_start(at.astimezone(WALLET_ZONE).replace(day=1))
