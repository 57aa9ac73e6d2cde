"""What is measured: the figures with their units, and the ratios made of them."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Rounds = Mapping[str, Sequence[float]]

# By stage the figures that it takes, in the order of a round, with their units. Many processes at
# once, pgbench's or clients that commit alone, leave the kernel spreading processes badly for a
# while. So stages that load both processors stand apart, and over HTTP pgbench is followed by what
# is no ratio. The ledger's clients are one process, which takes no harm.
FIGURES = {
    "sqlite": {"sqlite_commits": "/s", "sqlite_http_16": "/s", "sqlite_alone_16": "/s"},
    "bulk": {"awards_act": " s", "awards_copy": " s"},
    "http": {
        "http_p99_32": " ms",
        "http_16": "/s",
        "hello_16": "/s",
        "tpcb_16": "/s",
        "http_alone_16": "/s",
    },
    "reading": {
        "read_small": " ms",
        "read_large": " ms",
        "verified": "/s",
        "verified_sums": "/s",
        "hashed": "/s",
    },
    "ledger": {
        "tpcb_8": "/s",
        "ledger": "/s",
        "replays": "/s",
        "ledger_alone": "/s",
        "ledger_hot": "/s",
        "ledger_sealed": "/s",
        "transfer_bytes": " B",
    },
    "rules": {"evaluated": "/s", "by_hand": "/s", "previewed": " s"},
}
UNITS = {name: unit for figures in FIGURES.values() for name, unit in figures.items()}


@dataclass(frozen=True)
class Ratio:
    """One line of the table: the figure *of* divided by the figure *by* (or *of* itself).

    *least* is what must be reached, *aim* what is wanted; with *lower*, less is better.
    *beside* is a figure that is only printed beside, as it compares to the same.
    """

    key: str
    says: str
    of: str
    by: str | None
    least: float
    aim: float
    lower: bool = False
    beside: str | None = None

    @property
    def figures(self) -> set[str]:
        return {name for name in (self.of, self.by, self.beside) if name}

    def value(self, rounds: Rounds) -> float:
        """The medians' ratio."""
        of = statistics.median(rounds[self.of])
        return of / statistics.median(rounds[self.by]) if self.by else of

    def judged(self, value: float) -> str:
        """``aim``, ``ok`` or ``below``: what of its bounds *value* has reached."""
        for bound, name in ((self.aim, "aim"), (self.least, "ok")):
            if value <= bound if self.lower else value >= bound:
                return name
        return "below"

    def raw(self, rounds: Rounds) -> str:
        """The figures that it was made of."""
        parts = [shown(self.of, rounds)]
        if self.by:
            parts = [f"{parts[0]} ÷ {shown(self.by, rounds)}"]
        if self.beside and self.by:
            compared = statistics.median(rounds[self.beside]) / statistics.median(rounds[self.by])
            parts.append(f"{shown(self.beside, rounds)} ({compared:.2f})")
        return "; ".join(parts)


def shown(name: str, rounds: Rounds) -> str:
    """A figure by its name, with as many digits as it deserves."""
    value = statistics.median(rounds[name])
    return f"{name} {value:,.{0 if value >= 100 else 2 if value >= 1 else 3}f}{UNITS[name]}"


RATIOS = (
    Ratio(
        "ledger_pgbench",
        "redemption in the ledger, 8 clients ÷ pgbench",
        of="ledger",
        by="tpcb_8",
        least=1.2,
        aim=1.5,
        beside="ledger_alone",
    ),
    Ratio(
        "hot_merchant",
        "one merchant takes all ÷ spread over 500",
        of="ledger_hot",
        by="ledger",
        least=0.85,
        aim=0.95,
    ),
    Ratio(
        "sealing",
        "redemption while seals are made ÷ without",
        of="ledger_sealed",
        by="ledger",
        least=0.90,
        aim=0.97,
    ),
    Ratio(
        "http_pgbench",
        "redemption over HTTP, 16 connections ÷ pgbench",
        of="http_16",
        by="tpcb_16",
        least=0.5,
        aim=0.9,
        beside="http_alone_16",
    ),
    Ratio(
        "http_hello",
        "redemption over HTTP ÷ hello-world over HTTP",
        of="http_16",
        by="hello_16",
        least=0.20,
        aim=0.35,
    ),
    Ratio(
        "http_p99_ms",
        "slowest in a hundred over HTTP, 32 connections",
        of="http_p99_32",
        by=None,
        least=60,
        aim=20,
        lower=True,
    ),
    Ratio(
        "sqlite_http",
        "redemption over HTTP on SQLite ÷ bare commits",
        of="sqlite_http_16",
        by="sqlite_commits",
        least=0.4,
        aim=0.75,
        beside="sqlite_alone_16",
    ),
    Ratio(
        "bulk_copy",
        "100,000 awards in one act ÷ \\copy of the rows",
        of="awards_act",
        by="awards_copy",
        least=4,
        aim=2,
        lower=True,
    ),
    Ratio(
        "read_scale",
        "balance and statement among 1,000,000 ÷ 1,000",
        of="read_large",
        by="read_small",
        least=1.2,
        aim=1.05,
        lower=True,
    ),
    Ratio(
        "replay",
        "a repeat ÷ the first execution",
        of="replays",
        by="ledger",
        least=1.5,
        aim=3,
    ),
    Ratio(
        "bytes_transfer",
        "transfer and its lot entries, heap and indexes",
        of="transfer_bytes",
        by=None,
        least=400,
        aim=260,
        lower=True,
    ),
    Ratio(
        "verify_sha",
        "verify, sums and seals ÷ SHA-256 over the same entries",
        of="verified",
        by="hashed",
        least=0.1,
        aim=0.3,
        beside="verified_sums",
    ),
    Ratio(
        "evaluate_hand",
        "acts evaluated by a scheme ÷ by rules written in code",
        of="evaluated",
        by="by_hand",
        least=0.03,
        aim=0.06,
    ),
    Ratio(
        "preview",
        "seconds for a preview of 100,000 acts",
        of="previewed",
        by=None,
        least=20,
        aim=15,
        lower=True,
    ),
)

KEYS = tuple(ratio.key for ratio in RATIOS)


def drawn(ratios: Sequence[Ratio], rounds: Rounds) -> str:
    """The table, as it is printed."""
    lines = [f"{'ratio':<15} {'measured':>9} {'':<6}{'at least':>9}{'aim':>7}   made of"]
    for ratio in ratios:
        value = ratio.value(rounds)
        lines.append(
            f"{ratio.key:<15} {value:>9.2f} {ratio.judged(value):<6}"
            f"{'≤' if ratio.lower else '≥'} {ratio.least:>7g}{ratio.aim:>7g}   {ratio.raw(rounds)}"
        )
    return "\n".join(lines)
