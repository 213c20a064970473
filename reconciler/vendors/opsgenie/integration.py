"""opsgenie/Integration: a way in for alerts. Its key is shown once, in the answer to the create, and never again.

https://docs.opsgenie.com/docs/integration-api Names: 250 characters, unique. A PUT replaces the whole. No way to
another team is documented: a field that nobody documents is tried, and the integration read anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.output import Output
from reconciler.kinds.place import Part, Place
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Hidden, Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.opsgenie.action import ACTIONS
from reconciler.vendors.opsgenie.integration_type import FIELDS, SPEC, looks_secret, remarks
from reconciler.vendors.opsgenie.recipient import OWNER_TEAM, RECIPIENT, TEAM, named

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _headers_back(raw: Tree) -> Tree:
    return {name: Hidden() for name in raw} if isinstance(raw, Mapping) else Hidden()


_WIRES = {
    "ownerTeam": OWNER_TEAM,
    "responders": each(RECIPIENT),
    "tags": Wire(cleared=[]),
    "extraProperties": Wire(cleared={}),
    "headers": Wire(back=_headers_back, cleared={}),
    "actions": ACTIONS,
}
_MADE_BY_OPSGENIE = frozenset(
    {"id", "isGlobal", "isDefaultIntegration", "isAdvanced", "apiKey", "emailAddress", "_readOnly"}
)
# Older or newer names of fields that are there under the name we use.
_TWINS = frozenset({"teamId", "teamName", "assignedTeam", "recipients"})
_BY_ITSELF = frozenset({"enabled", "actions"})


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    tree = from_wire(raw, _WIRES, _MADE_BY_OPSGENIE | _TWINS)
    owner = tree.get("ownerTeam") or _owner(raw)
    if owner is not None:
        tree["ownerTeam"] = owner
    if isinstance(tree.get("responders"), list):
        tree["responders"] = [one for one in tree["responders"] if not _is_owner(one, owner)]
    if "emailUsername" not in tree and isinstance(raw.get("emailAddress"), str):
        tree["emailUsername"] = raw["emailAddress"].partition("@")[0]
    return {name: Hidden() if looks_secret(name) else value for name, value in tree.items()}


def _owner(raw: Object) -> Tree:
    """The owner where the list's short form or the newer name has it."""
    assigned = raw.get("assignedTeam") or {"id": raw.get("teamId")}
    owner = named(TEAM, assigned)
    return owner if isinstance(owner, Ref) else None


def _is_owner(responder: Tree, owner: Tree) -> bool:
    """Opsgenie adds the owner team to the responders by itself."""
    return owner is not None and responder == {"team": owner}


def writable(raw: Object) -> Object:
    """A PUT replaces the whole and must not name what `_readOnly` lists."""
    listed = raw.get("_readOnly")
    refused = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    return {name: value for name, value in raw.items() if name not in refused | _MADE_BY_OPSGENIE | {"actions"}}


def _when_advanced(raw: Object) -> bool:
    """Asking a plain integration for its actions is an error."""
    return raw.get("isAdvanced") is not False


# ── steps, and words around them ────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """`actions` and `enabled` have requests of their own; whether a create without it is enabled is not documented."""
    place = kind.place
    match work.verb:
        case "create":
            made = {name: value for name, value in work.wanted.items() if name not in _BY_ITSELF}
            body = to_api(made, context)
            create = Step("create", "POST", place.list, body, "creates", answer=place.created, made=made)
            return (create, *_by_themselves(kind, work, frozenset(work.wanted)))
        case "update":
            return (*_put(kind, work, context), *_by_themselves(kind, work, work.changed))
        case _:
            return plain_steps(kind, work, context)


def _put(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    place = kind.place
    fields = {name: value for name, value in work.only_changed().items() if name not in _BY_ITSELF}
    if not fields:
        return ()
    if "ownerTeam" not in fields:
        return (Step("update", "PUT", place.item_path, to_api(fields, context), answer=place.created, over=True),)
    # The old team stands among the live responders, as an owner does: it must not stay there as a stranger.
    body = to_api({"responders": work.wanted.get("responders", []), **fields}, context)
    body["assignedTeam"] = body["ownerTeam"]
    way_out = "move it in Opsgenie's UI, or give the manifest another name and have a new one made"
    return (
        Step("move", "PUT", place.item_path, body, answer=place.created, over=True),
        Step("look", "GET", place.item_path, effect="reads", proves={"ownerTeam": way_out}),
    )


def _by_themselves(kind: Kind, work: Work, fields: frozenset[str]) -> tuple[Step, ...]:
    """Actions before the switch, so that a new one takes nothing before it knows what to do."""
    item, found = kind.place.item_path, []
    if "actions" in fields:
        body = ACTIONS.cleared if work.wanted["actions"] is None else ACTIONS.to(work.wanted["actions"])
        found.append(Step("actions", "PUT", f"{item}/actions", body, checked=work.verb == "update"))
    if "enabled" in fields:
        verb = "enable" if work.wanted["enabled"] else "disable"
        found.append(Step(verb, "POST", f"{item}/{verb}"))
    return tuple(found)


def consequences(work: Work) -> tuple[str, ...]:
    found = []
    if work.verb == "delete":
        found.append("its key is worth nothing from then on: what sends with it is refused")
    if work.verb == "update" and "enabled" in work.changed and work.wanted.get("enabled") is False:
        found.append("what sends with its key is refused while it is disabled")
    if work.verb == "update" and "ownerTeam" in work.changed:
        found.append("its alerts follow another team's rules from then on, if Opsgenie moves it: it is read anew")
    return tuple(found)


def also_needed(tree: Object) -> tuple[str, ...]:
    return {"Webhook": ("url",), "Email": ("emailUsername",)}.get(str(tree.get("type")), ())


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Integration",
    spec=SPEC,
    place=Place(
        list="/v2/integrations",
        envelope=("data",),
        item="/v2/integrations/{id}",
        item_envelope=("data",),
        detail=tuple(sorted(FIELDS - {"name", "enabled", "type", "actions"})),
        parts=(
            Part(
                "actions",
                "/v2/integrations/{id}/actions",
                ("data",),
                _when_advanced,
                # With which status a plain integration is refused is not documented.
                frozenset({400, 402, 404, 410, 422}),
            ),
        ),
        update="PUT",
        created=("data",),
    ),
    page="https://docs.opsgenie.com/docs/integration-api",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    writes="replace",
    immutable=frozenset({"type"}),
    needed_to_create=("name",),
    also_needed=also_needed,
    sent_on_create={"enabled": True},
    outputs=(
        Output("apiKey", ("apiKey",), once=True, doc="the key senders use; shown once, when the integration is made"),
        Output("emailAddress", ("emailAddress",), secret=False, doc="where mails go, of type Email"),
    ),
    writable=writable,
    own_steps=steps,
    remarks=remarks,
    consequences=consequences,
)
