"""The command `fmt`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.exit import DONE, FAILED
from reconciler.cli.options import Common, common
from reconciler.cli.project import is_below, root_of, standing
from reconciler.cli.screen import write_file
from reconciler.errors import ManifestError, Problem
from reconciler.manifest.arrange import arranged
from reconciler.manifest.folder import read_file, yaml_files
from reconciler.vendors.registry import VENDORS


@click.command("fmt")
@common("paths", "project")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a file is not in order.")
def COMMAND(common: Common, check: bool) -> int:
    """Put the keys of manifests into the order of the format.

    Comments, quotes and line breaks stay as they are; documents of others are not touched. PATH narrows it to files
    and folders.
    """
    root, screen = root_of(common), common.screen()
    paths = standing(root, common.paths)
    files = [file for file in yaml_files(root) if not paths or is_below(file, paths)]
    changed, problems = [], []
    for file in files:
        try:
            if _written(root, file, check=check):
                changed.append(file)
        except ManifestError as error:
            problems += error.problems
    for file in changed:
        screen.out(f"{file} is not in order" if check else f"{file} put in order")
    if not changed and not problems:
        screen.talk(f"{len(files)} file{'' if len(files) == 1 else 's'} in order")
    if problems:
        raise ManifestError(problems=problems)
    return FAILED if check and changed else DONE


def _written(root: Path, file: str, *, check: bool) -> bool:
    """Whether the file was not in order; it is now, unless it is only checked."""
    content = read_file(root, file)
    if isinstance(content, Problem):
        raise ManifestError(problems=[content])
    better = arranged(content, file, VENDORS)
    if better == content:
        return False
    if not check:
        write_file(root / file, better.decode("utf-8"))
    return True
