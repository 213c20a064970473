"""Opening: signs a project's accounts in: one client each, with the secrets of the project file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.engine.access import Access
from reconciler.engine.sign_in import given, named, secret_names, sources
from reconciler.errors import Problem
from reconciler.http.client import Carrier, Client, Waiting
from reconciler.http.exchange import Host, is_header
from reconciler.http.pace import Clock, SystemClock
from reconciler.kinds.address import host_name
from reconciler.kinds.vendor import Vendor
from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.manifest.project import Account, Project
from reconciler.manifest.values import Secrets

_UNFIT = "cannot be sent: a line break, a space around it, or a letter that is not ASCII"


@dataclass(frozen=True)
class Surroundings:
    """What a run stands in. `elsewhere(host)` gives the base URL where all of a run's accounts are (the sandbox);
    `carrier` replaces the network."""

    environ: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    carrier: Callable[[], Carrier] | None = None
    elsewhere: Callable[[str], str] | None = None
    on_wait: Callable[[Waiting], None] | None = None
    revision: str | None = None


def open_access(
    project: Project, vendors: Mapping[str, Vendor], store: Store, seals: Seals | None, around: Surroundings
) -> Access:
    """Clients for every account of the project. An account whose secret is not set is noted, and read as failed."""
    secrets = Secrets(project.root, project.secret_files, around.environ)
    opening = _Opening(vendors, secrets, around, project)
    clients = {host: client for host, account in project.accounts.items() if (client := opening.client(account))}
    access = Access(project, vendors, clients, store, secrets, around.clock, seals, opening.prober)
    access.opener = opening.further
    access.unusable.update(opening.unusable)
    access.revision = around.revision
    return access


class _Opening:
    def __init__(self, vendors: Mapping[str, Vendor], secrets: Secrets, around: Surroundings, project: Project) -> None:
        self.vendors, self.secrets, self.around, self.project = vendors, secrets, around, project
        self.unusable: dict[str, Problem] = {}

    def client(self, account: Account) -> Client | None:
        values: dict[str, str] = {}
        for name, source in sources(account.settings).items():
            value = self.secrets.value(source)
            if value is None or not is_header(name, value):
                why = self.secrets.why(source) if value is None else f"what {named(source)} holds {_UNFIT}"
                way_out = f"set it: {account.host} is signed in with {given(account, name)}"
                self.unusable[account.host] = Problem(f"{account.host}: {name}: {why}", way_out=way_out)
                return None
            values[name] = value
        return self._client(account.host, account.vendor, self._url(account), values)

    def _url(self, account: Account) -> str:
        if self.around.elsewhere is not None:
            return self.around.elsewhere(account.host)
        return account.vendor.base_url(account.settings)

    def _client(self, name: str, vendor: Vendor, url: str, values: Mapping[str, str]) -> Client:
        return self._opened(Host(name, url, vendor.sign(values), vendor.explain, self.secrets.redact, vendor.allowance))

    def _opened(self, host: Host) -> Client:
        carrier = self.around.carrier() if self.around.carrier else None
        return Client(host, transport=carrier, clock=self.around.clock, on_event=self.around.on_wait)

    def further(self, host: str, name: str) -> Client:
        """A client of another host of the account. It signs nothing: the account's key is none of that host's."""
        account = self.project.accounts[host]
        url = self.around.elsewhere(host) if self.around.elsewhere else account.vendor.hosts(account.settings)[name]
        return self._opened(Host(f"{host} ({name})", url, {}, account.vendor.explain, self.secrets.redact))

    def prober(self, name: str, region: str, key: str) -> Client | None:
        """A client of another vendor's region that signs in with a key just given."""
        vendor = self.vendors.get(name)
        if vendor is None or region not in vendor.regions:
            return None
        sign_in = dict.fromkeys(secret_names(vendor.settings)[:1], key)
        url = self._probe_url(vendor, region)
        return None if url is None else self._client(f"{name} ({region})", vendor, url, sign_in)

    def _probe_url(self, vendor: Vendor, region: str) -> str | None:
        """Where a region is asked; None where the project reaches the vendor by addresses of its own, and this region
        by none of them: a key must not leave the ways that the project names."""
        if self.around.elsewhere is not None:
            return self.around.elsewhere(host_name(vendor.name, "default"))
        # An account of that region that goes through an address of its own (a proxy) is probed through it too.
        mine = [one.settings for one in self.project.accounts.values() if one.vendor is vendor and one.settings.url]
        for settings in mine:
            if getattr(settings, vendor.region_setting or "", "") == region:
                return settings.url
        return None if mine else vendor.regions[region]
