"""The command `init`."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from reconciler.cli.exit import DONE
from reconciler.cli.options import Common, common
from reconciler.cli.screen import write_file
from reconciler.errors import Place, UsageError
from reconciler.kinds.shape import Leaf, shape_of
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.folder import PROJECT_FILE
from reconciler.manifest.settings import Guards, LedgerSettings
from reconciler.vendors.registry import VENDORS

_IGNORED = ".reconciler/"


@click.command("init")
@common("project")
def COMMAND(common: Common) -> int:
    """Write a reconciler.yaml, with the accounts that the environment variables name.

    Where none of the vendors' variables is set, all vendors are written, for you to take away those you do not have.
    Only the variables' names are written, never their values. Nothing that is there is overwritten.
    """
    folder = common.root
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", way_out="name the folder that shall hold the project")
    file = Path(os.path.relpath(folder / PROJECT_FILE))
    if file.exists():
        raise UsageError("there is a project already", place=Place(str(file)), way_out="change it with an editor")
    write_file(file, _project(_name(folder.resolve().name), os.environ))
    screen = common.screen()
    screen.out(f"{file} is written")
    if _ignore(file.with_name(".gitignore")):
        screen.out(f"{file.with_name('.gitignore')} keeps {_IGNORED} out of Git")
    screen.out("next: manifests beside it (`reconciler explain` tells the kinds), then `reconciler plan`")
    return DONE


def _name(folder: str) -> str:
    """The folder's name as a project may be called."""
    plain = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", folder)).strip("-")
    return plain or "project"


def _project(name: str, environ: Mapping[str, str]) -> str:
    ready = [vendor for vendor in VENDORS.values() if _is_set(vendor, environ)]
    chosen = ready or list(VENDORS.values())
    lines = [
        "apiVersion: reconciler/v1",
        "kind: Project",
        f"metadata: {{name: {name}}}",
        "accounts:" if ready else "accounts: # none of these variables is set here; take away what you do not have",
        *(f"  {vendor.name}: {{{', '.join(_settings(vendor, environ))}}}" for vendor in chosen),
        f"ledger: {LedgerSettings().url} # shared by several people or CI: s3://BUCKET/PREFIX",
        f"guards: {{{', '.join(_guards())}}}",
    ]
    return "\n".join(lines) + "\n"


def _is_set(vendor: Vendor, environ: Mapping[str, str]) -> bool:
    """Whether every secret of the vendor is set here."""
    return all(environ.get(variable) for name, variable in vendor.environment.items() if _is_secret(vendor, name))


def _is_secret(vendor: Vendor, name: str) -> bool:
    shape = shape_of(vendor.settings).fields[name].shape
    return isinstance(shape, Leaf) and shape.secret


def _settings(vendor: Vendor, environ: Mapping[str, str]) -> Iterator[str]:
    """Secrets by the name of their variable; of the rest what the environment says, else the default or the example."""
    for attribute, field in vendor.settings.model_fields.items():
        name = field.alias or attribute  # `from` is a word of Python's own
        variable = vendor.environment.get(name, "")
        if _is_secret(vendor, name):
            yield f"{name}: {{env: {variable}}}"
        elif environ.get(variable):
            yield f"{name}: {_yaml(environ[variable])}"
        elif field.default is not None and not field.is_required():
            yield f"{name}: {_yaml(field.default)}"
        elif field.examples:
            yield f"{name}: {_yaml(field.examples[0])}"


def _guards() -> Iterator[str]:
    defaults = Guards()
    return (f"{field.name}: {_yaml(getattr(defaults, field.name))}" for field in fields(defaults))


def _yaml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            text = str(value)
            return text if re.fullmatch(r"\w+", text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ignore(file: Path) -> bool:
    """Have Git leave the local ledger alone; False where it does already."""
    try:
        before = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        before = ""
    except (OSError, UnicodeDecodeError) as error:
        way_out = f"add the line {_IGNORED} by hand"
        raise UsageError(f"it cannot be read: {error}", place=Place(str(file)), way_out=way_out) from None
    if _IGNORED in (line.strip().lstrip("/") for line in before.splitlines()):
        return False
    write_file(file, f"{before}{'' if before.endswith(chr(10)) or not before else chr(10)}/{_IGNORED}\n")
    return True
