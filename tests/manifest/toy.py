"""A vendor of no real company, with one kind for each thing a manifest can say; and projects written from a string."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from reconciler.errors import ManifestError, Problem
from reconciler.kinds.fields import Keyed, Minutes, NoClear, Owned, RefTo, Seconds, SecretField, Shared, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.output import Output
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.vendor import AccountSettings, Vendor
from reconciler.manifest.project import Project, find_root, load_project

PAGE = "https://toy.example/docs"


class Threshold(Spec):
    """More than so many within a time."""

    more_than: Annotated[int, Field(ge=0)] | None = None
    within: Seconds | None = None


class ByMail(Spec):
    """A step that writes a letter."""

    by: Literal["mail"]
    to: str | None = None


class ByHook(Spec):
    """A step that calls a hook."""

    by: Literal["hook"]
    url: str | None = None
    key: SecretField | None = None


class Shift(Spec):
    """One turn of a bell."""

    name: str
    people: list[Annotated[Ref, RefTo("toy/Person", looked_up=True)]] | None = None
    length: Minutes | None = None


class BellSpec(Spec):
    """A bell that rings."""

    name: Annotated[str | None, Field(description="what people read", examples=["front door"])] = None
    tone: Annotated[Literal["low", "high", "shrill"] | None, Field(description="how it sounds")] = None
    loud: bool | None = None
    share: float | None = None
    threshold: Annotated[Threshold | None, Field(description="when it rings")] = None
    steps: list[Annotated[ByMail | ByHook, Field(discriminator="by")]] | None = None
    shifts: Annotated[list[Shift], Keyed(("name",))] | None = None
    words: Annotated[list[str], Unordered()] | None = None
    tags: Annotated[dict[str, str], Shared(), Field(description="free words")] | None = None
    headers: dict[str, str] | None = None
    box: Annotated[Threshold, Owned()] | None = None
    tower: Annotated[Ref, RefTo("toy/Tower")] | None = None
    next_bell: Annotated[Ref, RefTo("toy/Bell")] | None = None
    ringer: Annotated[Ref, RefTo("toy/Person", looked_up=True)] | None = None
    key: SecretField | None = None
    level: int | Literal["most", "least"] | None = None
    note: Annotated[str | None, NoClear("ring the vendor")] = None

    @model_validator(mode="after")
    def loud_bells_are_not_low(self) -> BellSpec:
        if self.loud and self.tone == "low":
            raise ValueError("a loud bell has no low tone: leave one of the two out")
        return self


class TowerSpec(Spec):
    """A tower of bells."""

    name: str | None = None
    height: int | None = None
    spire: SecretField | None = None


class WireSpec(Spec):
    """A line over a wire."""

    type: Literal["wire"]
    name: str | None = None
    gauge: Literal["thick", "thin"] | None = None


class AirSpec(Spec):
    """A line through the air."""

    type: Literal["air", "sky"]
    name: str | None = None
    band: int | None = None
    token: SecretField | None = None


class PersonSpec(Spec):
    """Somebody."""

    email: str | None = None


def _same(raw: Object, context: Context) -> Object:
    return dict(raw)


def _by_name(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["name"],) if "name" in tree else None


def _remarks(tree: Object) -> tuple[Remark, ...]:
    return (Remark(("tone",), "a shrill bell wakes everybody"),) if tree.get("tone") == "shrill" else ()


def _kind(name: str, spec: Any, **more: Any) -> Kind:
    return Kind(
        vendor="toy",
        version="v1",
        name=name,
        spec=spec,
        place=Place(f"/{name.lower()}s"),
        page=f"{PAGE}/{name.lower()}",
        to_api=_same,
        from_api=_same,
        key=more.pop("key", _by_name),
        **more,
    )


BELL = _kind(
    "Bell",
    BellSpec,
    key_folds=True,
    immutable=frozenset({"tone"}),
    needed_to_create=("name", "tone"),
    sent_on_create={"loud": False},
    remarks=_remarks,
)
_OUTPUTS = (Output("apiKey", ("key",), once=True), Output("url", ("url",), secret=False))
TOWER = _kind("Tower", TowerSpec, outputs=_OUTPUTS)
LINE = _kind("Line", OneOf("type", (WireSpec, AirSpec)))
PERSON = _kind("Person", PersonSpec, looked_up=True, name_field=None, key=lambda tree: (tree.get("email"),))


class ToySettings(AccountSettings):
    token: SecretField
    region: Literal["us", "eu"] = "us"


class OrchardSettings(AccountSettings):
    farm: str
    token: SecretField


TOY = Vendor(
    name="toy",
    version="v1",
    settings=ToySettings,
    base_url=lambda settings: settings.url or "https://toy.example",
    sign=lambda secrets: {},
    explain=lambda reply: None,
    kinds=(BELL, TOWER, LINE, PERSON),
    environment={"token": "TOY_TOKEN"},
)
ORCHARD = Vendor(
    name="orchard",
    version="v2",
    settings=OrchardSettings,
    base_url=lambda settings: settings.url or "https://orchard.example",
    sign=lambda secrets: {},
    explain=lambda reply: None,
    kinds=(),
    environment={"farm": "ORCHARD_FARM", "token": "ORCHARD_TOKEN"},
)
VENDORS: Mapping[str, Vendor] = {"toy": TOY, "orchard": ORCHARD}


def manifest(kind: str, name: str, spec: str = "{}", metadata: str = "") -> str:
    return f"---\napiVersion: toy/v1\nkind: {kind}\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}\n"


PROJECT = "apiVersion: reconciler/v1\nkind: Project\n"
TOY_ACCOUNT = "accounts: {toy: {token: {env: T}}}\n"


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def load(root: Path, files: Mapping[str, str | bytes], environ: Mapping[str, str] | None = None) -> Project:
    """The project of some files; the project file is `reconciler.yaml` where one of them is."""
    write(root, files)
    return load_project(*find_root(root), VENDORS, environ=environ or {})


def problems(root: Path, files: Mapping[str, str | bytes]) -> list[Problem]:
    try:
        load(root, files)
    except ManifestError as error:
        return error.problems
    return []


def told(root: Path, files: Mapping[str, str | bytes]) -> list[str]:
    """Every problem on one line: place, text, way out."""
    return [re.sub(r"\n\s*", " | ", str(problem)) for problem in problems(root, files)]
