"""reactio/IncidentOptions: the option parameters of a project, which no API tells: a catalogue, kept in Git.

https://reactio.jp/development/api Incidents are checked against it offline. Reactio's own (detection, cause, point,
scale and three texts) are known without it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Taken
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object
from reconciler.vendors.reactio.api import NAME, PAGE, VERSION

ID = f"{NAME}/IncidentOptions"


class OptionParameter(Spec):
    """One option parameter, as the project's admin page has it."""

    label: Annotated[str | None, Field(description="the name that people read", examples=["サービス"])] = None
    strings: Annotated[
        dict[Annotated[str, Field(min_length=1)], str | None] | None,
        Field(
            min_length=1,
            description="the API strings that it takes, each with its label; left out: any text",
            examples=[{"checkout": "決済", "search": "検索"}],
        ),
    ] = None
    required: Annotated[bool | None, Field(description="whether an incident has to be opened with it")] = None


class IncidentOptions(Spec):
    """The option parameters of a project."""

    parameters: Annotated[
        dict[Annotated[str, Field(min_length=1)], OptionParameter | None] | None,
        Field(
            description="the option parameters by API parameter name; Reactio's own may be named to say more of them"
        ),
    ] = None


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    return dict(raw)


def taken(tree: Object) -> tuple[Taken, ...]:
    """Two catalogues of one account may each know a part, and none the same."""
    return tuple(
        Taken(f'the option parameter "{name}"', "the account", ("parameters", name))
        for name in tree.get("parameters") or {}
    )


KIND = Kind(
    vendor=NAME,
    version=VERSION,
    name="IncidentOptions",
    spec=IncidentOptions,
    place=Place(""),
    page=PAGE,
    to_api=to_api,
    from_api=from_api,
    key=lambda tree: None,
    name_field=None,
    taken=taken,
    catalogue=True,
)
