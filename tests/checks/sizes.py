"""No file that needs scrolling to understand, no function longer than a screen."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def measured() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Lines of each file and of each function of the product, the longest first."""
    files, functions = [], []
    for path in [ROOT / "wsgi.py", *ROOT.glob("rewards/**/*.py"), *ROOT.glob("merchants/**/*.py")]:
        name = str(path.relative_to(ROOT))
        source = path.read_text(encoding="utf-8")
        files.append((source.count("\n"), name))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                functions.append((length, f"{name}:{node.name}"))
    return sorted(files, reverse=True), sorted(functions, reverse=True)


def main() -> int:
    files, functions = measured()
    for title, rows in (("files", files), ("functions", functions)):
        print(f"The longest {title}: " + ", ".join(f"{n} {name}" for n, name in rows[:5]))
    return int(files[0][0] > LONGEST_FILE or functions[0][0] > LONGEST_FUNCTION)


if __name__ == "__main__":
    sys.exit(main())
