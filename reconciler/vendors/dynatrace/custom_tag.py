"""dynatrace/CustomTag: tags held on all entities that an entity selector or tag rules fit; others' tags stay.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/custom-tags A thousand on an entity. A tag is taken from
those entities alone to which this project gave it, as its ledger says; one that stopped fitting keeps it until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, Shared
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Tree
from reconciler.vendors.dynatrace.attach_rule import CONTEXTLESS, TagRules, selectors
from reconciler.vendors.dynatrace.attach_rule import remarks as rule_remarks
from reconciler.vendors.dynatrace.entity import ENTITIES
from reconciler.vendors.dynatrace.selector import by_id
from reconciler.vendors.dynatrace.setting import PAGES

TAGS = "/api/v2/tags"
_WINDOW = "from=now-3y&to=now"
_SET = NoClear("a tag needs entities: remove the manifest")


class Tag(Spec):
    """A tag."""

    key: Annotated[str, Field(min_length=1, description="its key")]
    value: Annotated[str | None, Field(min_length=1, description="its value, where it has one")] = None


class CustomTag(Spec):
    """Tags on some entities. Those are found by `entitySelector` or by `tagRule`."""

    entitySelector: Annotated[
        str | None,
        _SET,
        Field(min_length=1, max_length=2000, description='which entities: type(HOST),tag("dc:eu1")'),
    ] = None
    tagRule: Annotated[TagRules, _SET] = None
    tags: Annotated[
        list[Annotated[Tag, Owned()]] | None, Shared(), NoClear("write []"), Field(description="the tags they all bear")
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> CustomTag:
        if self.entitySelector and self.tagRule:
            raise PydanticCustomError("both", "write entitySelector or tagRule, not both", {})
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def spelled(tag: Mapping[str, Any]) -> str:
    """A tag in one word, as people read it."""
    return str(tag.get("key")) if tag.get("value") is None else f"{tag.get('key')}:{tag['value']}"


def to_api(tree: Object, context: Context) -> Object:
    return {**tree, "tags": tree["tags"] or []} if "tags" in tree else dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    """What is asked for, who fits, and the tags that all of them bear; `ours` are the tags that we gave to somebody."""
    rows, given = raw.get("rows"), raw.get("remembered")
    tree = {name: part for name, part in raw.items() if name not in ("rows", "id") and part is not None}
    if not isinstance(rows, list):
        return tree
    bearers = {str(row["entityId"]): _borne(row) for row in rows if isinstance(row, Mapping) and "entityId" in row}
    first = next(iter(bearers.values()), {})
    everywhere = [tag for word, tag in first.items() if all(word in borne for borne in bearers.values())]
    ours = sorted(given) if isinstance(given, Mapping) else []
    return {**tree, "tags": everywhere, "borne": {one: sorted(borne) for one, borne in bearers.items()}, "ours": ours}


def _borne(row: Mapping[str, Any]) -> dict[str, Object]:
    """An entity's own tags by their word: not those that are imported from elsewhere."""
    rows = row.get("tags")
    found = {}
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, Mapping) and one.get("context", CONTEXTLESS) == CONTEXTLESS and one.get("key") is not None:
            tag = {name: one[name] for name in ("key", "value") if one.get(name) is not None}
            found[spelled(tag)] = tag
    return found


def key(tree: Object) -> tuple[Tree, ...] | None:
    """The selectors: what is asked for is what it is."""
    if isinstance(tree.get("of"), list):
        return tuple(tree["of"]) or None
    if tree.get("entitySelector"):
        return (tree["entitySelector"],)
    rules = tree.get("tagRule")
    return selectors(rules) or None if isinstance(rules, list) and all(map(_is_rule, rules)) else None


def _is_rule(rule: Tree) -> bool:
    whole = isinstance(rule, Mapping) and isinstance(rule.get("meTypes"), list) and isinstance(rule.get("tags"), list)
    return whole and all(isinstance(tag, Mapping) and isinstance(tag.get("key"), str) for tag in rule["tags"])


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """Which entities is said by the key. Where there are none nothing is lacking; what is dropped is no longer ours."""
    rest = {name: part for name, part in wanted.items() if name not in ("entitySelector", "tagRule")}
    tags = rest.get("tags")
    if tags is not None:
        words = {spelled(tag) for tag in tags}
        rest["ours"] = [word for word in live.get("ours", []) if word in words]
    return rest if live.get("borne") else {name: part for name, part in rest.items() if name != "tags"}


# ── who was given what ──────────────────────────────────────────────────────────────────────────────────────────────


def remember(work: Work, done: bool) -> Object:
    """By tag the entities we gave it to: those of before, less what is taken from them, and those that lack it."""
    live, wanted = work.live or {}, work.wanted
    before: Mapping[str, Any] = live.get("remembered") or {}
    stays = wanted.get("ours", before) if done else before
    kept = {word: list(before[word]) for word in stays if word in before}
    for tag in _lacking(work):
        word = spelled(tag)
        kept[word] = sorted({*kept.get(word, []), *(one for one, borne in _bearers(live) if word not in borne)})
    return kept


def _bearers(live: Object) -> list[tuple[str, list[str]]]:
    borne = live.get("borne")
    return list(borne.items()) if isinstance(borne, dict) else []


def _lacking(work: Work) -> list[Object]:
    """The wanted tags that not every entity bears."""
    there = [spelled(tag) for tag in (work.live or {}).get("tags") or []]
    return [tag for tag in work.wanted.get("tags") or [] if spelled(tag) not in there]


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Tags are given to whoever fits, and taken from those alone to whom we gave them.

    Whom we give them to is recorded by the first step, which only looks: after an interrupted run nobody could tell.
    """
    live = work.live or {}
    given: Mapping[str, list[str]] = live.get("remembered") or {}
    if work.verb == "delete":
        taking = list(_taking(given, given))
        return (*(_drop(one) for one in taking[:-1]), *(_drop(one, last=True) for one in taking[-1:]))
    of = live.get("of") or []
    look = Step("look", "GET", f"{ENTITIES}?entitySelector={{of}}&{_WINDOW}", effect="reads", params={"of": of[0]})
    lacking = [{name: tag[name] for name in ("key", "value") if tag.get(name) is not None} for tag in _lacking(work)]
    path = f"{TAGS}?entitySelector={{of}}&{_WINDOW}"
    give = [Step("give", "POST", path, {"tags": lacking}, params={"of": one}) for one in of if lacking]
    gone = [word for word in given if word not in work.wanted.get("ours", given)]
    return (look, *give, *(_drop(one) for one in _taking(given, gone)))


def _taking(given: Mapping[str, list[str]], words: Any) -> Iterator[Mapping[str, Tree]]:
    for word in words:
        key, colon, value = word.partition(":")
        for of in by_id(given[word]):
            yield {"key": key, "of": of, **({"value": value} if colon else {})}


def _drop(params: Mapping[str, Tree], *, last: bool = False) -> Step:
    path = f"{TAGS}?key={{key}}&value={{value}}&entitySelector={{of}}&{_WINDOW}"
    return Step("take", "DELETE", path, params=params, deletes=last, drops=not last)


def on_removal(tree: Object, leaving: frozenset[str]) -> Literal["delete", "reset", "release"]:
    """Without a record of whom we gave them to nobody loses a tag."""
    return "delete" if tree.get("remembered") else "release"


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def remarks(tree: Object) -> list[Remark]:
    return list(rule_remarks(tree.get("tagRule"), ("tagRule",)))


def notices(declared: Object, live: Object) -> tuple[str, ...]:
    """That nobody fits, and who stopped fitting and keeps what we gave."""
    found = [] if live.get("borne") else ["no entity fits, so that nothing is tagged"]
    for word, ids in (live.get("remembered") or {}).items():
        strayed = [one for one in ids if one not in (live.get("borne") or {})]
        if strayed:
            found.append(f"no longer fits and keeps {word}: {', '.join(strayed)}")
    return tuple(found)


def consequences(work: Work) -> tuple[str, ...]:
    live = work.live or {}
    given: Mapping[str, list[str]] = live.get("remembered") or {}
    if work.verb == "delete":
        return tuple(f"{word} is taken from {', '.join(ids)}" for word, ids in given.items())
    words = []
    for tag in _lacking(work):
        lack = [one for one, borne in _bearers(live) if spelled(tag) not in borne]
        words.append(
            f"{spelled(tag)} is given to {len(lack)} of {len(_bearers(live))} entities: {', '.join(lack[:10])}"
        )
    gone = [word for word in given if word not in work.wanted.get("ours", given)]
    return (*words, *(f"{word} is taken from {', '.join(given[word])}" for word in gone))


def heard(body: Any) -> tuple[str, ...]:
    nobody = isinstance(body, Mapping) and body.get("matchedEntitiesCount") == 0
    return ("the server says that no entity fits",) if nobody else ()


def gathers(key: tuple[str, ...]) -> tuple[str, ...]:
    return key


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="CustomTag",
    spec=CustomTag,
    place=Place(
        list=f"{ENTITIES}?entitySelector={{of}}&{_WINDOW}&fields=%2Btags",
        envelope=("entities",),
        paging=PAGES,
        item_read=False,
        create=TAGS,
        row=lambda row, of: {**row, "id": row.get("entityId")},
        gathers=gathers,
    ),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/custom-tags",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    needed_to_create=("tags",),
    settles=0.0,
    meant=meant,
    remember=remember,
    own_steps=steps,
    on_removal=on_removal,
    remarks=remarks,
    notices=notices,
    consequences=consequences,
    heard=heard,
)
