"""The shape of the code against the budgets of docs/architecture.md, "Shape". `python -m bench.shape`

Only the length of files fails the run; the other figures are printed for a person to judge.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

FILE_LINES = 800
BROAD = {"Exception", "BaseException"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    path: Path
    lines: int
    functions: list[Function]
    handlers: list[ast.ExceptHandler]

    @property
    def is_test(self) -> bool:
        return self.path.parts[0] == "tests"


def modules() -> Iterator[Module]:
    """Every module of the project but migrations, which Django writes."""
    listed = subprocess.run(["git", "ls-files", "*.py"], check=True, capture_output=True, text=True)  # noqa: S607
    for path in map(Path, listed.stdout.splitlines()):
        if "migrations" not in path.parts and path.exists():
            yield read(path)


def read(path: Path) -> Module:
    text = path.read_text()
    nodes = list(ast.walk(ast.parse(text)))
    return Module(
        path,
        len(text.splitlines()),
        [node for node in nodes if isinstance(node, Function)],
        [node for node in nodes if isinstance(node, ast.ExceptHandler)],
    )


def length(function: Function) -> int:
    """Lines from `def` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_broad(handler: ast.ExceptHandler) -> bool:
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(name is None or (isinstance(name, ast.Name) and name.id in BROAD) for name in names)


def share(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def report(all_modules: Iterable[Module]) -> list[tuple[str, str, str]]:
    """Rows of name, figure, budget."""
    everything = list(all_modules)
    source = [module for module in everything if not module.is_test]
    tests = [module for module in everything if module.is_test]
    lengths = [length(function) for module in source for function in module.functions]
    cases = [length(f) for module in tests for f in module.functions if f.name.startswith("test_")]
    handlers = [handler for module in source for handler in module.handlers]
    longest = max(everything, key=lambda module: module.lines)
    return [
        ("median function", f"{median(lengths):.0f} lines", "9"),
        ("functions over 50 lines", f"{share(sum(n > 50 for n in lengths), len(lengths)):.1f} %", "4 %"),
        ("longest file", f"{longest.lines} lines, {longest.path}", str(FILE_LINES)),
        (
            "broad excepts",
            f"{share(sum(map(is_broad, handlers)), len(handlers)):.1f} % of {len(handlers)}",
            "5 %",
        ),
        ("median test", f"{median(cases):.0f} lines", "12"),
        ("source lines", str(sum(module.lines for module in source)), ""),
        ("test lines", str(sum(module.lines for module in tests)), "as many as source"),
    ]


def main() -> int:
    everything = list(modules())
    for name, figure, budget in report(everything):
        print(f"{name:<24} {figure:<44} {budget and 'budget ' + budget}")
    too_long = [module for module in everything if module.lines > FILE_LINES]
    for module in too_long:
        print(f"{module.path}: {module.lines} lines; split it.", file=sys.stderr)
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
