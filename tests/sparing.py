"""What one process needn't do again for each of thousands of tests, and does once.

None of it is a double: the application, its engines and their statements are what they always
are. A served application does each of these things once too, for a million requests.
"""

import gc
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


def spare() -> None:
    """Begin to remember; call it once, before the first engine or application is made."""
    Rule._compile_builder = _build_once
    Dialect.engine_created = classmethod(_share_statements)  # type: ignore[method-assign,assignment]
    # A test leaves some ten thousand objects that know each other. By the usual thresholds all
    # that is alive was looked at after every other test: a quarter of the time.
    gc.set_threshold(20_000, 20, 20)


def keep() -> None:
    """What is there now stays: let the garbage collector not look at it again and again."""
    gc.collect()
    gc.freeze()


# Each test has an application of its own, and all of them have the same addresses: compiling
# those anew, which werkzeug does by Python's own compiler, was two thirds of making one.
_build: Any = Rule._compile_builder
_built: dict[Any, Any] = {}


def _build_once(rule: Rule, append_unknown: bool = True) -> Any:
    named = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    if named not in _built:
        _built[named] = _build(rule, append_unknown)
    return _built[named]


# Each test has engines of its own. What they compile statements to is the same, and SQLAlchemy
# keeps it by engine and by dialect: an engine is given those of the first that was connected.
_dialects: dict[type[Dialect], tuple[Dialect, Any]] = {}


def _share_statements(kind: type[Dialect], engine: Engine) -> None:
    if kind in _dialects:
        engine.dialect, engine._compiled_cache = _dialects[kind]
        return

    @event.listens_for(engine, "connect")
    def _connected(*_: object) -> None:
        # By now the dialect has asked what kind of server it speaks to.
        _dialects.setdefault(kind, (engine.dialect, LRUCache(20_000)))
