"""Mutants: a module's functions and its prepared statements, each with one small mistake put in.

What is changed: comparisons and their edges, arithmetic, logic, numbers, conditions, clauses of
queries, and statements that are left out. SQL that is written as text isn't.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CLAUSES = {"where", "having", "order_by", "group_by", "limit", "on_conflict_do_nothing"}
STATEMENTS = {"select", "update", "insert"}


@dataclass(frozen=True)
class Mutant:
    """One mistake: where it is, of which kind, and what stands there instead of what.

    ``name`` is of the function that it is in, or of a value that the module makes when loaded.
    """

    path: str
    name: str
    in_function: bool
    begins: int
    line: int
    column: int
    kind: str
    before: str
    after: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column} {self.name}: {self.before}  ->  {self.after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of the module at *path*."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    for place, name in [*_functions(module, ""), *made_when_loaded(module)]:
        in_function = isinstance(place, ast.FunctionDef)
        if isinstance(place, ast.FunctionDef):
            # Compiled by itself: what surrounds it is there already.
            place.decorator_list = []
        for number, node in enumerate(_nodes(place)):
            for variant, (kind, changed) in enumerate(_changes(node)):
                line = getattr(node, "lineno", place.lineno)
                column = getattr(node, "col_offset", 0)
                words = (kind, _words(node), _words(changed))
                code = _compiled(_replaced(place, number, variant), path)
                yield Mutant(str(path), name, in_function, place.lineno, line, column, *words, code)


def made_when_loaded(module: ast.Module) -> Iterator[tuple[ast.Assign, str]]:
    """The statements that are made once, when the module is loaded, each with its name."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
            if names & STATEMENTS:
                yield node, node.targets[0].id


Place = ast.FunctionDef | ast.Assign


def _nodes(place: Place) -> list[ast.AST]:
    """All that can be changed; what only guards against mistakes of ours isn't, nor types."""
    nodes: list[ast.AST] = [*place.body] if isinstance(place, ast.FunctionDef) else [place.value]
    for node in nodes:
        types = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        nodes += [
            child
            for child in ast.iter_child_nodes(node)
            if not _is_guard(child) and child not in types
        ]
    return nodes


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.keyword) and node.arg == "strict")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    """The functions and methods, each with its qualified name; inner ones belong to theirs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield child, prefix + child.name
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")


Change = Iterator[tuple[str, ast.AST]]


def _changes(node: ast.AST) -> Change:
    """Whatever can stand in the place of *node*, and of which kind of mistake it is."""
    change = CHANGES.get(type(node))
    return change(node) if change else iter(())


def _comparison(node: ast.Compare) -> Change:
    for place, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            ops: list[ast.cmpop] = [*node.ops]
            ops[place] = other()
            yield "comparison", ast.Compare(node.left, ops, node.comparators)


def _arithmetic(node: ast.BinOp) -> Change:
    if type(node.op) in ARITHMETIC:
        yield "arithmetic", ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)


def _counting(node: ast.AugAssign) -> Change:
    yield "left out", ast.Pass()
    if type(node.op) in ARITHMETIC:
        yield "arithmetic", ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)


def _logic(node: ast.BoolOp) -> Change:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "logic", ast.BoolOp(other, node.values)


def _opposite(node: ast.UnaryOp) -> Change:
    yield "logic", node.operand


def _constant(node: ast.Constant) -> Change:
    if isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield "constant", ast.Constant(node.value + 1)


def _condition(node: ast.If | ast.IfExp) -> Change:
    for always in (True, False):
        changed = copy.copy(node)
        changed.test = ast.Constant(always)
        yield "condition", changed


def _loop(node: ast.While) -> Change:
    yield "condition", ast.While(ast.Constant(False), node.body, node.orelse)


def _clause(node: ast.Call) -> Change:
    if isinstance(node.func, ast.Attribute) and node.func.attr in CLAUSES:
        yield "clause", node.func.value


def _call(node: ast.Expr) -> Change:
    if isinstance(node.value, ast.Call):
        yield "left out", ast.Pass()


def _raise(node: ast.Raise) -> Change:
    yield "left out", ast.Pass()


def _answer(node: ast.Return) -> Change:
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield "left out", ast.Return(ast.Constant(None))


CHANGES: dict[type[ast.AST], Callable[[Any], Change]] = {
    ast.Compare: _comparison,
    ast.BinOp: _arithmetic,
    ast.AugAssign: _counting,
    ast.BoolOp: _logic,
    ast.UnaryOp: _opposite,
    ast.Constant: _constant,
    ast.If: _condition,
    ast.IfExp: _condition,
    ast.While: _loop,
    ast.Call: _clause,
    ast.Expr: _call,
    ast.Raise: _raise,
    ast.Return: _answer,
}


def _replaced(place: Place, number: int, variant: int) -> Place:
    """A copy of the place in which the node of that number is changed in that way."""
    mutated = copy.deepcopy(place)
    node = _nodes(mutated)[number]
    changed = list(_changes(node))[variant][1]

    class Replace(ast.NodeTransformer):
        def visit(self, found: ast.AST) -> ast.AST:
            if found is node:
                return ast.copy_location(changed, node)
            return self.generic_visit(found)

    if isinstance(mutated, ast.FunctionDef):
        mutated.body = [Replace().visit(statement) for statement in mutated.body]
    else:
        mutated.value = Replace().visit(mutated.value)
    return mutated


def _compiled(place: Place, path: Path) -> CodeType:
    module = ast.fix_missing_locations(ast.Module([place], []))
    code = compile(module, str(path), "exec")
    if isinstance(place, ast.Assign):
        return code
    # Defaults may be code too, and stand before it.
    made = (c for c in code.co_consts if isinstance(c, CodeType))
    return next(c for c in made if c.co_name == place.name)


def _words(node: ast.AST) -> str:
    """The first line of what a node says."""
    return ast.unparse(node).split("\n")[0]
