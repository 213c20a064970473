"""The command `schema`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from reconciler.cli.exit import DONE, FAILED
from reconciler.cli.screen import Screen, tell_problems, write_file
from reconciler.errors import Place, Problem, ReconcilerError, UsageError
from reconciler.manifest.schema import schema_text, schemas
from reconciler.report.document import plan_schema
from reconciler.vendors.registry import VENDORS

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("schema")
@click.option("-o", "--output", metavar="DIR", type=_FOLDER, help="Write all schemas below this folder.")
@click.option("--check", metavar="DIR", type=_FOLDER, help="Fail where the schemas below this folder are not current.")
def COMMAND(output: Path | None, check: Path | None) -> int:
    """Write the JSON Schemas of manifests and plans.

    An editor completes and checks a manifest whose first line is
    `# yaml-language-server: $schema=PATH/manifest.json`. Without an option manifest.json's list of files is printed.
    """
    texts = {path: schema_text(schema) for path, schema in {**schemas(VENDORS), "plan.json": plan_schema()}.items()}
    screen = Screen.of(no_color=True)
    if output is not None and check is not None:
        raise UsageError("-o and --check are both given", way_out="write them, or check them")
    if output is not None:
        _write(output, texts)
        screen.talk(f"{len(texts)} schemas are written below {output}")
    elif check is not None:
        return _check(check, texts, screen)
    else:
        screen.out("\n".join(sorted(texts)))
    return DONE


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = folder / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"{file.parent} cannot be made: {error.strerror}"
            raise UsageError(what, way_out="name another folder") from None
        write_file(file, text)


def _check(folder: Path, texts: Mapping[str, str], screen: Screen) -> int:
    there = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.json")}
    problems = [_stale(there[path]) for path, text in texts.items() if path in there and _read(there[path]) != text]
    problems += [Problem("this schema is missing", Place(str(folder / path))) for path in texts if path not in there]
    problems += [
        Problem("there is no such kind", Place(str(there[path])), "remove it") for path in there.keys() - texts
    ]
    if not problems:
        screen.talk(f"{len(texts)} schemas below {folder} are current")
        return DONE
    tell_problems(ReconcilerError(problems=[*problems]))
    screen.talk(f"to write them anew: reconciler schema -o {folder}")
    return FAILED


def _stale(file: Path) -> Problem:
    return Problem("this schema is not what the kinds say now", Place(str(file)))


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
