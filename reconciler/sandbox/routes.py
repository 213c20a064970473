"""The routing table of a vendor: path templates to handlers, found segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from reconciler.sandbox.exchange import Answer, Request

Account = TypeVar("Account")


@dataclass(frozen=True)
class Call:
    """A request that found its handler: path parameters, query (last of a repeated name) and decoded body."""

    request: Request
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    caller: Any = None


@dataclass(frozen=True)
class Route(Generic[Account]):
    """`path` has its parameters in braces: `/v2/teams/{team}`."""

    method: str
    path: str
    handler: Callable[[Account, Call], Answer]


class NoPath(Exception):
    """Nothing answers at this path."""


class WrongVerb(Exception):
    """The path is known, the method is not."""


@dataclass
class _Node(Generic[Account]):
    fixed: dict[str, _Node[Account]] = field(default_factory=dict)
    free: _Node[Account] | None = None
    handlers: dict[str, Route[Account]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Routes(Generic[Account]):
    """A table of routes; built once for a vendor."""

    def __init__(self, routes: Iterable[Route[Account]]) -> None:
        self.table = tuple(routes)
        self._root: _Node[Account] = _Node()
        for route in self.table:
            self._add(route)

    def _add(self, route: Route[Account]) -> None:
        node, names = self._root, []
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.free = node = node.free or _Node()
            else:
                node = node.fixed.setdefault(segment, _Node())
        node.handlers[route.method] = route
        node.names[route.method] = tuple(names)

    def find(self, method: str, segments: tuple[str, ...]) -> tuple[Route[Account], dict[str, str]]:
        """The route and its path parameters. Raises NoPath or WrongVerb."""
        ends = self._ends(self._root, segments, ())
        if not ends:
            raise NoPath
        for node, values in ends:
            if method in node.handlers:
                return node.handlers[method], dict(zip(node.names[method], values, strict=True))
        raise WrongVerb

    def _ends(
        self, node: _Node[Account], segments: tuple[str, ...], values: tuple[str, ...]
    ) -> list[tuple[_Node[Account], tuple[str, ...]]]:
        if not segments:
            return [(node, values)] if node.handlers else []
        head, rest = segments[0], segments[1:]
        found = self._ends(node.fixed[head], rest, values) if head in node.fixed else []
        if node.free and head:
            found += self._ends(node.free, rest, (*values, head))
        return found
