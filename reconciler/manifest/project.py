"""Project: a folder's manifests and settings, loaded whole and checked against each other; all problems at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reconciler.errors import ManifestError, Place, Problem, UsageError
from reconciler.kinds.address import Address
from reconciler.kinds.tree import File, Tree, spell, walk
from reconciler.kinds.vendor import Kinds, Vendor
from reconciler.manifest.account import Account, accounts_of_environment, how_to_set_up
from reconciler.manifest.catalogue import misfits, no_objects, parted
from reconciler.manifest.folder import PROJECT_FILE, find_root, read_file, yaml_files
from reconciler.manifest.identity import same_address, same_object
from reconciler.manifest.load import Document, read_documents
from reconciler.manifest.manifest import Lifecycle, Manifest, Metadata, Reading, read_manifest
from reconciler.manifest.mistakes import did_you_mean
from reconciler.manifest.references import cycles, dangling, named, settled
from reconciler.manifest.settings import Guards, LedgerSettings, Settings, read_settings
from reconciler.manifest.template import Templates, is_plain
from reconciler.manifest.values import allowed_file
from reconciler.manifest.waiver import Waiver

__all__ = [
    "Account",
    "Guards",
    "LedgerSettings",
    "Lifecycle",
    "Manifest",
    "Metadata",
    "Project",
    "find_root",
    "load_project",
]

_PROJECT_API = "reconciler/v1"


@dataclass(frozen=True, eq=False)
class Project:
    """Everything people wrote. `accounts` by host, `opsgenie@eu`; `skipped` are documents that are not ours.

    `name` holds the environment,
    too, where one is chosen: `payments+prod`; `siblings` are the names of the same project in others. `manifests` are
    wanted objects. `catalogues` are none: only other manifests are checked against them. `defaults` are what was
    laid under the manifests of a kind.
    """

    root: Path
    name: str
    file: Path | None
    accounts: Mapping[str, Account]
    ledger: LedgerSettings
    guards: Guards
    secret_files: tuple[str, ...]
    manifests: Mapping[Address, Manifest]
    warnings: tuple[Problem, ...] = ()
    skipped: tuple[Place, ...] = ()
    catalogues: Mapping[Address, Manifest] = field(default_factory=dict)
    siblings: tuple[str, ...] = ()
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    def written(self) -> Iterator[Manifest]:
        """Every manifest, the catalogues too."""
        yield from self.manifests.values()
        yield from self.catalogues.values()


def load_project(
    root: Path,
    project_file: Path | None,
    vendors: Mapping[str, Vendor],
    *,
    environ: Mapping[str, str],
    made_up: bool = False,
    environment: str | None = None,
) -> Project:
    """Read every YAML file below the root. Raises ManifestError with every problem of every file, sorted by place.

    `made_up`: for a world without sign-in a project file need not set up accounts. `environment` is one of the
    project's, or None. Raises UsageError where there is no such one.
    """
    # All that is read is kept, so a collector that walks it over and over would only cost a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _load(root, project_file, vendors, environ, made_up, environment)
    finally:
        if collecting:
            gc.enable()


def _load(
    root: Path,
    project_file: Path | None,
    vendors: Mapping[str, Vendor],
    environ: Mapping[str, str],
    made_up: bool,
    environment: str | None,
) -> Project:
    gathered = _Gathered()
    settings = _settings(root, project_file, vendors, environ, gathered, environment)
    if made_up and not settings.accounts:
        settings = replace(settings, accounts=accounts_of_environment(vendors, {}, made_up=True))
    for file in yaml_files(root):
        if settings.environment.reads(file):
            _read_file(root, file, project_file, vendors, settings.templates, gathered)
    readings = gathered.readings
    gathered.problems += same_address(readings)
    known = {reading.address: reading for reading in readings if reading.address is not None}
    objects, catalogues = parted(_settled(readings, known))
    gathered.problems += _beside_each_other(objects, catalogues, known, vendors, gathered.broken)
    gathered.problems += _accounts_used(readings, settings, vendors, project_file is not None)
    gathered.problems += _files_outside(root, settings, {**objects, **catalogues}, project_file)
    if gathered.problems:
        raise ManifestError(problems=dict.fromkeys(gathered.problems))
    return Project(
        root,
        settings.name or "default",
        project_file,
        settings.accounts,
        settings.ledger,
        settings.guards,
        settings.secret_files,
        {address: _folded(one) for address, one in objects.items()},
        tuple(sorted([*gathered.warnings, *_remarks({**objects, **catalogues})], key=lambda problem: problem.sort_key)),
        tuple(gathered.skipped),
        catalogues,
        settings.siblings,
        waivers=settings.waivers,
        defaults={kind: default.data for kind, default in settings.templates.defaults.items()},
    )


@dataclass
class _Gathered:
    """What the files gave so far; `broken` are those of which something could not be read."""

    readings: list[Reading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    skipped: list[Place] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _settings(
    root: Path,
    project_file: Path | None,
    vendors: Mapping[str, Vendor],
    environ: Mapping[str, str],
    gathered: _Gathered,
    environment: str | None,
) -> Settings:
    if project_file is None:
        if environment is not None:
            raise UsageError(
                f'there is no environment "{environment}": there is no project file', way_out="reconciler init"
            )
        return Settings(None, accounts_of_environment(vendors, environ), LedgerSettings(), Guards(), ())
    name = _name_of(root, project_file)
    content = read_file(project_file.parent, project_file.name)
    documents, problems = ([], [content]) if isinstance(content, Problem) else read_documents(content, name)
    projects = [document for document in documents if _is_project(document)]
    if not _below(root, project_file):
        gathered.problems += problems  # a file of the project tells its problems when its manifests are read
    for other in projects[1:]:
        what = f"a second Project, the first is at {projects[0].place()}"
        gathered.problems.append(Problem(what, other.place(), "remove one of them"))
    if projects:
        return read_settings(projects[0], vendors, gathered.problems, environment)
    if not problems and not any(_is_ours(document) for document in documents):
        what, way_out = "there is no Project document in this file", "write apiVersion: reconciler/v1, kind: Project"
        gathered.problems.append(Problem(what, Place(name), way_out))
    return Settings(None, {}, LedgerSettings(), Guards(), (), wrong=None)


def _below(root: Path, file: Path) -> bool:
    return file.resolve().is_relative_to(root.resolve())


def _name_of(root: Path, file: Path) -> str:
    return file.resolve().relative_to(root.resolve()).as_posix() if _below(root, file) else str(file)


def _is_ours(document: Document) -> bool:
    return isinstance(document.data, dict) and str(document.data.get("apiVersion")).startswith("reconciler/")


def _is_project(document: Document) -> bool:
    data = document.data
    return isinstance(data, dict) and data.get("apiVersion") == _PROJECT_API and data.get("kind") == "Project"


def _read_file(
    root: Path,
    file: str,
    project_file: Path | None,
    vendors: Mapping[str, Vendor],
    templates: Templates,
    gathered: _Gathered,
) -> None:
    content = read_file(root, file)
    if isinstance(content, Problem):
        gathered.problems.append(content)
        gathered.broken.append(file)
        return
    documents, problems = read_documents(content, file)
    plain = is_plain(content)
    gathered.problems += problems
    gathered.broken += [file] if problems else []
    for document in documents:
        if document.data is None:
            continue
        if _is_ours(document):
            _project_document(document, root, project_file, gathered)
            continue
        for each in templates.documents(document, plain=plain):
            _manifest(each, vendors, gathered)


def _manifest(document: Document, vendors: Mapping[str, Vendor], gathered: _Gathered) -> None:
    reading = read_manifest(document, vendors)
    gathered.problems += reading.problems
    if reading.ours:
        gathered.readings.append(reading)
    else:
        gathered.skipped.append(document.place())
        gathered.warnings += _no_api_version(document)


def _project_document(document: Document, root: Path, project_file: Path | None, gathered: _Gathered) -> None:
    """Say what is wrong with a document of our own apiVersion, unless it is the project's."""
    if not _is_project(document):
        what = f'{document.data["apiVersion"]} has no kind "{str(document.data.get("kind"))[:60]}"'
        if document.data["apiVersion"] != _PROJECT_API:
            what = f'reconciler has no version "{document.data["apiVersion"].partition("/")[2][:60]}"'
        gathered.problems.append(Problem(what, document.place(), "write apiVersion: reconciler/v1, kind: Project"))
    elif project_file is None or _name_of(root, project_file) != document.file:
        read = f"the project's is {_name_of(root, project_file)}" if project_file else f"it belongs into {PROJECT_FILE}"
        gathered.warnings.append(Problem(f"this Project document is not read: {read}", document.place()))


def _no_api_version(document: Document) -> list[Problem]:
    data = document.data
    if not isinstance(data, dict) or "apiVersion" in data or not {"kind", "spec"} <= set(data):
        return []
    return [Problem("this document is skipped: it has no apiVersion", document.place())]


# ── checking ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _settled(readings: Iterable[Reading], known: Mapping[Address, Reading]) -> dict[Address, Manifest]:
    found = sorted((each.manifest for each in readings if each.manifest), key=lambda each: each.address)
    return {each.address: settled(each, known) for each in found}


def _beside_each_other(
    objects: Mapping[Address, Manifest],
    catalogues: Mapping[Address, Manifest],
    known: Mapping[Address, Reading],
    vendors: Mapping[str, Vendor],
    broken: Sequence[str],
) -> Iterator[Problem]:
    """A problem for everything that a manifest says and another one does not allow."""
    kinds = Kinds(vendors)
    written = {**objects, **catalogues}
    names = named(written)
    unread = [address for address in known if address not in written and kinds[address.kind_id].catalogue]
    yield from (*same_object(written), *dangling(names, known, kinds, broken), *cycles(names))
    yield from (*no_objects(catalogues), *misfits(objects, catalogues, unread, broken))


def _accounts_used(
    readings: Iterable[Reading], settings: Settings, vendors: Mapping[str, Vendor], project_file: bool
) -> list[Problem]:
    """A problem for every account that manifests use and nobody set up, at its first use."""
    first: dict[str, tuple[Address, Place]] = {}
    for reading in readings:
        if reading.address is not None and not settings.sets_up(reading.address.host):
            place = reading.document.place(("metadata", "account"))
            first.setdefault(reading.address.host, (reading.address, place))
    found = []
    for host, (address, place) in first.items():
        vendor = vendors[address.vendor]
        names = [account.name for account in settings.accounts.values() if account.vendor is vendor]
        way_out = how_to_set_up(vendor, address.account, project_file)
        if names and address.account != "default":
            guess = did_you_mean(address.account, names, "there are")
            way_out = f"{guess}{'' if guess.endswith('?') else '.'} Or {way_out}"
        found.append(Problem(f"the account {host} is not set up", place, way_out))
    return found


def _files_outside(
    root: Path, settings: Settings, manifests: Mapping[Address, Manifest], project_file: Path | None
) -> list[Problem]:
    """A problem for every secret's file that lies where a manifest may not reach."""
    found = []
    way_out = "move it into the project, or name its folder in secret_files"
    for manifest in manifests.values():
        for path, leaf in walk(manifest.declared):
            if isinstance(leaf, File) and allowed_file(root, settings.secret_files, leaf.path) is None:
                what = f'{spell(path)}: the file "{leaf.path[:120]}" is outside the project'
                found.append(Problem(what, manifest.place((*path, "file")), way_out))
    for account in settings.accounts.values():
        leaves: list[Tree] = [getattr(account.settings, name) for name in type(account.settings).model_fields]
        for leaf in leaves:
            if isinstance(leaf, File) and allowed_file(root, settings.secret_files, leaf.path) is None:
                what = f'{account.host}: the file "{leaf.path[:120]}" is outside the project'
                found.append(Problem(what, account.place, way_out))
    return found


def _folded(manifest: Manifest) -> Manifest:
    tree = manifest.kind.folded(manifest.declared)
    return manifest if tree is manifest.declared else replace(manifest, declared=tree)


def _remarks(manifests: Mapping[Address, Manifest]) -> list[Problem]:
    return [
        Problem(remark.text, manifest.place(remark.path))
        for manifest in manifests.values()
        for remark in manifest.kind.remarks(manifest.declared)
    ]
