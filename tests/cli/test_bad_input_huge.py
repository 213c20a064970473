"""Files made to be too much: refused with a place, in bounded time and memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.shell import Shell
from tests.cli.test_bad_input_manifest import TEAM_HEAD, mistake

BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HUGE = [
    mistake(
        "a bomb of aliases",
        f"{TEAM_HEAD}a: &a [x, x, x, x, x, x, x, x, x]\n{BOMB}",
        ["a.yaml:9:8: this document has more than 100,000 parts, aliases laid out"],
    ),
    mistake(
        "a depth of 10,000",
        f"{TEAM_HEAD}spec: {{description: {'[' * 10_000}{']' * 10_000}}}\n",
        ["a.yaml:4:119: this is nested more than 100 deep"],
    ),
    mistake(
        "a scalar of 10 MB",
        f'{TEAM_HEAD}spec: {{description: "{"x" * 10_000_000}"}}\n',
        ["a.yaml:4:21: a text of over 1 MB"],
    ),
    mistake("a file of 20 MB", TEAM_HEAD + "# nothing\n" * 2_000_000, ["a.yaml: the file is over 16 MB"]),
    mistake(
        "three thousand broken documents",
        f"{TEAM_HEAD}---\n" + "a: [\n---\n" * 3_000,
        ["a.yaml:6:1: this is not YAML: the file ends too early"],
    ),
]
BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from reconciler.__main__ import main
main()
"""


@pytest.mark.slow
def test_what_is_made_to_be_too_much_is_refused_in_bounded_time_and_memory(shell: Shell) -> None:
    said = []
    for number, row in enumerate(HUGE):
        [content] = row.files.values()
        assert isinstance(content, str)
        shell.write(f"{number}.yaml", content)
        said.append(row.said[0].replace("a.yaml", f"{number}.yaml"))
    ran = subprocess.run([sys.executable, "-c", BOUNDED, "validate"], cwd=shell.folder, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert [one for one in said if f"Error: {one}" not in ran.stdout] == []
