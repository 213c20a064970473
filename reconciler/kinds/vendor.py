"""Vendor: how an account signs in, where its API stands, and how its answers are to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ConfigDict

from reconciler.http.exchange import Allowance, Fault, Json, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.kind import Kind
from reconciler.kinds.spec import Spec


class AccountSettings(Spec):
    """What the project file says of one account. `url` replaces the vendor's own base URL (a proxy, the sandbox)."""

    # What comes from an environment variable is a string, a number too.
    model_config = ConfigDict(strict=False)

    url: str | None = None


@dataclass(frozen=True)
class WhoAmI:
    """The one request that tells whose account it is: `facts` names the values it gives, `tenant` the telling one."""

    method: str
    path: str
    facts: Mapping[str, tuple[str, ...]]
    tenant: str


def _no_allowance(headers: Mapping[str, str]) -> Allowance | None:
    return None


def _unknown_scope(method: str, path: str) -> str | None:
    return None


def _final(method: str, fault: Fault) -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Vendor:
    """One vendor. Functions are pure: `base_url(settings)`, `sign(secrets)` gives headers, `explain(reply)` a fault.

    `environment` maps a setting to the vendor's usual variable, for projects without a project file; a setting that is
    no secret is read from the variable itself. `known_facts` gives facts that the settings themselves hold. `regions`
    maps a region's name to its base URL; `region_setting` is the setting that holds such a name. `notice` is a line
    said once a run. `scope(method, path)`: what a key must be allowed to do for a call. `passing(method, fault)`:
    whether a refused write is worth another try in some seconds, as when what it names was made an instant ago.
    `hosts(settings)`: further hosts of an account by name, with their base URLs; what goes there is not signed.
    """

    name: str
    version: str
    settings: type[AccountSettings]
    base_url: Callable[[AccountSettings], str]
    sign: Callable[[Mapping[str, str]], dict[str, str]]
    explain: Callable[[Reply], Fault | None]
    kinds: tuple[Kind, ...]
    environment: Mapping[str, str]
    allowance: Callable[[Mapping[str, str]], Allowance | None] = _no_allowance
    whoami: WhoAmI | None = None
    known_facts: Callable[[AccountSettings], dict[str, str]] = field(default=lambda settings: {})
    regions: Mapping[str, str] = field(default_factory=dict)
    region_setting: str | None = None
    notice: str | None = None
    scope: Callable[[str, str], str | None] = _unknown_scope
    passing: Callable[[str, Fault], bool] = _final
    hosts: Callable[[AccountSettings], Mapping[str, str]] = field(default=lambda settings: {})

    @property
    def api(self) -> str:
        return f"{self.name}/{self.version}"


class Kinds(Mapping[str, Kind]):
    """The kinds of all vendors by id. A vendor is asked for only when one of its kinds is, or all are gone through."""

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self._vendors = vendors
        self._found: dict[str, Mapping[str, Kind]] = {}

    def of(self, vendor: str) -> Mapping[str, Kind]:
        """One vendor's; raises KeyError where there is no such vendor."""
        if vendor not in self._found:
            self._found[vendor] = {kind.id: kind for kind in self._vendors[vendor].kinds}
        return self._found[vendor]

    def __getitem__(self, kind_id: str) -> Kind:
        return self.of(kind_id.partition("/")[0])[kind_id]

    def __iter__(self) -> Iterator[str]:
        return (kind_id for vendor in self._vendors for kind_id in self.of(vendor))

    def __len__(self) -> int:
        return sum(len(self.of(vendor)) for vendor in self._vendors)


__all__ = ["AccountSettings", "Json", "Kinds", "SecretField", "Vendor", "WhoAmI"]
