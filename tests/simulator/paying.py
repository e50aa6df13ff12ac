"""One payment as it happens: tries, where the money goes, refunds; with its true money beside the records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from actions.diagnosis.facts import Method, MethodKind, Money
from tests.simulator.journal import Leg
from tests.simulator.places import Shop
from tests.simulator.truth import Flow, Return

if TYPE_CHECKING:
    from tests.simulator.person import Person

SECOND = timedelta(seconds=1)


class Paying:
    """A payment that unfolds. `cost` and `fee` are what the paying side gives, in `currency`.

    `booked` is False for cards whose bank the wallet does not keep the books of: money moves, no legs.
    """

    def __init__(
        self, person: Person, shop: Shop, row: dict[str, Any], cost: Money, fee: int, booked: bool
    ) -> None:
        self.person, self.shop, self.row, self.fee, self.booked = person, shop, row, fee, booked
        self.cost = cost.minor
        self.currency = cost.currency
        self.flow = Flow(
            row["id"],
            (row["merchant_id"], row["order_no"]),
            Money(row["minor"], row["currency"]),
            Money(cost.minor + fee, cost.currency),
            fee,
        )
        self._tries = self._refunds = 0
        self._taken: list[Leg] = []
        self.held_leg: Leg | None = None
        self.unheard = False  # the customer's app never showed an answer

    @property
    def id(self) -> str:
        """The payment's id."""
        return str(self.row["id"])

    @property
    def at(self) -> datetime:
        """When it was made."""
        made: datetime = self.row["created_at"]
        return made

    @property
    def method(self) -> Method:
        """What pays."""
        return self.person.methods[self.row["method_id"]]

    @property
    def foreign(self) -> bool:
        """Whether it was converted."""
        return bool(self.currency != self.row["currency"])

    @property
    def all(self) -> Money:
        """Cost and fee."""
        return Money(self.cost + self.fee, self.currency)

    def attempt(
        self,
        outcome: str,
        code: tuple[str | None, str | None] = (None, None),
        *,
        at: datetime | None = None,
        seconds: float | None = 2,
        client: str = "shown",
        network: str = "ok",
        tries: int = 0,
        app: str | None = None,
        new_device: bool = False,
        country: str | None = None,
    ) -> Paying:
        """One try that reached the wallet. `seconds` until its answer, None = none came."""
        self._tries += 1
        self.unheard = client != "shown"
        started = at or self.at
        self.person.add(
            "attempts",
            id=f"att_{self.id[4:]}_{self._tries}",
            payment_id=self.id,
            merchant_id=self.shop.id,
            started_at=started,
            finished_at=None if seconds is None else started + timedelta(seconds=seconds),
            outcome=outcome,
            channel=self.shop.channel,
            rail=code[0] or self.shop.rail,
            code=code[1],
            server_request_id=f"req_{self.id[4:]}_{self._tries}",
            network_outcome=network,
            client_outcome=client,
            app_version=app or self.person.version_at(started),
            device_new=new_device,
            country=country or self.row["country"],
            wrong_password_tries=tries,
        )
        return self

    # where the money goes

    def debit(self, at: datetime | None = None) -> Paying:
        """Taken from the customer, waiting with the channel."""
        self._take(at or self.at + SECOND, "channel")
        return self

    def pay(self, at: datetime | None = None) -> Paying:
        """Taken from the customer and given to the merchant at once."""
        at = at or self.at + SECOND
        self._take(at, "merchant")
        return self._captured(at)

    def pass_on(self, at: datetime) -> Paying:
        """From the channel to the merchant."""
        waits = next(leg for leg in self._taken if leg.account == "channel")
        leg = self.person.journal.leg
        self.note(
            at,
            leg("channel", "capture", -waits.minor, waits.currency),
            leg("merchant", "capture", waits.minor, waits.currency),
        )
        return self._captured(at)

    def hold(self, at: datetime | None = None) -> Paying:
        """Reserved, not taken."""
        at = at or self.at + SECOND
        leg = self._leg("customer", "hold", -self.cost)
        self.held_leg = leg
        self.note(at, leg, self._leg("customer_hold", "hold", self.cost))
        self.row.update(status="authorized", authorized_at=at)
        self.flow.place, self.flow.away, self.flow.open = "held", self.cost, True
        return self

    def capture_hold(self, at: datetime) -> Paying:
        """The reserved money goes to the merchant."""
        leg = self._leg
        self.note(at, leg("customer_hold", "capture", -self.cost), leg("merchant", "capture", self.cost))
        return self._captured(at)

    def release(self, at: datetime, status: str = "voided") -> Paying:
        """The reserved money can be spent again."""
        back = self.held_leg.id if self.held_leg else None
        self.note(
            at,
            self._leg("customer_hold", "release", -self.cost),
            self._leg("customer", "release", self.cost, reverses=back),
        )
        self.flow.returns.append(Return("release", Money(self.cost, self.currency), "done"))
        self.flow.place, self.flow.away = "nowhere", 0
        return self.end(status, at)

    def failed_after_debit(self, at: datetime) -> Paying:
        """The failure was accepted at a moment; from then on the debit is on its way back."""
        self.end("reversing", at)
        self.flow.open = True
        self.flow.returns.append(Return("reversal", Money(self.flow.away, self.currency), "moving"))
        return self

    def reverse(self, at: datetime, *, status: str = "reversed") -> Paying:
        """The debit (and the fee) comes back."""
        leg = self.person.journal.leg
        self.note(
            at,
            *(
                leg(
                    one.account,
                    "reversal",
                    -one.minor,
                    one.currency,
                    wallet=one.wallet,
                    reverses=one.id if one.account == "customer" else None,
                )
                for one in self._taken
            ),
        )
        self.row["status"] = status
        back = Money(self.flow.away, self.currency)
        self.flow.returns = [one for one in self.flow.returns if one.kind != "reversal"]
        self.flow.returns.append(Return("reversal", back, "done"))
        self.flow.place, self.flow.away, self.flow.open = "nowhere", 0, False
        return self

    def refund(
        self,
        minor: int | None = None,
        *,
        accepted: datetime,
        completed: datetime | None = None,
        status: str | None = None,
        to: str | None = None,
        reason: bool = False,
    ) -> dict[str, Any]:
        """A refund (of all but the fee if `minor` is None) to the method with id `to` (the paying one if
        None): done if it has a time of completion, else on its way, unless `status` says failed."""
        self._refunds += 1
        minor = minor or self.cost
        status = status or (
            "succeeded" if completed else self.person.dice.choice(["processing"] * 3 + ["requested"])
        )
        destination = to or self.row["method_id"]
        row = self.person.add(
            "refunds",
            id=f"rfd_{self.id[4:]}_{self._refunds}",
            payment_id=self.id,
            destination_id=destination,
            status=status,
            minor=minor,
            currency=self.currency,
            accepted_at=accepted,
            completed_at=completed,
            reason_zh="部分商品缺货" if reason else None,
            reason_en="Part of the goods out of stock" if reason else None,
            reference=f"RF{self.person.digits(14)}",
        )
        method = self.person.methods[destination]
        state = {"succeeded": "done", "failed": "failed", "canceled": "none"}.get(status, "moving")
        self.flow.returns.append(Return("refund", Money(minor, self.currency), state, method))
        if status == "succeeded" and completed:
            to_wallet = method.kind is MethodKind.BALANCE
            if self.booked or to_wallet:
                wallet = self.person.wallet(self.currency) if to_wallet else None
                journal = self.person.journal
                journal.note(
                    completed,
                    self._leg("merchant", "refund", -minor),
                    journal.leg("customer", "refund", minor, self.currency, wallet=wallet),
                    payment_id=self.id,
                    refund_id=row["id"],
                )
        return row

    # how it ends

    def end(self, status: str, at: datetime | None = None) -> Paying:
        """Failed, voided, expired, closed, reversing … at a moment."""
        self.row.update(status=status, ended_at=at or self.at + 2 * SECOND)
        self.flow.open = False
        return self

    def state(self, status: str, *, open: bool = False) -> Paying:
        """A status that is not an end: processing, unknown, refunded, partially_refunded."""
        self.row["status"] = status
        self.flow.open = open
        return self

    def settle_refunds(self) -> Paying:
        """The payment's own status follows its finished refunds."""
        done = self.flow.sums("refund", "done").minor
        if done:
            self.row["status"] = "refunded" if done >= self.cost else "partially_refunded"
        return self

    def untold(self) -> Paying:
        """The merchant has not been notified yet."""
        self.row["merchant_notified_at"] = None
        return self

    def note(self, at: datetime, *legs: Leg, broken: bool = False) -> None:
        """Books legs for this payment (unless the bank's side is not booked here)."""
        if self.booked:
            self.person.journal.note(at, *legs, payment_id=self.id, broken=broken)

    def leg(self, account: str, kind: str, minor: int) -> Leg:
        """A leg in the currency that pays, on the paying wallet where that is meant."""
        return self._leg(account, kind, minor)

    def _captured(self, at: datetime) -> Paying:
        row = self.row
        row.update(status="captured", captured_at=at, merchant_notified_at=at + SECOND)
        row["authorized_at"] = row["authorized_at"] or at
        self.flow.place, self.flow.away, self.flow.open = "merchant", self.cost + self.fee, False
        return self

    def _leg(self, account: str, kind: str, minor: int, *, reverses: str | None = None) -> Leg:
        wallet = self.row["paying_account_id"] if account in ("customer", "customer_hold") else None
        return self.person.journal.leg(account, kind, minor, self.currency, wallet=wallet, reverses=reverses)

    def _take(self, at: datetime, to: str) -> None:
        journal = self.person.journal
        first = self._leg("customer", "debit", -self.cost)
        kind = "capture" if to == "merchant" else "debit"
        legs = [first]
        if not self.foreign:
            legs.append(self._leg(to, kind, self.cost))
        else:
            legs += [
                self._leg("fx", "fx", self.cost),
                journal.leg("fx", "fx", -self.row["minor"], self.row["currency"]),
                journal.leg(to, kind, self.row["minor"], self.row["currency"]),
            ]
        if self.fee:
            fee = self._leg("customer", "fee", -self.fee)
            legs += [fee, self._leg("fees", "fee", self.fee)]
        self._taken = legs
        self.note(at, *legs)
        self.flow.place, self.flow.away, self.flow.open = to, self.cost + self.fee, True
