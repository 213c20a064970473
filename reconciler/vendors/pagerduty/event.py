"""What events of API v2 have in common: the key they are sent with, where it leads, links, and how big one may be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.address import Address
from reconciler.kinds.fields import NoClear, RefTo, SecretField
from reconciler.kinds.signal import Refusal
from reconciler.kinds.spec import Spec, declared
from reconciler.kinds.step import Known
from reconciler.kinds.tree import NODES, Env, File, FromOutput, Object, Ref, Secret, Tree, replace
from reconciler.vendors.pagerduty.reference import SERVICE

INTEGRATION, ORCHESTRATION = "pagerduty/ServiceIntegration", "pagerduty/EventOrchestration"
SUMMARY_LENGTH = 1024
SIZE = 512 * 1024

STAYS = NoClear("leave it out: what was sent stays")


Summary = Annotated[str, Field(min_length=1, max_length=SUMMARY_LENGTH)]
Some = Annotated[str, Field(min_length=1)]

RoutingKey = Annotated[
    SecretField | None,
    STAYS,
    Field(
        description="the key it is sent with: {from: pagerduty/ServiceIntegration/NAME, output: integration_key}, or "
        "{from: pagerduty/EventOrchestration/NAME, output: routing_key}"
    ),
]
Service = Annotated[
    Annotated[Ref, RefTo(SERVICE)] | None,
    STAYS,
    Field(
        description="ours, not sent: the service that routing_key leads to, by which it can be looked for; only where "
        "the key is not that of a ServiceIntegration's manifest"
    ),
]


class Link(Spec):
    """A link shown beside it."""

    href: Annotated[Some, Field(description="where it leads")]
    text: Annotated[str | None, STAYS, Field(description="what it is called")] = None


def within_size(spec: Spec) -> None:
    """An event of more than 512 KB is refused. Raises PydanticCustomError."""
    plain = replace(declared(spec), lambda leaf: "" if isinstance(leaf, NODES) else leaf)
    size = len(json.dumps(plain, separators=(",", ":"), default=str))
    if size > SIZE:
        raise PydanticCustomError(
            "size", "the event has {size} bytes, and PagerDuty takes {most}", {"size": size, "most": SIZE}
        )


# ── where a routing key leads ───────────────────────────────────────────────────────────────────────────────────────


def maker(tree: Object) -> Address | None:
    """The manifest whose output the routing key is; None where it comes from elsewhere."""
    key = tree.get("routing_key")
    source = key.source if isinstance(key, Secret) else key
    return Address.parse(source.address) if isinstance(source, FromOutput) else None


def led_elsewhere(tree: Object, account: str) -> Refusal | None:
    """Why one is not sent whose key leads to another account: it would go to the host of this one, and be shown there
    to nobody who looks for it here."""
    made_by = maker(tree)
    if made_by is None or made_by.account == account:
        return None
    why = f"its key leads to the account {made_by.account}, and its manifest is of the account {account}"
    return Refusal(("routing_key",), why, f"write metadata: {{account: {made_by.account}}}")


def has_service(tree: Object, account: str) -> bool:
    """Whether it can be told to which service of the account the key leads."""
    made_by = maker(tree)
    ours = made_by is not None and made_by.kind_id == INTEGRATION and made_by.account == account
    return tree.get("service") is not None or ours


def service_of(tree: Object, known: Known) -> Tree:
    """The service that the key leads to, so far as it is known."""
    if tree.get("service") is not None:
        return tree["service"]
    made_by = maker(tree)
    found = known(tree.get("routing_key")) if made_by is not None and made_by.kind_id == INTEGRATION else None
    return (found or {}).get("service")


def has_another_key(tree: Object, last: Object) -> bool:
    """Whether it would be sent with another key than last time, so far as both are known."""
    now, then = tree.get("routing_key"), last.get("routing_key")
    if not isinstance(now, Secret) or not isinstance(then, Secret) or not then.digests:
        return False
    return now.renewed or (bool(now.digests) and not {*now.digests} & {*then.digests})


def key_name(tree: Object) -> str | None:
    """What tells one routing key from another in a natural key."""
    key = tree.get("routing_key")
    match key.source if isinstance(key, Secret) else key:
        case FromOutput() as source:
            return f"{Address.parse(source.address) or source.address}.{source.output}"
        case Env(name=name) | File(path=name):
            return name
        case _:
            return None


def sent(tree: Object) -> Object:
    """The body of an event: what is declared, less what is ours and what is null."""
    return {name: _without_nulls(value) for name, value in tree.items() if name != "service" and value is not None}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value
