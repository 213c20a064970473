"""The end of the command line: what a pipeline goes by is its exit code, and nothing that comes after may change it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The library that reaches the shared ledger has threads that may come back while the interpreter ends; it aborts the
# process then. This one does so each time.
ENDS_BADLY = """\
import atexit, os, sys
atexit.register(os.abort)
sys.argv = ["reconciler", "--version"]
from reconciler.__main__ import main
main()
"""


def test_a_library_that_fails_as_the_interpreter_ends_does_not_change_the_exit_code() -> None:
    command = [sys.executable, "-c", ENDS_BADLY]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout.startswith("reconciler "), ran.stderr
    assert ran.returncode == 0
