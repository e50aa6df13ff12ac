"""One payment of a story, written step by step: attempts, where the money went, refunds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from actions.ledger.demo.money import Leg
from actions.ledger.demo.world import RAIL_OF_CHANNEL

if TYPE_CHECKING:
    from actions.ledger.demo.person import Person


class Draft:
    """A payment while its story is told. Moments are absolute; amounts are minor units.

    `row` is the payment's row. `cost` and `cost_currency` are what the paying side gives, fee not
    included: the converted amount for a payment in another currency.
    """

    def __init__(self, person: Person, row: dict[str, Any], cost: int, cost_currency: str, fee: int) -> None:
        self.person = person
        self.row = row
        self.cost, self.cost_currency, self.fee = cost, cost_currency, fee
        self._attempts = self._refunds = 0
        self._taken_legs: list[tuple[str, Leg]] = []  # where the money went, and the customer's leg
        self._hold_leg: str | None = None

    @property
    def id(self) -> str:
        """The payment's id."""
        return str(self.row["id"])

    @property
    def at(self) -> datetime:
        """When the payment was made."""
        made: datetime = self.row["created_at"]
        return made

    def attempt(
        self,
        outcome: str,
        code: str | None = None,
        *,
        at: datetime | None = None,
        seconds: float | None = 2,
        rail: str | None = None,
        client: str = "shown",
        network: str = "ok",
        tries: int = 0,
        new_device: bool = False,
        country: str | None = None,
    ) -> Draft:
        """One try. `seconds` until the answer, None = none came. `client`: what the app saw."""
        self._attempts += 1
        started = at or self.at
        channel = self.person.book.channel_of(self.row["merchant_id"])
        self.person.add(
            "attempts",
            id=f"att_{self.id.removeprefix('pay_')}_{self._attempts}",
            payment_id=self.id,
            merchant_id=self.row["merchant_id"],
            started_at=started,
            finished_at=None if seconds is None else started + timedelta(seconds=seconds),
            outcome=outcome,
            channel=channel,
            rail=rail or RAIL_OF_CHANNEL[channel],
            code=code,
            server_request_id=f"req_{self.person.digits(12)}",
            network_outcome=network,
            client_outcome=client,
            app_version=self.person.version_at(started),
            device_new=new_device,
            country=country or self.row["country"],
            wrong_password_tries=tries,
        )
        return self

    # where the money goes

    def debit(self, at: datetime | None = None) -> Draft:
        """Taken from the customer, waiting with the channel."""
        self._note(at or self.at + timedelta(seconds=1), *self._taken("debit", "channel"))
        return self

    def pass_on(self, at: datetime) -> Draft:
        """From the channel to the merchant."""
        self._note(
            at, self._leg("channel", "capture", -self.cost), self._leg("merchant", "capture", self.cost)
        )
        return self.captured(at)

    def pay(self, at: datetime | None = None) -> Draft:
        """Taken from the customer and given to the merchant at once."""
        at = at or self.at + timedelta(seconds=1)
        self._note(at, *self._taken("debit", "merchant"))
        return self.captured(at)

    def hold(self, at: datetime | None = None) -> Draft:
        """Reserved, not taken."""
        at = at or self.at + timedelta(seconds=1)
        leg = self._leg("customer", "hold", -self.cost)
        self._hold_leg = leg.id
        self._note(at, leg, self._leg("customer_hold", "hold", self.cost))
        self.row.update(status="authorized", authorized_at=at)
        return self

    def capture_hold(self, at: datetime) -> Draft:
        """The reserved money goes to the merchant."""
        self._note(
            at, self._leg("customer_hold", "capture", -self.cost), self._leg("merchant", "capture", self.cost)
        )
        return self.captured(at)

    def release(self, at: datetime, status: str = "voided") -> Draft:
        """The reserved money can be spent again."""
        self._note(
            at,
            self._leg("customer_hold", "release", -self.cost),
            self._leg("customer", "release", self.cost, reverses=self._hold_leg),
        )
        return self.end(status, at)

    def reverse(self, at: datetime) -> Draft:
        """The channel gives the debit (and the fee) back; the payment had ended before, when its failure
        was accepted."""
        legs = []
        for source, taken in self._taken_legs:
            legs.append(self._leg(source, "reversal", taken.minor))
            legs.append(self._leg("customer", "reversal", -taken.minor, reverses=taken.id))
        self._note(at, *legs)
        self.row["status"] = "reversed"
        return self

    def refund(
        self,
        minor: int | None = None,
        *,
        accepted: datetime,
        completed: datetime | None = None,
        status: str | None = None,
        to: str | None = None,
        posted: bool = True,
        reason: tuple[str, str] | None = None,
    ) -> Draft:
        """A refund of `minor` (all if None) to the method with id `to` (the paying one if None): succeeded
        if it has a time of completion, else processing. `posted=False` leaves the credit out on purpose."""
        self._refunds += 1
        minor = minor or self.cost
        status = status or ("succeeded" if completed else "processing")
        refund_id = f"rfd_{self.id.removeprefix('pay_')}_{self._refunds}"
        destination = to or self.row["method_id"]
        self.person.add(
            "refunds",
            id=refund_id,
            payment_id=self.id,
            destination_id=destination,
            status=status,
            minor=minor,
            currency=self.cost_currency,
            accepted_at=accepted,
            completed_at=completed,
            reason_zh=reason[0] if reason else None,
            reason_en=reason[1] if reason else None,
            reference=f"RF{self.person.digits(14)}",
        )
        if status == "succeeded" and posted and completed:
            wallet = self.person.wallet_of(destination, self.cost_currency)
            self.person.journal.note(
                completed,
                self._leg("merchant", "refund", -minor),
                self.person.journal.leg("customer", "refund", minor, self.cost_currency, wallet=wallet),
                payment_id=self.id,
                refund_id=refund_id,
            )
        return self

    # how it ends

    def captured(self, at: datetime, *, notified: bool = True) -> Draft:
        """The merchant has the money, and normally is told a second later."""
        self.row.update(status="captured", captured_at=at)
        self.row["authorized_at"] = self.row["authorized_at"] or at
        self.row["merchant_notified_at"] = at + timedelta(seconds=1) if notified else None
        return self

    def untold(self) -> Draft:
        """The merchant has not been notified yet."""
        self.row["merchant_notified_at"] = None
        return self

    def end(self, status: str, at: datetime | None = None) -> Draft:
        """Failed, voided, expired, closed, reversing … at a moment."""
        self.row.update(status=status, ended_at=at or self.at + timedelta(seconds=2))
        return self

    def state(self, status: str) -> Draft:
        """A status that is not an end: processing, unknown, refunded, partially_refunded."""
        self.row["status"] = status
        return self

    def _leg(self, account: str, kind: str, minor: int, **more: Any) -> Leg:
        if account in ("customer", "customer_hold"):
            more["wallet"] = self.row["paying_account_id"]
        return self.person.journal.leg(account, kind, minor, self.cost_currency, **more)

    def _taken(self, kind: str, to: str) -> list[Leg]:
        """The legs that take cost and fee from the customer and give them to the merchant or channel."""
        journal = self.person.journal
        first = self._leg("customer", kind, -self.cost)
        self._taken_legs = [(to, first)]
        target = "capture" if to == "merchant" else kind
        legs = [first]
        if self.cost_currency == self.row["currency"]:
            legs.append(self._leg(to, target, self.cost))
        else:
            legs.append(self._leg("fx", "fx", self.cost))
            legs.append(journal.leg("fx", "fx", -self.row["minor"], self.row["currency"]))
            legs.append(journal.leg(to, target, self.row["minor"], self.row["currency"]))
        if self.fee:
            fee = self._leg("customer", "fee", -self.fee)
            self._taken_legs.append(("fees", fee))
            legs += [fee, self._leg("fees", "fee", self.fee)]
        return legs

    def _note(self, at: datetime, *legs: Leg) -> None:
        self.person.journal.note(at, *legs, payment_id=self.id)
