"""Account: one signed-in vendor tenant, from the project file or from the vendor's usual environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from reconciler.errors import Place, Problem
from reconciler.kinds.address import DEFAULT_ACCOUNT, host_name, is_name
from reconciler.kinds.shape import Leaf, shape_of
from reconciler.kinds.tree import FromOutput, Keep, Path, spell
from reconciler.kinds.vendor import AccountSettings, Vendor
from reconciler.manifest.load import Document
from reconciler.manifest.manifest import name_rule
from reconciler.manifest.mistakes import Mistake, did_you_mean, mistakes

_HOW = "write {env: NAME} or {file: path}"
_SOURCES = frozenset({"env", "file", "from", "output", "keep"})


@dataclass(frozen=True, eq=False)
class Account:
    """`host` is vendor and account in one word, `opsgenie@eu`; `place` is None where the environment gave it."""

    vendor: Vendor
    name: str
    settings: AccountSettings
    host: str
    place: Place | None = field(default=None)


def read_accounts(
    document: Document, vendors: Mapping[str, Vendor], problems: list[Problem], wrong: set[str]
) -> dict[str, Account]:
    """The accounts a project document sets up, by host; what is wrong goes to `problems`, and the hosts to `wrong`."""
    written = document.data.get("accounts")
    if written is None:
        return {}
    if not isinstance(written, dict):
        problems.append(Problem("accounts must be a mapping of vendors", document.place(("accounts",))))
        return {}
    found: dict[str, Account] = {}
    for name, value in written.items():
        vendor = vendors.get(name)
        if vendor is None:
            what = f'accounts: there is no vendor "{name[:60]}"'
            way_out = did_you_mean(name, vendors, "there are")
            problems.append(Problem(what, document.place(("accounts", name), key=True), way_out))
            continue
        for account in _of_vendor(document, vendor, value, problems, wrong):
            found[account.host] = account
    return found


def _of_vendor(
    document: Document, vendor: Vendor, value: Any, problems: list[Problem], wrong: set[str]
) -> Iterator[Account]:
    path: Path = ("accounts", vendor.name)
    settings = {} if value is None else value
    several = _several(vendor, settings)
    for name, one in settings.items() if several else ((DEFAULT_ACCOUNT, settings),):
        where = (*path, name) if several else path
        if not is_name(name):
            what = f'accounts.{vendor.name}: "{name[:60]}" is no name'
            problems.append(Problem(what, document.place(where), name_rule(name)))
            continue
        try:
            read = vendor.settings.model_validate(one)
        except ValidationError as error:
            found = mistakes(error, one, shape_of(vendor.settings), vendor.name, where)
            problems += [_for_sign_in(mistake).problem(document, where) for mistake in found]
            wrong.add(host_name(vendor.name, name))
            continue
        problems += _unfit(document, read, where)
        yield Account(vendor, name, read, host_name(vendor.name, name), document.place(where))


def _for_sign_in(mistake: Mistake) -> Mistake:
    """The same mistake, less what only a manifest may say of a secret."""
    if not (mistake.way_out or "").startswith(_HOW.partition(" or ")[0]):
        return mistake
    return replace(mistake, text=mistake.text.replace("in a manifest", "in a file"), way_out=_HOW)


def _unfit(document: Document, settings: AccountSettings, where: Path) -> list[Problem]:
    """Signing in comes before everything: no output is known then, and there is nothing to keep."""
    return [
        Problem(f"{spell((*where, name))}: signing in needs the secret itself", document.place((*where, name)), _HOW)
        for name in type(settings).model_fields
        if isinstance(getattr(settings, name), FromOutput | Keep)
    ]


def _several(vendor: Vendor, value: Any) -> bool:
    """Whether a mapping holds accounts rather than settings. A secret's source is a mapping too, but no account."""
    if not isinstance(value, Mapping) or set(value) & set(shape_of(vendor.settings).fields):
        return False
    return any(
        one is None or (isinstance(one, Mapping) and not (one and set(one) <= _SOURCES)) for one in value.values()
    )


def accounts_of_environment(
    vendors: Mapping[str, Vendor], environ: Mapping[str, str], *, made_up: bool = False
) -> dict[str, Account]:
    """One `default` account for every vendor whose settings the environment can give.

    Secrets are only named, never read: whether they are set shows when they are needed. `made_up`: for a world without
    sign-in an example is as good as any value.
    """
    found = {}
    for vendor in vendors.values():
        fields = shape_of(vendor.settings).fields
        settings: dict[str, Any] = {}
        for name, variable in vendor.environment.items():
            shape = fields[name].shape
            if isinstance(shape, Leaf) and shape.secret:
                settings[name] = {"env": variable}
            elif variable in environ:
                settings[name] = environ[variable]
            elif made_up and (examples := vendor.settings.model_fields[name].examples):
                settings[name] = examples[0]
        try:
            read = vendor.settings.model_validate(settings)
        except ValidationError:
            continue  # a manifest of this vendor is told which variables are wanted
        found[vendor.name] = Account(vendor, DEFAULT_ACCOUNT, read, vendor.name)
    return found


def how_to_set_up(vendor: Vendor, name: str, project_file: bool) -> str:
    """What to write so that an account is there."""
    fields = shape_of(vendor.settings).fields
    if not project_file and name == DEFAULT_ACCOUNT:
        return f"set {', '.join(vendor.environment.values())}, or write a reconciler.yaml (reconciler init)"
    settings = []
    for each, variable in vendor.environment.items():
        shape = fields[each].shape
        if isinstance(shape, Leaf) and shape.secret:
            settings.append(f"{each}: {{env: {variable}}}")
        elif vendor.settings.model_fields[each].is_required() or vendor.settings.model_fields[each].examples:
            settings.append(f"{each}: …")
    inner = f"{{{', '.join(settings)}}}"
    return f"write accounts: {vendor.name}: {inner if name == DEFAULT_ACCOUNT else f'{{{name}: {inner}}}'}"
