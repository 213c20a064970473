"""datadog/Monitor: a query, the numbers it is compared with, and whom its message tells.

https://docs.datadoghq.com/api/latest/monitors/ Names are not unique; two monitors that are alike in everything are
refused. Our mark is a tag. What is changed keeps every option that no manifest names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from reconciler.kinds.fields import NoClear, Same, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.neutral import Look, Removal
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Link, Object, Text, Tree, at
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.datadog import handle, monitor_options
from reconciler.vendors.datadog.modified import TRAIL
from reconciler.vendors.datadog.monitor_options import OPTIONS, SAME_TEXT, MonitorOptions
from reconciler.vendors.datadog.query import METRIC, MonitorType, checks, compared, flaws
from reconciler.vendors.datadog.tag import MARK, TAGS, Tags

_PATH = "/api/v1/monitor"
_MONITOR = "datadog/Monitor"


def _same_type(wanted: Tree, live: Tree) -> bool:
    """Either may come back for the other."""
    return {wanted, live} <= METRIC if isinstance(wanted, str) and isinstance(live, str) else False


class Asset(Spec):
    """A link that goes with a monitor."""

    category: Annotated[Literal["runbook"] | None, Field(description="what it is: runbook")] = None
    name: Annotated[str | None, Field(min_length=1, description="what people read")] = None
    url: Annotated[str | None, Field(min_length=1, description="where it leads")] = None
    resource_key: Annotated[str | None, Field(description="the id of what it leads to in Datadog")] = None
    resource_type: Annotated[Literal["notebook"] | None, Field(description="what it leads to: notebook")] = None


class Monitor(Spec):
    """A monitor."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="what people read; the alert's title"),
    ] = None
    type: Annotated[
        MonitorType | None,
        Same(_same_type),
        NoClear("a monitor has a type"),
        Field(description="what it watches; metric alert and query alert are one; cannot be changed"),
    ] = None
    query: Annotated[
        str | None,
        SAME_TEXT,
        NoClear("write another query"),
        Field(
            min_length=1,
            description="what is asked, in Datadog's words; of a composite, monitors",
            examples=["${ref:datadog/Monitor/a} && ${ref:datadog/Monitor/b}"],
        ),
    ] = None
    message: Annotated[
        str | None, SAME_TEXT, Field(description="what it says, and by @pagerduty-NAME and the like, to whom")
    ] = None
    tags: Annotated[Tags, Field(description="its own tags, a set; the one that marks it as ours is not among them")] = (
        None
    )
    priority: Annotated[int | None, Field(ge=1, le=5, description="1, the highest, to 5")] = None
    restricted_roles: Annotated[
        list[str] | None, Unordered(), Field(description="ids of the roles that alone may edit it")
    ] = None
    draft_status: Annotated[
        Literal["draft", "published"] | None,
        NoClear("write draft or published"),
        Field(description="whether it tells anybody: a draft does not"),
    ] = None
    assets: Annotated[list[Asset] | None, Unordered(), Field(description="links that go with it")] = None
    options: Annotated[
        MonitorOptions | None, NoClear("write its fields"), Field(description="when it alerts and how it tells")
    ] = None

    @field_validator("query")
    @classmethod
    def _as_its_type_is_asked(cls, query: str | None, info: ValidationInfo) -> str | None:
        type_ = info.data.get("type")
        for flaw in flaws(type_, query) if type_ and query else ():
            raise PydanticCustomError("query", "{text}", {"text": flaw.text})
        return query

    @model_validator(mode="after")
    def _query_and_thresholds_agree(self) -> Monitor:
        found = list(_disagreements(self))
        if found:
            raise ValidationError.from_exception_data("Monitor", found, hide_input=True)
        return self


def _disagreements(monitor: Monitor) -> Iterator[InitErrorDetails]:
    """Where thresholds say what the query or the type does not."""
    thresholds = monitor.options.thresholds if monitor.options else None
    if thresholds is None:
        return
    end = compared(monitor.query) if monitor.query else None
    if thresholds.critical is not None and isinstance(end, float) and end != thresholds.critical:
        yield _wrong("critical", f"{thresholds.critical} is not the number at the query's end, {end:g}")
    if thresholds.critical is not None and end == "threshold":
        yield _wrong("critical", "the query ends in `threshold`: write critical_query, or a number there")
    if thresholds.critical_query is not None and isinstance(end, float):
        yield _wrong("critical_query", f"the query ends in {end:g}: write `threshold` there, or critical")
    counts = {name: getattr(thresholds, name) for name in ("critical", "warning", "ok", "unknown")}
    if monitor.type not in (None, "service check"):
        for name in ("ok", "unknown"):
            if counts[name] is not None:
                yield _wrong(name, f"only a service check has it, not a {monitor.type}")
    last = checks(monitor.query) if monitor.query and monitor.type == "service check" else None
    for name, count in counts.items():
        if last is not None and count is not None and count > last:
            yield _wrong(name, f"the query looks at the last {last} states: {count} of them are never counted")


def _wrong(threshold: str, text: str) -> InitErrorDetails:
    error = PydanticCustomError("thresholds", "{text}", {"text": text})
    return InitErrorDetails(type=error, loc=("options", "thresholds", threshold), input=None)


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_WIRES = {
    "message": Wire(cleared=""),
    "tags": TAGS,
    "options": OPTIONS,
    "priority": Wire(back=lambda raw: raw or None),
}
_SERVER_SETS = frozenset(
    {
        *("id", "org_id", "creator", "author_handle", "author_name", "classification", "multi", "url", "restricted"),
        *("created", "created_at", "modified", "modified_at", "deleted", "run_as", "restriction_policy"),
        *("overall_state", "overall_state_modified", "state", "matching_downtimes"),
    }
)


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


def steady(raw: Object) -> Object:
    return {name: value for name, value in raw.items() if name not in _SERVER_SETS}


def _end(tree: Object) -> float | None:
    """The number at the query's end; None where that is none, or not known."""
    query = tree.get("query")
    last = query.parts[-1] if isinstance(query, Text) else query
    found = compared(last) if isinstance(last, str) else None
    return found if isinstance(found, float) else None


def _says_critical(options: Tree) -> bool:
    thresholds = at(options, ("thresholds",), {})
    return isinstance(thresholds, Mapping) and bool({"critical", "critical_query"} & set(thresholds))


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """A new number in the query is a new critical, as Datadog takes no two of them."""
    mine, there = wanted.get("options", {}), live.get("options", {})
    if not isinstance(mine, Mapping) or not isinstance(there, Mapping):
        return wanted
    options = monitor_options.meant(dict(mine), dict(there))
    end, critical = _end(wanted), at(there, ("thresholds", "critical"))
    if end is not None and critical is not None and critical != end and not _says_critical(options):
        options["thresholds"] = {**(options.get("thresholds") or {}), "critical": end}
    return {**wanted, "options": options} if options else wanted


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_IDS = re.compile(r"(?<![\w.])\d+(?![\w.])")
_SLOS = re.compile(r"(?:error_budget|burn_rate)\(\s*[\"']([^\"']+)[\"']")


def is_let_go(sort: str, ident: str, context: Context) -> str:
    """The word for "no monitor that is changed asks for this monitor or slo any more"."""
    return f"datadog@{context.account} {sort} {ident} is let go"


def _asked_for(tree: Object, context: Context) -> frozenset[str]:
    """The words for the monitors a composite names, and the slos an alert is about."""
    query = tree.get("query")
    text = "".join(part for part in query.parts if isinstance(part, str)) if isinstance(query, Text) else query
    if not isinstance(text, str):
        return frozenset()
    ids = _IDS.findall(text) if tree.get("type") == "composite" else []
    slos = _SLOS.findall(text) if tree.get("type") == "slo alert" else []
    return frozenset(is_let_go(sort, one, context) for sort, some in (("monitor", ids), ("slo", slos)) for one in some)


def _created(tree: Object) -> Object:
    """With the number of the query as critical, where nothing says otherwise."""
    end, options = _end(tree), tree.get("options", {})
    if end is None or _says_critical(options) or tree.get("type") in ("composite", "service check"):
        return tree
    return {**tree, "options": {**options, "thresholds": {**options.get("thresholds", {}), "critical": end}}}


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Its tags go out with every change, as our mark stands among them; handles and monitors it names come before."""
    wanted, live = work.wanted if work.verb != "delete" else {}, work.live or {}
    now, before = handle.mentioned(wanted), handle.mentioned(live)
    given = handle.let_go((one for one in before if one not in now), context)
    given |= _asked_for(live, context) - _asked_for(wanted, context)
    if work.verb == "delete":
        [step] = plain_steps(kind, work, context)
        return (replace(step, gives=given, needs=frozenset({is_let_go("monitor", "{id}", context)})),)
    [step] = plain_steps(kind, replace(work, wanted=_created(wanted)) if work.verb == "create" else work, context)
    tags = TAGS.to(wanted.get("tags") or [])
    new = handle.there((one for one in now if one not in before), context)
    body = {**step.body, "tags": tags}
    return (replace(step, body=body, checked=work.verb != "create", needs=new, gives=given),)


_CHECKED = ("type", "query", "name", "message", "options", "priority", "tags")


def rehearsal(step: Step, raw: Object | None, context: Context) -> Step | None:
    """Datadog checks a whole monitor: what the step says, laid over what is there."""
    if not isinstance(step.body, Mapping):
        return None
    there = {name: raw[name] for name in _CHECKED if raw.get(name) is not None} if raw else {}
    path = f"{_PATH}/{{id}}/validate" if raw else f"{_PATH}/validate"
    params = {"id": str(raw["id"])} if raw else {}
    return Step("validate", "POST", path, {**there, **step.body}, "reads", params)


_PARAMETER = re.compile(r"parameter '(\w+)'")


def objections(body: Any) -> list[Remark]:
    """What an answer has against it, at the field that it names."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    texts = [one for one in errors if isinstance(one, str)] if isinstance(errors, list) else []
    found = [(_PARAMETER.search(text), text) for text in texts]
    return [Remark((named[1],) if named else (), text) for named, text in found]


# ── removal, and words around it ────────────────────────────────────────────────────────────────────────────────────


def on_removal(tree: Object, leaving: frozenset[str]) -> Removal:
    """Those that Synthetics made are its own."""
    return "release" if tree.get("type") == "synthetics alert" else "delete"


def also_needed(tree: Object) -> tuple[str, ...]:
    thresholds = at(tree, ("options", "thresholds"), {})
    recovers = isinstance(thresholds, Mapping) and thresholds.get("warning_recovery") is not None
    return ("options.thresholds.warning",) if recovers else ()


def remarks(tree: Object) -> list[Remark]:
    type_, query = tree.get("type"), tree.get("query")
    found = []
    if type_ == "synthetics alert":
        found.append(
            Remark(("type",), "Synthetics makes such monitors with its tests: one that is there can be changed")
        )
    if type_ == "event alert":
        found.append(Remark(("type",), "event alert is superseded by event-v2 alert"))
    if type_ == "service check" and isinstance(query, str) and ".by(" not in query:
        found.append(Remark(("query",), 'Datadog wants a service check grouped: .by("*")'))
    return found


def cautions(tree: Object, look: Look) -> list[Remark]:
    """That a composite names another one, as far as that one is there."""
    query = tree.get("query")
    if tree.get("type") != "composite" or not isinstance(query, str):
        return []
    named = ((ident, look(Link("", _MONITOR, ident, ident))) for ident in _IDS.findall(query))
    composites = [f"{there.get('name')} (id {ident})" for ident, there in named if there and _is_composite(there)]
    return [Remark(("query",), f"{one} is a composite itself: Datadog takes none of composites") for one in composites]


def _is_composite(tree: Object) -> bool:
    return tree.get("type") == "composite"


def notices(declared: Object, live: Object) -> tuple[str, ...]:
    """What would be refused, as the fields that no manifest names stand."""
    mine = at(declared, ("options", "thresholds"), {})
    there = at(live, ("options", "thresholds"), {})
    if not isinstance(mine, Mapping) or not isinstance(there, Mapping):
        return ()
    end, critical = _end(live), mine.get("critical")
    found = []
    if "query" not in declared and critical is not None and end is not None and critical != end:
        found.append(f"options.thresholds.critical is {critical}, the live query ends in {end:g}: write the query too")
    if mine.get("warning_recovery") is not None and mine.get("warning", there.get("warning")) is None:
        found.append("options.thresholds.warning_recovery needs a warning: Datadog refuses it alone")
    return tuple(found)


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="Monitor",
    spec=Monitor,
    place=Place(
        list=_PATH,
        item=f"{_PATH}/{{id}}",
        item_query=(("with_assets", "true"),),
        detail=("assets",),
        update="PUT",
        id_number=True,
    ),
    page="https://docs.datadoghq.com/api/latest/monitors/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    immutable=frozenset({"type"}),
    needed_to_create=("type", "query"),
    also_needed=also_needed,
    mark=MARK,
    born_at="created",
    steady=steady,
    meant=meant,
    own_steps=steps,
    on_removal=on_removal,
    remarks=remarks,
    cautions=cautions,
    notices=notices,
    mentions=handle.mentioned,
    rehearsal=rehearsal,
    objections=objections,
    trail=TRAIL,
)
