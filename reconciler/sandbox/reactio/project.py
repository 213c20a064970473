"""One Reactio project, which is what a key opens: what it holds, its errors, and what the sheet leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.vendor import Account

BY_API = 0


@dataclass(frozen=True)
class ReactioSettings:
    """What the sheet leaves open; the defaults are the harder answers for a client. Numbers are of its section 9."""

    posted: Literal[200, 201] = 201  # 1: the status of a POST that succeeds
    without_status: Literal["open", "all"] = "open"  # 2: what a list shows that asks for no status
    bounds: Literal["exclusive", "inclusive"] = "exclusive"  # 3: `from` and `to`
    wrong_range: Literal["refuse", "empty"] = "refuse"  # 3: `from` after `to`
    wrong_page: Literal["refuse", "clamp"] = "refuse"  # 4
    message_answer: Literal["nothing", "success"] = "nothing"  # 5: the body of a posted message's answer
    unknown_fields: Literal["refuse", "ignore"] = "refuse"  # 6
    other_tags: Literal["refuse", "take"] = "refuse"  # 7: HTML beyond the four tags
    unknown_parameters: Literal["refuse", "drop", "store"] = "refuse"  # 9: and strings that no option item has
    required_options: Literal["refuse", "ignore"] = "refuse"  # 9: an option item marked required, not sent
    unselected: Literal["absent", "null"] = "absent"  # 9: how an answer shows selections that nobody made
    stronger: Literal["parameters", "field"] = "parameters"  # 10: of a deprecated field and its key in `parameters`
    no_notification: Literal["absent", "null", "empty"] = "absent"  # 11: `notifications` where none was asked for
    no_text: Literal["refuse", "nothing"] = "refuse"  # 12: POST /notifications without a text
    same_status: Literal["refuse", "take"] = "refuse"  # 13
    reopening: Literal["keeps", "clears"] = "keeps"  # 13: `closed_*` and `pended_*` when it is open again
    changed_by: Literal["zero", "null"] = "zero"  # 14: who closed it, when the API did
    foreign: Literal["forbidden", "unknown"] = "forbidden"  # 16: POST on an incident of another project
    unnotified: Literal["made", "refused"] = "made"  # whether an incident stands that nobody could be told of


class Refusal(Exception):
    """An error answer: one of the vendor's types, with its message."""

    def __init__(self, status: int, kind: str, message: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.status, self.kind, self.message, self.errors = status, kind, message, errors

    def answer(self) -> Answer:
        body: Obj = {"type": self.kind, "message": self.message}
        if self.errors is not None:
            body["errors"] = [{"field": field, "code": code} for field, code in self.errors.items()]
        return json_answer(self.status, body)


def wrong_fields(errors: Mapping[str, str]) -> Refusal:
    """Of the codes only `missing_field` is documented; the other one is made up."""
    codes = {field: "missing_field" if text == "is required" else "invalid_field" for field, text in errors.items()}
    return Refusal(400, "validation_error", "validation error", codes)


def incident_not_found() -> Refusal:
    return Refusal(400, "incident_not_found", "Incident not found.")


def forbidden() -> Refusal:
    return Refusal(403, "forbidden", "Forbidden")


def not_found() -> Refusal:
    return Refusal(404, "not_found", "Not Found")


class Project(Account[ReactioSettings]):
    """Ids of incidents, topics, notifications and messages come from one sequence."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: ReactioSettings) -> None:
        super().__init__(name, vendor, clock, seed, settings)
        self.incidents: Collection[int] = Collection()
        self.notifications: Collection[int] = Collection("incident_id")
        self.messages: Collection[int] = Collection("incident_id")
        self.users: Collection[int] = Collection()
        self.options: Collection[str] = Collection()

    @property
    def collections(self) -> dict[str, Collection[int] | Collection[str]]:
        names = ("incidents", "notifications", "messages", "users", "options")
        return {name: getattr(self, name) for name in names}

    def number(self) -> int:
        self.serial += 1
        return self.seed % 1000 + self.serial

    def posted(self, body: Obj | None = None) -> Answer:
        """The answer to a POST that succeeded."""
        status = self.settings.posted
        return Answer(status) if body is None else json_answer(status, body)

    def to_write(self, ident: object) -> Obj:
        """The incident that a POST means."""
        incident = self.incidents.get(ident)
        if incident is None:
            raise incident_not_found()
        if incident["project"]:
            raise forbidden() if self.settings.foreign == "forbidden" else incident_not_found()
        return incident

    def copy_to(self, twin: Project) -> None:
        twin.serial = self.serial
        for name, collection in self.collections.items():
            setattr(twin, name, collection.fork())

    def state(self) -> Obj:
        return {"serial": self.serial, **{name: part.state() for name, part in self.collections.items()}}

    def load(self, state: Obj) -> None:
        self.serial = state["serial"]
        for name, collection in self.collections.items():
            collection.load(state.get(name, []))
