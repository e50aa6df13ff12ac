"""Whatever the bot concludes about the demo's stories, it can say why in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.diagnosis import diagnose
from actions.evidence import in_plain_words
from actions.formatting import Formatter
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger

DOMAIN = Path(__file__).resolve().parents[2] / "domain.yml"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_piece_of_evidence_has_its_sentence(
    demo: DemoLedger, demo_ledger: Ledger, language: str
) -> None:
    responses = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    fmt = Formatter(language, "Asia/Shanghai", demo.now)
    told: dict[str, set[str]] = {}
    for payment_id, (customer_id, *_) in demo.expected.items():
        for found in diagnose(await demo_ledger.facts(customer_id, payment_id, not_me=False), demo.now):
            for evidence in found.evidence:
                response, value = in_plain_words(evidence, fmt)
                told.setdefault(response, set()).add(value)
    assert sorted(set(told) - set(responses)) == []
    assert len(told) > 25
    values = set().union(*told.values())
    for raw in ("SYSTEMERROR", "NOTENOUGH", "ACCOUNT_RESTRICTED", "cust_"):
        said = [v for name, shown in told.items() if name != "utter_evidence_attempt_code" for v in shown]
        assert not [value for value in said if raw in value]
    assert not [value for value in values if value.endswith("+00:00")]


def test_a_raw_code_is_never_said() -> None:
    responses = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    for variation in responses["utter_evidence_attempt_code"]:
        assert "{value}" not in variation["text"]
