"""References as PagerDuty has them, `{id, type: x_reference}`, and what it says of every object beside its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.kinds.neutral import Look
from reconciler.kinds.remark import Remark
from reconciler.kinds.stake import Holder
from reconciler.kinds.tree import Link, Object, Path, Ref, Tree
from reconciler.kinds.wire import Wire

USER = "pagerduty/User"
TEAM = "pagerduty/Team"
SCHEDULE = "pagerduty/Schedule"
ESCALATION_POLICY = "pagerduty/EscalationPolicy"
SERVICE = "pagerduty/Service"
VENDOR = "pagerduty/Vendor"
PRIORITY = "pagerduty/Priority"
BUSINESS_SERVICE = "pagerduty/BusinessService"

# What every object bears and nobody writes.
COMMON = frozenset({"id", "type", "summary", "self", "html_url"})


def ident(kind: str, raw: Tree) -> Tree:
    """The reference in `{id, …}`; what has no id stands as it is."""
    match raw:
        case {"id": str(value)} if value:
            return Ref(kind, "id", (value,))
        case _:
            return raw


def pointing(kind: str, type_: str) -> Wire:
    """A field that names an object of this kind; `type_` is what its reference is called there."""

    def to(value: Tree) -> Tree:
        return {"id": value, "type": f"{type_}_reference"} if isinstance(value, Ref | Link) else value

    return Wire(to, lambda raw: ident(kind, raw))


def holders(kind: str, raw: Object, field: str) -> list[Holder]:
    """The objects that `field` says use this one."""
    listed = raw.get(field)
    rows: list[Any] = listed if isinstance(listed, list) else []
    return [
        Holder(Ref(kind, "id", (row["id"],)), str(row.get("summary") or row.get("name") or row["id"]))
        for row in rows
        if isinstance(row, Mapping) and isinstance(row.get("id"), str)
    ]


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def joins(user: Tree) -> str:
    """The word for "this user is in the team": a policy names nobody of a team before."""
    return f"{_who(user)} has joined"


def is_let_go(user: Tree) -> str:
    """The word for "no policy names this user any more": nobody leaves a team before."""
    return f"{_who(user)} is let go"


def _who(user: Tree) -> str:
    return user.identity if isinstance(user, Link) else str(user)


def unreachable(users: Iterable[tuple[Path, Tree]], look: Look) -> Iterator[Remark]:
    """Remarks on the users that PagerDuty has no way to tell anything."""
    for path, user in users:
        found = look(user) if isinstance(user, Link) else None
        if found is not None and found.get("contact_methods") == []:
            yield Remark(path, f"{found.get('email')} has no contact method in PagerDuty: nobody is reached there")
