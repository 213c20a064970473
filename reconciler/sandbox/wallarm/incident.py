"""What Wallarm sends when it sees incidents: which triggers fire, and the ten fields of the notice (sheet 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import flag, record, whole, word
from reconciler.sandbox.wallarm.client import Client
from reconciler.sandbox.wallarm.integrations import notified
from reconciler.sandbox.wallarm.triggers import VALUES
from reconciler.sandbox.wallarm.vocabulary import TARGETS

TEMPLATE = "incidents_exceeded"
SIGHT = record(
    {
        "count": whole(least=1),
        "within": whole(least=1),
        "test": flag,
        "target": word(*TARGETS),
        **{
            kind: VALUES[kind]
            for kind in ("ip_address", "pool", "attack_type", "domain", "response_status", "url", "hint_tag")
        },
    },
    ("count",),
)
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
# Sheet 9.16: the host of the ME cloud is unconfirmed, so it is the EU one's.
UI_HOSTS = {"EU": "my.wallarm.com", "US": "us1.my.wallarm.com", "ME": "my.wallarm.com"}


@dataclass(frozen=True)
class Notice:
    """One notification to one integration. `hindrance` says why it cannot leave; `alert` is the body for Opsgenie."""

    trigger: str
    integration: str
    api: str = ""
    token: str = field(default="", repr=False)
    hindrance: str | None = None
    alert: Obj = field(default_factory=dict)


def notices(client: Client, seen: Any) -> list[Notice]:
    """The notifications of `count` incidents within `within` seconds (1 when not said). Raises Invalid."""
    sight: Obj = {"within": 1, "test": False, **SIGHT(seen, "")}
    fired = [trigger for trigger in client.triggers if _fires(trigger, sight)]
    return [_notice(client, trigger, ident, sight) for trigger in fired for ident in notified(trigger)]


def _fires(trigger: Obj, sight: Obj) -> bool:
    threshold = trigger["threshold"]
    if not trigger["enabled"] or trigger["template_id"] != TEMPLATE or not threshold:
        return False
    # The count must be exceeded: 1 means two or more.
    if sight["count"] <= threshold["count"] or sight["within"] > threshold["period"]:
        return False
    return all(
        (sight.get(part["id"]) in _matched(part, sight)) == (part["operator"] == "eq") for part in trigger["filters"]
    )


def _matched(part: Obj, sight: Obj) -> list[Any]:
    """The filter's values, and the code seen where a class such as `5xx` covers it."""
    code = sight.get("response_status")
    covered = part["id"] == "response_status" and code is not None and f"{str(code)[0]}xx" in part["values"]
    return [*part["values"], code] if covered else list(part["values"])


def _notice(client: Client, trigger: Obj, ident: int, sight: Obj) -> Notice:
    integration = client.integrations.get(ident)
    if integration is None:
        return Notice(trigger["name"], str(ident), hindrance="there is no such integration")
    name = str(integration["name"])
    if integration["type"] != "opsgenie":
        return Notice(
            trigger["name"], name, hindrance=f"the sandbox delivers to opsgenie, not to {integration['type']}"
        )
    target = integration["target"]
    if not integration["active"]:
        return Notice(trigger["name"], name, target.get("api", ""), hindrance="the integration is not active")
    return Notice(trigger["name"], name, target["api"], target["token"], alert=_alert(client, trigger, sight))


def _alert(client: Client, trigger: Obj, sight: Obj) -> Obj:
    """Title and description for people, the same fields as details for machines."""
    threshold = trigger["threshold"]
    period = _spoken(threshold["period"])
    prefix = "[Test message] " if sight["test"] else ""
    title = f"{prefix}[Wallarm] Trigger: more than {threshold['count']} incident(s) in {period}"
    clauses = [f"{_label(part)}: {', '.join(map(str, part['values']))}" for part in trigger["filters"]]
    details = {
        "notification_type": TEMPLATE,
        "exceeded_count": str(threshold["count"]),
        "period": period,
        "trigger_name": trigger["name"],
        "additional_clauses": "; ".join(clauses),
        "events_link": _link(client, sight["within"]),
        "client": client.company,
        "cloud": client.settings.cloud,
        "test_message": "yes" if sight["test"] else "no",
    }
    lines = [
        f"{key.replace('_', ' ').capitalize()}: {value}" for key, value in details.items() if key != "test_message"
    ]
    return {
        "message": title[:130],
        "description": "\n".join([title, *lines]),
        "source": "Wallarm",
        "details": {"title": title, **details},
    }


def _label(part: Obj) -> str:
    name = str(part["id"]).replace("_", " ").capitalize()
    return name if part["operator"] == "eq" else f"{name} is not"


def _spoken(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    number = seconds // size
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _link(client: Client, within: int) -> str:
    until = client.clock.unix()
    host = UI_HOSTS[client.settings.cloud]
    return f"https://{host}/attacks?q=incidents&time_from={until - within}&time_to={until}"
