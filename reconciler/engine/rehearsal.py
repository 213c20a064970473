"""Rehearsal: a plan's writes, checked by vendors that can do so and change nothing; what they object to, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.engine.access import Access
from reconciler.engine.change import Create, Update, Write
from reconciler.engine.fill import Filling
from reconciler.engine.graph import all_steps
from reconciler.engine.overlay import MISSING, contains, equal
from reconciler.engine.plan import Plan
from reconciler.errors import Problem
from reconciler.http.exchange import Done, NotDone
from reconciler.kinds.shape import List, Map, Record, Shape, Variants
from reconciler.kinds.step import Context, Step
from reconciler.kinds.tree import FromOutput, Link, Path, Secret, Text, Tree, at, walk


@dataclass(frozen=True)
class Rehearsed:
    """What came of it: what vendors would refuse, and what could not be asked and why, each at its manifest."""

    refused: tuple[Problem, ...] = ()
    unasked: tuple[Problem, ...] = ()
    asked: int = 0


async def rehearse(access: Access, plan: Plan) -> Rehearsed:
    """Ask for every create and update of the plan. Writes nothing. Raises no VendorError: what fails is told."""
    filling = Filling(access, plan.draft)
    refused: list[Problem] = []
    unasked: list[Problem] = []
    asked = 0
    for change in plan.writes:
        check = change.kind.rehearsal
        if not isinstance(change, Create | Update) or change.manifest is None or check is None:
            continue
        for step in all_steps(change):
            request = check(step, change.live.raw if change.live else None, _context(access, change))
            why = _unknown(request) if request is not None else "it would take it for another object, or lacks a secret"
            if why or request is None:
                unasked.append(Problem(f"{change.address}: not asked of the server: {why}", change.place))
                continue
            asked += 1
            for problem, stays in await _ask(access, filling, change, request):
                (unasked if stays else refused).append(problem)
    return Rehearsed(tuple(refused), tuple(unasked), asked)


def with_rehearsal(plan: Plan, rehearsed: Rehearsed) -> Plan:
    """The plan, saying what vendors have against it; what could not be asked stands among its warnings."""
    told = (*plan.warnings, *rehearsed.unasked, *rehearsed.refused)
    return replace(plan, warnings=told, objections=rehearsed.refused)


def _context(access: Access, change: Write) -> Context:
    return access.context(change.address.host)


async def _ask(access: Access, filling: Filling, change: Write, step: Step) -> list[tuple[Problem, bool]]:
    """What the vendor has against a step, and of each whether it is about something that stays as it is: some take an
    object that is asked about for another one that bears its name."""
    host, manifest = change.address.host, change.manifest
    assert manifest is not None
    outcome = await access.clients[host].send(filling.request(host, step, None, filling.body(step)))
    if isinstance(outcome, Done):
        return []
    body = outcome.reply.body if isinstance(outcome, NotDone) and outcome.reply else None
    words, says = access.secrets.redact, "the server would refuse it"
    found = []
    for one in change.kind.objections(body):
        stays = change.live is not None and _stays(change, one.path)
        text = f"{change.address}: {f'{says}, of what stays as it is' if stays else says}: {words(one.text)}"
        found.append((Problem(text, manifest.place(_path(change, one.path))), stays))
    return found or [(Problem(f"{change.address}: {says}: {outcome.fault}", manifest.place()), False)]


def _stays(change: Write, path: Path) -> bool:
    """Whether what stands at a path is what is there already."""
    wanted, live = at(change.work.wanted, path, MISSING), at(change.work.live, path, MISSING)
    return bool(path) and wanted is not MISSING and live is not MISSING and equal(wanted, live)


def _unknown(step: Step) -> str:
    """What the request would have to carry and nobody knows before the apply."""
    for _, leaf in walk(step.body):
        match leaf:
            case Link(id=None):
                return f"{leaf.identity} is not there yet"
            case Secret(why=why) if why:
                return why
            case Secret(renewed=True, source=FromOutput(address=address, output=output)):
                return f"the {output} of {address} is made by the apply"
            case Text():
                return "a reference in a text is not there yet"
    return ""


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _path(change: Write, path: Path) -> Path:
    """The manifest's path of what was sent: items of a list without order may stand elsewhere there."""
    found: Path = ()
    shape: Shape | None = change.kind.shape
    sent: Tree = change.work.wanted
    written: Tree = change.bound
    for part in path:
        if isinstance(part, int) and isinstance(written, list) and isinstance(shape, List):
            item = at(sent, (part,))
            same = (place for place, one in enumerate(written) if contains(shape.item, one, item))
            place = next(same, part)
            found, written = (*found, place), at(written, (place,))
        else:
            found, written = (*found, part), at(written, (part,))
        shape, sent = _below(shape, part, sent), at(sent, (part,))
    return found


def _below(shape: Shape | None, part: str | int, tree: Tree) -> Shape | None:
    match shape:
        case Variants():
            return _below(shape.record(tree), part, tree)
        case Record() if isinstance(part, str):
            known: Mapping[str, object] = shape.fields
            return shape.fields[part].shape if part in known else None
        case List() | Map():
            return shape.item
        case _:
            return None
