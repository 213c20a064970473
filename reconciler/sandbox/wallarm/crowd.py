"""Made-up integrations, triggers that tell them, and applications, to fill an account with."""

from __future__ import annotations

from reconciler.sandbox.wallarm import applications, integrations, triggers
from reconciler.sandbox.wallarm.client import Client
from reconciler.sandbox.wallarm.vocabulary import OPSGENIE_APIS


def _integration(client: Client, number: int) -> None:
    shape = {"name": f"通知-{number:05}", "active": True, "type": "opsgenie"}
    target = {"token": client.mint(), "api": OPSGENIE_APIS[0]}
    events = integrations.events_kept(client, "opsgenie", [{"event": "system", "active": True}])
    integrations.made(client, {**shape, "target": target, "events": events})


def _trigger(client: Client, number: int) -> None:
    latest = list(client.integrations)[-1]["id"]
    action = {"id": "send_notification", "params": {"integration_ids": [latest]}}
    shape = {"name": f"Триггер-{number:05}", "template_id": "attacks_exceeded", "actions": [action]}
    triggers.edited(client, None, shape)


def _application(client: Client, number: int) -> None:
    applications.made(client, f"shop-{number:05}")


MAKERS = (_integration, _trigger, _application)


def filled(client: Client, count: int) -> None:
    """Adds objects, spread over the sorts; numbers of earlier fillings stay behind, so that names never meet."""
    start = client.serial
    client.serial += count
    for at in range(count):
        MAKERS[at % len(MAKERS)](client, start + at)
