"""Environment: one of the worlds a project is kept for: its variables, accounts, folders and guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from reconciler.errors import Problem, UsageError
from reconciler.kinds.address import is_name
from reconciler.kinds.shape import shape_of
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Path
from reconciler.manifest.compose import Spot, grafted
from reconciler.manifest.load import Document
from reconciler.manifest.manifest import name_rule
from reconciler.manifest.mistakes import did_you_mean, mistakes

# No name holds it: a project in an environment is never called like another project.
BETWEEN = "+"

_Free = Annotated[dict[str, Any], Field(default_factory=dict)]


class EnvironmentSpec(Spec):
    """One environment, as it is written."""

    model_config = ConfigDict(strict=True)

    variables: Annotated[_Free, Field(description="values for ${var.NAME}, over those of the project")]
    accounts: Annotated[
        _Free,
        Field(description="by vendor: the name of the account that is its default one here, or settings of its own"),
    ]
    paths: Annotated[
        tuple[str, ...], Field(strict=False, description="folders that are read in this environment alone")
    ] = ()
    guards: Annotated[_Free, Field(description="guards that differ here")]


@dataclass(frozen=True)
class Environment:
    """The chosen environment, laid over the project. `name` is empty where none is chosen.

    `left_out` are the folders that only other environments read, `others` the names of these. `elsewhere` tells, where
    none is chosen, of each variable the first environment that sets it.
    """

    name: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    accounts: Mapping[str, Any] = field(default_factory=dict)
    guards: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def hint(self, variable: str) -> str:
        """What to say of a variable that nobody sets, where no environment is chosen and one sets it."""
        return f"choose an environment: -e {self.elsewhere[variable]}" if variable in self.elsewhere else ""

    def reads(self, file: str) -> bool:
        """Whether a file is of this environment."""
        return not any(file == folder or file.startswith(f"{folder}/") for folder in self.left_out)

    def project(self, name: str | None) -> str | None:
        """The project's name in this environment: in marks, and where its ledger is."""
        return _called(name, self.name) if self.name else name

    def siblings(self, name: str | None) -> tuple[str, ...]:
        """The project's names in all other environments, and without any."""
        bare = ((name or "default"),) if self.name else ()
        return (*bare, *(_called(name, other) for other in self.others))


def _called(name: str | None, environment: str) -> str:
    return f"{name or 'default'}{BETWEEN}{environment}"


def read_environment(document: Document, chosen: str | None, problems: list[Problem]) -> Environment:
    """The chosen environment of a project document. Raises UsageError where there is no such one."""
    written = document.data.get("environments")
    specs = _specs(document, {} if written is None else written, problems)
    shared = _variables(document, problems)
    if chosen is None:
        elsewhere = {variable: name for name, one in reversed(specs.items()) for variable in one.variables}
        return Environment("", shared, left_out=_folders(specs.values()), others=tuple(specs), elsewhere=elsewhere)
    if chosen not in specs:
        known = list(written) if isinstance(written, dict) else []
        if chosen in known:  # written with mistakes, which are told
            return Environment(chosen, shared)
        way_out = did_you_mean(chosen, known, "there are") if known else "write environments: in reconciler.yaml"
        raise UsageError(f'the project has no environment "{chosen}"', way_out=way_out)
    mine = specs[chosen]
    others = {name: one for name, one in specs.items() if name != chosen}
    left_out = tuple(folder for folder in _folders(others.values()) if folder not in _folders([mine]))
    return Environment(chosen, {**shared, **mine.variables}, mine.accounts, mine.guards, left_out, tuple(others))


def _variables(document: Document, problems: list[Problem]) -> dict[str, Any]:
    written = document.data.get("variables")
    if written is None:
        return {}
    if not isinstance(written, dict):
        problems.append(Problem("variables must be a mapping", document.place(("variables",)), "write NAME: value"))
        return {}
    return written


def _specs(document: Document, written: Any, problems: list[Problem]) -> dict[str, EnvironmentSpec]:
    if not isinstance(written, dict):
        way_out = "write environments: {prod: {…}}"
        problems.append(Problem("environments must be a mapping", document.place(("environments",)), way_out))
        return {}
    found = {}
    for name, value in written.items():
        path = ("environments", name)
        if not is_name(name):
            what = f'environments: "{name[:60]}" is no name'
            problems.append(Problem(what, document.place(path, key=True), name_rule(name)))
            continue
        data = {} if value is None else value
        try:
            found[name] = EnvironmentSpec.model_validate(data)
        except ValidationError as error:
            wrong = mistakes(error, data, shape_of(EnvironmentSpec), "an environment", path)
            problems += [mistake.problem(document, path) for mistake in wrong]
    return found


def _folders(specs: Iterable[EnvironmentSpec]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.strip("/").removeprefix("./") for one in specs for path in one.paths))


# ── laid over the project ───────────────────────────────────────────────────────────────────────────────────────────


def laid_over(document: Document, environment: Environment, problems: list[Problem]) -> Document:
    """The project document as it is in an environment: its accounts and guards instead of those it overrides."""
    data = {name: value for name, value in document.data.items() if name not in ("variables", "environments")}
    laid = replace(document, data=data)
    base: Path = ("environments", environment.name)
    if environment.guards:
        guards = {**(data.get("guards") or {}), **environment.guards}
        laid = _with(laid, "guards", guards, document.spot_at((*base, "guards")))
    for vendor, choice in environment.accounts.items():
        laid = _account(laid, vendor, choice, (*base, "accounts", vendor), problems)
    return laid


def _account(document: Document, vendor: str, choice: Any, path: Path, problems: list[Problem]) -> Document:
    """The document with another default account of a vendor."""
    written = document.data.get("accounts")
    accounts = written if isinstance(written, dict) else {}
    if not isinstance(choice, str):
        spots = document.spot_at(path)
        return _with(document, "accounts", {**accounts, vendor: choice}, spots, (vendor,))
    known = accounts.get(vendor)
    named = {name: one for name, one in known.items() if isinstance(one, dict)} if isinstance(known, dict) else {}
    if choice not in named:
        way_out = did_you_mean(choice, named, "there are") if named else f"write accounts: {vendor}: {{{choice}: …}}"
        what = f'accounts.{vendor}: there is no account "{choice[:60]}"'
        problems.append(Problem(what, document.place(path), way_out))
        return document
    chosen = {**named, "default": named[choice]}
    spots = document.spot_at(("accounts", vendor, choice))
    return _with(document, "accounts", {**accounts, vendor: chosen}, spots, (vendor, "default"))


def _with(document: Document, name: str, value: Any, spot: Spot | None, into: Path = ()) -> Document:
    """The document with another value under a name; `spot` is where what stands `into` it is written."""
    data = {**document.data, name: value}
    return replace(document, data=data, spot=grafted(document.spot, (name, *into), spot))
