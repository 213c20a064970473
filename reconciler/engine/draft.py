"""Draft: a plan in the making, and what it knows of secrets: who makes them, who renews them, what they were."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from reconciler.engine.access import Access, dig
from reconciler.engine.change import Blocked, Change, Create, Doubtful, Replace
from reconciler.engine.rank import Ranks
from reconciler.engine.reading import World
from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.tree import FromOutput, Keep, Secret, Source
from reconciler.ledger.entries import Entry


@dataclass(repr=False)
class Draft:
    """A plan in the making. `stopped` are addresses that will not come to be, with the reason, so that what needs them
    stops too; `renewed` are those whose outputs this plan makes new."""

    access: Access
    world: World
    changes: list[Change] = field(default_factory=list)
    stopped: dict[str, str] = field(default_factory=dict)
    renewed: set[str] = field(default_factory=set)
    refresh: list[tuple[str, Entry]] = field(default_factory=list)
    missing: list[Problem] = field(default_factory=list)
    unknown: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.changes.append(change)
        if isinstance(change, Blocked | Doubtful):
            self.stopped[str(change.address)] = change.why
        if isinstance(change, Create | Replace):
            self.renewed.add(str(change.address))

    @cached_property
    def ranks(self) -> Ranks:
        return Ranks(self.world, self.access.project.manifests.values())

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
        if str(address) in self.renewed:
            return Secret(source, renewed=True)
        if str(address) in self.stopped:
            return Secret(source, why=f"{address} is not there: {self.stopped[str(address)]}")
        value = self.output(address, source.output)
        if value is None:
            return Secret(source, why=f"the {source.output} of {address} was shown once, and not to this ledger")
        return Secret(source, self._digests(value))

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
            value = dig(claim.live.raw, declared.at)
            return None if value is None else self._learned(str(value))
        token = claim.entry.outputs.get(name) if claim.entry and claim.entry.id == claim.live.id else None
        if token is None or self.access.seals is None:
            return None
        return self._learned(self.access.seals.open(token))

    def _learned(self, value: str) -> str:
        self.access.secrets.learn(value)
        return value
