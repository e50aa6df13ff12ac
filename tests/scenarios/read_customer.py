"""The part of a scenario that says who the customer is and what is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, available_timezones

from actions.diagnosis.facts import Money
from actions.ledger.demo.world import releases
from tests.scenarios.document import BadScenario, Field
from tests.scenarios.moments import When, read_end, read_following, read_past
from tests.scenarios.scenario import Card, Customer, International, PasswordLock, Restriction
from tests.scenarios.world import amount, country, currency

CUSTOMER = (
    "name", "language", "zone", "country", "currency", "app_version", "balance", "other_balances", "top_ups",
    "cards", "credit_line", "limits", "restrictions", "password_locks", "international",
)  # fmt: skip
BALANCE = ("available", "frozen", "frozen_since")
TOP_UP = ("amount", "when")
CARD = ("id", "bank", "last4", "closed")
LIMITS = ("per_payment", "daily", "monthly")
RESTRICTION = ("status", "since", "lifted", "identity_check")
LOCK = ("since", "until", "wrong_tries")
INTERNATIONAL = ("enabled", "changed", "enabled_before", "countries", "currencies", "fee_percent")
NAMES = {"zh": "林晓", "en": "Alex Reed"}
_RESERVED = ("balance", "credit_line")


def language(field: Field) -> str:
    """zh or en."""
    return field.one_of(("zh", "en"))


def read_customer(field: Field | None, versions: set[str] | None, *, without: Sequence[str] = ()) -> Customer:
    """The customer in `field`; all usual without one. `versions`: the scenario's own app releases."""
    found = field.mapping((*CUSTOMER, *without)) if field else {}
    spoken = language(found["language"]) if "language" in found else "zh"
    home = currency(found["currency"]) if "currency" in found else "CNY"
    available, frozen, since = _balance(found["balance"], home) if "balance" in found else (None, None, None)
    return Customer(
        name=found["name"].text() if "name" in found else NAMES[spoken],
        language=spoken,
        zone=_zone(found["zone"]) if "zone" in found else "Asia/Shanghai",
        country=country(found["country"]) if "country" in found else "CN",
        currency=home,
        app_version=_version(found["app_version"], versions) if "app_version" in found else None,
        available=available,
        frozen=frozen,
        frozen_since=since,
        other_balances=_others(found["other_balances"], home) if "other_balances" in found else (),
        cards=_cards(found["cards"]) if "cards" in found else (),
        credit_line=found["credit_line"].flag() if "credit_line" in found else False,
        limits=_limits(found["limits"], home) if "limits" in found else {},
        restrictions=tuple(map(_restriction, found["restrictions"].items()))
        if "restrictions" in found
        else (),
        password_locks=tuple(map(_lock, found["password_locks"].items()))
        if "password_locks" in found
        else (),
        international=_international(found["international"]) if "international" in found else None,
        top_ups=tuple(_top_up(item, home) for item in found["top_ups"].items()) if "top_ups" in found else (),
    )


def _zone(field: Field) -> str:
    name = field.text("a time zone such as Asia/Shanghai")
    if name not in available_timezones():
        raise field.must_be("a time zone such as Asia/Shanghai")
    return ZoneInfo(name).key


def _version(field: Field, versions: set[str] | None) -> str:
    usual = {str(row["version"]) for row in releases(datetime.now(timezone.utc))}
    return field.one_of(usual if versions is None else versions)


def _balance(field: Field, home: str) -> tuple[Money | None, Money | None, When | None]:
    if not field.is_mapping:
        return _home(field, home, least=0), None, None
    found = field.mapping(BALANCE, needed=("available",))
    if "frozen_since" in found and "frozen" not in found:
        raise found["frozen_since"].bad("needs frozen beside it")
    return (
        _home(found["available"], home, least=0),
        _home(found["frozen"], home) if "frozen" in found else None,
        read_past(found["frozen_since"]) if "frozen_since" in found else None,
    )


def _home(field: Field, home: str, *, least: int = 1) -> Money:
    money = amount(field, home, least=least)
    if money.currency != home:
        raise field.must_be(f"an amount in the customer's own currency, {home}")
    return money


def _others(field: Field, home: str) -> tuple[Money, ...]:
    balances: list[Money] = []
    for item in field.items():
        money = amount(item, home)
        if money.currency in (home, *(one.currency for one in balances)):
            raise item.must_be("an amount in a currency of its own, such as 50.00 USD")
        balances.append(money)
    return tuple(balances)


def _top_up(field: Field, home: str) -> tuple[Money, When]:
    found = field.mapping(TOP_UP, needed=TOP_UP)
    return _home(found["amount"], home), read_past(found["when"])


def _cards(field: Field) -> tuple[Card, ...]:
    cards: list[Card] = []
    for item in field.items():
        found = item.mapping(CARD, needed=("id", "bank", "last4"))
        id, last4 = found["id"].text(), found["last4"].text()
        if id in (*_RESERVED, *(card.id for card in cards)):
            raise found["id"].must_be("a name of its own")
        if not (last4.isascii() and last4.isdigit() and len(last4) == 4):
            raise found["last4"].must_be("four figures (never a whole card number)")
        closed = read_past(found["closed"]) if "closed" in found else None
        cards.append(Card(id, found["bank"].text(), last4, closed))
    return tuple(cards)


def _limits(field: Field, home: str) -> dict[str, Money]:
    return {scope: _home(value, home) for scope, value in field.mapping(LIMITS).items()}


def _restriction(field: Field) -> Restriction:
    found = field.mapping(RESTRICTION, needed=("since",))
    return Restriction(
        status=found["status"].one_of(("restricted", "frozen")) if "status" in found else "restricted",
        since=read_past(found["since"]),
        lifted=read_following(found["lifted"]) if "lifted" in found else None,
        identity_check=found["identity_check"].flag() if "identity_check" in found else False,
    )


def _lock(field: Field) -> PasswordLock:
    found = field.mapping(LOCK, needed=("since", "until"))
    return PasswordLock(
        since=read_past(found["since"]),
        until=read_end(found["until"]),
        wrong_tries=found["wrong_tries"].whole(1) if "wrong_tries" in found else 5,
    )


def _international(field: Field) -> International:
    found = field.mapping(INTERNATIONAL, needed=("enabled",))
    enabled = found["enabled"]
    changed = "changed" in found
    if changed != ("enabled_before" in found):
        raise field.bad("changed and enabled_before must both be given, or neither")
    return International(
        enabled=None if enabled.text() == "not_offered" else _enabled(enabled),
        changed=read_past(found["changed"]) if changed else None,
        enabled_before=found["enabled_before"].flag() if changed else None,
        countries=tuple(map(country, found["countries"].items())) if "countries" in found else None,
        currencies=tuple(map(currency, found["currencies"].items())) if "currencies" in found else None,
        fee_basis_points=_basis_points(found["fee_percent"]) if "fee_percent" in found else 100,
    )


def _enabled(field: Field) -> bool:
    try:
        return field.flag()
    except BadScenario:
        raise field.must_be("true, false or not_offered (the app shows no such setting)") from None


def _basis_points(field: Field) -> int:
    try:
        points = Decimal(field.text("a percentage such as 1.5")) * 100
    except InvalidOperation:
        points = Decimal(-1)
    if points < 0 or points > 10_000 or points != points.to_integral_value():
        raise field.must_be("a percentage from 0 to 100 with at most two decimal places, such as 1.5")
    return int(points)
