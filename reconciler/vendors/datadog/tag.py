"""Tags: a set in which case does not tell two apart, and the place where our mark stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same, Unordered
from reconciler.kinds.mark import Mark
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire

_OURS = "reconciler:"
_LONGEST = 200  # characters; the vendor cuts what is longer
_KIND = 2  # of the mark's parts: project, vendor and account, kind, name
_KINDS = {"monitor": "Monitor", "servicelevelobjective": "ServiceLevelObjective"}


def _nobodys(tags: list[str] | None) -> list[str] | None:
    seen = set[str]()
    for number, tag in enumerate(tags or [], 1):
        if tag.casefold().startswith(_OURS):
            raise PydanticCustomError(
                "mark", "{tag} is how objects of this tool are marked: leave it out", {"tag": tag}
            )
        if tag.casefold() in seen:
            raise PydanticCustomError("twice", "tag {number} stood there before, but for its case", {"number": number})
        seen.add(tag.casefold())
    return tags


def _same_tag(wanted: Tree, live: Tree) -> bool:
    """Datadog may answer a tag in lower case."""
    return isinstance(wanted, str) and isinstance(live, str) and wanted.casefold() == live.casefold()


Tag = Annotated[str, Same(_same_tag), Field(min_length=1)]
Tags = Annotated[list[Tag] | None, Unordered(), AfterValidator(_nobodys)]


def _back(raw: Tree) -> Tree:
    """In one order, since Datadog answers them in any; less our mark."""
    if not isinstance(raw, list) or not all(isinstance(tag, str) for tag in raw):
        return raw
    return sorted(tag for tag in raw if not tag.casefold().startswith(_OURS))


TAGS = Wire(back=_back, cleared=[])


# ── the mark ────────────────────────────────────────────────────────────────────────────────────────────────────────
# Datadog may make a tag lower-case and takes few signs in it. What an address has beyond that is written in signs that
# no address has: `:c` for `C`, `::` for `@`.


def _mark_to(mark: str) -> str:
    parts = mark.removeprefix(_OURS).split("/")
    return _OURS + "/".join(part if index == _KIND else _low(part) for index, part in enumerate(parts))


def _low(text: str) -> str:
    return "".join(":" + sign.lower() if sign != sign.lower() else sign for sign in text).replace("@", "::")


def _mark_back(tag: str) -> str:
    """`Monitor` back from `monitor`, and every other sign from its spelling."""
    parts = tag[len(_OURS) :].split("/")
    return _OURS + "/".join(
        _KINDS.get(part.casefold(), part) if index == _KIND else _high(part) for index, part in enumerate(parts)
    )


def _high(text: str) -> str:
    plain = text.replace("::", "@")
    first, *rest = plain.split(":")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _read(raw: Mapping[str, Any]) -> str | None:
    tags = raw.get("tags")
    listed = tags if isinstance(tags, list) else []
    ours = [tag for tag in listed if isinstance(tag, str) and tag.casefold().startswith(_OURS)]
    return _mark_back(min(ours)) if ours else None


def _write(body: Object, mark: str) -> Object:
    tag, tags = _mark_to(mark), body.get("tags")
    if len(tag) > _LONGEST:
        return body
    return {**body, "tags": [*(tags if isinstance(tags, list) else []), tag]}


MARK = Mark(_read, _write)
