"""Putting a mistake into the ledger that is loaded: into a function, or into what was made once.

Statements are made when a module is loaded, some by functions of the ledger. A mistake in either
is put in by making all statements again, and giving the new one to whoever holds the old.
"""

import ast
import importlib
import inspect
import sys
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from sqlalchemy import ClauseElement

from tests.prove.mutation.mutants import Mutant

CORE = Path("rewards/ledger")


def apply(mutant: Mutant) -> None:
    """Put the mistake in."""
    if mutant.in_function:
        _function(mutant).__code__ = mutant.code
    if depending(mutant):
        _make_again(mutant)


def _function(mutant: Mutant) -> FunctionType:
    found: Any = _module(Path(mutant.path))
    for name in mutant.name.split("."):
        found = inspect.getattr_static(found, name)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    function = inspect.unwrap(found)
    assert isinstance(function, FunctionType), mutant
    return function


def _module(path: Path) -> ModuleType:
    return importlib.import_module(str(path.with_suffix("")).replace("/", "."))


def depending(mutant: Mutant) -> set[str]:
    """The names of the statements, made once, that the mistake is in."""
    names = set() if mutant.in_function else {mutant.name}
    seen = {mutant.name}
    for _ in range(4):  # one is made from another, but never through many
        names |= {name for _, made, uses, _ in _made() if uses & seen for name in made}
        seen |= names
    return names


def lines_using(names: set[str]) -> set[tuple[str, int]]:
    """Where functions of the ledger use one of these names: files and lines."""
    return {(path, line) for path, line, name in _uses() if name in names}


@cache
def _made() -> list[tuple[Path, list[str], set[str], CodeType]]:
    """All statements that are made once, as they are made: where, which, by what, and how."""
    made = []
    loaded = [
        Path(str(m.__file__)) for n, m in sys.modules.items() if n.startswith("rewards.ledger")
    ]
    for path in (p.relative_to(Path.cwd()) for p in loaded):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.Assign):
                continue
            names = [part.id for part in ast.walk(node.targets[0]) if isinstance(part, ast.Name)]
            if all(_is_statement(getattr(_module(path), name)) for name in names):
                used = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
                code = compile(ast.Module([node], []), str(path), "exec")
                made.append((path, names, used, code))
    return made


def _is_statement(value: Any) -> bool:
    values = value.values() if isinstance(value, dict) else [value]
    return any(isinstance(each, ClauseElement) for each in values)


@cache
def _uses() -> set[tuple[str, int, str]]:
    return {
        (str(path), part.lineno, part.id)
        for path in CORE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for part in ast.walk(function)
        if isinstance(part, ast.Name)
    }


def _make_again(mutant: Mutant) -> None:
    loaded = [m for n, m in sys.modules.items() if n.startswith(("rewards", "merchants"))]
    for path, names, _, code in _made():
        module = _module(path)
        before = [getattr(module, name) for name in names]
        here = not mutant.in_function and str(path) == mutant.path and mutant.name in names
        exec(mutant.code if here else code, vars(module))
        for old, new in zip(before, [getattr(module, name) for name in names], strict=True):
            for other in loaded:
                for known, value in [*vars(other).items()]:
                    if value is old:
                        setattr(other, known, new)
