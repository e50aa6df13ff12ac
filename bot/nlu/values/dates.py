"""Times as people say them, to clock-free values that `actions` places in the customer's zone.

Values are any of {"days_ago": n}, {"weekday": 0-6, "weeks_ago": n} (Monday is 0; weeks_ago 0 is the
latest such day, 1 the one in the calendar week before this), {"weeks_ago": n}, {"months_ago": n},
{"month", "day"}, {"year", "month", "day"}, {"month"}, {"day"} (the latest such day of a month),
{"hours_ago": n}, {"minutes_ago": n}; with an optional {"part": early|morning|noon|afternoon|evening|
night} and {"hour", "minute"} (24-hour clock).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.nlu.values.numerals import EN_NUMBER, parse_number

When = dict[str, int | str]
_Reader = Callable[[re.Match[str]], When | None]

_N = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十]+)"
_EN_N = rf"(?:\d+|an?|a couple of|couple of|a few|{EN_NUMBER})"
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ],
        1,
    )
    for name in names.split()
}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=lambda name: -len(name))) + r")\b(?:\.(?= ?\d))?"
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        [
            "monday mon",
            "tuesday tues tue",
            "wednesday wed",
            "thursday thurs thur thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        ]
    )
    for name in names.split()
}
_FULL_WEEKDAY = "(?P<weekday>" + "|".join(name for name in _WEEKDAYS if name.endswith("day")) + r")\b"
_ANY_WEEKDAY = "(?P<weekday>" + "|".join(sorted(_WEEKDAYS, key=lambda name: -len(name))) + r")\b"
_ZH_WEEKDAY = {**{char: i for i, char in enumerate("一二三四五六")}, "日": 6, "天": 6} | {
    str(i + 1): i for i in range(7)
}
_ZH_PARTS = {
    "凌晨": "early", "半夜": "night", "深夜": "night", "夜里": "night", "清晨": "morning", "清早": "morning",
    "早上": "morning", "早晨": "morning", "今晨": "morning", "上午": "morning",
    "中午": "noon", "正午": "noon",
    "下午": "afternoon", "午后": "afternoon", "傍晚": "evening", "晚上": "evening", "夜晚": "night",
    "朝早": "morning", "晏昼": "afternoon", "夜晚黑": "night", "一大早": "morning", "大清早": "morning",
}  # fmt: skip
_EN_PARTS = {
    "morning": "morning", "noon": "noon", "lunchtime": "noon", "lunch time": "noon", "lunch": "noon",
    "midday": "noon", "afternoon": "afternoon", "arvo": "afternoon", "evening": "evening", "night": "night",
}  # fmt: skip


def _number(text: str) -> int:
    text = text.strip()
    if text in ("a couple of", "couple of"):
        return 2
    if text == "a few":
        return 3
    value = parse_number(text)
    return int(value) if value is not None else 1


def _ago(unit: str) -> _Reader:
    return lambda m: {unit: _number(m["n"])}


def _fixed(value: When) -> _Reader:
    return lambda _: dict(value)


def _month_day(match: re.Match[str]) -> When | None:
    groups = match.groupdict()
    month = groups["month"]
    value: When = {"month": _MONTHS.get(month) or _number(month)}
    if groups.get("day"):
        value["day"] = _number(groups["day"])
    if groups.get("year"):
        value["year"] = int(groups["year"])
    return value if 1 <= int(value["month"]) <= 12 and 1 <= int(value.get("day", 1)) <= 31 else None


def _zh_clock(match: re.Match[str]) -> When | None:
    hour = _number(match["hour"])
    value: When = {"hour": hour}
    minute = match["minute"]
    if minute:
        value["minute"] = {"半": 30, "一刻": 15, "三刻": 45}.get(minute) or _number(minute.rstrip("分"))
    return value if hour <= 24 and int(value.get("minute", 0)) < 60 else None


def _clock(match: re.Match[str]) -> When | None:
    hour = int(match["hour"])
    groups = match.groupdict()
    half = (groups.get("half") or "").replace(".", "")
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    value: When = {"hour": hour}
    if groups.get("minute"):
        value["minute"] = int(groups["minute"])
    return value if hour <= 24 and int(value.get("minute", 0)) < 60 else None


def _zh_weekday(match: re.Match[str]) -> When:
    before = match["which"] or ""
    return {"weekday": _ZH_WEEKDAY[match["weekday"]], "weeks_ago": before.count("上")}


def _day_of_month(match: re.Match[str]) -> When | None:
    day = parse_number(match["day"])
    return {"day": int(day)} if day is not None and 1 <= day <= 31 else None


_HALF = r"(?P<half>[ap]\.?m\b\.?)"
# In order of preference where two begin at the same place.
_GRAMMAR: tuple[tuple[str, _Reader], ...] = (
    (
        r"(?P<year>20\d\d)\s?[年/.-]\s?(?P<month>\d{1,2})\s?[月/.-]\s?(?P<day>\d{1,2})(?!\d)\s?[日号]?",
        _month_day,
    ),
    (
        r"(?<!\d)(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])\s?月\s?(?P<day>\d{1,2}|[一二三四五六七八九十]+)\s?[日号]?(?!\d)",
        _month_day,
    ),
    (
        r"(?<![\d./:-])(?P<month>1[0-2]|0?[1-9])(?P<sep>[/])(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/])",
        _month_day,
    ),
    (r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])\.(?P<day>3[01]|[12]\d|0?[1-9])[日号]", _month_day),
    (r"(?<!\d)(?P<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份", _month_day),
    (
        rf"\b{_MONTH} ?(?:the )?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?!:)(?:,? (?P<year>20\d\d)\b)?",
        _month_day,
    ),
    (
        rf"(?<![\d.])(?:the )?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? ?{_MONTH}"
        r"(?:,? (?P<year>20\d\d)\b)?",
        _month_day,
    ),
    (
        r"\b(?P<month>january|february|april|june|july|august|september|october|november|december)\b",
        _month_day,
    ),
    (rf"(?P<n>{_N})\s?分钟?(?:之前|以?前)", _ago("minutes_ago")),
    (
        r"(?<!个)(?:半个?|half an? |half |a half )(?:小时|钟头|hour)(?:之前|以?前| ago)",
        _fixed({"minutes_ago": 30}),
    ),
    (
        rf"(?P<n>{_N})\s?个半(?:小时|钟头)(?:之前|以?前)",
        lambda m: {"minutes_ago": 60 * _number(m["n"]) + 30},
    ),
    (rf"(?P<n>{_N})\s?个?(?:小时|钟头)(?:之前|以?前)", _ago("hours_ago")),
    (rf"(?P<n>{_N})\s?[天日](?:之前|以?前)", _ago("days_ago")),
    (rf"(?P<n>{_N})\s?个?(?:星期|礼拜|周)(?:之前|以?前)", _ago("weeks_ago")),
    (rf"(?P<n>{_N})\s?个月(?:之前|以?前)", _ago("months_ago")),
    (rf"\b(?P<n>{_EN_N})\s?(?:minutes?|mins?) ago\b", _ago("minutes_ago")),
    (rf"\b(?P<n>{_EN_N})\s?(?:hours?|hrs?|h) ago\b", _ago("hours_ago")),
    (rf"\b(?P<n>{_EN_N})\s?days? (?:ago|back)\b", _ago("days_ago")),
    (rf"\b(?P<n>{_EN_N})\s?(?:weeks?|wks?) (?:ago|back)\b", _ago("weeks_ago")),
    (rf"\b(?P<n>{_EN_N})\s?months? (?:ago|back)\b", _ago("months_ago")),
    (
        r"刚才|刚刚|刚刚才|头先|啱啱|方才"
        r"|just now|moments? ago|a moment ago|a (?:short )?while ago|a sec(?:ond)? ago",
        _fixed({"minutes_ago": 30}),
    ),
    (r"大前[天日]", _fixed({"days_ago": 3})),
    (r"前[天日]|the day before yesterday|day before yesterday|2 days back", _fixed({"days_ago": 2})),
    (r"(?:前晚|前天夜里)", _fixed({"days_ago": 2, "part": "night"})),
    (r"(?:昨晚|昨夜|昨儿晚上|琴晚|last nite|last night)", _fixed({"days_ago": 1, "part": "night"})),
    (
        r"昨[天日儿]?(?=早上|中午|下午|晚上|上午|凌晨)|昨[天日儿]|寻日|琴日|\byest(?:erday|erdy|arday|rday)?\b|\byday\b|\bytd\b",
        _fixed({"days_ago": 1}),
    ),
    (r"(?:今早|今晨|今朝早)", _fixed({"days_ago": 0, "part": "morning"})),
    (r"(?:今晚|\btonight\b|\btonite\b)", _fixed({"days_ago": 0, "part": "evening"})),
    (
        r"\bthis (?P<part>morning|afternoon|arvo|evening)\b",
        lambda m: {"days_ago": 0, "part": _EN_PARTS[m["part"]]},
    ),
    (r"今[天日儿]|\btoday\b|\b2day\b|\btdy\b", _fixed({"days_ago": 0})),
    (
        r"(?P<which>上+个?|这个?|本)?(?:周|星期|礼拜|拜)(?P<weekday>[一二三四五六日天1-6])(?![周个年天])",
        _zh_weekday,
    ),
    (
        rf"\blast (?:week'?s? )?{_ANY_WEEKDAY}",
        lambda m: {"weekday": _WEEKDAYS[m["weekday"]], "weeks_ago": 1},
    ),
    (
        rf"\b(?:this (?:past )?|(?<=on )){_ANY_WEEKDAY}",
        lambda m: {"weekday": _WEEKDAYS[m["weekday"]], "weeks_ago": 0},
    ),
    (rf"(?<!black )\b{_FULL_WEEKDAY}", lambda m: {"weekday": _WEEKDAYS[m["weekday"]], "weeks_ago": 0}),
    (r"上上个?(?:周|星期|礼拜)", _fixed({"weeks_ago": 2})),
    (r"上个?(?:周|星期|礼拜)|\blast (?:week|wk)\b", _fixed({"weeks_ago": 1})),
    (r"(?:这个?|本)(?:周|星期|礼拜)|\bthis week\b", _fixed({"weeks_ago": 0})),
    (r"上上个?月", _fixed({"months_ago": 2})),
    (r"上个?月|\blast month\b", _fixed({"months_ago": 1})),
    (r"(?:这个?|本)月|\bthis month\b", _fixed({"months_ago": 0})),
    (
        # 14号 by itself is a day; 3号线, 2号楼, a lone "3号" are not.
        r"(?<![\d.第月一二三四五六七八九十])(?P<day>[12]?\d|3[01]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[号日]"
        r"(?=那天|当天|早|上午|中午|下午|晚|夜|凌晨|的|在|给|去|付|买|扣|充|退|我|到|从)",
        _day_of_month,
    ),
    (r"(?:(?<=\bon )|(?<=\bsince )|(?<=\bfrom ))the (?P<day>[12]?\d|3[01])(?:st|nd|rd|th)\b", _day_of_month),
    (
        rf"(?P<part>{'|'.join(sorted(_ZH_PARTS, key=lambda p: -len(p)))})(?!好|安)",
        lambda m: {"part": _ZH_PARTS[m["part"]]},
    ),
    (
        r"(?<![\d.:])(?P<hour>[0-2]?\d)[::](?P<minute>[0-5]\d)(?:[::]\d\d)?(?!\d)(?:\s?" + _HALF + ")?",
        _clock,
    ),
    (r"(?<![\d.:$£€¥])(?P<hour>1[0-2]|0?[1-9])\s?" + _HALF, _clock),
    (r"(?<![\d.:])(?P<hour>1[0-2]|[1-9]) o'?clock\b", _clock),
    (r"\b(?:at )noon\b|\bmidday\b|\blunch ?time\b", _fixed({"part": "noon"})),
    (
        r"\b(?:in the|at|around|during) (?P<part>morning|afternoon|evening|night|lunch)\b",
        lambda m: {"part": _EN_PARTS[m["part"]]},
    ),
    (
        r"(?<![\d.点零一二三四五六七八九十百两])(?P<hour>[0-2]?\d|十[一二]?|二十[一二三四]?|[一二两三四五六七八九])点(?P<minute>半|一刻|三刻|[0-5]?\d分?|[一二三四五]?十[一二三四五六七八九]?分?)?(?:钟|整)?(?![\d.零一二三四五六七八九心])",
        _zh_clock,
    ),
)
_PIECES = [(re.compile(pattern), reader) for pattern, reader in _GRAMMAR]
# What may stand between the pieces of one time: 昨天的下午 · yesterday at around 3pm.
_JOINT = re.compile(
    r"(?:\s|,|的|大概|大约|差不多|左右|快|\bat\b|\baround\b|\babout\b|\bon\b|\bin the\b|\bof\b|@|~)*"
)
_TAIL_PART = re.compile(r"\s(?P<part>morning|afternoon|arvo|evening|night|lunchtime|lunch time|noon)\b")
_VAGUE_CLOCK = re.compile(r"[一两]点")  # 快一点 · 说两点: only a time beside a day or part of it


def find(folded: str) -> Iterator[tuple[int, int, When]]:
    """Spans of times in text of `fold`, each with its value; neighbouring pieces joined to one."""
    run: tuple[int, int, When] | None = None
    for start, end, value in _pieces(folded):
        joins = run is not None and _JOINT.fullmatch(folded, run[1], start) and not set(run[2]) & set(value)
        if run is not None and joins and not _relative(run[2]):
            run = run[0], end, {**run[2], **value}
            continue
        if run is not None and _says_enough(folded, run):
            yield run[0], run[1], _settle(run[2])
        run = start, end, value
    if run is not None and _says_enough(folded, run):
        yield run[0], run[1], _settle(run[2])


def parse(folded: str) -> When | None:
    """The value of the first time in the text, or None."""
    return next((value for _, _, value in find(folded)), None)


def _pieces(folded: str) -> Iterator[tuple[int, int, When]]:
    found: list[tuple[int, int, When]] = []
    for pattern, read in _PIECES:
        for match in pattern.finditer(folded):
            value = read(match)
            if value is not None and not any(s < match.end() and match.start() < e for s, e, _ in found):
                start, end = match.span()
                tail = _TAIL_PART.match(folded, end)
                if (
                    tail
                    and "part" not in value
                    and not _relative(value)
                    and ("days_ago" in value or "weekday" in value)
                ):
                    value, end = {**value, "part": _EN_PARTS[tail["part"]]}, tail.end()
                found.append((start, end, value))
    return iter(sorted(found, key=lambda piece: piece[0]))


def _relative(value: When) -> bool:
    return "minutes_ago" in value or "hours_ago" in value


def _says_enough(folded: str, run: tuple[int, int, When]) -> bool:
    start, end, value = run
    return not (set(value) <= {"hour"} and _VAGUE_CLOCK.fullmatch(folded[start:end]))


def _settle(value: When) -> When:
    """Moves a spoken hour into its part of the day: 下午三点 is 15 h; 晚上十二点 is the day's last minute."""
    part, hour = value.get("part"), value.get("hour")
    if isinstance(hour, int):
        if part in ("evening", "night") and hour in (12, 24):
            return {**value, "hour": 23, "minute": 59}
        late = (
            part in ("afternoon", "evening")
            or (part == "night" and hour >= 6)
            or (part == "noon" and hour < 4)
        )
        if late and hour < 12:
            return {**value, "hour": hour + 12}
        if hour == 24:
            return {**value, "hour": 23, "minute": 59}
    return value
