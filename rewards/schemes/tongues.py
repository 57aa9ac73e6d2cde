"""The parts of sentences about points, in Chinese and in English."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Tongue:
    """A language: its phrases with gaps, and how it counts things."""

    key: str
    phrases: Mapping[str, str]
    counted: Callable[[str, Decimal], str]
    comma: str
    stop: str
    named: str

    def say(self, phrase: str, **gaps: str) -> str:
        """The phrase with its gaps filled in."""
        return self.phrases[phrase].format(**gaps)

    def count(self, thing: str, number: Decimal | int | str) -> str:
        """So many points, times, hours, yuan or items."""
        return self.counted(thing, Decimal(number))

    def quantity(self, per: str, number: int) -> str:
        """So much as a line counts it: in minutes, fen or items."""
        match per:
            case "hour":
                parts = zip(("hour", "minute"), divmod(number, 60), strict=True)
                said = [self.count(thing, n) for thing, n in parts if n]
                return " ".join(said) or self.count("minute", 0)
            case "yuan":
                return self.count("yuan", Decimal(number) / 100)
        return self.count("item", number)

    def sentence(self, clauses: Sequence[str]) -> str:
        return self.comma.join(clauses) + self.stop

    def about(self, name: Mapping[str, str], sentence: str) -> str:
        """The sentence headed by the name of the rule that it is about."""
        return self.named.format(name=name[self.key], sentence=sentence)


def number(value: Decimal) -> str:
    """With commas between thousands, without closing zeros: 1,500 or 0.5."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _chinese(thing: str, value: Decimal) -> str:
    units = {"point": "分", "time": "次", "hour": "小时", "minute": "分钟", "yuan": "元"}
    return f"{number(value)} {units.get(thing, '件')}"


def _english(thing: str, value: Decimal) -> str:
    if thing == "yuan":
        return f"¥{number(value)}"
    return f"{number(value)} {thing}{'' if value == 1 else 's'}"


CHINESE = Tongue(
    key="zh",
    comma="，",
    stop="。",
    named="{name}：{sentence}",
    counted=_chinese,
    phrases={
        "act": "每次 {each}",
        "hour": "服务 {quantity}，每小时 {each}",
        "yuan": "价值 {quantity}，每元 {each}",
        "item": "{quantity}，每件 {each}",
        "multiplied": "以上 {above}按 {factor} 倍计",
        "stepped": "按 {step}取整，计 {counted}",
        "complaint": "因投诉成立按 {factor} 倍计",
        "made": "得 {points}",
        "added": "多得 {points}",
        "taken": "少得 {points}",
        "down": "得 {points}（{exact} 舍去小数）",
        "half_up": "得 {points}（{exact} 四舍五入）",
        "half_even": "得 {points}（{exact} 四舍六入五成双）",
        "at_most_resident": "{window}至多 {most}",
        "at_most_household": "每户{window}至多 {most}",
        "act_window": "每次",
        "event_window": "每项活动",
        "day_window": "每日",
        "week_window": "每周",
        "month_window": "每月",
        "quarter_window": "每季度",
        "year_window": "每年",
        "partly": "{at_most}，这次计 {left}",
        "used_up": "{at_most}，已经用完，这次不计分",
        "refused": "{at_most}，放不下这次的 {before}，不计分",
        "together": "合计{cut}",
        "total": "一共 {points}。",
        "nothing": "没有规则给这次计分。",
        "full": "每张卡最多可存 {limit}，所以有 {trimmed}未能存入。",
    },
)
ENGLISH = Tongue(
    key="en",
    comma=", ",
    stop=".",
    named="{name}: {sentence}",
    counted=_english,
    phrases={
        "act": "{each} each time",
        "hour": "{quantity} of service at {each} an hour",
        "yuan": "worth {quantity}, at {each} a yuan",
        "item": "{quantity} at {each} each",
        "multiplied": "the {above} above times {factor}",
        "stepped": "counted in steps of {step} as {counted}",
        "complaint": "times {factor} because a complaint was upheld",
        "made": "makes {points}",
        "added": "adds {points}",
        "taken": "takes off {points}",
        "down": "makes {points} ({exact} rounded down)",
        "half_up": "makes {points} ({exact} rounded)",
        "half_even": "makes {points} ({exact} rounded)",
        "at_most_resident": "at most {most} {window}",
        "at_most_household": "at most {most} {window} for a household",
        "act_window": "each time",
        "event_window": "an event",
        "day_window": "a day",
        "week_window": "a week",
        "month_window": "a month",
        "quarter_window": "a quarter",
        "year_window": "a year",
        "partly": "{at_most}, so {left} of it count",
        "used_up": "{at_most}, and that is used up, so nothing is given",
        "refused": "{at_most}, and the whole {before} don't fit in, so nothing is given",
        "together": "together {cut}",
        "total": "{points} in all.",
        "nothing": "No rule gives points for this.",
        "full": "A card holds at most {limit}, so {trimmed} could not be added.",
    },
)
