"""The tools around the code: the shape report and the lock files."""

import ast
from pathlib import Path

import pytest

from bench import shape
from config.local.paths import BASE_DIR

SOURCE = """
def short():
    try:
        return 1
    except (ValueError, Exception):
        return 2


def test_of_three_lines():
    short()
    assert True
"""


@pytest.fixture
def module(tmp_path: Path) -> shape.Module:
    path = tmp_path / "code.py"
    path.write_text(SOURCE)
    return shape.read(path)


def test_functions_are_measured_from_def_to_end(module):
    assert [shape.length(function) for function in module.functions] == [5, 3]


@pytest.mark.parametrize(
    ("clause", "broad"),
    [
        ("except", True),
        ("except Exception", True),
        ("except (OSError, BaseException)", True),
        ("except OSError", False),
    ],
)
def test_broad_excepts_are_told_from_narrow_ones(clause, broad):
    [handler] = [
        node for node in ast.walk(ast.parse(f"try: x\n{clause}: y")) if isinstance(node, ast.ExceptHandler)
    ]
    assert shape.is_broad(handler) is broad


def test_a_file_that_is_too_long_fails_the_run(module, monkeypatch, capsys):
    monkeypatch.setattr(
        shape, "modules", lambda: [module, shape.Module(Path("tests/x.py"), 9, module.functions, [])]
    )
    assert shape.main() == 0
    monkeypatch.setattr(shape, "FILE_LINES", 8)
    assert shape.main() == 1
    assert "code.py: 11 lines; split it." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_the_lock_has_a_hash_for_every_package_and_names_no_index(name):
    text = (BASE_DIR / "requirements" / name).read_text()
    packages = [line for line in text.splitlines() if "==" in line]
    assert all(line.endswith("\\") for line in packages)
    assert "://" not in text
