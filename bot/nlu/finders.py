"""Finds every entity of a sentence with its value: numbers and times by rule, names by list, unknown
merchants by where they stand. Overlaps: the longest wins, then the more telling label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.nlu.gazetteer import LOOKUPS, Gazetteer, word_set
from bot.nlu.text import CJK, fold, shouting
from bot.nlu.values import Value, amounts, dates, references


@dataclass(frozen=True)
class Found:
    """An entity: offsets into the text as typed, and what it means."""

    label: str
    start: int
    end: int
    value: Value

    @property
    def length(self) -> int:
        """Characters covered."""
        return self.end - self.start


# Of two spans equally long, the one whose label stands first is kept.
_PREFERENCE = (
    "order_number", "date_time", "amount", "ordinal", "merchant", "payment_method", "country", "currency",
    "password_issue",
)  # fmt: skip

# A card or phone number is never an amount, an order number or anything else.
_CARD = re.compile(r"(?<![\da-z])(?:\d[ -]?){12,18}\d(?![\da-z])")
_ORDER_WORD = re.compile(r"(?:单号|流水号|交易号|编号|order|transaction|ref|txn)[^,.;,。;]{0,12}$")


def find_entities(text: str, gazetteer: Gazetteer) -> list[Found]:
    """All entities of `text` in order of appearance, none overlapping another."""
    folded = fold(text)
    candidates = [*_by_rule(text, folded), *_by_name(text, folded, gazetteer)]
    cards = [m.span() for m in _CARD.finditer(folded) if not _ORDER_WORD.search(folded[: m.start()])]
    taken: list[Found] = []
    ranked = sorted(candidates, key=lambda f: (-f.length, _PREFERENCE.index(f.label), f.start))
    for found in ranked:
        if _free(found, taken) and not any(s < found.end and found.start < e for s, e in cards):
            taken.append(found)
    for unknown in _unknown_merchants(text, folded):
        if _free(unknown, taken):
            taken.append(unknown)
    return sorted(taken, key=lambda f: f.start)


def _free(found: Found, taken: list[Found]) -> bool:
    return all(found.end <= t.start or t.end <= found.start for t in taken)


def _by_rule(text: str, folded: str) -> Iterator[Found]:
    for start, end in amounts.find(folded):
        amount = amounts.parse(folded[start:end])
        if amount is not None:
            yield Found("amount", start, end, amount)
    for start, end, when in dates.find(folded):
        yield Found("date_time", start, end, when)
    for start, end in references.find_order_numbers(folded, text):
        number = references.order_number(text[start:end])
        if number is not None:
            yield Found("order_number", start, end, number)
    for start, end in references.find_ordinals(folded):
        position = references.parse_ordinal(folded[start:end])
        if position is not None:
            yield Found("ordinal", start, end, position)
    for start, end, issue in references.find_password_issues(folded):
        yield Found("password_issue", start, end, issue)
    for match in _BALANCE.finditer(folded):
        yield Found("payment_method", *match.span(match.lastgroup or 0), "balance")
    for match in _CARD_WORD.finditer(folded):
        yield Found("payment_method", *match.span(), "bank_card")


# The balance as a means of payment, not as something to look up.
_BALANCE = re.compile(
    r"(?:(?<![可使])用(?:的|了|我的?|钱包|账户)*|从(?:我的?|钱包|账户)*|拿|走|和|不是|换成?)(?P<m1>余额|零钱)(?!不足|不够|变|多少|少|查|还|没)"
    r"|(?P<m2>余额|零钱)(?=支付|付款|付的|付了|扣的|扣了)"
    r"|\b(?:with|using|use|from|by|via|used|not|or|it was|both)(?: my| the| own)*(?: wallet| account)? "
    r"(?P<m3>balance)\b"
)
_CARD_WORD = re.compile(
    r"(?<!gift )(?<!sim )(?<!id )(?<!score )(?<!report )(?<!stolen )(?<!travel )"
    r"\bcard\b(?! (?:number|no\b|details|application|game))"
)


def _by_name(text: str, folded: str, gazetteer: Gazetteer) -> Iterator[Found]:
    for start, end, name in gazetteer.find(folded, text):
        if name.everyday and not _purchase_around(text, folded, start, end):
            continue
        yield Found(name.label, start, end, name.value)


_BEFORE_NAME = re.compile(
    r"(?:在|从|给|去|到|上|跟|找|是|向|^|刚抢的|\b(?:at|from|on|with|via|using|pay|paid|paying|meant|not))\s*$"
)
_AFTER_NAME = re.compile(
    r"\s?(?:那|这|的(?:订单|付款|那|退款|钱)|买|付|消费|扣|下单|点|充|订|支付|退|收|刷|花|便利|抢|$|"
    r"\b(?:charged|payment|order|refund|purchase|one|took|said|says|subscription|bill)\b)"
)


def _purchase_around(text: str, folded: str, start: int, end: int) -> bool:
    """An everyday word is a merchant beside words of buying, or when written with a capital letter."""
    capital = text[start].isascii() and text[start].isupper() and not shouting(text)
    before, after = _BEFORE_NAME.search(folded[:start]), _AFTER_NAME.match(folded, end)
    return bool(capital or (before and after) or (before and before.group() != "" and text[start].isascii()))


# --- merchants that no list knows ----------------------------------------------------------------
_SHOP = (
    r"(?:店|馆|铺|餐厅|超市|食堂|咖啡|奶茶|小吃|烧烤|火锅|菜摊|摊|商行|商城|影城|影院|健身房|停车场|加油站|民宿|蛋糕|烘焙|数码|酒楼|"
    r"冰室|诊所|有限公司)"
)
_ZH_GENERIC = re.compile(
    r"在|给|去|到|这|那|某|一|二|两|三|十|哪|我|你|他|她|家|楼|附近|网|线|手机|国|境|店|外|学校|公司|里|自己|别|该|个|超市|便利店|药店|商场|"
    r"饭店|餐厅|酒店|路边|小店|同|app|平台|商家|本|刚|新|老家|对方|朋友|电脑|实体|加油站|停车场|医院|食堂|书店|咖啡|奶茶|水果|海|上面|"
    r"下面|微信|支付宝|菜市场|服务区|机场|车站|地铁|景区|微店|钱包|骗子|妈|爸|老婆|老公|儿子|女儿|孩子|妹|姐|哥|弟|同事|房东|老板|客户|"
    r"亲戚|陌生|异常|设置|后台|几|多|东西|东|不|没|扫|自动"
)
_ZH_INSIDE = (
    "的了吗呢吧啊是不没有说把被着过什么怎样还也就都又再很以为因但可能要会让跟和与我你他她它您们这那哪谁"
    "钱付扣款失败买支"
)
_ZH_NAME = rf"(?:(?![{_ZH_INSIDE}])[{CJK}a-z0-9'&·])"
_ZH_AT = r"(?<![存现实正还])(?:在|给|去|向)"
_ZH_MERCHANT = re.compile(
    rf"{_ZH_AT}(?P<name>{_ZH_NAME}{{2,10}}?)"
    r"(?=付|支付|买|消费|扫码|扫的|结账|点了|点餐|点外卖|下单|吃饭|吃了|用餐|订|充值|刷|花了|转账|转了|交|加油|住|喝|续费|扣|的那|那笔|那单|的订单)"
)
_ZH_SHOP_NAME = re.compile(
    rf"(?:{_ZH_AT}|付|菜市场|买菜|^|[,。!?,!?\s]|不是|是)(?P<name>(?!在|给|去){_ZH_NAME}{{2,8}}?{_SHOP}+)"
    r"(?=那|的|付|买|消费|扫|结|点|下|吃|订|刷|花|扣|收|没|今|昨|前|被|重|两|$|[,。!?,!?\s])"
)
_EN_STOP = word_set(LOOKUPS / "no_shop.txt")
_CAPITAL_WORD = r"[A-Z][A-Za-z0-9'’&+.-]*[A-Za-z0-9+]"
_CAPITALS = (
    rf"(?P<name>(?:The )?{_CAPITAL_WORD}(?:\s(?:&\s|and\s(?=[A-Z])|of\s|de\s)?{_CAPITAL_WORD}){{0,3}})"
)
_EN_MERCHANT = re.compile(
    rf"\b(?:at|to|from|with|by|for|called|named|paid|pay|paying|is|be|was|not|meant|it's|its)\s+{_CAPITALS}"
)
_EN_PROPER_NAME = re.compile(rf"\b{_CAPITALS.replace('{0,3}', '{1,3}')}")


def _unknown_merchants(text: str, folded: str) -> Iterator[Found]:
    """Conservative: a name is believed only where it stands like a shop's (在…付款, "at …")."""
    for pattern in (_ZH_SHOP_NAME, _ZH_MERCHANT):
        for match in pattern.finditer(folded):
            if not _ZH_GENERIC.match(match["name"]):
                yield Found("merchant", *match.span("name"), text[slice(*match.span("name"))])
    letters = [char for char in text if char.isalpha()]
    if sum(map(str.isupper, letters)) > len(letters) / 2:
        return  # shouting: capitals say nothing
    for pattern in (_EN_MERCHANT, _EN_PROPER_NAME):
        for match in pattern.finditer(text):
            if not _EN_STOP.intersection(match["name"].removeprefix("The ").split()):
                yield Found("merchant", *match.span("name"), match["name"])
