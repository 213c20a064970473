"""Settings: the project document of `reconciler.yaml`: name, accounts, ledger, guards, where secret files may lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from reconciler.errors import Problem
from reconciler.kinds.address import is_name
from reconciler.kinds.shape import shape_of
from reconciler.kinds.spec import Spec
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.account import Account, read_accounts
from reconciler.manifest.environment import Environment, laid_over, read_environment
from reconciler.manifest.load import Document
from reconciler.manifest.manifest import name_rule
from reconciler.manifest.mistakes import did_you_mean, mistakes
from reconciler.manifest.template import Default, Templates
from reconciler.manifest.waiver import Waiver, WaiverSpec, read_waivers

_SHARED = ("s3://", "gs://", "az://")


@dataclass(frozen=True)
class Guards:
    """Limits of one plan; percent counts from ten owned objects of an account."""

    max_deletes: int = 5
    max_delete_percent: int = 30
    on_existing: Literal["adopt", "refuse"] = "adopt"
    delete_adopted: bool = False


@dataclass(frozen=True)
class LedgerSettings:
    """Where the ledger is; `ephemeral` says that a file ledger in CI is meant."""

    url: str = "file:.reconciler/ledger"
    ephemeral: bool = False

    @property
    def shared(self) -> bool:
        return self.url.startswith(_SHARED)


@dataclass(frozen=True)
class Settings:
    """A project document, read. `wrong` are accounts that are written, with mistakes; None: nothing could be read."""

    name: str | None
    accounts: Mapping[str, Account]
    ledger: LedgerSettings
    guards: Guards
    secret_files: tuple[str, ...]
    templates: Templates = field(default_factory=Templates)
    environment: Environment = field(default_factory=Environment)
    siblings: tuple[str, ...] = ()
    wrong: frozenset[str] | None = frozenset()
    waivers: tuple[Waiver, ...] = ()

    def sets_up(self, host: str) -> bool:
        """Whether the account is there, as far as that can be told: with mistakes it is there all the same."""
        return self.wrong is None or host in self.accounts or host in self.wrong


class GuardsSpec(Spec):
    """`guards`, as it is written."""

    model_config = ConfigDict(strict=True)

    max_deletes: Annotated[int, Field(ge=0, description="deletes of one plan; --max-deletes N for one run")] = 5
    max_delete_percent: Annotated[
        int, Field(ge=0, le=100, description="deletes per account, in percent of what is ours, from ten objects on")
    ] = 30
    on_existing: Annotated[
        Literal["adopt", "refuse"], Field(description="what to do with a live object that a manifest means")
    ] = "adopt"
    delete_adopted: Annotated[bool, Field(description="whether adopted objects may be deleted")] = False


class LedgerSpec(Spec):
    """`ledger`, as it is written, where it is a mapping."""

    model_config = ConfigDict(strict=True)

    url: Annotated[str, Field(description="file:PATH or s3://BUCKET/PREFIX")]
    ephemeral: Annotated[bool, Field(description="true lets apply run in CI with a file ledger")] = False


class ProjectHead(Spec):
    """`metadata` of the project document."""

    model_config = ConfigDict(strict=True)

    name: Annotated[str | None, Field(description="part of every mark; required with a shared ledger")] = None


class ProjectSpec(Spec):
    """The project document, accounts apart."""

    model_config = ConfigDict(strict=True)

    metadata: ProjectHead = ProjectHead()
    ledger: Annotated[str | LedgerSpec, Field(description="where the ledger is: file:PATH or s3://BUCKET/PREFIX")] = (
        "file:.reconciler/ledger"
    )
    guards: GuardsSpec = GuardsSpec()
    secret_files: Annotated[
        tuple[str, ...], Field(strict=False, description="folders outside the project where secrets may lie")
    ] = ()
    waivers: Annotated[
        tuple[WaiverSpec, ...], Field(strict=False, description="drift that audit bears with for a while")
    ] = ()


_READ = ("metadata", "ledger", "guards", "secret_files", "waivers")
KEYS = (
    "apiVersion",
    "kind",
    "metadata",
    "variables",
    "environments",
    "accounts",
    "ledger",
    "guards",
    "secret_files",
    "waivers",
    "defaults",
)


def read_settings(
    document: Document, vendors: Mapping[str, Vendor], problems: list[Problem], chosen: str | None = None
) -> Settings:
    """The project document; what is wrong goes to `problems`, and defaults stand in. `chosen` is the environment.

    Raises UsageError for an environment that is not there.
    """
    environment = read_environment(document, chosen, problems)
    document = laid_over(document, environment, problems)
    document = Templates(environment.variables, hint=environment.hint).filled(document, None)
    problems += document.problems
    problems += [
        Problem(f'there is no "{key[:60]}" in a Project', document.place((key,), key=True), did_you_mean(key, KEYS))
        for key in document.data
        if key not in KEYS
    ]
    wrong: set[str] = set()
    accounts = read_accounts(document, vendors, problems, wrong)
    spec = _spec(document, problems)
    ledger = _ledger(spec.ledger, document, problems)
    name = spec.metadata.name
    if name is not None and not is_name(name):
        place = document.place(("metadata", "name"))
        problems.append(Problem(f'metadata.name: "{name[:60]}" is no name', place, name_rule(name)))
    if name is None and ledger.shared:
        what = "metadata.name is missing: with a shared ledger the project's name tells whose an object is"
        problems.append(Problem(what, document.place(("metadata",)), "write metadata: {name: …}"))
    guards = Guards(**spec.guards.model_dump())
    templates = Templates(environment.variables, _defaults(document, vendors, problems), environment.hint)
    return Settings(
        environment.project(name),
        accounts,
        ledger,
        guards,
        spec.secret_files,
        templates,
        environment,
        environment.siblings(name),
        frozenset(wrong),
        read_waivers(spec.waivers, document, problems),
    )


def _defaults(document: Document, vendors: Mapping[str, Vendor], problems: list[Problem]) -> dict[str, Default]:
    """What the project lays under the manifests of each kind."""
    written = document.data.get("defaults")
    if written is None:
        return {}
    if not isinstance(written, dict):
        way_out = "write defaults: {VENDOR/KIND: {field: value}}"
        problems.append(Problem("defaults must be a mapping of kinds", document.place(("defaults",)), way_out))
        return {}
    named = sorted({key.partition("/")[0] for key in written} & set(vendors))
    kinds = [kind.id for name in named for kind in vendors[name].kinds if not kind.looked_up]
    found = {}
    for name, value in written.items():
        place = document.place(("defaults", name), key=True)
        if name not in kinds:
            way_out = did_you_mean(name, kinds or [f"{vendor}/…" for vendor in vendors], "there are")
            problems.append(Problem(f'defaults: there is no kind "{name[:60]}"', place, way_out))
        elif not isinstance(value, dict):
            problems.append(Problem(f"defaults.{name} must be a mapping of fields", place, "write field: value"))
        else:
            found[name] = Default(value, document, ("defaults", name))
    return found


def _spec(document: Document, problems: list[Problem]) -> ProjectSpec:
    data: dict[str, Any] = {
        key: value
        for key, value in document.data.items()
        if key in _READ and not (value is None and key in ("metadata", "guards"))
    }
    try:
        return ProjectSpec.model_validate(data)
    except ValidationError as error:
        found = mistakes(error, data, shape_of(ProjectSpec), "the project")
        problems += [mistake.problem(document, ()) for mistake in found]
        return ProjectSpec()


def _ledger(written: str | LedgerSpec, document: Document, problems: list[Problem]) -> LedgerSettings:
    ledger = LedgerSettings(written) if isinstance(written, str) else LedgerSettings(written.url, written.ephemeral)
    if not ledger.url.startswith(("file:", *_SHARED)) or ledger.url in ("file:", *_SHARED):
        way_out = "write file:PATH or s3://BUCKET/PREFIX (gs:// and az:// are taken, but not tested)"
        problems.append(
            Problem(f'ledger: "{ledger.url[:60]}" is no place for one', document.place(("ledger",)), way_out)
        )
    return ledger
