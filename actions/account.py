"""Answers about the customer's account as a whole: balance, password, restriction, paying abroad, fees."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from actions.answer import bring_in_human
from actions.base import CustomerAction
from actions.conversation import Conversation
from actions.diagnosis.facts import Customer, Money, PasswordLock
from actions.diagnosis.rules.restricted import in_force
from actions.payments import answer_about_payment, records, search

LATELY = timedelta(days=7)
# "How much can I pay a day?" is asked with the same intent as "is my account limited?".
ABOUT_LIMITS = re.compile(r"限额|额度|上限|最多能?[付转刷花]|\blimits?\b|\bmaximum\b", re.IGNORECASE)


def active_lock(customer: Customer, talk: Conversation) -> PasswordLock | None:
    """The lock on the payment password that holds now, if any."""
    return next((x for x in customer.locks if x.locked_at <= talk.now < x.locked_until), None)


class CheckBalance(CustomerAction):
    """What can be spent, by currency, and what is frozen."""

    def name(self) -> str:
        return "action_check_balance"

    async def act(self, talk: Conversation) -> None:
        if talk.customer is None:
            talk.say("utter_general_check_balance")
            talk.say("utter_sign_in")
            return
        payments = await records(talk)
        details = talk.details(payments)
        named = search(talk, payments, details, "payment_failed")
        if named.exact and len(named.payments) == 1 and (details.merchant or details.amount):
            # "I have 300, yet paying 198 at Freshippo fails": the payment is what they ask about.
            await answer_about_payment(talk, "payment_failed", details, payments)
            return
        for account in talk.customer.accounts:
            response = "utter_balance_frozen" if account.frozen.minor else "utter_balance"
            talk.say(
                response,
                currency=talk.format.currency(account.currency),
                available=account.available,
                frozen=account.frozen,
                total=account.total,
            )
        if not talk.customer.accounts:
            talk.say("utter_general_check_balance")


class ChangePassword(CustomerAction):
    """How to change the payment password; what to do when it is forgotten or locked."""

    def name(self) -> str:
        return "action_change_password"

    async def act(self, talk: Conversation) -> None:
        issue = talk.entity("password_issue")
        lock = active_lock(talk.customer, talk) if talk.customer else None
        if lock:
            talk.say("utter_password_locked_now", until=lock.locked_until, left=lock.locked_until - talk.now)
        if issue == "forgotten" or (lock and issue != "change"):
            talk.say("utter_password_forgotten")
        elif issue == "locked":
            talk.say("utter_password_not_locked" if talk.customer else "utter_general_password_locked")
            talk.say("utter_password_forgotten")
        else:
            talk.say("utter_change_password")
        talk.say("utter_never_share_password")


class AccountRestricted(CustomerAction):
    """Whether payment is limited now; never why (safety rule 3)."""

    def name(self) -> str:
        return "action_account_restricted"

    async def act(self, talk: Conversation) -> None:
        talk.remember(topic="account_restricted")
        if talk.customer is None:
            talk.say("utter_general_account_restricted")
            talk.say("utter_sign_in")
            return
        restriction = in_force(talk.customer.restrictions, talk.now)
        lock = active_lock(talk.customer, talk)
        if ABOUT_LIMITS.search(talk.text) and not restriction:
            await say_limits(talk)
        elif restriction:
            checkable = restriction.identity_check_offered
            response = "utter_account_restricted_check" if checkable else "utter_account_restricted"
            talk.say(response, since=restriction.effective_from)
            bring_in_human(talk, "diagnosis")
        elif lock:
            talk.say("utter_password_locked_now", until=lock.locked_until, left=lock.locked_until - talk.now)
            talk.say("utter_password_forgotten")
        else:
            lifted = [r.lifted_at for r in talk.customer.restrictions if r.lifted_at]
            if lifted:
                talk.say("utter_account_restriction_lifted", at=max(lifted))
            else:
                talk.say("utter_account_not_restricted")
            payments = [p for p in await records(talk) if p.created_at > talk.now - LATELY]
            details = talk.details(payments)
            if search(talk, payments, details, "payment_failed").payments:
                await answer_about_payment(talk, "payment_failed", details, payments)
            else:
                talk.remember(offered="human")
                talk.say("utter_offer_human")


async def say_limits(talk: Conversation) -> None:
    """The limits on this customer's payments in the home currency, and what is left of them."""
    assert talk.customer is not None
    limits = await talk.services.ledger.limits(talk.customer.id, talk.now)
    used = {"daily": limits.used_today, "monthly": limits.used_month}
    resets = {"daily": limits.resets_at, "monthly": limits.month_resets_at}
    told = False
    for scope in ("per_payment", "daily", "monthly"):
        limit: Money | None = getattr(limits, scope)
        if limit is None:
            continue
        spent = used.get(scope) or Money(0, limit.currency)
        left = Money(max(0, limit.minor - spent.minor), limit.currency)
        talk.say(f"utter_limit_{scope}", limit=limit, used=spent, remaining=left, resets_at=resets.get(scope))
        told = True
    talk.say("utter_limits_raise" if told else "utter_limits_none")


class InternationalPayment(CustomerAction):
    """A failed payment abroad is diagnosed; a question about paying abroad gets this customer's settings."""

    def name(self) -> str:
        return "action_international_payment"

    async def act(self, talk: Conversation) -> None:
        talk.remember(topic="international_payment", clarifications=0)
        if talk.customer is None:
            talk.say("utter_general_international_payment")
            talk.say("utter_sign_in")
            return
        payments = [p for p in await records(talk) if p.created_at > talk.now - LATELY]
        country, currency = talk.entity("country"), talk.entity("currency")
        details = talk.details(payments)
        match = search(talk, payments, details, "international_payment")
        if match.exact and match.payments:
            await answer_about_payment(talk, "international_payment", details, payments)
            return
        await self._settings(talk, country, currency)

    async def _settings(self, talk: Conversation, country: str | None, currency: str | None) -> None:
        assert talk.customer is not None
        settings = talk.customer.international
        if settings.enabled is None:
            talk.say("utter_international_no_option")
            talk.remember(offered="human")
            talk.say("utter_offer_human")
            return
        if not settings.enabled:
            talk.say("utter_international_off")
        place: dict[str, Any] = {
            "country": talk.format.country(country or ""),
            "currency": talk.format.currency(currency or ""),
        }
        if country and country not in settings.countries:
            talk.say("utter_international_country_no", **place)
        elif currency and currency not in settings.currencies:
            talk.say("utter_international_currency_no", **place)
        else:
            if country or currency:
                talk.say("utter_international_yes", place=place["country"] if country else place["currency"])
            elif settings.enabled:
                talk.say("utter_international_on")
            await say_costs(talk, currency)
        talk.say("utter_international_advice")


async def say_costs(talk: Conversation, currency: str | None) -> None:
    """The fee, and the rate of `currency` where one is quoted, that apply to this customer."""
    assert talk.customer is not None
    fee = talk.customer.international.fee_basis_points
    talk.say("utter_international_fee", percent=talk.format.percent(fee))
    quote = await talk.services.ledger.fx_rate(talk.customer.id, currency) if currency else None
    if quote and currency:
        talk.say(
            "utter_international_rate",
            currency=talk.format.currency(currency),
            rate=f"{quote.rate.normalize():f}",
            at=quote.quoted_at,
        )


class Fees(CustomerAction):
    """What payments cost; abroad with this customer's own fee."""

    def name(self) -> str:
        return "action_fees"

    async def act(self, talk: Conversation) -> None:
        talk.say("utter_fees")
        if talk.customer and talk.customer.international.enabled is not None:
            await say_costs(talk, talk.entity("currency"))


class Contact(CustomerAction):
    """The four contact channels with hours, from the operator's file."""

    def name(self) -> str:
        return "action_contact_support"

    async def act(self, talk: Conversation) -> None:
        talk.remember(offered="human")
        talk.say("utter_contact_support", **talk.services.contacts.values(talk.language))
