"""The Makefile on a machine with a POSIX shell and little else: its programs only write down how they were called."""

import os
import re
import shutil
import subprocess
import time

import pytest

from config.local.paths import BASE_DIR

MAKE = shutil.which("make") or "make"
TOOLS = ["sh", "rm", "touch", "awk", "mkdir", "cat", "chmod"]
TOO_OLD = "#!/bin/sh\nexit 1\n"
# A Python that is new enough. The one of the environment it makes writes down its calls.
PYTHON = """#!/bin/sh
[ "$1" = -c ] && exit 0
mkdir -p .venv/bin
cat > .venv/bin/python <<'END'
#!/bin/sh
for last; do :; done
[ "$2" = pip ] && set -- install "$last"
echo "$*" >> calls
END
chmod +x .venv/bin/python
"""
INSTALL_RUN, INSTALL_DEV = "install requirements/run.txt", "install requirements/dev.txt"
TESTS = "-m pytest -n logical --maxprocesses 8"
# What came after GNU make 3.81, the one that macOS has: the NEWS of make, 3.82 and later.
NEWER = re.compile(
    r"^\.(ONESHELL|SHELLFLAGS|RECIPEPREFIX|EXTRA_PREREQS|NOTINTERMEDIATE|WAIT)|^\w+ *(!=|::=|:::=)"
    r"|^-?(undefine|private|load)\b|: *private\b|^define \w+ *[:+?]?=|\$\((file|guile|let|intcmp) |&:",
    re.MULTILINE,
)


class Clone:
    """A folder with the Makefile, lock files, and a PATH of TOOLS and `programs`."""

    def __init__(self, folder, **programs):
        self.folder, self.path = folder, folder / "path"
        self.path.mkdir()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool))
        for name, code in programs.items():
            self.write(f"path/{name.replace('_', '.')}", code).chmod(0o755)
        self.write("Makefile", (BASE_DIR / "Makefile").read_text())
        (folder / "requirements").mkdir()
        for lock in ("run", "dev"):
            self.write(f"requirements/{lock}.txt", "")

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def make(self, *target):
        """The calls, and what was said."""
        done = subprocess.run(
            [MAKE, *target],
            cwd=self.folder,
            env={"PATH": str(self.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        calls = self.folder / "calls"
        made = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return made, done.stdout


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path, python3=TOO_OLD, python3_13=PYTHON)


def test_the_first_run_installs_and_the_second_does_not(clone):
    made, said = clone.make("run")
    assert made == [INSTALL_RUN, "-m config.local"]
    assert said == "Installing the dependencies into .venv; this happens once.\n"
    assert clone.make("run") == (["-m config.local"], "")


def test_tests_install_their_tools_beside(clone):
    assert clone.make("test")[0] == [INSTALL_RUN, INSTALL_DEV, TESTS]
    assert clone.make("test")[0] == [TESTS]
    assert clone.make("run")[0] == ["-m config.local"]


def test_a_new_lock_file_is_installed_over_the_old(clone):
    clone.make("test")
    later = time.time() + 60
    os.utime(clone.folder / "requirements" / "run.txt", (later, later))
    assert clone.make("test")[0] == [INSTALL_RUN, INSTALL_DEV, TESTS]


def test_an_interrupted_installation_begins_anew(clone):
    clone.make("run")
    (clone.folder / ".venv" / "installed-run").unlink()
    made, said = clone.make("run")
    assert made == [INSTALL_RUN, "-m config.local"]
    assert said.startswith("Installing")


@pytest.mark.parametrize("programs", [{}, {"python3": TOO_OLD, "python3_12": TOO_OLD}])
def test_a_machine_without_a_new_python_is_told_in_one_sentence(tmp_path, programs):
    made, said = Clone(tmp_path, **programs).make("run")
    assert made == []
    assert said.splitlines()[0] == "Traveloure needs Python 3.11 or newer; install it first."


def test_make_alone_shows_every_target(clone):
    _, said = clone.make()
    [targets] = re.findall(r"^\.PHONY: (.*)$", (BASE_DIR / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^  make (\w+) +\S", said, re.MULTILINE) == targets.split()


def test_clean_removes_what_was_installed(clone):
    clone.make("run")
    clone.make("clean")
    assert not (clone.folder / ".venv").exists()


def test_it_needs_nothing_that_came_after_the_make_of_macos():
    assert NEWER.findall((BASE_DIR / "Makefile").read_text()) == []
