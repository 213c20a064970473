"""Carrying out: the way of `apply` and `destroy` from the leases to the check that everything is as Git says."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.cli import git
from reconciler.cli.brake import Brake, run_with_brake
from reconciler.cli.confirm import confirm
from reconciler.cli.exit import DONE, FAILED, INTERRUPTED
from reconciler.cli.narrowing import scope_of
from reconciler.cli.options import Common
from reconciler.cli.progress import progress
from reconciler.cli.saved import SavedPlan
from reconciler.cli.screen import tell_problems
from reconciler.cli.session import Session
from reconciler.engine.access import Access
from reconciler.engine.apply import Run, check
from reconciler.engine.change import NOT_DONE, Change, Write
from reconciler.engine.guards import Limits
from reconciler.engine.plan import Plan, described
from reconciler.engine.result import Applied
from reconciler.engine.story import Asked, make_plan
from reconciler.errors import ApplyRefused, PlanRefused, Problem, ReconcilerError
from reconciler.kinds.address import Address
from reconciler.ledger.ledger import Held
from reconciler.report.applied_text import applied_text
from reconciler.report.document import applied_document, json_text
from reconciler.report.plan_text import plan_text
from reconciler.report.value import ABSENT, flow


@dataclass(frozen=True)
class Order:
    """What one run was told: the shared options, and how much of it needs no further word."""

    common: Common
    limits: Limits
    saved: SavedPlan | None = None
    yes: bool = False


def carry_out(session: Session, order: Order) -> int:
    """Do it, and give the exit code. Raises ReconcilerError where nothing may begin."""
    _refuse_in_ci(session)
    if order.saved is not None:
        _refuse_another_project(session, order.saved)
    return run_with_brake(session.screen, lambda brake: _Carrying(session, order, brake).go())


def _refuse_in_ci(session: Session) -> None:
    ledger = session.project.ledger
    if session.environ.get("CI") and not ledger.shared and not ledger.ephemeral:
        raise ApplyRefused(
            f"CI is set, and the ledger {ledger.url} is a folder: it may be gone at the next run, "
            "and with it the knowledge of what is ours to delete",
            way_out="use a shared one (ledger: s3://BUCKET/PREFIX), or say that it is meant: "
            f"ledger: {{url: {ledger.url}, ephemeral: true}}",
        )


def _refuse_another_project(session: Session, saved: SavedPlan) -> None:
    if saved.project != session.project.name:
        raise PlanRefused(
            f"the saved plan is of the project {saved.project}, and this is {session.project.name}",
            way_out="name its folder with --project",
        )
    if saved.sandbox != bool(session.world):
        made = "against the sandbox" if saved.sandbox else "against the vendors"
        how = "add --sandbox" if saved.sandbox else "leave --sandbox away"
        raise PlanRefused(f"the saved plan was made {made}", way_out=how)


@dataclass
class _Carrying:
    session: Session
    order: Order
    brake: Brake

    async def go(self) -> int:
        session = self.session
        states = await session.states()
        saved = self.order.saved
        scope = saved.scope if saved else scope_of(self.order.common, session.project, states)
        asked = Asked(scope, self.order.limits)
        async with session.held(list(states)) as held, session.access(session.seals_to_write(states)) as access:
            access.revision = git.revision(session.project.root)
            plan = await make_plan(access, {host: one.state for host, one in held.items()}, asked)
            self._show(plan)
            check(plan, access)
            if not await self._agreed(plan):
                session.screen.talk("nothing was done")
                return FAILED
            applied = await self._run(access, plan, held)
            return await self._ending(access, plan, held, applied, asked)

    def _show(self, plan: Plan) -> None:
        screen, common = self.session.screen, self.order.common
        if self.order.saved is not None:
            self.order.saved.refuse_unless(plan)
            return
        text = plan_text(plan, width=screen.width, color=screen.color, verbose=common.verbose)
        if common.format == "text" and common.output is None:
            screen.out(text, painted=True)
        else:  # the result is for a program or a file; who is asked must see the plan all the same
            screen.talk(text)
        self.session.tell_empty()

    async def _agreed(self, plan: Plan) -> bool:
        if not plan.writes or self.order.yes or self.order.saved is not None:
            return True
        if self.order.limits.destroy:
            name = self.session.project.name
            question = f"All this is deleted. Type the project's name, {name}, to go on:"
            return await self._asked(question, name, "say so with --yes")
        way_out = "say so with --yes, or apply a saved plan: reconciler plan -o FILE, reconciler apply FILE"
        return await self._asked("Make these changes? Type yes to go on:", "yes", way_out)

    async def _asked(self, question: str, answer: str, way_out: str) -> bool:
        self.brake.asking = True
        try:
            return await confirm(question, answer, way_out)
        finally:
            self.brake.asking = False

    async def _run(self, access: Access, plan: Plan, held: dict[str, Held]) -> Applied:
        with progress(plan, self.session.screen, no_color=self.order.common.no_color) as told:
            run = Run(access, plan, held, told)
            self.brake.gently = run.stop
            try:
                return await run.go()
            finally:
                self.brake.gently = None

    async def _ending(self, access: Access, plan: Plan, held: dict[str, Held], applied: Applied, asked: Asked) -> int:
        screen, common = self.session.screen, self.order.common
        if common.format == "json":
            screen.out(json_text(applied_document(applied)))
        elif applied.results or self.order.saved is not None:
            screen.out(applied_text(applied, plan, width=screen.width, color=screen.color), painted=True)
        if applied.interrupted:
            return INTERRUPTED
        if not applied.ok:
            return FAILED
        if plan.writes and (left := await self._left(access, plan, held, asked)) is not None:
            tell_problems(left)
            return FAILED
        return FAILED if plan.not_done or plan.facts.not_read else DONE

    async def _left(self, access: Access, plan: Plan, held: dict[str, Held], asked: Asked) -> ReconcilerError | None:
        again = await make_plan(access, {host: one.state for host, one in held.items()}, asked)
        return unsettled(plan, again)


# ── law 1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def unsettled(plan: Plan, again: Plan) -> ReconcilerError | None:
    """What a plan right after a successful apply still wants to do, in words; None where it is as it must be."""
    if again.facts.not_read and not plan.facts.not_read:
        return ReconcilerError(
            problems=[
                Problem(f"applied, but {host} could not be read afterwards: {why.text}", way_out="plan again")
                for host, why in again.facts.not_read.items()
            ]
        )
    known = {change.address for change in plan.not_done}
    left = [one for one in again.changes if isinstance(one, Write) or _is_new(one, known)]
    if not left:
        return None
    problems = [Problem(text, change.place) for change in left for text in _remaining(change)]
    end = "all was applied, and a plan made right after is not empty"
    way_out = "if nobody else changed it in between, this is a bug of reconciler: please report it with these lines"
    return ReconcilerError(problems=[*problems, Problem(end, way_out=way_out)])


def _is_new(change: Change, known: set[Address]) -> bool:
    return isinstance(change, NOT_DONE) and change.address not in known


def _remaining(change: Change) -> list[str]:
    fields = described(change)["fields"]
    return [
        f"{change.address}: {one['path']}: the vendor has {flow(one.get('old', ABSENT))}, "
        f"Git says {flow(one.get('new', ABSENT))}"
        for one in fields
    ] or [f"{change.address}: would {change.word} again{': ' + change.why if change.why else ''}"]
