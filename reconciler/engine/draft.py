"""Draft: a plan in the making, and what it knows of secrets: who makes them, who renews them, what they were."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from reconciler.engine.access import Access
from reconciler.engine.change import Blocked, Change, Create, Doubtful, Replace, Update
from reconciler.engine.mention import Mentions
from reconciler.engine.rank import Ranks
from reconciler.engine.reading import World
from reconciler.errors import Problem, SecretError
from reconciler.kinds.address import Address
from reconciler.kinds.tree import FromOutput, Keep, Link, Ref, Secret, Source, Text, Tree, replace
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Guards

SEALED = (
    "bring back the seal key it was sealed with, the ledger's key file or RECONCILER_SEAL_KEY (several, new first, "
    "separated by a comma); or give the value again: reconciler ledger seal ADDRESS OUTPUT"
)


@dataclass(repr=False)
class Draft:
    """A plan in the making. `stopped` are addresses that will not come to be, with the reason, so that what needs them
    stops too; `renewed` are those whose outputs this plan makes new, or such an address and one output of it; to what
    is made anew it gives the id of what is there now. `apart` are those that nothing is done about although they are
    otherwise there than Git says, as a warning tells."""

    access: Access
    world: World
    changes: list[Change] = field(default_factory=list)
    stopped: dict[str, str] = field(default_factory=dict)
    renewed: dict[str, str | None] = field(default_factory=dict)
    refresh: list[tuple[str, Entry]] = field(default_factory=list)
    missing: list[Problem] = field(default_factory=list)
    unknown: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mentioned: dict[str, Mentions] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)

    def add(self, change: Change) -> None:
        self.changes.append(change)
        if isinstance(change, Blocked | Doubtful):
            self.stopped[str(change.address)] = change.why
        if isinstance(change, Create | Replace):
            old = change.live.id if change.live else None
            self.renewed[str(change.address)] = change.gone if isinstance(change, Create) else old
        if isinstance(change, Update):
            self.renewed |= {f"{change.address} {name}": None for name in change.kind.renews(change.work)}

    @property
    def guards(self) -> Guards:
        return self.access.project.guards

    @cached_property
    def ranks(self) -> Ranks:
        return Ranks(self.world, self.access.project.manifests.values())

    def mentions(self, host: str) -> Mentions:
        """What texts call the objects of an account, live or wanted."""
        if host not in self.mentioned:
            going, live = self._leaving(host), [one for one in self.world.live.everything() if one.host == host]
            manifests = self.access.project.manifests.values()
            wanted = [(one.kind, one.declared) for one in manifests if one.address.host == host]
            stays = [(one.kind, one.tree) for one in live if (one.kind.id, one.id) not in going]
            gone = [(one.kind, one.tree) for one in live if (one.kind.id, one.id) in going]
            self.mentioned[host] = Mentions.of([*stays, *wanted], gone)
        return self.mentioned[host]

    def _leaving(self, host: str) -> set[tuple[str, str]]:
        """Kind and id of the objects of ours that no manifest wants any more."""
        wanted = {str(address) for address in self.access.project.manifests}
        wanted |= {claim.moved_from for claim in self.world.claims.values() if claim.moved_from}
        held = self.world.entries.get(host, {})
        gone = [(Address.parse(address), entry) for address, entry in held.items() if address not in wanted]
        return {(address.kind_id, entry.id) for address, entry in gone if address is not None}

    def as_it_was(self, tree: Tree, host: str) -> Tree:
        """The tree as it would be if what this plan makes anew stayed."""

        def one(leaf: Tree) -> Tree:
            match leaf:
                case Link(id=None) if (old := self.renewed.get(str(leaf.address))) is not None:
                    return self.world.names.link(Ref(leaf.kind, "id", (old,)), host)
                case Text(parts=parts):
                    known = [self._was(part) for part in parts]
                    return "".join(part for part in known if part is not None) if None not in known else leaf
                case _:
                    return leaf

        return replace(tree, one)

    def _was(self, part: str | Ref | Link | FromOutput) -> str | None:
        match part:
            case Link():
                return part.id or self.renewed.get(str(part.address))
            case FromOutput():
                address = Address.parse(part.address)
                return self.output(address, part.output) if address else None
            case _:
                return part if isinstance(part, str) else None

    # ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def secret(self, source: Source) -> Secret:
        """A declared secret with its digests, or why its value is not known."""
        if isinstance(source, FromOutput):
            return self._output(source)
        assert not isinstance(source, Keep)
        value = self.access.secrets.value(source)
        if value is None:
            return Secret(source, why=self.access.secrets.why(source))
        return Secret(source, self._digests(value))

    def _digests(self, value: str) -> tuple[str, ...]:
        return self.access.seals.digests(value) if self.access.seals else ()

    def _output(self, source: FromOutput) -> Secret:
        address = Address.parse(source.address)
        assert address is not None
        source = FromOutput(str(address), source.output)
        if self.renewed.keys() & {str(address), f"{address} {source.output}"}:
            return Secret(source, renewed=True)
        if address.host in self.world.live.failed:
            return Secret(source, why=f"the {source.output} of {address} is not known: {address.host} was not read")
        if str(address) in self.stopped:
            return Secret(source, why=f"{address} is not there: {self.stopped[str(address)]}")
        value = self.output(address, source.output)
        if value is None:
            return Secret(source, why=self._why_unknown(address, source.output))
        return Secret(source, self._digests(value))

    def _why_unknown(self, address: Address, name: str) -> str:
        if self.access.offline:
            return f"a snapshot does not hold the {name} of {address}"
        if not self._once(address, name):
            return f"{address} has no {name}"
        if self._token(address, name) is None:
            return f"the {name} of {address} was shown once, and not to this ledger"
        return f"the {name} of {address} is sealed in the ledger, with a key that is not here"

    def way_to(self, source: FromOutput) -> str:
        """How a person can bring a value back that nobody here knows."""
        address = Address.parse(source.address)
        assert address is not None
        if address.host in self.world.live.failed:
            return ""
        if not self._once(address, source.output):
            return "correct the output's name, or declare at that object what it is the output of"
        if self._token(address, source.output) is not None:
            return SEALED
        return "make the other object anew (delete it in the vendor's UI, apply), or give the value by {env: NAME}"

    def _once(self, address: Address, name: str) -> bool:
        declared = self.access.kinds[address.kind_id].output(name)
        return declared is not None and declared.once

    def plain_output(self, part: FromOutput) -> str | None:
        """The value of an output that is no secret, for a text; None while it is not made or is made anew."""
        address = Address.parse(part.address)
        return None if address is None or str(address) in self.renewed else self.output(address, part.output)

    def output(self, address: Address, name: str) -> str | None:
        """An output's value: read live where the vendor shows it, else opened from the ledger."""
        kind = self.access.kinds[address.kind_id]
        declared = kind.output(name)
        claim = self.world.claims.get(address)
        if declared is None or claim is None or claim.live is None:
            return None
        if not declared.once:
            value = declared.values(claim.live.raw).get(name)
            return None if value is None else self._learned(value)
        token = self._token(address, name)
        value = None if token is None else self._opened(token)
        return None if value is None else self._learned(value)

    def _opened(self, token: str) -> str | None:
        """A sealed value; None where its key is not here: the plan tells what needs it, and everything else goes on."""
        try:
            return self.access.seals.open(token) if self.access.seals else None
        except SecretError:
            return None

    def _token(self, address: Address, name: str) -> str | None:
        """A once-only output as the ledger keeps it: sealed."""
        claim = self.world.claims.get(address)
        if claim is None or claim.live is None or claim.entry is None or claim.entry.id != claim.live.id:
            return None
        return claim.entry.outputs.get(name)

    def _learned(self, value: str) -> str:
        self.access.secrets.learn(value)
        return value
