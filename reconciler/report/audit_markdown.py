"""Audit Markdown: an audit as a comment or an issue: the summary, and below it the text, folded and within bounds."""

from __future__ import annotations

import re

from reconciler.report.audit_document import AuditDocument
from reconciler.report.audit_summary import audit_summary
from reconciler.report.audit_text import audit_text
from reconciler.report.markdown import MOST, WIDTH, inline, marker, size


def audit_markdown(audit: AuditDocument, most: int = MOST) -> str:
    """What does not fit is cut at its end, where the least important stands, and that is said."""
    head = [marker(audit.project, "audit"), f"### Reconciler audit: {inline(audit_summary(audit))}"]
    text = audit_text(audit, width=WIDTH, color=False).partition("\n")[2].strip("\n")
    if not text:
        return "\n\n".join(head) + "\n"
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    room = most - size("\n\n".join(head)) - 300
    kept = text if size(text) <= room else text[: room // 2].rpartition("\n")[0]
    cut = "" if kept == text else "\n\n*More is left out here: see the whole report.*"
    opened = "<details>" if audit.clean else "<details open>"
    block = f"{opened}<summary>What was found</summary>\n\n{fence}text\n{kept}\n{fence}\n\n</details>{cut}"
    return "\n\n".join([*head, block]) + "\n"
