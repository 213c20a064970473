"""The paths under `/__`: faults, log, clock, settings, edits as in a vendor's UI, incidents, filling and resetting."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reconciler.sandbox.exchange import Answer, Request, encode, json_answer
from reconciler.sandbox.fields import Invalid, anything, mapping, record, text, whole
from reconciler.sandbox.vendor import Account, BadControl
from reconciler.sandbox.wallarm.incident import Notice
from reconciler.sandbox.wallarm.vendor import WallarmAccount

if TYPE_CHECKING:
    from reconciler.sandbox.world import Sandbox

OPSGENIE_ALERTS = ("https://api.opsgenie.com/v2/alerts", "https://api.eu.opsgenie.com/v2/alerts")
READS = frozenset({("GET", "__requests"), ("GET", "__faults"), ("GET", "__clock"), ("GET", "__settings")})


def answer(world: Sandbox, request: Request) -> Answer:
    """The answer to a control call: JSON, 400 with a sentence where the call is wrong."""
    segment = request.path.strip("/")
    handler = HANDLERS.get((request.method, segment))
    if handler is None:
        known = sorted(f"{method} /{path}" for method, path in HANDLERS)
        return json_answer(404, {"message": f"no such control call; there are {', '.join(known)}"})
    try:
        body = json.loads(request.body) if request.body else {}
        result = handler(world, body)
    except (ValueError, OverflowError) as wrong:
        return json_answer(400, {"message": f"the body cannot be used: {wrong}"})
    except (BadControl, Invalid) as wrong:
        return json_answer(400, {"message": str(wrong)})
    if (request.method, segment) not in READS:
        world.save()
    return json_answer(200, result)


def _account(world: Sandbox, address: str) -> Account[Any]:
    account = world.account(address)
    if account is None:
        raise BadControl(f"the sandbox has no vendor {address!r}; it has {', '.join(world.vendors)}")
    return account


def _list_faults(world: Sandbox, body: Any) -> Any:
    return {"faults": world.faults.listed()}


def _order_faults(world: Sandbox, body: Any) -> Any:
    world.faults.order(body)
    return _list_faults(world, body)


def _clear_faults(world: Sandbox, body: Any) -> Any:
    world.faults.clear()
    return {"faults": []}


def _requests(world: Sandbox, body: Any) -> Any:
    return {"requests": list(world.log)}


def _forget_requests(world: Sandbox, body: Any) -> Any:
    world.log.clear()
    return {"requests": []}


def _clock(world: Sandbox, body: Any) -> Any:
    return {"now": world.clock.stamp()}


def _move_clock(world: Sandbox, body: Any) -> Any:
    match body:
        case {"set": str(moment)}:
            parsed = datetime.fromisoformat(moment)
            if parsed.tzinfo is None:
                raise BadControl(f"{moment!r} names no time zone; write it as 2026-01-05T09:00:00Z")
            world.clock.set(parsed)
        case {"advance": int() | float() as seconds}:
            world.clock.advance(seconds)
        case _:
            raise BadControl('the clock takes {"set": "2026-01-05T09:00:00Z"} or {"advance": SECONDS}')
    return _clock(world, body)


def _settings(world: Sandbox, body: Any) -> Any:
    return {name: vendor.state()["settings"] for name, vendor in world.vendors.items()}


def _change_settings(world: Sandbox, body: Any) -> Any:
    for name, values in mapping(anything)(body, "settings").items():
        if name not in world.vendors or not isinstance(values, dict):
            raise BadControl(
                f"settings are {{VENDOR: {{SETTING: VALUE}}}} with VENDOR one of {', '.join(world.vendors)}"
            )
        world.vendors[name].set(values)
    return _settings(world, body)


def _edit(world: Sandbox, body: Any) -> Any:
    match body:
        case {"vendor": str(address), "path": str(path), "json": None | dict() as value}:
            segments = tuple(part for part in path.split("/") if part)
            if segments and segments[0] in (address, address.partition("@")[0]):
                segments = segments[1:]
            return {"object": _account(world, address).edit(segments, value)}
        case _:
            raise BadControl('an edit is {"vendor": "opsgenie", "path": "schedules/NAME", "json": {...} or null}')


def _fill(world: Sandbox, body: Any) -> Any:
    wanted = record({"count": whole(least=1), "vendor": text(least=1)}, required=("count",))(body, "")
    names = [wanted["vendor"]] if "vendor" in wanted else list(world.vendors)
    for name in names:
        _account(world, name).fill(wanted["count"])
    return {"filled": names, "count": wanted["count"]}


def _reset(world: Sandbox, body: Any) -> Any:
    world.reset()
    world.faults.clear()
    world.log.clear()
    return {"reset": True}


def _incident(world: Sandbox, body: Any) -> Any:
    if not isinstance(body, dict):
        raise BadControl('an incident is {"vendor": "wallarm", "count": 2, "within": 1, "target": "server"}')
    account = _account(world, str(body.get("vendor", "wallarm")))
    if not isinstance(account, WallarmAccount):
        raise BadControl(f"{body['vendor']} does not see incidents; wallarm does")
    notices = account.incident({key: value for key, value in body.items() if key != "vendor"})
    return {"deliveries": [_deliver(world, notice) for notice in notices]}


def _deliver(world: Sandbox, notice: Notice) -> dict[str, Any]:
    """Sends one notification the way Wallarm does, to this sandbox's own Opsgenie: no real network ever."""
    told: dict[str, Any] = {
        "trigger": notice.trigger,
        "integration": notice.integration,
        "to": notice.api,
        "status": None,
    }
    if notice.hindrance:
        return {**told, "delivered": False, "reason": notice.hindrance}
    if notice.api not in OPSGENIE_ALERTS:
        return {**told, "delivered": False, "reason": "not one of Opsgenie's public addresses"}
    path = f"/{_home_of_key(world, notice.token)}/v2/alerts"
    headers = {"authorization": f"GenieKey {notice.token}", "content-type": "application/json"}
    try:
        got = world.handle(Request("POST", path, (), headers, encode(notice.alert)))
    except ConnectionError as cut:
        return {**told, "delivered": False, "reason": str(cut)}
    told["status"] = got.status
    if got.status == 202:
        return {**told, "delivered": True, "title": notice.alert["message"]}
    try:
        reason = got.json()["message"]
    except (ValueError, TypeError, KeyError):  # a fault may have taken the body apart
        reason = "the answer cannot be read"
    return {**told, "delivered": False, "reason": reason}


def _home_of_key(world: Sandbox, key: str) -> str:
    """The Opsgenie account that knows the key: all tenants share the public address, and the key tells them apart."""
    opsgenie = world.vendors["opsgenie"]
    for name, account in opsgenie.accounts.items():
        if key in account.state()["keys"]:
            return f"opsgenie@{name}" if name else "opsgenie"
    return "opsgenie"


Handler = Callable[["Sandbox", Any], Any]

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "__faults"): _list_faults,
    ("POST", "__faults"): _order_faults,
    ("DELETE", "__faults"): _clear_faults,
    ("GET", "__requests"): _requests,
    ("DELETE", "__requests"): _forget_requests,
    ("GET", "__clock"): _clock,
    ("POST", "__clock"): _move_clock,
    ("GET", "__settings"): _settings,
    ("POST", "__settings"): _change_settings,
    ("POST", "__edit"): _edit,
    ("POST", "__fill"): _fill,
    ("POST", "__reset"): _reset,
    ("POST", "__incident"): _incident,
}
