"""Vendor: how an account signs in, where its API stands, and how its answers are to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, eq=False)
class Vendor:
    """One vendor. Functions are pure: `base_url(settings)`, `sign(secrets)` gives headers, `explain(reply)` a fault.

    `environment` maps a setting to the vendor's usual variable, for projects without a project file; a setting that
    is no secret is read from the variable itself. `known_facts` gives facts that the settings themselves hold.
    `regions` maps a region's name to its base URL; `region_setting` is the setting that holds such a name. `notice` is
    a line said once a run.
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

    @property
    def api(self) -> str:
        return f"{self.name}/{self.version}"


__all__ = ["AccountSettings", "Json", "SecretField", "Vendor", "WhoAmI"]
