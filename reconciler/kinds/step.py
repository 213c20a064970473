"""Step: one request of a change, as data; the tree nodes in it are filled in when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from reconciler.http.exchange import Effect
from reconciler.kinds.tree import Object, Tree

if TYPE_CHECKING:
    from reconciler.kinds.kind import Kind

Verb = Literal["create", "update", "delete", "reset", "refresh"]


@dataclass(frozen=True)
class Context:
    """What a kind may know beside its object: the time, and facts of the account (`client_id` for Wallarm).

    `known` is what was asked before its objects were read, by path; None: there is no such thing.
    """

    now: datetime
    account: str = "default"
    facts: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)


# The tree of the object a link leads to, or a secret is the output of; None where it was not read.
Known = Callable[[Tree], Object | None]


def _nothing_known(leaf: Tree) -> Object | None:
    return None


@dataclass(frozen=True)
class Work:
    """What is to be done to one object, in the manifest's words.

    `wanted` is the object whole as it shall be (what is declared laid over what is live), `changed` names its top-level
    fields that differ, `live` is None on create. Of a signal, `live` is what Git said last, `there` what the vendor
    shows (None where it cannot be seen), and `refresh` sends what was sent once more; `known` gives the trees of the
    objects it refers to.
    """

    verb: Verb
    wanted: Object
    changed: frozenset[str] = frozenset()
    live: Object | None = None
    there: Object | None = None
    known: Known = field(default=_nothing_known, compare=False, repr=False)

    def only_changed(self) -> Object:
        return {name: value for name, value in self.wanted.items() if name in self.changed}


@dataclass(frozen=True)
class Step:
    """One request.

    `path` is a template: `{id}` is the object's own id, another name a fact of the account or a reference in `params`.
    `body` is a tree whose links become ids and whose secrets become values when it is sent; `wrap` names the keys
    around it. With `over` it is laid over the raw object read just before. `answer` leads to the object in the answer.
    A `finds` step sends nothing: it reads the kind's list until the object with the wanted key is there, and takes its
    id (for what a vendor makes by itself). After a step that `deletes` the object is gone, and "not there" is as good;
    one that `drops` takes something from it, and "not there" is as good, too. One that `adds` something to it is sent
    once: where its answer is lost, the next plan shows what came of it. One whose effect is `reads` looks for the
    outputs that the steps before it made. `headers` are names with the fact of the account that each bears, sent where
    that is known. A `checked` step fails where somebody changed the object since it was read, as one with `over` does.
    One that `proves` sends nothing either: it reads the object and fails where one of these fields is not as wanted,
    with the way out that stands beside it. One that `lays` sends its body laid over the raw object as the plan read it,
    by the kind's `lay`; that the vendor refuses it where somebody changed the object since, is the vendor's doing. In
    the query of a path stand that object's own fields, too. `moves` is the name under which the object's place among
    all goes into the body: it is found just before from its place among ours; where it stands right already no move is
    sent. `made` is the object in the manifest's words as a create leaves it, where later steps set more: by it an
    object is known again whose create got no answer. `needs` and `gives` are words that order steps of different
    changes; `{id}` in a word is the id of the change's live object. `ident` is the id of what it creates, for an answer
    that tells none. One that `renames` gives the object another id, which its answer tells. `host` names another host
    of the account, where it goes without the account's sign-in. A create that `joins` has a list of one as its body:
    the vendor takes several in one list and answers item by item, so that those of one path may go as one request.

    Of a signal: `tells` is what of the manifest is true once the step is done, so that it is not sent again; for the
    last step that is all of it. One that is `blind` leaves nothing by which it could be told whether it was done: it is
    sent at most once, and in doubt a person says. `unsure` are the vendor's codes of refusals after which it may
    have been done all the same. Where the vendor answers 404, `instead` is asked, the path of its older versions;
    `absent` is the way out where that comes to 404, too.
    """

    name: str
    method: str
    path: str
    body: Tree = None
    effect: Effect = "writes"
    params: Mapping[str, Tree] = field(default_factory=dict)
    wrap: tuple[str, ...] = ()
    answer: tuple[str | int, ...] = ()
    over: bool = False
    lays: bool = False
    finds: bool = False
    deletes: bool = False
    drops: bool = False
    adds: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    checked: bool = False
    proves: Mapping[str, str] = field(default_factory=dict)
    moves: str = ""
    made: Object | None = None
    needs: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    ident: Tree = None
    renames: bool = False
    tells: Object | None = None
    blind: bool = False
    unsure: frozenset[str] = frozenset()
    host: str = ""
    instead: str = ""
    absent: str = ""
    joins: bool = False


def plain_steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """The steps of a kind that declares no others: one request a change."""
    place = kind.place
    params = {name: work.wanted.get(name) for name in place.path_fields}
    match work.verb:
        case "create":
            body = kind.to_api(work.wanted, context)
            return (
                Step("create", "POST", place.create or place.list, body, "creates", params, place.wrap, place.created),
            )
        case "update" | "reset" | "refresh":
            body = kind.to_api(work.only_changed(), context)
            over = kind.writes == "replace"
            item = place.item_path
            return (Step("update", place.update, item, body, "writes", params, place.wrap, place.created, over),)
        case "delete":
            return (Step("delete", "DELETE", place.item_path, None, "writes", params, deletes=True),)
