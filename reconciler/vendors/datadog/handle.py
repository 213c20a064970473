"""Handles: whom a message tells, `@pagerduty-checkout`, and the words by which who names waits for who is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from reconciler.kinds.remark import Handle, Remark
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Path, Text, Tree, at

_HANDLE = re.compile(r"(?<![\w@])(@(?:webhook|pagerduty|opsgenie|slack)-)([\w.#-]*[\w#])")
_PLACES: tuple[Path, ...] = (("message",), ("options", "escalation_message"))


def _named(tree: Object, field: str) -> str | None:
    value = tree.get(field)
    return value if isinstance(value, str) and value else None


def spaced(tree: Object, field: str) -> list[Remark]:
    """A handle ends at a space."""
    name = _named(tree, field)
    if name is None or not any(map(str.isspace, name)):
        return []
    return [Remark((field,), f"a message cannot well name {name!r}: leave the spaces out")]


def webhook(tree: Object) -> tuple[Handle, ...]:
    name = _named(tree, "name")
    return (("@webhook-", name),) if name else ()


def pagerduty(tree: Object) -> tuple[Handle, ...]:
    name = _named(tree, "service_name")
    return (("@pagerduty-", name),) if name else ()


def opsgenie(tree: Object) -> tuple[Handle, ...]:
    name = _named(tree, "name")
    return (("@opsgenie-", name),) if name else ()


def slack(tree: Object) -> tuple[Handle, ...]:
    """A channel's name, with the account before it or without: the docs do not settle it."""
    name, account = _named(tree, "name"), _named(tree, "account")
    bare = name.removeprefix("#") if name else ""
    full = (("@slack-", f"{account}-{bare}"),) if account else ()
    return (("@slack-", bare), *full) if bare else ()


def _strings(text: Tree) -> Iterator[str]:
    """The parts of a text that are certain; what a reference puts into it orders the plan by itself."""
    if isinstance(text, str):
        yield text
    elif isinstance(text, Text):
        yield from (part for part in text.parts if isinstance(part, str))


def mentioned(tree: Object) -> Mapping[Handle, Path]:
    """The handles in a monitor's texts, each with the field it stands in."""
    found: dict[Handle, Path] = {}
    for path in _PLACES:
        for part in _strings(at(tree, path)):
            for sort, name in _HANDLE.findall(part):
                found.setdefault((sort, name), path)
    return found


# ── words that order steps ──────────────────────────────────────────────────────────────────────────────────────────


def there(handles: Iterable[Handle], context: Context) -> frozenset[str]:
    """The words for "this handle leads somewhere"."""
    return frozenset(f"datadog@{context.account} {sort}{name}" for sort, name in handles)


def let_go(handles: Iterable[Handle], context: Context) -> frozenset[str]:
    """The words for "no message that is changed names this handle any more"."""
    return frozenset(f"{word} is let go" for word in there(handles, context))
