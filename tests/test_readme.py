"""The README, run in a copy of the clone; every picture is found in what the demo prints."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.page import BLOCK, blocks, differences, pattern, program_in, run
from tests.program import Program

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def clone(folder: Path, forked: Program) -> Path:
    """What a person has after cloning, its environment already made: what is installed here."""
    clone = folder / "reconciler"
    for name in ("examples", "schemas", ".ci"):
        shutil.copytree(ROOT / name, clone / name)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, clone)
    program_in(clone / ".venv" / "bin", forked)
    for stamp in ("installed", "ready"):
        (clone / ".venv" / stamp).touch()
    return clone


@pytest.mark.slow
def test_every_command_says_what_the_readme_says(forked: Program, tmp_path: Path) -> None:
    said = run(README, clone(tmp_path, forked), forked, {})
    wrong = differences(README, said)
    assert not wrong, wrong
    missing = [picture for picture in blocks(README, "text") if not pattern(picture).search(said[0].text)]
    assert not missing, f"not in what the demo prints:\n{missing}"


def test_every_block_is_of_a_sort_that_is_tested() -> None:
    assert {block["language"] for block in BLOCK.finditer(README)} == {"console", "yaml", "text"}


def test_every_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"`make ([a-z]+)`", (ROOT / name).read_text("utf-8"))) <= targets
    helped = set(re.findall(r"'make ([a-z]+)", (ROOT / "Makefile").read_text("utf-8")))
    assert helped == targets - {"help"}


def test_every_link_to_a_file_leads_to_one() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
