"""Hindrance: what the vendor would refuse because of other objects, said by the plan before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.change import Blocked, Change, Delete, Replace, Reset, Update
from reconciler.engine.draft import Draft
from reconciler.engine.live import LiveObject
from reconciler.engine.names import links
from reconciler.errors import Problem
from reconciler.kinds.tree import Link, Object
from reconciler.manifest.project import Manifest

CLOSED = "change it where the vendor lets you, or leave its manifest out: lifecycle: {ignore: […]} for single fields"


def caution(draft: Draft, manifest: Manifest, bound: Object) -> None:
    """Add the kind's remarks on the objects that a manifest refers to."""
    host = manifest.address.host

    def look(link: Link) -> Object | None:
        found = draft.world.live.get(host, link.kind, link.id) if link.id is not None else None
        return found.tree if found else None

    kind = manifest.kind
    for remark in (*kind.cautions(bound, look), *draft.mentions(host).misses(kind, bound)):
        draft.warnings.append(Problem(f"{manifest.address}: {remark.text}", manifest.place(remark.path)))
    answers = draft.world.answers.get(str(manifest.address), ())
    for remark in manifest.kind.answers(bound, answers) if answers else ():
        told = Problem(f"{manifest.address}: {remark.text}", manifest.place(remark.path))
        if remark.quiet:
            draft.notes.append(str(told))
        else:
            draft.warnings.append(told)


def closed(draft: Draft, found: LiveObject) -> str | None:
    """Why nobody can write a live object."""

    def seen(kind: str) -> Iterator[Object]:
        return (one.tree for one in draft.world.live.of(found.host, kind).values())

    return found.kind.closed(found.id, found.tree, seen)


def hold(draft: Draft) -> None:
    """Block every deletion that the vendor would refuse, because something that stays uses the object."""
    draft.changes = [_held(draft, one) if isinstance(one, Delete) else one for one in draft.changes]


def _held(draft: Draft, change: Delete) -> Change:
    users = list(_users(draft, change))
    if not users:
        return change
    why = f"it is used by {', '.join(users)}, and the vendor deletes nothing that is in use"
    way = "take it out there first; what is ours lets go of it when its manifest names another one"
    return Blocked(change.address, change.kind, change.place, why=why, way_out=way)


def _users(draft: Draft, change: Delete) -> Iterator[str]:
    host, names = change.address.host, draft.world.names
    assert change.live is not None
    for user in change.kind.holders(change.live.raw):
        link = names.link(user.ref, host)
        if not any(_lets_go(other, link, change) for other in draft.changes):
            yield str(link.address) if link.address else f'{link.kind} "{user.name}" (id {link.id}, not ours)'


def _lets_go(other: Change, user: Link, gone: Delete) -> bool:
    """Whether a change takes the reference away, or what bears it."""
    if not isinstance(other, Update | Delete | Replace | Reset) or other.live is None:
        return False
    if (other.address.host, other.kind.id, other.live.id) != (gone.address.host, user.kind, user.id):
        return False
    kept = {} if isinstance(other, Delete) else other.work.wanted
    return not any(link.kind == gone.kind.id and gone.live and link.id == gone.live.id for link in links(kept))
