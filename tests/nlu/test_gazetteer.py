"""Word lists: reading, borders of words, names that are everyday words too."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.gazetteer import Gazetteer, Name
from bot.nlu.text import fold


def values(gazetteer: Gazetteer, text: str) -> list[str]:
    return [name.value for _, _, name in gazetteer.find(fold(text), text)]


def test_countries_come_in_both_languages() -> None:
    gazetteer = Gazetteer.from_lookups()
    assert values(gazetteer, "冰岛")[0] == values(gazetteer, "Iceland")[0] == "IS"


def test_latin_names_are_whole_words() -> None:
    gazetteer = Gazetteer([Name("jd", "merchant", "JD.com")])
    assert values(gazetteer, "付给JD了") == ["JD.com"]
    assert values(gazetteer, "jdx adjd") == []


def test_the_first_name_on_a_line_is_the_value(tmp_path: Path) -> None:
    (tmp_path / "merchants.txt").write_text("# shops\n星巴克 = 星爸爸\n?全家\n", encoding="utf-8")
    (tmp_path / "countries.txt").write_text("JP = 霓虹\n", encoding="utf-8")
    (tmp_path / "payment_methods.txt").write_text("bank_card = 银行卡\n", encoding="utf-8")
    gazetteer = Gazetteer.from_lookups(tmp_path)
    assert values(gazetteer, "星爸爸") == ["星巴克"]
    assert values(gazetteer, "霓虹") == ["JP"]
    assert [name.everyday for _, _, name in gazetteer.find("全家", "全家")] == [True]


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Gazetteer.from_lookups(tmp_path)
