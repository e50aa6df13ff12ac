"""The contract is the mapping, said in words; the page in docs and the queries keep to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.ledger.check.plans import asked
from actions.ledger.contract import CONTRACT, UNREAD, Kind, markdown
from actions.ledger.meanings import MEANINGS
from actions.ledger.models import Base

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
FIELDS = {str(field): field for relation in CONTRACT for field in relation.fields}


def test_every_table_and_column_of_the_mapping_has_a_meaning_and_nothing_else_has() -> None:
    for table in Base.metadata.sorted_tables:
        assert set(MEANINGS[table.name]) == {"", *table.columns.keys()}
        assert all(MEANINGS[table.name].values())
    assert set(MEANINGS) == set(Base.metadata.tables)


def test_types_units_and_words_come_from_the_mapping() -> None:
    assert FIELDS["payments.minor"].kind is Kind.MONEY
    assert FIELDS["postings.balance_after"].kind is Kind.MONEY
    assert FIELDS["postings.sequence"].kind is Kind.WHOLE
    assert FIELDS["attempts.started_at"].kind is Kind.TIME
    assert FIELDS["fx_quotes.rate"].kind is Kind.RATE
    assert FIELDS["fx_quotes.base"].kind is Kind.CURRENCY
    assert FIELDS["merchants.currencies"].kind is Kind.LIST
    assert FIELDS["refunds.status"].words[0] == "requested"
    assert not FIELDS["payments.minor"].nullable and FIELDS["payments.ended_at"].nullable


def test_the_page_in_docs_is_the_contract() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert markdown().strip() in page, (
        "docs/ledger.md is not the contract any more: put in what `python -m actions.ledger contract` prints"
    )


async def test_no_query_names_a_column_outside_the_contract(engine: AsyncEngine) -> None:
    sent: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    await asked(engine, "alice")
    named = {".".join(pair) for sql in sent for pair in re.findall(r"\b(\w+?)(?:_\d)?\.(\w+)", sql)}
    assert named & set(FIELDS), "statements were looked at"
    assert not named & {".".join(pair) for pair in UNREAD}
