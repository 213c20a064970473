"""Filters of a Wallarm trigger: what it looks at, as `{target: [server]}` or `{pool: {eq: [shop], ne: [default]}}`.

https://docs.wallarm.com/user-guides/triggers/triggers/ Values are enumerated where the vendor's list is closed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import Owned, RefTo, Unordered
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.vendors.wallarm import application

MOST = 6
DEFAULT = "default"

ATTACKS = (
    *("sqli", "xss", "rce", "ptrav", "crlf", "nosqli", "xxe", "ldapi", "ssrf", "ssti", "ssi", "redir", "scanner"),
    *("mail_injection", "mass_assignment", "brute", "dirbust", "idor", "vpatch", "infoleak", "overlimit_res"),
)
Pii = Literal[
    "password",
    "secret",
    "credit_card_number",
    "CVV",
    "IBAN",
    "driver_license_number",
    "email",
    "location",
    "login",
    "passport_number",
    "personal_name",
    "phone",
    "SSN",
    "IP",
    "MAC",
]

# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise PydanticCustomError(
            "ip_address", "{value} is no single IP address: this filter takes no subnets", {"value": repr(value)}
        ) from None
    return value


@dataclass(frozen=True)
class PoolMark(RefTo):
    """Marks an application: a reference, its bare number, or `default` for the one that Wallarm keeps itself."""

    kind: str = application.NAME

    def read(self, value: Any) -> Tree:
        match value:
            case "default" | {"id": application.DEFAULT | "-1"}:
                return DEFAULT
            case int() if not isinstance(value, bool):
                return _pool(value)
            case _:
                return super().read(value)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        named = super().__get_pydantic_json_schema__(schema, handler)
        number = {"type": "integer"}
        described = "an application: metadata.name of its manifest, its number, or default"
        return {"description": described, "anyOf": [*named["anyOf"], number]}


def _pool(number: int) -> Tree:
    """An application's number as a reference, so that it is the same object however it is named."""
    if number == application.DEFAULT:
        return DEFAULT
    if number < 1:
        raise PydanticCustomError("pool", "an application is its name, its number (1 and above) or default", {})
    return Ref(application.NAME, "id", (str(number),))


def _response(value: Any) -> Any:
    code = isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599
    if code or (isinstance(value, str) and re.fullmatch("[1-5]xx", value)):
        return value
    raise PydanticCustomError("response_status", "a response status is a code such as 503 or a class such as 5xx", {})


def _location(value: str) -> str:
    if "://" in value:
        raise PydanticCustomError("url", "{value}: write host:port/path, without a scheme", {"value": repr(value)})
    return value


Text = Annotated[str, Field(min_length=1)]
Address = Annotated[str, AfterValidator(_address)]
Application = Annotated[Ref | Literal["default"], PoolMark()]
Response = Annotated[int | Annotated[str, Field(pattern="^[1-5]xx$")], BeforeValidator(_response)]
Location = Annotated[str, AfterValidator(_location)]
Counter = Annotated[str, Field(pattern="^[bdi]:.+")]

# ── one filter ──────────────────────────────────────────────────────────────────────────────────────────────────────

Value = TypeVar("Value")


class Condition(Spec, Generic[Value]):
    """What a value must be (`eq`) or must not be (`ne`): one of these."""

    eq: Annotated[list[Value] | None, Unordered(), Field(min_length=1, description="one of these")] = None
    ne: Annotated[list[Value] | None, Unordered(), Field(min_length=1, description="none of these")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Condition[Value]:
        if self.eq is None and self.ne is None:
            raise PydanticCustomError("filter", "a filter is a list of values, or has eq, ne or both", {})
        return self


@dataclass(frozen=True)
class Bare:
    """Marks a condition that may be written as its `eq` list alone."""

    def read(self, value: Any) -> Any:
        return {"eq": value} if isinstance(value, list) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        whole = handler(schema)
        eq = handler.resolve_ref_schema(whole)["properties"]["eq"]
        bare = next(form for form in eq["anyOf"] if form.get("type") == "array")
        return {"anyOf": [bare, whole]}


Texts = Annotated[Condition[Text], Bare(), Owned()]
Addresses = Annotated[Condition[Address], Bare(), Owned()]
Applications = Annotated[Condition[Application], Bare(), Owned()]
Targets = Annotated[Condition[Literal["server", "database", "client"]], Bare(), Owned()]
Responses = Annotated[Condition[Response], Bare(), Owned()]
Locations = Annotated[Condition[Location], Bare(), Owned()]
Counters = Annotated[Condition[Counter], Bare(), Owned()]
Piis = Annotated[Condition[Pii], Bare(), Owned()]
Changes = Annotated[Condition[Literal["added", "changed", "excluded"]], Bare(), Owned()]
Deviations = Annotated[Condition[Literal["shadow", "orphan", "zombie"]], Bare(), Owned()]
Numbers = Annotated[Condition[int], Bare(), Owned()]


class Filters(Spec):
    """What a trigger looks at; each is a list of values, or `{eq: […], ne: […]}`. At most 6 conditions."""

    ip_address: Annotated[Addresses | None, Field(description="single IP addresses")] = None
    pool: Annotated[Applications | None, Field(description="applications by name or number, or default")] = None
    attack_type: Annotated[Texts | None, Field(description="codes such as sqli, xss, rce")] = None
    domain: Annotated[Texts | None, Field(description="host names")] = None
    target: Annotated[Targets | None, Field(description="the attacked part: server, database, client")] = None
    response_status: Annotated[Responses | None, Field(description="503, or a class such as 5xx")] = None
    url: Annotated[Locations | None, Field(description="host:port/path; not beside hint_tag")] = None
    hint_tag: Annotated[Counters | None, Field(description="counters: b:…, d:… or i:…")] = None
    pii: Annotated[Piis | None, Field(description="sorts of personal data")] = None
    change_type: Annotated[Changes | None, Field(description="how the API changed")] = None
    deviation_type: Annotated[Deviations | None, Field(description="sorts of rogue endpoints")] = None
    api_spec_ids: Annotated[Numbers | None, Field(description="numbers of API specifications")] = None

    @model_validator(mode="after")
    def _fits(self) -> Filters:
        conditions = [value for name in self.model_fields_set if isinstance(value := getattr(self, name), Condition)]
        count = sum(side is not None for one in conditions for side in (one.eq, one.ne))
        if count > MOST:
            raise PydanticCustomError("filters", "{count} conditions; Wallarm takes 6", {"count": count})
        if self.url is not None and self.hint_tag is not None:
            raise PydanticCustomError("filters", "url and hint_tag exclude each other", {})
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def to_wire(filters: Tree) -> Tree:
    """The list the vendor takes; a null filter or side is one that is not there."""
    if not isinstance(filters, Mapping):
        return filters
    return [
        {"id": name, "operator": operator, "values": [_number(name, value) for value in values]}
        for name, condition in filters.items()
        for operator, values in (condition.items() if isinstance(condition, Mapping) else ())
        if isinstance(values, list)
    ]


def _number(name: str, value: Tree) -> Tree:
    return application.DEFAULT if name == "pool" and value == DEFAULT else value


def from_wire(filters: Tree) -> Tree:
    """By id and operator; a filter that is there twice gives all its values, one of unknown form stands as it is."""
    if not isinstance(filters, list) or not all(isinstance(item, Mapping) and item.get("id") for item in filters):
        return filters
    found: dict[str, Object] = {}
    for item in filters:
        values = item.get("values")
        words = [_word(item["id"], value) for value in values] if isinstance(values, list) else values
        condition = found.setdefault(str(item["id"]), {})
        operator = str(item.get("operator", "eq"))
        before = condition.get(operator)
        condition[operator] = [*before, *words] if isinstance(before, list) and isinstance(words, list) else words
    return found


def _word(name: str, value: Tree) -> Tree:
    known = isinstance(value, int) and not isinstance(value, bool) and (value > 0 or value == application.DEFAULT)
    return _pool(value) if name == "pool" and known else value


def remarks(filters: Tree) -> list[Remark]:
    """Attack codes this version does not know: the vendor's list is open."""
    if not isinstance(filters, Mapping):
        return []
    return [
        Remark(("filters", "attack_type", operator, index), f"{value!r} is no attack code this version knows")
        for operator, values in (filters.get("attack_type") or {}).items()
        for index, value in enumerate(values or [])
        if value not in ATTACKS
    ]
