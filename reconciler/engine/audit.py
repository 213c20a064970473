"""Audit: what somebody changed outside Git, what nobody manages, what is gone, what leads nowhere. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from reconciler.engine.access import Access
from reconciler.engine.authorship import authorship
from reconciler.engine.change import NOT_DONE, Adopt, Change, Create, FieldChange, Release, Write
from reconciler.engine.harvest import can_be_listed
from reconciler.engine.look_back import Finding, look_back
from reconciler.engine.loose_end import LooseEnd, loose_ends
from reconciler.engine.plan import Plan
from reconciler.engine.reading import Where
from reconciler.engine.scope import Scope
from reconciler.engine.story import Asked, make_plan
from reconciler.engine.stray import Coverage, Stray, coverage, strays
from reconciler.engine.waivers import Waivers
from reconciler.errors import Problem
from reconciler.kinds.trail import Authored
from reconciler.ledger.entries import LedgerState
from reconciler.manifest.waiver import Waiver

_DRIFT = ("drifted", "both", "differs")


@dataclass(frozen=True, eq=False)
class Drift:
    """One field of ours that is not as Git says, and not because Git changed. `authored` where the vendor tells it."""

    change: Change
    field: FieldChange
    authored: Authored | None = None
    waiver: Waiver | None = None


@dataclass(frozen=True, eq=False)
class Gone:
    """An object that the ledger holds and the vendor does not. `again` is the id of one made anew outside Git."""

    change: Change
    id: str
    again: str = ""
    waiver: Waiver | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What an audit found.

    `undecided` is what the plan cannot compare, `waiting` what Git changed and nobody applied, by sort of change;
    `untold` why a vendor does not tell who did it, `unlisted` the kinds of which no API tells what there is. `whole` is
    False where it was narrowed to less than accounts, so that only what manifests mean was looked at. `requests` and
    `seconds` were spent on reading.
    """

    plan: Plan
    whole: bool
    drift: tuple[Drift, ...] = ()
    gone: tuple[Gone, ...] = ()
    strays: tuple[Stray, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    loose_ends: tuple[LooseEnd, ...] = ()
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Change, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    untold: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0

    @property
    def not_read(self) -> Mapping[str, Problem]:
        """Why an account could not be read, or not all of it."""
        return self.plan.draft.world.live.failed

    @property
    def clean(self) -> bool:
        """Nothing but what is waived, what nobody manages, and what waits in Git."""
        news = any(one.waiver is None for one in self.drift) or any(one.waiver is None for one in self.gone)
        grave = any(one.oddity.grave for one in self.findings)
        return not (news or grave or self.undecided or any(one.ours for one in self.loose_ends))


async def make_audit(access: Access, states: Mapping[str, LedgerState], scope: Scope, back: timedelta) -> Audit:
    """Read everything there is of every kind, and compare. `back`: how far to look at what only has a past.

    Raises ReconcilerError for claims that cannot stand.
    """
    began, spent = access.clock.monotonic(), access.spent
    whole = not (scope.paths or scope.selector or scope.targets or scope.since)
    places = _all_kinds(access, scope) if whole else frozenset()
    plan = await make_plan(access, states, Asked(scope, whole=places))
    live, untold = plan.draft.world.live, list[str]()
    changes = [one for one in plan.changes if one.address.host not in live.failed]
    drifted = [Drift(one, each) for one in changes for each in one.fields if _is_drift(one, each)]
    by_whom = await authorship(access, plan, [(one.change, one.field) for one in drifted], untold)
    waivers = Waivers(access.project.waivers, access.clock.now().date())
    drift = tuple(_judged(one, by_whom, waivers) for one in drifted)
    gone = tuple(replace(one, waiver=waivers.fitting(_address(one))) for one in _gone(plan, changes))
    told = {one.change for one in drift} | {one.change for one in gone}
    findings = tuple(await look_back(access, plan, scope, back)) if whole else ()
    listed = frozenset(one for one in places if one[0] not in live.failed)
    loose = tuple(await loose_ends(access, plan, listed))
    return Audit(
        plan,
        whole,
        drift,
        gone,
        tuple(strays(plan, listed)),
        tuple(coverage(plan, listed)),
        loose,
        findings,
        tuple(one for one in changes if isinstance(one, NOT_DONE) and one not in told),
        Counter(one.word for one in changes if isinstance(one, Write) and one not in told),
        (*plan.warnings, *waivers.problems(all_seen=not scope.narrow and not live.failed)),
        tuple(dict.fromkeys(untold)),
        tuple(_unlisted(listed, access)),
        access.spent - spent,
        access.clock.monotonic() - began,
    )


def _all_kinds(access: Access, scope: Scope) -> frozenset[Where]:
    """Every kind that can be listed, in every account in scope."""
    return frozenset(
        (host, kind.id)
        for host, account in access.project.accounts.items()
        if not scope.accounts or host in scope.accounts or account.name in scope.accounts
        for kind in account.vendor.kinds
        if kind.signal is None and not kind.catalogue and can_be_listed(kind)
    )


def _unlisted(listed: frozenset[Where], access: Access) -> list[str]:
    """The kinds beside those that were listed of which nobody tells what there is."""
    vendors = {host.partition("@")[0] for host, _ in listed}
    kinds = [kind for vendor in sorted(vendors) for kind in access.kinds.of(vendor).values()]
    hidden = [kind for kind in kinds if not (can_be_listed(kind) or kind.looked_up or kind.signal or kind.catalogue)]
    return [kind.id for kind in hidden]


def _is_drift(change: Change, one: FieldChange) -> bool:
    return isinstance(change, (Write, *NOT_DONE)) and one.cause in _DRIFT and change.kind.signal is None


def _judged(one: Drift, by_whom: Mapping[tuple[Change, str], Authored], waivers: Waivers) -> Drift:
    path = one.field.path
    return replace(one, authored=by_whom.get((one.change, path)), waiver=waivers.fitting(_address(one), path))


def _address(one: Drift | Gone) -> str:
    return str(one.change.address)


def _gone(plan: Plan, changes: list[Change]) -> list[Gone]:
    return [found for one in changes if (found := _is_gone(plan, one)) is not None]


def _is_gone(plan: Plan, change: Change) -> Gone | None:
    entry = plan.draft.world.entry(change.address, change.address.host)
    if entry is None or change.kind.signal is not None or change.kind.place.gathers is not None:
        return None
    match change:
        case Create(gone=str() as ident):
            return Gone(change, ident)
        case Release(gone=True):
            return Gone(change, entry.id)
        case Adopt(was_id=str() as ident, live=live) if live is not None:
            return Gone(change, ident, live.id)
        case _:
            return None
