"""PagerDuty tags on users, teams and escalation policies (sheet 3.13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Invalid, items, text, word
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import TAG_LENGTH
from reconciler.sandbox.routes import Call, Route

BEARERS = {"users": "user", "teams": "team", "escalation_policies": "escalation_policy"}
_LABEL = text(least=1, most=TAG_LENGTH)


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    if tenant.of("tags").named(body["label"]):
        raise invalid("Label has already been taken")
    return {"label": body["label"], "bearers": []}


def _shown(tenant: Tenant, tag: Obj, include: Include) -> Obj:
    return {**identity(tenant, "tag", tag), "label": tag["label"]}


FAMILY = Family(
    kind="tag",
    new=known({"label": _LABEL}, ("label",)),
    changed=known({}),
    settled=_settled,
    shown=_shown,
    filtered=lambda tenant, objs, call: paging.queried(objs, call, "label"),
)


def _wanted(value: Any, path: str) -> Any:
    """A tag by its label, made where there is none, or by its id."""
    clean = known({"type": word("tag", "tag_reference"), "id": text(least=1), "label": _LABEL}, ("type",))(value, path)
    if ("id" if clean["type"] == "tag_reference" else "label") not in clean:
        raise Invalid({path: "needs the id of a tag_reference, or the label of a tag"})
    return clean


_CHANGE = known({"add": items(_wanted), "remove": items(_wanted)})


def _tag(tenant: Tenant, wanted: Obj) -> Obj:
    if wanted["type"] == "tag_reference":
        return found(tenant, "tag", wanted["id"])
    there = tenant.of("tags").named(wanted["label"])
    return there[0] if there else FAMILY.made(tenant, {"label": wanted["label"]}, Caller())


def _changer(plural: str) -> Callable[[Tenant, Call], Answer]:
    def handler(tenant: Tenant, call: Call) -> Answer:
        bearer = found(tenant, BEARERS[plural], call.params["id"])["id"]
        body: Any = _CHANGE(call.body, "")
        place = f"{plural}/{bearer}"
        for wanted in body.get("add", ()):
            tag = _tag(tenant, wanted)
            tenant.of("tags").put({**tag, "bearers": [*dict.fromkeys([*tag["bearers"], place])]})
        for wanted in body.get("remove", ()):
            tag = _tag(tenant, wanted)
            tenant.of("tags").put({**tag, "bearers": [one for one in tag["bearers"] if one != place]})
        return tenant.reply(200, {})

    return handler


def _lister(plural: str) -> Callable[[Tenant, Call], Answer]:
    def handler(tenant: Tenant, call: Call) -> Answer:
        place = f"{plural}/{found(tenant, BEARERS[plural], call.params['id'])['id']}"
        tags = [tag for tag in tenant.of("tags") if place in tag["bearers"]]
        return tenant.reply(200, paging.classic(call, "tags", tags, lambda tag: _shown(tenant, tag, frozenset())))

    return handler


def _bearers(plural: str) -> Callable[[Tenant, Call], Answer]:
    def handler(tenant: Tenant, call: Call) -> Answer:
        tag = found(tenant, "tag", call.params["id"])
        idents = [one.partition("/")[2] for one in tag["bearers"] if one.startswith(f"{plural}/")]
        links = all_pointed(tenant, BEARERS[plural], idents)
        return tenant.reply(200, paging.classic(call, plural, links, lambda link: link))

    return handler


ROUTES: tuple[Route[Tenant], ...] = (
    *(route for route in FAMILY.routes() if route.method != "PUT"),
    *(Route("POST", f"/{plural}/{{id}}/change_tags", _changer(plural)) for plural in BEARERS),
    *(Route("GET", f"/{plural}/{{id}}/tags", _lister(plural)) for plural in BEARERS),
    *(Route("GET", f"/tags/{{id}}/{plural}", _bearers(plural)) for plural in BEARERS),
)
