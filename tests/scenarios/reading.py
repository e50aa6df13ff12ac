"""Scenario files → scenarios: finds the files, reads the talk, and puts the parts together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from actions.diagnosis.result import Cause, MoneyState
from tests.scenarios.document import BadScenario, Field
from tests.scenarios.moments import read_end, read_following, read_past
from tests.scenarios.read_customer import CUSTOMER, language, read_customer
from tests.scenarios.read_payments import Names, read_payment
from tests.scenarios.scenario import Answer, AppRelease, Customer, Incident, Merchant, Others, Scenario, Turn
from tests.scenarios.world import MERCHANTS, country, currency

Part = TypeVar("Part")
VERSION = "1"
SCENARIO = (
    "format", "name", "signed_in", "customer", "merchants", "payments", "other_customers", "incidents",
    "app_releases", "turns",
)  # fmt: skip
MERCHANT = (
    "name_zh", "name_en", "channel", "integrated", "country", "currencies", "special_rule_zh",
    "special_rule_en",
)  # fmt: skip
OTHERS = (*CUSTOMER, "count", "payments")
INCIDENT = ("channel", "started", "ended", "title_zh", "title_en")
RELEASE = ("version", "released", "minimum_from", "known_bug_zh", "known_bug_en", "fixed_in")
TURN = ("say", "press", "answer", "cause", "money", "handoff", "language")
ANSWER = ("all", "any", "none")


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The scenario files at `paths`, folders searched through. Raises BadScenario if there are none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for end in ("*.yml", "*.yaml") for file in path.rglob(end))
            if not inside:
                raise BadScenario(f"{path}: there is no .yml file in this folder")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise BadScenario(f"{path}: there is no such file or folder")
    return list(dict.fromkeys(found))


def read_file(file: Path) -> list[Scenario]:
    """The scenarios in one file. Raises BadScenario at the first mistake."""
    document = Field.of_file(file)
    if document.is_mapping and "scenarios" in document.entries():
        whole = document.mapping(("format", "scenarios"), needed=("format",))
        _check_format(whole["format"])
        scenarios = [_read(item, SCENARIO[1:]) for item in whole["scenarios"].items()]
        if not scenarios:
            raise whole["scenarios"].bad("must have at least one scenario")
        return scenarios
    return [_read(document, SCENARIO)]


def _check_format(field: Field) -> None:
    if field.text() != VERSION:
        raise field.must_be(f"{VERSION}, the only version of the format")


def _read(document: Field, fields: tuple[str, ...]) -> Scenario:
    found = document.mapping(fields, needed=[name for name in fields if name in ("format", "name", "turns")])
    if "format" in found:
        _check_format(found["format"])
    own = {
        merchant.id: merchant
        for merchant in (
            _merchant(id, field)
            for id, field in (found["merchants"].entries().items() if "merchants" in found else ())
        )
    }
    releases = _items(found, "app_releases", _release)
    versions = {release.version for release in releases} if "app_releases" in found else None
    customer = read_customer(found.get("customer"), versions)
    names = Names(own, customer)
    turns = tuple(_turn(item) for item in found["turns"].items())
    if not turns:
        raise found["turns"].bad("must have at least one turn")
    return Scenario(
        file=document.file,
        line=document.line,
        name=found["name"].text(),
        signed_in=found["signed_in"].flag() if "signed_in" in found else True,
        customer=customer,
        merchants=tuple(own.values()),
        payments=_items(found, "payments", lambda item: read_payment(item, names)),
        others=_items(found, "other_customers", lambda item: _others(item, own, customer)),
        incidents=_items(found, "incidents", _incident),
        app_releases=releases if "app_releases" in found else None,
        turns=turns,
    )


def _items(found: dict[str, Field], name: str, read: Callable[[Field], Part]) -> tuple[Part, ...]:
    """All members of a list that may be left out."""
    return tuple(read(item) for item in found[name].items()) if name in found else ()


def _merchant(id: str, field: Field) -> Merchant:
    if id in MERCHANTS:
        raise field.bad("is the name of a merchant that is always there; choose another")
    if not (id.isascii() and id.replace("_", "a").isalnum() and id == id.lower() and len(id) <= 40):
        raise field.bad("a merchant's own name is lower-case letters, figures and _ only, at most 40")
    found = field.mapping(MERCHANT, needed=("name_zh", "name_en"))
    rule_zh, rule_en = (_text(found, f"special_rule_{end}") for end in ("zh", "en"))
    if (rule_zh is None) != (rule_en is None):
        raise field.bad("special_rule_zh and special_rule_en must both be given")
    return Merchant(
        id=id,
        name_zh=found["name_zh"].text(),
        name_en=found["name_en"].text(),
        channel=_text(found, "channel") or "unionpay",
        integrated=found["integrated"].flag() if "integrated" in found else True,
        country=country(found["country"]) if "country" in found else "CN",
        currencies=tuple(currency(item) for item in found["currencies"].items())
        if "currencies" in found
        else ("CNY",),
        special_rule_zh=rule_zh,
        special_rule_en=rule_en,
    )


def _others(field: Field, merchants: dict[str, Merchant], customer: Customer) -> Others:
    found = field.mapping(OTHERS)
    count = found.pop("count").whole(1) if "count" in found else 1
    payments = found.pop("payments", None)
    other = read_customer(field, None, without=("count", "payments"))
    names = Names(merchants, other)
    return Others(
        count=count,
        customer=other,
        payments=tuple(read_payment(item, names) for item in payments.items()) if payments else (),
    )


def _incident(field: Field) -> Incident:
    found = field.mapping(INCIDENT, needed=("channel", "started"))
    return Incident(
        channel=found["channel"].text(),
        started=read_past(found["started"]),
        ended=read_following(found["ended"]) if "ended" in found else None,
        title_zh=_text(found, "title_zh") or "渠道故障",
        title_en=_text(found, "title_en") or "Disturbance of the channel",
    )


def _release(field: Field) -> AppRelease:
    found = field.mapping(RELEASE, needed=("version", "released"))
    bug_zh, bug_en = (_text(found, f"known_bug_{end}") for end in ("zh", "en"))
    if (bug_zh is None) != (bug_en is None):
        raise field.bad("known_bug_zh and known_bug_en must both be given")
    return AppRelease(
        version=found["version"].text(),
        released=read_past(found["released"]),
        minimum_from=read_end(found["minimum_from"]) if "minimum_from" in found else None,
        known_bug_zh=bug_zh,
        known_bug_en=bug_en,
        fixed_in=_text(found, "fixed_in"),
    )


def _turn(field: Field) -> Turn:
    found = field.mapping(TURN)
    if ("say" in found) == ("press" in found):
        raise field.bad("needs either say or press")
    return Turn(
        say=_text(found, "say"),
        press=_text(found, "press"),
        answer=_answer(found["answer"]) if "answer" in found else Answer(),
        cause=Cause(found["cause"].one_of(c.value for c in Cause)) if "cause" in found else None,
        money=MoneyState(found["money"].one_of(m.value for m in MoneyState)) if "money" in found else None,
        handoff=found["handoff"].flag() if "handoff" in found else None,
        language=language(found["language"]) if "language" in found else None,
    )


def _answer(field: Field) -> Answer:
    if field.is_list:
        return Answer(all=field.texts())
    found = field.mapping(ANSWER)
    return Answer(**{name: value.texts() for name, value in found.items()})


def _text(found: dict[str, Field], name: str) -> str | None:
    return found[name].text() if name in found else None
