"""Every sentence stands in `domain.yml`, in both languages, with the same variables."""

import re
from pathlib import Path

import pytest
import yaml

from actions.answer import ALSO
from actions.diagnosis.result import VARIANTS, Cause, MoneyState, Step
from actions.dialogue import TOPICS
from actions.payments import PROBLEM_TOPICS

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES = DOMAIN["responses"]
SOURCES = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "actions").glob("*.py"))
RULES = (ROOT / "data" / "rules.yml").read_text(encoding="utf-8")


def by_language(name: str) -> dict[str, dict]:
    return {v["condition"][0]["value"]: v for v in RESPONSES[name]}


def wanted() -> set[str]:
    names = {
        f"utter_cause_{cause.value}{'_' + variant if variant else ''}"
        for cause in Cause
        for variant in VARIANTS.get(cause, ("",))
    }
    names |= {f"utter_money_{state.value}" for state in MoneyState}
    names |= {f"utter_step_{step.value}" for step in Step}
    names |= {f"utter_also_{cause.value}" for cause in ALSO}
    names |= {f"utter_topic_{topic}" for topic in TOPICS}
    names |= {f"utter_general_{topic}" for topic in PROBLEM_TOPICS}
    names |= {
        f"utter_handoff_{r}"
        for r in ("asked", "fraud", "diagnosis", "not_understood", "not_solved", "system")
    }
    names |= set(re.findall(r'"(utter_[a-z_]+)"', SOURCES))
    return names | set(re.findall(r"action: (utter_\w+)", RULES))


def test_whatever_the_actions_can_say_is_there():
    assert sorted(wanted() - set(RESPONSES)) == []


def test_nothing_is_there_that_nobody_says():
    dynamic = ("utter_hedge_", "utter_nothing_wrong_", "utter_evidence_", "utter_next_", "utter_limit_")
    assert sorted(n for n in set(RESPONSES) - wanted() if not n.startswith(dynamic)) == []


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_both_languages_say_the_same(name):
    texts = by_language(name)
    assert set(texts) == {"zh", "en"}
    zh, en = texts["zh"], texts["en"]
    assert set(re.findall(r"{(\w+)}", zh["text"])) == set(re.findall(r"{(\w+)}", en["text"]))
    assert [b["payload"] for b in zh.get("buttons", [])] == [b["payload"] for b in en.get("buttons", [])]
    assert re.search(r"[一-鿿]", zh["text"])
    assert not re.search(r"[一-鿿]", en["text"])


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_buttons_name_an_intent_of_the_domain(name):
    for variation in RESPONSES[name]:
        for button in variation.get("buttons", []):
            assert button["payload"].lstrip("/") in DOMAIN["intents"]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_nothing_is_promised_or_given_away(name):
    zh, en = (by_language(name)[language]["text"] for language in ("zh", "en"))
    for banned in ("一定会退", "保证到账", "肯定到账", "风控规则", "风险评分", "黑名单", "赔偿"):
        assert banned not in zh
    for banned in ("will surely", "guarantee", "risk score", "blacklist", "compensat", "safe account"):
        assert banned not in en.lower()
