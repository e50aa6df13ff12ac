"""One customer of the demo, and the words in which a story is told about them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from actions.diagnosis.currencies import exponent
from actions.diagnosis.result import Cause
from actions.ledger.demo.drafts import Draft
from actions.ledger.demo.money import Exactly, Journal, Purse
from actions.ledger.demo.world import EVERYDAY

if TYPE_CHECKING:
    from actions.ledger.demo.book import Book

HISTORY_DAYS = 32


class Person:
    """Makes one customer's rows. Everything random comes from the customer's own seed."""

    def __init__(
        self,
        book: Book,
        id: str,
        name: str,
        language: str,
        *,
        zone: str,
        country: str,
        home: str,
        app: str,
        risk: str,
    ) -> None:
        self.book, self.id, self.name, self.language = book, id, name, language
        self.slug = id.removeprefix("cust_")
        self.zone = ZoneInfo(zone)
        self.country, self.home, self.app_version = country, home, app
        self.now = book.now
        self.journal = Journal(self.slug)
        self.purses: dict[str, Purse] = {}
        self.drafts: list[Draft] = []
        self._rng = random.Random(f"im-wallet:{id}")  # noqa: S311 (a demo's dice, nothing secret)
        self._busy: list[datetime] = []
        self._quiet: list[tuple[datetime, datetime]] = []
        self._numbers: dict[str, int] = {}
        self._limits: dict[str, int] = {"per_payment": 10_000, "daily": 20_000, "monthly": 100_000}
        self._everyday = 0
        self.add(
            "customers",
            id=id,
            name=name,
            language=language,
            timezone=zone,
            country=country,
            app_version=app,
            risk_status=risk,
            created_at=self.now - timedelta(days=400),
        )
        self.purse(home)
        self.balance = self._method("balance")
        self._abroad = self.add(
            "international_settings",
            enabled=True,
            changed_at=self.now - timedelta(days=300),
            enabled_before=False,
            countries=["DE", "GB", "HK", "JP", "KW", "NL", "SG", "TH", "US"],
            currencies=["EUR", "GBP", "HKD", "JPY", "KWD", "SGD", "USD"],
            fee_basis_points=100,
        )

    # rows and numbers

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        """Adds a row of this customer's to a table."""
        if table != "customers":
            values.setdefault("customer_id", self.id)
        return self.book.add(table, values)

    def digits(self, count: int) -> str:
        """Some digits for a number on a bill."""
        return "".join(self._rng.choice("0123456789") for _ in range(count))

    def next_id(self, prefix: str) -> str:
        """A readable id: pay_lin_wei_03."""
        self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return f"{prefix}_{self.slug}_{self._numbers[prefix]:02d}"

    # time, as the customer tells it

    def ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """So long before now."""
        return self.now - timedelta(days=days, hours=hours, minutes=minutes)

    def on(self, days_ago: int, clock: str) -> datetime:
        """A time of day, so many days ago, on the customer's own clock; as UTC. At least one day ago."""
        day = self.now.astimezone(self.zone).date() - timedelta(days=days_ago)
        hour, minute = map(int, clock.split(":"))
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
        return local.astimezone(timezone.utc) + timedelta(seconds=self._rng.randrange(5, 50))

    def yesterday_within_a_day(self) -> datetime:
        """A moment that was yesterday on the customer's clock and less than 24 hours ago, at any hour.

        An evening hour that is at most 23 hours ago if there is one, else the middle of what remains.
        """
        today = self.now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        midnight = today.astimezone(timezone.utc)
        for clock in ("19:12", "20:41", "21:34"):
            moment = self.on(1, clock)
            if self.now - moment <= timedelta(hours=23):
                return moment
        return self.now - timedelta(hours=24) + (midnight - (self.now - timedelta(hours=24))) / 2

    # what the customer has

    def purse(self, currency: str) -> Purse:
        """The wallet account in a currency, opened when first asked for."""
        if currency not in self.purses:
            self.purses[currency] = Purse(f"acc_{self.slug}_{currency.lower()}", currency)
        return self.purses[currency]

    def card(self, bank: str, last4: str, *, closed: datetime | None = None) -> str:
        """A bank card, as the id of the payment method."""
        return self._method("bank_card", bank=bank, last4=last4, closed_at=closed)

    def credit_line(self) -> str:
        """The wallet's own credit line, as the id of the payment method."""
        return self._method("credit_line")

    def wallet_of(self, method_id: str, currency: str) -> str | None:
        """The wallet account that a method pays from or to; None for cards."""
        return self.purse(currency).id if method_id == self.balance else None

    def _method(self, kind: str, **more: Any) -> str:
        row = {"bank": None, "last4": None, "closed_at": None, **more}
        return str(self.add("payment_methods", id=self.next_id("mth"), kind=kind, **row)["id"])

    def limit(self, scope: str, yuan: int) -> None:
        """Another limit than the usual one, for the whole time (whole units of the home currency)."""
        self._limits[scope] = yuan

    def available(self, minor: int, *, before: datetime, currency: str | None = None) -> None:
        """Exactly this much can be spent just before a moment."""
        purse = self.purse(currency or self.home)
        self._busy.append(before)
        self.journal.exact.append(Exactly(before - timedelta(seconds=90), purse.id, minor))

    def freeze(self, minor: int, at: datetime) -> None:
        """Part of the balance is frozen from a moment on."""
        purse, leg = self.purse(self.home), self.journal.leg
        self.journal.note(
            at,
            leg("customer", "hold", -minor, self.home, wallet=purse.id),
            leg("customer_hold", "hold", minor, self.home, wallet=purse.id),
        )

    def top_up(self, minor: int, at: datetime) -> None:
        """Money from the bank into the balance."""
        self.journal.move(at, self.purse(self.home).id, self.home, minor)

    def abroad(self, **settings: Any) -> None:
        """Changes the settings for paying abroad; `enabled=None` = the app shows no such option."""
        self._abroad.update(settings)

    def restrict(self, status: str, since: datetime, *, lifted: datetime | None = None, check: bool) -> None:
        """A hold on the account; `check`: whether the app offers an identity check to lift it."""
        self.add(
            "restrictions",
            id=self.next_id("res"),
            status=status,
            effective_from=since,
            lifted_at=lifted,
            identity_check_offered=check,
            reason="RC-4471 unusual pattern",
        )
        self.quiet(since, lifted)

    def locked(self, at: datetime) -> None:
        """The payment password was locked at a moment, for three hours."""
        until = at + timedelta(hours=3)
        self.add("password_locks", id=self.next_id("lck"), locked_at=at, locked_until=until, wrong_tries=5)
        self.quiet(at, until)

    def quiet(self, since: datetime, until: datetime | None = None) -> None:
        """No everyday payment succeeds in this time (until now if it has no end)."""
        self._quiet.append((since, until or self.now))

    def version_at(self, at: datetime) -> str:
        """The app's version on the customer's phone at a moment: none from before its release."""
        version = self.app_version
        for release in self.book.tables["app_releases"]:
            if release["released_at"] <= at:
                version = str(release["version"])
            if release["version"] == self.app_version:
                break
        return version

    # payments

    def payment(
        self,
        shop: str,
        minor: int,
        at: datetime,
        *,
        currency: str | None = None,
        method: str | None = None,
        order_no: str | None = None,
        kind: str = "purchase",
        fee: int = 0,
        country: str | None = None,
        link: str | None = None,
        expires: datetime | None = None,
    ) -> Draft:
        """A payment that has only been created. In another currency than the home one it is converted."""
        currency = currency or self.home
        method = method or self.balance
        home = currency in self.purses
        cost_currency = currency if home else self.home
        stamp = at.astimezone(self.zone).strftime("%Y%m%d")
        row = self.add(
            "payments",
            id=self.next_id("pay"),
            merchant_id=shop,
            method_id=method,
            paying_account_id=self.wallet_of(method, cost_currency),
            order_no=order_no or f"{shop[:2].upper()}{stamp}{self.digits(8)}",
            transaction_no=f"IM{stamp}{self.digits(10)}",
            kind=kind,
            status="created",
            minor=minor,
            currency=currency,
            fee_minor=fee,
            country=country or self.book.country_of(shop),
            idempotency_key=f"idem-{self.digits(16)}",
            link_key=link,
            created_at=at,
            **dict.fromkeys(("authorized_at", "captured_at", "ended_at", "merchant_notified_at")),
            expires_at=expires,
        )
        self._busy.append(at)
        cost, paid_fee = (minor, fee) if home else self._convert(row)
        draft = Draft(self, row, cost, cost_currency, paid_fee)
        self.drafts.append(draft)
        return draft

    def bought(self, shop: str, minor: int, at: datetime, **more: Any) -> Draft:
        """A payment that went through."""
        return self.payment(shop, minor, at, **more).attempt("approved").pay()

    def declined(
        self, shop: str, minor: int, at: datetime, code: str, *, rail: str | None = None, **more: Any
    ) -> Draft:
        """A payment that was refused with a code; nothing moved."""
        attempt = {k: more.pop(k) for k in ("tries", "new_device") if k in more}
        return (
            self.payment(shop, minor, at, **more)
            .attempt("declined", code, rail=rail, **attempt)
            .end("failed")
        )

    def not_sent(self, shop: str, minor: int, at: datetime, *, client: str) -> str:
        """A try that only the app's own log knows of; gives the id that it has as a payment."""
        self._busy.append(at)
        stamp = at.astimezone(self.zone).strftime("%Y%m%d")
        entry = self.add(
            "client_log",
            id=self.next_id("log"),
            merchant_id=shop,
            method_id=self.balance,
            order_no=f"{shop[:2].upper()}{stamp}{self.digits(8)}",
            minor=minor,
            currency=self.home,
            country=self.country,
            started_at=at,
            client_outcome=client,
            app_version=self.version_at(at),
        )
        return str(entry["id"])

    def _convert(self, payment: dict[str, Any]) -> tuple[int, int]:
        """Adds the conversion of a payment into the home currency; gives cost and fee."""
        quote = self.book.quote(payment["currency"], payment["created_at"])
        scale = Decimal(10) ** (exponent(self.home) - exponent(payment["currency"]))
        exact = Decimal(payment["minor"]) * quote["rate"] * scale
        cost = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        points = Decimal(self._abroad["fee_basis_points"])
        fee = int((cost * points / 10_000).quantize(Decimal(1), ROUND_HALF_UP))
        self.add(
            "fx_conversions",
            payment_id=payment["id"],
            quote_id=quote["id"],
            converted_minor=cost,
            fee_minor=fee,
            margin_minor=None,
            currency=self.home,
        )
        return cost, fee

    # the ordinary rest of life

    def everyday(self, count: int) -> None:
        """So many ordinary payments around the story, made once the story is told."""
        self._everyday = count

    def expects(self, payment: Draft | str, cause: Cause, variant: str | None = None) -> None:
        """What the diagnosis ought to lead with for this payment (checked by tests, not stored)."""
        self.book.expected[payment if isinstance(payment, str) else payment.id] = (self.id, cause, variant)

    def finish(self) -> None:
        """Adds everyday life, limits, and posts the money in order of time."""
        self._live()
        for scope, units in self._limits.items():
            self.add(
                "spending_limits",
                id=self.next_id("lim"),
                scope=scope,
                minor=units * 10 ** exponent(self.home),
                currency=self.home,
                effective_from=self.now - timedelta(days=400),
                effective_until=None,
            )
        for purse in self.purses.values():
            opening = self._rng.randrange(8, 30) * 100 * 10 ** exponent(purse.currency)
            self.journal.move(self.now - timedelta(days=HISTORY_DAYS + 60), purse.id, purse.currency, opening)
        self.book.postings(self.id, self.journal.post(self.purses.values()))
        for purse in self.purses.values():
            available, frozen = purse.sides["customer"], purse.sides["customer_hold"]
            self.add(
                "wallet_accounts",
                id=purse.id,
                currency=purse.currency,
                total_minor=available + frozen,
                frozen_minor=frozen,
            )

    def _live(self) -> None:
        """Ordinary payments: not within three hours of the story, nor while the customer could not pay,
        nor equal to another one in shop and amount."""
        taken = {(d.row["merchant_id"], d.row["minor"]) for d in self.drafts}
        shops = EVERYDAY[self.home] if self._everyday else ()
        made = 0
        while made < self._everyday:
            shop, least, most, step = self._rng.choice(shops)
            minor = self._rng.randrange(least, most + 1, step)
            at = self.on(
                self._rng.randrange(1, HISTORY_DAYS),
                f"{self._rng.randrange(7, 23)}:{self._rng.randrange(60)}",
            )
            near = any(abs(at - moment) < timedelta(hours=3) for moment in self._busy)
            barred = any(since <= at <= until for since, until in self._quiet)
            if (shop, minor) in taken or near or barred or self.now - at < timedelta(hours=6):
                continue
            taken.add((shop, minor))
            busy = len(self._busy)
            self.bought(shop, minor, at)
            del self._busy[busy:]  # everyday payments may stand close together
            made += 1
