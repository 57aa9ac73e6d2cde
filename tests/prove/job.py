"""One job of a run; in a module of its own, so that another process can be handed one."""

import importlib
import time
import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tests.prove import ALL, KINDS, Counts, Share, Size


@dataclass(frozen=True)
class Job:
    """One kind of proof on one database."""

    kind: str
    engine: str
    size: Size
    seed: int
    share: Share = ALL

    def run(self) -> dict[str, Any]:
        """Do it in this process; answers its entry in build/prove.json."""
        began = time.monotonic()
        try:
            counts = importlib.import_module(KINDS[self.kind]).run(
                self.size, self.seed, self.engine, self.report, self.share
            )
        except Exception:
            counts = Counts("runs", failures=[traceback.format_exc()])
        seconds = round(time.monotonic() - began, 1)
        return {
            "seed": self.seed,
            "share": str(self.share),
            **asdict(counts),
            "seconds": seconds,
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def report(self, line: str) -> None:
        print(f"{datetime.now():%H:%M:%S} {self.kind} {self.engine}: {line}", flush=True)
