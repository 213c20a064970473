"""Fill: a step as a request, the last moment before the wire: links become ids, secrets values, texts strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import Any

from reconciler.engine.access import Access, fill_path, fill_query
from reconciler.engine.draft import Draft
from reconciler.errors import SecretError
from reconciler.http.exchange import Json, Request
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.step import Step
from reconciler.kinds.tree import FromOutput, Keep, Link, Object, Own, Ref, Secret, Source, Text, Tree, replace


@dataclass(repr=False)
class Filling:
    """What this run made so far: ids and outputs by address, and the digests of the secrets it sent."""

    access: Access
    draft: Draft
    ids: dict[str, str] = field(default_factory=dict)
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    digests: dict[Source, str] = field(default_factory=dict)

    def request(
        self, host: str, step: Step, ident: str | None, body: Json, raw: Mapping[str, Any] | None = None
    ) -> Request:
        values = dict(self.access.facts.get(host, {}))
        values |= {name: str(self.value(tree)) for name, tree in step.params.items() if tree is not None}
        values |= {"id": ident} if ident is not None else {}
        own = {name: part for name, part in raw.items() if isinstance(part, str)} if raw and step.lays else {}
        path, query = fill_path(step.path, values), fill_query(step.path, {**own, **values})
        headers = tuple((name, values[fact]) for name, fact in step.headers if fact in values)
        return Request(step.method, path, query, body, step.effect, headers, step.path, step.joins)

    def body(self, step: Step, ident: str | None = None) -> Json:
        """The body without its wrapping, `ident` being the step's own object; None where the step has none."""
        own = replace(step.body, lambda leaf: _own(leaf, ident) if isinstance(leaf, Own) else leaf)
        return None if step.body is None else self.value(own)

    def value(self, tree: Tree) -> Any:
        """A tree as the vendor's JSON."""
        return replace(tree, self._leaf)

    def learn(self, address: Address, kind: Kind, raw: Mapping[str, Any]) -> dict[str, str]:
        """The outputs in what the vendor answered, from here on known to this run."""
        values = {name: value for output in kind.outputs for name, value in output.values(raw).items()}
        for name, value in values.items():
            self.outputs[str(address), name] = value
            self.access.secrets.learn(value)
        return values

    def _leaf(self, leaf: Tree) -> Tree:
        match leaf:
            case Link():
                return self._id(leaf)
            case Secret(source=source):
                return self.secret(source)
            case Text(parts=parts):
                return "".join(part if isinstance(part, str) else str(self._part(part)) for part in parts)
            case _:
                return leaf

    def _part(self, part: Tree) -> Tree:
        return self.secret(part) if isinstance(part, FromOutput) else self._id(part)

    def _id(self, link: Link) -> str | int:
        ident = self.ids.get(str(link.address)) or link.id
        assert ident is not None, f"{link.identity} has no id yet; its step should have waited"
        kind = self.access.kinds[link.kind]
        return int(ident) if kind.place.id_number else ident

    def secret(self, source: Source) -> str:
        """A secret in clear, remembered for redaction. Raises SecretError where it is not to be had."""
        value = self._secret(source)
        if value is None:
            raise SecretError(f"no value for a secret ({source})", way_out="set it and run again")
        self.access.secrets.learn(value)
        if self.access.seals is not None:
            self.digests[source] = self.access.seals.digest(value)
        return value

    def _secret(self, source: Source) -> str | None:
        match source:
            case FromOutput(address=text, output=name):
                made = self.outputs.get((text, name))
                address = Address.parse(text)
                return made if made is not None else (self.draft.output(address, name) if address else None)
            case Keep():
                return None
            case _:
                return self.access.secrets.value(source)

    def resolved(self, tree: Object) -> Object:
        """A bound tree with the ids this run has learned."""

        def one(leaf: Tree) -> Tree:
            match leaf:
                case Link() if str(leaf.address) in self.ids:
                    return changed(leaf, id=self.ids[str(leaf.address)])
                case Text(parts=parts) if all(self._is_known(part) for part in parts):
                    return self._leaf(leaf)
                case _:
                    return leaf

        done = replace(tree, one)
        assert isinstance(done, dict)
        return done

    def _is_known(self, part: str | Ref | Link | FromOutput) -> bool:
        match part:
            case Link():
                return part.id is not None or str(part.address) in self.ids
            case FromOutput():
                return self._secret(part) is not None
            case _:
                return isinstance(part, str)


def _own(leaf: Own, ident: str | None) -> str | int | None:
    return int(ident) if leaf.number and ident is not None else ident


def wrapped(body: Json, wrap: tuple[str, ...]) -> Json:
    for name in reversed(wrap):
        body = {name: body}
    return body


def laid_over(raw: Mapping[str, Any], body: Json) -> Json:
    """A full body: the changed parts over what the vendor holds."""
    assert isinstance(body, dict)
    return {**raw, **body}
