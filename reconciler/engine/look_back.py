"""Look back: live objects that no API can mend, against what the catalogues of their account say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from reconciler.engine.access import Access
from reconciler.engine.plan import Plan
from reconciler.engine.scope import Scope
from reconciler.engine.sighting import Questions
from reconciler.errors import VendorError
from reconciler.kinds.kind import Kind
from reconciler.kinds.trail import Oddity, Review


@dataclass(frozen=True)
class Finding:
    """The same oddity in live objects; `names` of all that have it, of `looked_at` in all."""

    host: str
    what: str
    oddity: Oddity
    names: tuple[str, ...]
    looked_at: int


async def look_back(access: Access, plan: Plan, scope: Scope, back: timedelta) -> list[Finding]:
    """Every oddity since then, those of most objects first. An account that cannot be read is noted as such."""
    asked = [
        (host, kind, kind.review)
        for host, account in sorted(access.project.accounts.items())
        if not scope.accounts or host in scope.accounts or account.name in scope.accounts
        for kind in account.vendor.kinds
        if kind.review is not None and host not in plan.draft.world.live.failed
    ]
    found = await asyncio.gather(*(_noted(access, plan, *one, back) for one in asked))
    return [finding for some in found for finding in some]


async def _noted(access: Access, plan: Plan, host: str, kind: Kind, review: Review, back: timedelta) -> list[Finding]:
    try:
        return await _of_account(access, plan, host, review, back)
    except VendorError as error:
        plan.draft.world.live.failed.setdefault(host, error.problems[0])
        return []


async def _of_account(access: Access, plan: Plan, host: str, review: Review, back: timedelta) -> list[Finding]:
    await access.sign_in(host)
    context = access.context(host)
    questions = Questions(access, plan.draft.world)
    answers = await asyncio.gather(
        *(questions.rows(host, query) for query in review.queries(context.now - back, context))
    )
    rows = [row for some in answers for row in some if isinstance(row, dict)]
    catalogues = [one.declared for one in access.project.catalogues.values() if one.address.host == host]
    by_oddity: dict[Oddity, list[str]] = {}
    for row in rows:
        for oddity in dict.fromkeys(review.oddities(row, catalogues)):
            by_oddity.setdefault(oddity, []).append(review.name(row))
    return list(_findings(host, review, by_oddity.items(), len(rows)))


def _findings(
    host: str, review: Review, found: Iterable[tuple[Oddity, list[str]]], looked_at: int
) -> Iterable[Finding]:
    for oddity, names in sorted(found, key=lambda one: (not one[0].grave, -len(one[1]), one[0].text)):
        yield Finding(host, review.what, oddity, tuple(names), looked_at)
