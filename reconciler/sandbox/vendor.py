"""What a made-up vendor is: accounts, each a world of its own, and settings for what is unconfirmed."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, get_args, get_type_hints

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, Request

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Settings = TypeVar("Settings", bound="DataclassInstance")


WHOLE = frozenset({"type", "id", "name", "username"})


class BadControl(Exception):
    """A control call asks for what the sandbox does not have; the text says what it has."""


class Account(ABC, Generic[Settings]):
    """One tenant of a vendor. `serial` numbers everything it mints, so that ids depend on the seed alone."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: Settings) -> None:
        self.name = name
        self.vendor = vendor
        self.clock = clock
        self.seed = seed
        self.settings = settings
        self.serial = 0

    def mint(self) -> str:
        """A new UUID, the same for the same seed, account and count."""
        self.serial += 1
        source = f"{self.seed}/{self.vendor}@{self.name}/{self.serial}"
        digest = hashlib.blake2b(source.encode(), digest_size=16).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"

    @abstractmethod
    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        """The vendor's answer to a call at its own path, already split and decoded."""

    @abstractmethod
    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        """What a person does in the vendor's UI. Gives the object as stored, without secrets; `None` when deleted."""

    @abstractmethod
    def fill(self, count: int) -> None:
        """Adds `count` made-up objects, spread over the vendor's sorts, with what it makes beside them."""

    @abstractmethod
    def fork(self, clock: Clock) -> Account[Settings]: ...

    @abstractmethod
    def state(self) -> Obj: ...

    @abstractmethod
    def load(self, state: Obj) -> None: ...


class Vendor(ABC, Generic[Settings]):
    """A vendor: one class, and one line in the table of the world."""

    name: ClassVar[str]

    def __init__(self, clock: Clock, seed: int) -> None:
        self.clock = clock
        self.seed = seed
        self.settings = self.first_settings()
        self.accounts: dict[str, Account[Settings]] = {}

    @abstractmethod
    def first_settings(self) -> Settings:
        """The harder answer to everything that is unconfirmed."""

    @abstractmethod
    def make(self, account: str) -> Account[Settings]:
        """A new, untouched account."""

    @abstractmethod
    def throttled(self) -> Answer:
        """What the vendor answers to a client that calls too often."""

    def account(self, name: str = "") -> Account[Settings]:
        if name not in self.accounts:
            self.accounts[name] = self.make(name)
        return self.accounts[name]

    def set(self, values: Mapping[str, Any]) -> None:
        """Changes settings, for all accounts."""
        hints = get_type_hints(type(self.settings))
        for key, value in values.items():
            if key not in hints:
                raise BadControl(f"{self.name} has no setting {key!r}; it has {', '.join(sorted(hints))}")
            allowed = get_args(hints[key])
            if allowed and value not in allowed:
                raise BadControl(f"{self.name}: {key} is one of {', '.join(map(repr, allowed))}, not {value!r}")
            numbers = (int, float) if hints[key] is float else (int,)
            if not allowed and (isinstance(value, bool) or not isinstance(value, numbers)):
                raise BadControl(f"{self.name}: {key} is a {hints[key].__name__}, not {value!r}")
        self.settings = replace(self.settings, **values)
        for account in self.accounts.values():
            account.settings = self.settings

    def fork(self, clock: Clock) -> Vendor[Settings]:
        twin = type(self)(clock, self.seed)
        twin.settings = self.settings
        twin.accounts = {name: account.fork(clock) for name, account in self.accounts.items()}
        return twin

    def state(self) -> Obj:
        settings = asdict(self.settings)
        return {"settings": settings, "accounts": {name: part.state() for name, part in self.accounts.items()}}

    def load(self, state: Obj) -> None:
        known = {part.name for part in fields(self.settings)}
        self.set({key: value for key, value in state["settings"].items() if key in known})
        self.accounts = {}
        for name, part in state["accounts"].items():
            self.account(name).load(part)


def merged(onto: Any, patch: Any) -> Any:
    """A JSON merge patch: objects merge, null takes a key away, everything else replaces. Changes neither side.

    An object that says what it is (`type`, `id`, `name`, `username`) replaces: half of another reference is none.
    """
    if not isinstance(patch, dict) or not WHOLE.isdisjoint(patch):
        return patch
    result = dict(onto) if isinstance(onto, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
