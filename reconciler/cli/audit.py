"""The command `audit`."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from reconciler.cli import git
from reconciler.cli.accepting import accept
from reconciler.cli.brake import Brake, run_with_brake
from reconciler.cli.exit import CHANGES, DONE, FAILED, INTERRUPTED
from reconciler.cli.narrowing import scope_of
from reconciler.cli.options import Common, common
from reconciler.cli.screen import problem_text
from reconciler.cli.session import Session, open_session
from reconciler.engine.audit import Audit, make_audit
from reconciler.errors import UsageError
from reconciler.report.audit_document import audit_document, audit_json
from reconciler.report.audit_finding import audit_annotations, audit_junit, audit_sarif
from reconciler.report.audit_markdown import audit_markdown
from reconciler.report.audit_text import audit_text
from reconciler.report.document import json_text
from reconciler.report.summary import counted

FORMATS = ("text", "json", "markdown", "sarif", "junit", "github")


def _days(ctx: click.Context, param: click.Parameter, given: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})d", given)
    if found is None or not int(found[1]):
        raise click.BadParameter(f'"{given[:20]}" is no number of days: write 30d', ctx, param)
    return timedelta(days=int(found[1]))


@click.command("audit")
@common("output", "verbose", "project", narrowing=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="As of plan.")
@click.option("--since", metavar="DAYS", default="90d", callback=_days, help="How far to look back.  [default: 90d]")
@click.option("--accept", "accepted", metavar="ADDRESS", multiple=True, help="Write what is live into this manifest.")
@click.option("--accept-all", is_flag=True, help="The same for everything that drifted and is not waived.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something was found that is not waived.")
def COMMAND(
    common: Common,
    form: str,
    since: timedelta,
    accepted: tuple[str, ...],
    accept_all: bool,
    detailed_exitcode: bool,
) -> int:
    """Say what others changed, who and when, and what nobody manages.

    Reads everything there is in the accounts, and writes nothing anywhere; with --accept it writes into manifests,
    ready for a pull request, comments kept. Drift that `waivers` of the project name is shown apart. What nobody
    manages is told, but makes no exit code 2; nor do changes of Git that wait to be applied.
    """
    if accepted and accept_all:
        raise UsageError("--accept and --accept-all do not go together", way_out="name addresses, or none")
    session = open_session(common)
    made: list[Audit] = []

    async def audit(_: Brake) -> int:
        made.append(await _audit(session, common, since))
        return DONE

    if run_with_brake(session.screen, audit) == INTERRUPTED:
        return INTERRUPTED
    _tell(session, made[0], common, form)
    if accepted or accept_all:
        _accept(session, made[0], accepted, common)
    if made[0].not_read:
        return FAILED
    return CHANGES if detailed_exitcode and not made[0].clean else DONE


async def _audit(session: Session, common: Common, back: timedelta) -> Audit:
    states = await session.states()
    async with session.access(session.seals_to_look(states)) as access:
        return await make_audit(access, states, scope_of(common, session.project, states), back)


def _tell(session: Session, audit: Audit, common: Common, form: str) -> None:
    screen, document = session.screen, audit_document(audit)
    match form:
        case "text":
            text = audit_text(document, width=screen.width, color=screen.color, verbose=common.verbose)
            screen.out(text, painted=True)
            session.tell_empty()
        case "json":
            screen.out(json_text(audit_json(document)))
        case "markdown":
            screen.out(audit_markdown(document))
        case _:
            tell = {"sarif": audit_sarif, "junit": audit_junit, "github": audit_annotations}[form]
            screen.out(tell(document, git.folder_in(common.root)))


def _accept(session: Session, audit: Audit, addresses: tuple[str, ...], common: Common) -> None:
    written = accept(audit, addresses, common)
    for problem in written.left:
        session.screen.talk(problem_text(problem, "Note"))
    if written.files:
        many = counted(written.manifests, "manifest")
        session.screen.talk(f"{many} written in {', '.join(written.files)}: look at it with git diff, then commit")
    else:
        session.screen.talk("nothing was written")
