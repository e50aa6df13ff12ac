"""One payment of a scenario → its rows: the tries, where the money went, what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from actions.diagnosis.codes import classify
from actions.ledger.demo.drafts import Draft
from actions.ledger.demo.person import Person
from actions.ledger.demo.world import RAIL_OF_CHANNEL
from tests.scenarios.document import BadScenario
from tests.scenarios.moments import Clock, When
from tests.scenarios.read_payments import NOT_SENT
from tests.scenarios.scenario import Attempt, Payment, Refund

_OUTCOME = {"failed": "declined", "expired": "declined", "closed": "declined", "canceled": "declined"} | {
    "processing": "pending",
    "authenticating": "pending",
    "unknown": "no_response",
    "reversing": "no_response",
    "reversed": "no_response",
}  # all others: approved
_DEBITED = ("processing", "reversing", "reversed")  # money has left unless told otherwise
_A_MOMENT = timedelta(seconds=1)
_TILL_FAILED = timedelta(minutes=2)


class PaymentWriter:
    """Writes one payment for `person`. `methods`: what they can pay by, name → id."""

    def __init__(self, person: Person, methods: Mapping[str, str], told: Payment, clock: Clock) -> None:
        self._person, self._methods, self._told, self._clock = person, methods, told, clock
        self._at = told.when.resolve(clock, None)

    def write(self) -> None:
        """Adds all rows. Raises BadScenario if the times contradict each other at this hour."""
        told, person = self._told, self._person
        if told.available_before:
            before = told.available_before
            person.available(before.minor, before=self._at, currency=before.currency)
        if told.status == NOT_SENT:
            self._write_app_log()
            return
        draft = person.payment(
            told.merchant,
            told.amount.minor,
            self._at,
            currency=told.amount.currency,
            method=self._methods[told.method],
            order_no=told.order_no,
            kind=told.kind,
            fee=told.fee.minor if told.fee else 0,
            country=told.country,
            link=told.cart,
            expires=told.expires.resolve(self._clock, self._at) if told.expires else None,
        )
        last = self._at
        for attempt in told.attempts:
            last = self._attempt(draft, attempt)
        self._settle(draft, last)
        for refund in told.refunds:
            self._refund(draft, refund)

    def _write_app_log(self) -> None:
        told, person = self._told, self._person
        stamp = self._at.astimezone(person.zone).strftime("%Y%m%d")
        person.add(
            "client_log",
            id=person.next_id("log"),
            merchant_id=told.merchant,
            method_id=self._methods[told.method],
            order_no=told.order_no or f"{told.merchant[:2].upper()}{stamp}{person.digits(8)}",
            minor=told.amount.minor,
            currency=told.amount.currency,
            country=told.country or person.book.country_of(told.merchant),
            started_at=self._at,
            client_outcome=told.attempts[0].client,
            app_version=person.version_at(self._at),
        )

    def _attempt(self, draft: Draft, attempt: Attempt) -> datetime:
        started = self._time("attempts", attempt.when, timedelta())
        outcome = attempt.outcome or _OUTCOME.get(self._told.status, "approved")
        if attempt.code and attempt.outcome is None and outcome == "approved":
            outcome = "declined"
        unheard = outcome == "no_response"
        seen = attempt.client == "shown"
        draft.attempt(
            outcome,
            attempt.code,
            at=started,
            seconds=None if unheard else 2 if seen else 30,
            rail=attempt.rail or self._rail(attempt.code),
            client=attempt.client,
            network="channel_silent" if unheard else "ok" if seen else "answer_lost",
            tries=attempt.wrong_password_tries,
            new_device=attempt.new_device,
            country=attempt.country,
        )
        return started + timedelta(seconds=2)

    def _rail(self, code: str | None) -> str:
        """The channel's, unless only the wallet itself has such a code."""
        usual = RAIL_OF_CHANNEL.get(self._person.book.channel_of(self._told.merchant), "wallet")
        of_wallet = classify("wallet", code) is not None and classify(usual, code) is None
        return "wallet" if of_wallet else usual

    def _settle(self, draft: Draft, last: datetime) -> None:
        """Where the money went, and how the payment ended."""
        told, status = self._told, self._told.status
        if status in ("captured", "partially_refunded", "refunded", "disputed"):
            self._capture(draft)
            if status != "captured":
                draft.state(status)
        elif status in ("authorized", "voided", "auth_expired"):
            draft.hold(self._time("held", told.held, _A_MOMENT))
            if status != "authorized":
                draft.release(self._time("ended", told.ended, _A_MOMENT), status)
        elif status in ("processing", "unknown", "created", "authenticating"):
            self._debit(draft)
            draft.state(status)
        else:
            debited = self._debit(draft)
            usual = last if not debited else self._at + _TILL_FAILED
            if status == "expired" and draft.row["expires_at"]:
                usual = draft.row["expires_at"]
            ended = self._time("ended", told.ended, usual - self._at)
            draft.end("failed" if status == "reversed" else status, ended)
            if status == "reversed":
                draft.reverse(self._time("reversed", told.reversed, _TILL_FAILED))

    def _capture(self, draft: Draft) -> None:
        told = self._told
        captured = self._time("captured", told.captured, _A_MOMENT)
        if told.debited is False:
            draft.captured(captured)  # against a ledger's rules, on purpose
        elif told.held:
            draft.hold(self._time("held", told.held, _A_MOMENT)).capture_hold(captured)
        elif isinstance(told.debited, When):
            draft.debit(self._time("debited", told.debited, _A_MOMENT)).pass_on(captured)
        else:
            draft.pay(captured)
        if not told.merchant_notified:
            draft.untold()

    def _debit(self, draft: Draft) -> bool:
        """Takes the money from the customer if it has left, and says whether."""
        told = self._told
        left = told.status in _DEBITED if told.debited is None else told.debited
        if left:
            draft.debit(self._time("debited", left if isinstance(left, When) else None, _A_MOMENT))
        return bool(left)

    def _refund(self, draft: Draft, refund: Refund) -> None:
        accepted = self._time("refunds.accepted", refund.accepted, timedelta())
        completed = None
        if refund.completed:
            completed = refund.completed.resolve(self._clock, accepted)
            self._check("refunds.completed", refund.completed, completed, accepted)
        reason = (refund.reason_zh, refund.reason_en)
        draft.refund(
            refund.amount.minor if refund.amount else None,
            accepted=accepted,
            completed=completed,
            status=refund.status,
            to=self._methods[refund.destination] if refund.destination else None,
            posted=refund.credited,
            reason=(reason[0] or "", reason[1] or "") if any(reason) else None,
        )

    def _time(self, name: str, when: When | None, usual: timedelta) -> datetime:
        """A time of the payment's: as told, else so long after it was made."""
        if when is None:
            return self._at + usual
        moment = when.resolve(self._clock, self._at)
        self._check(name, when, moment, self._at)
        return moment

    def _check(self, name: str, when: When, moment: datetime, earliest: datetime) -> None:
        problem = None
        if moment < earliest:
            problem = f"lies before what it follows ({earliest:%d %b %H:%M} UTC)"
        elif moment > self._clock.now:
            problem = "has not come yet"
        if problem:
            raise BadScenario(f"{self._told.where}, {name}: {when.said!r} {problem}, counted from now")
