"""The command `import`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import click

from reconciler.cli.brake import Brake, run_with_brake
from reconciler.cli.exit import DONE, FAILED, INTERRUPTED
from reconciler.cli.options import Common, common
from reconciler.cli.project import within
from reconciler.cli.screen import Screen, problem_text, write_file
from reconciler.cli.session import Session, open_session
from reconciler.engine.harvest import Harvest, Wish, can_be_listed, harvest
from reconciler.engine.retold import Retold
from reconciler.errors import Problem, UsageError
from reconciler.kinds.address import DEFAULT_ACCOUNT
from reconciler.kinds.kind import Kind
from reconciler.manifest.account import Account, how_to_set_up
from reconciler.manifest.export import Export, appended, document_text, undefaulted
from reconciler.manifest.folder import read_file
from reconciler.manifest.mistakes import did_you_mean
from reconciler.manifest.project import Project
from reconciler.vendors.registry import VENDORS

Layout = Literal["kind", "object"]


@click.command("import")
@common("project", "verbose")
@click.argument("what", metavar="VENDOR[/KIND[/NAME]]…", nargs=-1, required=True)
@click.option("--layout", type=click.Choice(["kind", "object"]), default="kind", help="One file for each.  [kind]")
@click.option("--into", metavar="FOLDER", help="A folder of the project to write in.  [its root]")
@click.option("-o", "--output", metavar="FILE", help="Write all of it into one file; - prints it.")
def COMMAND(common: Common, what: tuple[str, ...], layout: Layout, into: str | None, output: str | None) -> int:
    """Write manifests for what is live and nobody manages.

    VENDOR@ACCOUNT means one of several accounts. NAME is what the vendor calls an object, or its id; of what a vendor
    cannot list, only what is named is found. No vendor and no ledger is changed, and a plan is empty afterwards. Files
    that are there get the manifests behind what they hold.
    """
    session = open_session(common)
    asked = {text: _wishes(session.project, text) for text in what}
    wishes = [wish for mine in asked.values() for wish in mine]
    came: list[Harvest] = []

    async def read(_: Brake) -> int:
        states = await session.states()
        async with session.access(session.seals_to_look(states)) as access:
            came.append(await harvest(access, states, wishes))
        return DONE

    if run_with_brake(session.screen, read) == INTERRUPTED:
        return INTERRUPTED
    [found] = came
    exports = [_export(session.project, one) for one in found.retold]
    if output == "-":
        session.screen.out(document_text(exports))
    else:
        _write(session, _by_file(session.project, exports, layout, into, output))
    for text in (text for text, mine in asked.items() if not mine):
        way_out = f"what its manifests say: reconciler explain {text.partition('@')[0]}"
        session.screen.talk(f"{text} has no configuration to import; {way_out}")
    _tell(session.screen, found, quiet=output == "-")
    return FAILED if found.unread else DONE


# ── what is asked for ───────────────────────────────────────────────────────────────────────────────────────────────


def _wishes(project: Project, text: str) -> list[Wish]:
    """What one word asks for, in each account that it means. Raises UsageError where it means nothing."""
    where, _, rest = text.partition("/")
    name, _, object_name = rest.partition("/")
    accounts = _accounts(project, where)
    vendor = accounts[0].vendor
    known = {kind.name: kind for kind in vendor.kinds}
    if name and name not in known:
        way_out = did_you_mean(name, [one for one in known if _why_not(known[one]) is None], "it has")
        raise UsageError(f'{vendor.name} has no kind "{name[:60]}"', way_out=way_out)
    kinds = [known[name]] if name else [kind for kind in vendor.kinds if _why_not(kind) is None]
    for kind in kinds:
        if (why := _why_not(kind)) is not None:
            raise UsageError(f"{kind.id} is not imported: {why[0]}", way_out=why[1])
        if name and not object_name and not can_be_listed(kind):
            raise UsageError(f"the vendor does not list {kind.id}", way_out=f"name one: {kind.id}/NAME")
    return [Wish(account.host, kind, object_name) for account in accounts for kind in kinds]


def _accounts(project: Project, where: str) -> list[Account]:
    name = where.partition("@")[0]
    vendor = VENDORS.get(name)
    if vendor is None:
        raise UsageError(f'there is no vendor "{name[:60]}"', way_out=did_you_mean(name, list(VENDORS), "there are"))
    mine = [account for account in project.accounts.values() if account.vendor is vendor]
    found = [
        account for account in mine if "@" not in where or account.host == where or f"{name}@{account.name}" == where
    ]
    if found:
        return found
    wanted = where.partition("@")[2] or DEFAULT_ACCOUNT
    way_out = how_to_set_up(vendor, wanted, project.file is not None)
    hosts = [account.host for account in mine]
    raise UsageError(
        f"the project has no account {where}", way_out=did_you_mean(where, hosts, "there are") if hosts else way_out
    )


def _why_not(kind: Kind) -> tuple[str, str] | None:
    """Why a kind is not imported, and what to do; None where it is."""
    if kind.signal is not None:
        return "it has a life, and no configuration", "write the manifests of those that Git shall drive"
    if kind.catalogue:
        return "no API tells what stands in it", f"write it: reconciler explain {kind.id}"
    if kind.looked_up:
        return "it is only looked up", "name it by its key where it is used"
    if kind.place.gathers is not None:
        return "it is what its manifest makes of other objects", f"write it: reconciler explain {kind.id}"
    return None


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _export(project: Project, one: Retold) -> Export:
    needed = f"to make it anew the vendor needs: {', '.join(one.needed)}"
    comments = (*one.left_out, *([needed] if one.needed else []))
    spec = undefaulted(one.spec, project.defaults.get(one.kind.id, {}))
    return Export(one.address, one.kind.api, spec, one.id if one.bound else None, comments)


def _by_file(
    project: Project, exports: Sequence[Export], layout: Layout, into: str | None, output: str | None
) -> dict[Path, list[Export]]:
    """The manifests by the file they go into. Raises UsageError for a folder outside the project."""
    files: dict[Path, list[Export]] = {}
    below = within(project.root, [into] if into is not None else [])
    if any(part.startswith(".") for path in below for part in Path(path).parts):
        raise UsageError(f"--into {into}: no manifest is read from there", way_out="name a folder without a dot")
    folder = project.root.joinpath(*below)
    for one in exports:
        kind = folder / one.address.host / one.address.kind
        file = kind / f"{one.address.name}.yaml" if layout == "object" else kind.with_name(f"{kind.name}.yaml")
        files.setdefault(file if output is None else Path(output).absolute(), []).append(one)
    return files


def _write(session: Session, files: Mapping[Path, list[Export]]) -> None:
    """Write every file, after all that are there were read. Raises UsageError where one cannot be."""
    root = session.project.root
    texts = {file: appended(_before(root, file), exports) for file, exports in files.items()}
    for file, text in texts.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{file.parent} cannot be made: {error.strerror}", way_out="name another one") from None
        write_file(file, text)
        shown = file.relative_to(root) if file.is_relative_to(root) else file
        session.screen.out(f"{shown}: {_count(len(files[file]), 'manifest')}")


def _before(root: Path, file: Path) -> str:
    if not file.exists():
        return ""
    content = read_file(root, str(file))
    if isinstance(content, Problem):
        raise UsageError(problems=[content])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8", way_out="mend it, or name another file with -o") from None


def _tell(screen: Screen, found: Harvest, *, quiet: bool) -> None:
    """What came of it: on stderr what was not imported, and why."""
    for problem in found.unread:
        screen.talk(problem_text(problem, "Not read"))
    for problem in found.alone:
        screen.talk(problem_text(problem, "Left alone"))
    for kind in found.unlisted:
        screen.talk(f"{kind.id}: the vendor has no list of them; name one: reconciler import {kind.id}/NAME")
    said = "; ".join([_count(len(found.retold), "manifest"), *_skipped(found)])
    (screen.talk if quiet else screen.out)(said)


def _skipped(found: Harvest) -> Iterator[str]:
    for why, number in sorted(found.skipped.items()):
        yield f"{_count(number, 'object')} {why}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
