"""A toy vendor: the kinds of things that the real ones do not have yet: marks, shared lists, windows, resets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.http.exchange import Fault, Reply
from reconciler.kinds.fields import Keyed, NoClear, Owned, RefTo, SecretField, Shared, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.mark import Mark
from reconciler.kinds.neutral import Removal
from reconciler.kinds.output import Output
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Hidden, Object, Ref
from reconciler.kinds.vendor import AccountSettings, Vendor
from tests.toy.signals import SIGNALS

GROUP = "toy/Group"
ToGroup = Annotated[Ref, RefTo(GROUP)]


class ToySettings(AccountSettings):
    """A toy account."""

    token: SecretField


# ── groups: a mark, a field that cannot change, an output that can be read ──────────────────────────────────────────


class Group(Spec):
    """A group."""

    name: Annotated[str | None, NoClear("write another name"), Field(description="need not be unique")] = None
    region: Annotated[str | None, Field(description="cannot be changed")] = None
    note: Annotated[str | None, Field(description="a note")] = None


def group_to(tree: Object, context: Context) -> Object:
    return dict(tree)


def group_from(raw: Object, context: Context) -> Object:
    hidden = ("id", "external", "address", "made")
    return {name: value for name, value in raw.items() if name not in hidden and value is not None}


def _marked(body: Object, mark: str) -> Object:
    return {**body, "external": mark}


# ── rules: what a manifest may own in part ──────────────────────────────────────────────────────────────────────────


class Limit(Spec):
    """Owned whole."""

    most: int | None = None
    within: int | None = None


class Detail(Spec):
    """Owned field by field."""

    first: str | None = None
    second: str | None = None
    limit: Annotated[Limit | None, Owned()] = None


class Part(Spec):
    """An item that has a key."""

    name: str
    weight: int | None = None
    colour: str | None = None


class ByMail(Spec):
    """A way to tell."""

    via: Literal["mail"]
    to: str | None = None
    subject: str | None = None


class ByPhone(Spec):
    """Another way to tell."""

    via: Literal["phone"]
    to: str | None = None
    number: int | None = None


class Rule(Spec):
    """A rule."""

    name: Annotated[str | None, NoClear("write another name"), Field(description="unique")] = None
    group: Annotated[ToGroup | None, Field(description="its group")] = None
    next: Annotated[Annotated[Ref, RefTo("toy/Rule")] | None, Field(description="the rule after it")] = None
    text: Annotated[str | None, Field(description="free text")] = None
    key: Annotated[SecretField | None, Field(description="a secret nobody shows")] = None
    tags: Annotated[list[str] | None, Shared(), Field(description="ours beside others'")] = None
    groups: Annotated[list[ToGroup] | None, Shared(), Field(description="ours beside others'")] = None
    options: Annotated[dict[str, str] | None, Shared(), Field(description="ours beside others'")] = None
    marks: Annotated[list[str] | None, Unordered(), Field(description="owned whole, in no order")] = None
    steps: Annotated[list[str] | None, Field(description="owned whole, in order")] = None
    parts: Annotated[list[Part] | None, Keyed(("name",)), Field(description="by name")] = None
    detail: Annotated[Detail | None, Field(description="an object")] = None
    tell: Annotated[
        Annotated[ByMail | ByPhone, Field(discriminator="via")] | None, Field(description="one of two forms")
    ] = None


def rule_to(tree: Object, context: Context) -> Object:
    return dict(tree)


def rule_from(raw: Object, context: Context) -> Object:
    tree = {name: value for name, value in raw.items() if name not in ("id", "made") and value is not None}
    if "group" in tree:
        tree["group"] = Ref(GROUP, "id", (tree["group"],))
    if "next" in tree:
        tree["next"] = Ref("toy/Rule", "id", (tree["next"],))
    if "groups" in tree:
        tree["groups"] = [Ref(GROUP, "id", (one,)) for one in tree["groups"]]
    return {**tree, "key": Hidden()} if "key" in tree else tree


# ── windows end; settings can only be put back ──────────────────────────────────────────────────────────────────────


class Window(Spec):
    """A window of time."""

    name: Annotated[str | None, Field(description="its name")] = None
    until: Annotated[str | None, Field(description="when it ends")] = None


def _is_past(tree: Object, context: Context) -> bool:
    until = tree.get("until")
    return isinstance(until, str) and until <= context.now.strftime("%Y-%m-%dT%H:%M:%SZ")


class Setting(Spec):
    """A setting that always is there."""

    name: Annotated[str | None, Field(description="its name")] = None
    value: Annotated[str | None, Field(description="its value")] = None


def plain_to(tree: Object, context: Context) -> Object:
    return dict(tree)


def plain_from(raw: Object, context: Context) -> Object:
    return {name: value for name, value in raw.items() if name not in ("id", "made") and value is not None}


def _resets(tree: Object, leaving: frozenset[str]) -> Removal:
    return "reset"


def _kind(name: str, spec: type[Spec], **more: Any) -> Kind:
    path = f"/{name.lower()}s"
    return Kind(
        vendor="toy",
        version="v1",
        name=name,
        spec=spec,
        place=Place(list=path),
        page="https://toy.example",
        key=by_name,
        needed_to_create=("name",),
        settles=4.0,
        born_at="made",
        **more,
    )


KINDS = (
    _kind(
        "Group",
        Group,
        to_api=group_to,
        from_api=group_from,
        immutable=frozenset({"region"}),
        mark=Mark(lambda raw: raw.get("external"), _marked),
        outputs=(Output("address", ("address",), secret=False, doc="where it is told"),),
    ),
    _kind("Rule", Rule, to_api=rule_to, from_api=rule_from, unique=True, serial="account"),
    _kind("Window", Window, to_api=plain_to, from_api=plain_from, ends=_is_past),
    _kind(
        "Setting",
        Setting,
        to_api=plain_to,
        from_api=plain_from,
        on_removal=_resets,
        reset=lambda tree: {"value": "as delivered"},
    ),
)


def _explain(reply: Reply) -> Fault | None:
    body: Any = reply.body
    return None if reply.status < 400 else Fault(reply.status, None, str((body or {}).get("message", "refused")))


def _sign(secrets: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {secrets['token']}"}


TOY = Vendor(
    name="toy",
    version="v1",
    settings=ToySettings,
    base_url=lambda settings: settings.url or "https://toy.example",
    sign=_sign,
    explain=_explain,
    kinds=(*KINDS, *SIGNALS),
    environment={"token": "TOY_TOKEN"},
    hosts=lambda settings: {"side": settings.url or "https://side.toy.example"},
)
