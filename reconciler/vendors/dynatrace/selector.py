"""Entity selectors: the words in which the server is asked for entities; one sort of entity in each.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/entity-v2/entity-selector 2,000 characters a selector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MOST = 2_000


def quoted(text: str) -> str:
    """A value, in quotes as it may hold brackets or commas; a quote in it is written `~"`, a `~` as `~~`."""
    escaped = text.replace("~", "~~").replace('"', '~"')
    return f'"{escaped}"'


def by_id(ids: Iterable[str]) -> Iterator[str]:
    """Selectors for these entities: of one sort each, and no longer than the server takes."""
    sorts: dict[str, list[str]] = {}
    for ident in sorted(set(ids)):
        sorts.setdefault(ident.rpartition("-")[0], []).append(ident)
    for several in sorts.values():
        size = MOST // (max(map(len, several)) + 3) - 1
        for start in range(0, len(several), size):
            yield f"entityId({','.join(quoted(one) for one in several[start : start + size])})"


def tag_value(key: str, value: str | None) -> str:
    """A tag as `tag()` takes it: a colon that parts nothing is written `\\:`."""
    parts = [part.replace("\\", "\\\\").replace(":", "\\:") for part in (key, value) if part is not None]
    return ":".join(parts)
