"""Removal: what happens to the ledger's objects whose manifests left Git."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.engine.change import Blocked, Change, Create, Delete, Doubtful, FieldChange, Release, Reset
from reconciler.engine.diff import from_ledger, shown
from reconciler.engine.draft import Draft
from reconciler.engine.hindrance import closed, hold
from reconciler.engine.live import LiveObject
from reconciler.engine.names import recorded
from reconciler.engine.scope import Scope
from reconciler.errors import Place, Problem
from reconciler.kinds.address import Address
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Object
from reconciler.ledger.entries import Entry


def remove(draft: Draft, scope: Scope, wanted: frozenset[str]) -> None:
    """Add to the draft what becomes of every entry that no manifest wants and that lies in the scope."""
    moved = {claim.moved_from for claim in draft.world.claims.values() if claim.moved_from}
    going = [
        (address, entry)
        for host, entries in sorted(draft.world.entries.items())
        if host not in draft.world.live.failed
        for text, entry in sorted(entries.items())
        if text not in wanted and text not in moved
        if (address := Address.parse(text)) is not None and address.kind_id in draft.access.kinds
        if scope.holds(address, entry.file, entry.labels)
    ]
    leaving = frozenset(str(address) for address, _ in going)
    for address, entry in going:  # so that what refers to them, and is removed too, knows them by name
        draft.world.names.claim(address, entry.id)
    for address, entry in going:
        change = _change(draft, address, entry, leaving)
        draft.add(change)
    for entries in draft.world.entries.values():
        for entry in entries.values():
            _retire(draft, entry, scope)
    _say_doubtful(draft, scope, wanted)
    hold(draft)


def _say_doubtful(draft: Draft, scope: Scope, wanted: frozenset[str]) -> None:
    """What an interrupted run may have made, and no manifest asks for any more: still nobody's until a person says."""
    for text, settled in sorted(draft.world.settled.items()):
        address = Address.parse(text)
        if settled.doubtful and text not in wanted and address is not None and scope.holds(address, "", {}):
            kind = draft.access.kinds[address.kind_id]
            why = "an interrupted run may have made it, and which of these it is cannot be told; its manifest left Git"
            draft.add(Doubtful(address, kind, None, why=why, ids=settled.doubtful))


def _change(draft: Draft, address: Address, entry: Entry, leaving: frozenset[str]) -> Change:
    kind = draft.access.kinds[address.kind_id]
    place = Place(entry.file) if entry.file else None
    if kind.signal is not None:
        found = draft.world.seen.get(str(address), [])
        still = next((words for one in found if (words := kind.signal.open_there(_tree(draft, one)))), None)
        end = f"; {still}: nothing is sent" if still else ""
        return Release(address, kind, place, why=f"{_why(draft, address)}{end}", gone=not found)
    live = draft.world.live.get(address.host, kind.id, entry.id)
    if live is None:
        return Release(address, kind, place, why=f"id {entry.id} is gone", gone=True)
    now = _means_now(draft, live)
    if now is not None:
        return Release(address, kind, place, why=f"{_why(draft, address)}; id {entry.id} is {now} now")
    tree = _tree(draft, live)
    removal = kind.on_removal({**tree, **_known(draft, address, entry)}, leaving)
    if kind.ends(tree, draft.access.context(address.host)):
        return Release(address, kind, place, why=f"{_why(draft, address)}; id {entry.id} is past")
    if removal == "release":
        return Release(address, kind, place, why=f"{_why(draft, address)}; id {entry.id} stays as it is")
    if removal == "delete" and entry.origin == "adopted" and not draft.access.project.guards.delete_adopted:
        way = f"to delete it: guards: {{delete_adopted: true}}; to let go of it: reconciler ledger forget {address}"
        why = f"{_why(draft, address)}, but it was adopted, and may be older than this project: it is not deleted"
        return Blocked(address, kind, place, why=why, way_out=way)
    shut = closed(draft, live)
    if shut is not None:
        way = f"delete it where the vendor lets you; to let go of it: reconciler ledger forget {address}"
        return Blocked(address, kind, place, why=f"{_why(draft, address)}, but {shut}", way_out=way)
    if removal == "reset":
        return _reset(draft, address, live, entry, tree)
    return _delete(draft, address, live, entry, tree, leaving)


def _means_now(draft: Draft, live: LiveObject) -> Address | None:
    """The manifest of another kind that means an object."""
    for claim in draft.world.claims.values():
        one = claim.live
        if one is None or one.id != live.id or one.host != live.host or one.kind is live.kind:
            continue
        if one.kind.place.item_path == live.kind.place.item_path:
            return claim.manifest.address
    return None


def _reset(draft: Draft, address: Address, live: LiveObject, entry: Entry, tree: Object) -> Change:
    kind, place = live.kind, Place(entry.file) if entry.file else None
    fields = kind.reset(_declared(draft, address, entry))
    if not fields:
        return Release(address, kind, place, why=f"{_why(draft, address)}; nothing of id {entry.id} was declared")
    work = Work("reset", {**tree, **fields}, frozenset(fields), tree)
    notes = kind.consequences(work)
    why = f"{_why(draft, address)}; the vendor does not let it be deleted, so it is put back"
    return Reset(
        address,
        kind,
        place,
        tuple(FieldChange(name, shown(tree.get(name), None), value, "edited") for name, value in fields.items()),
        notes,
        why,
        None,
        work,
        kind.steps(work, draft.access.context(address.host)),
        live,
        entry,
    )


def _delete(
    draft: Draft, address: Address, live: LiveObject, entry: Entry, tree: Object, leaving: frozenset[str] = frozenset()
) -> Delete:
    kind, place = live.kind, Place(entry.file) if entry.file else None
    work = Work("delete", tree, live=tree)
    with_it = tuple(_children(draft, live, leaving))
    answers = draft.world.stakes.get(str(address))
    at_stake = kind.stake.words(answers) if kind.stake is not None and answers is not None else ()
    notes = (*(f"dies with it: {child}" for child in with_it), *at_stake, *kind.consequences(work))
    steps = kind.steps(work, draft.access.context(address.host))
    why = _why(draft, address)
    return Delete(address, kind, place, (), notes, why, None, work, steps, live, entry, with_it=with_it)


def _why(draft: Draft, address: Address) -> str:
    """A manifest that is there and whose object goes all the same is one of a project that is destroyed."""
    return "all of the project goes" if address in draft.access.project.manifests else "its manifest left Git"


def _tree(draft: Draft, live: LiveObject) -> Object:
    tree = draft.world.names.bind(live.tree, live.host)
    assert isinstance(tree, dict)
    return tree


def _declared(draft: Draft, address: Address, entry: Entry) -> Object:
    tree = draft.world.names.bind(from_ledger(entry.declared), address.host)
    assert isinstance(tree, dict)
    return tree


def _known(draft: Draft, address: Address, entry: Entry) -> Object:
    """What the ledger's spec says beside the live object: fields that only we know (a rule's `default`)."""
    declared = _declared(draft, address, entry)
    live = draft.world.live.get(address.host, address.kind_id, entry.id)
    return {name: value for name, value in declared.items() if live is not None and name not in live.tree}


def _children(draft: Draft, live: LiveObject, leaving: frozenset[str]) -> Iterator[str]:
    """Live objects below this one, which the vendor takes with it, less those that the plan removes anyway."""
    for one in draft.world.live.everything():
        if one.parent == live.id and one.host == live.host and one.kind.place.parent is not None:
            owner = draft.world.names.owners.get((one.host, one.kind.id, one.id))
            if str(owner) not in leaving:
                yield str(owner) if owner else f"{one.kind.id} id {one.id}"


def _retire(draft: Draft, entry: Entry, scope: Scope) -> None:
    """What an interrupted replacement left over."""
    address = Address.parse(entry.address)
    if (
        address is None
        or address.kind_id not in draft.access.kinds
        or not scope.holds(address, entry.file, entry.labels)
    ):
        return
    kind = draft.access.kinds[address.kind_id]
    for ident in entry.retiring:
        live = draft.world.live.get(address.host, kind.id, ident)
        if live is not None:
            change = _delete(draft, address, live, entry, _tree(draft, live))
            draft.changes.append(replace(change, why="it was replaced", retiring=True))


def hint_renames(draft: Draft) -> Iterator[Problem]:
    """A deletion beside a creation that looks like it: perhaps a rename that `metadata.was` should tell."""
    creates = [change for change in draft.changes if isinstance(change, Create)]
    for gone in [change for change in draft.changes if isinstance(change, Delete) and change.entry]:
        for new in creates:
            if new.kind is gone.kind and new.address.host == gone.address.host and _alike(gone, new):
                yield Problem(
                    f"{new.address} looks like {gone.address}, which is deleted: a rename?",
                    new.place,
                    f"add metadata: {{was: {gone.address.name}}} to keep the object and its id",
                )


def _alike(gone: Delete, new: Create) -> bool:
    """More than half of what was declared is the same."""
    assert gone.entry is not None
    old, now = gone.entry.declared, recorded(new.bound)
    same = [name for name in old if name in now and old[name] == now[name]]
    return len(same) * 2 > max(len(old), 1)
