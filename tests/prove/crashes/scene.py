"""One kind of fault on one database: the service, the tills, and the line between them."""

from pathlib import Path
from random import Random
from types import TracebackType

from tests import postgres
from tests.prove.crashes.clockwork import set_clock
from tests.prove.crashes.faults import Fault
from tests.prove.crashes.ground import Ground
from tests.prove.crashes.proxy import Proxy
from tests.prove.crashes.service import AS_USUAL, Service
from tests.prove.crashes.tills import Tills

CLOCKWORK = ("-m", "tests.prove.crashes.clockwork")


class Scene:
    """Keeps the service and its database from one seed to the next, as they survive."""

    def __init__(self, here: Ground, fault: Fault) -> None:
        self.here, self.fault, self.name = here, fault, fault.name
        # Beside the database, so that a full disk is full for both.
        self.folder = Path(here.folder, f"instance-{fault.name}")
        self.folder.mkdir(mode=0o700)
        program = CLOCKWORK if fault.settable_clock else AS_USUAL
        self.service = Service(here.url(self.name), self.folder, program)
        self.proxy = Proxy(self.service.port, Random())
        self.begun = False

    def __enter__(self) -> "Scene":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.service.kill()
        self.proxy.close()

    def get_ready(self) -> None:
        """A service that answers; on a fresh database the first time, and after a failure."""
        if not self.begun:
            self.service.kill()
            self._revive()
            self.here.copy(self.name)
            self.begun = True
        set_clock(self.folder, 0)
        self.service.start()

    def break_and_mend(self, rng: Random, seed: str) -> Tills:
        """Work, break something, mend it, and ask everything again; answers what was asked."""
        self.proxy.rng = rng
        tills = Tills(self.here.known, seed, lambda: self.proxy.port)
        with tills.at_work():
            tills.until(rng.randint(5, 40), 20)
            self.fault.strike(self, tills, rng)
            tills.until(10, 0.3)
        self._revive()
        if rng.random() < 0.5:
            self.service.kill()  # what survived must do, and so must what begins anew
        self.service.start()
        tills.ask_again()
        return tills

    def _revive(self) -> None:
        if self.here.server is not None:
            postgres.revive(self.here.server)
