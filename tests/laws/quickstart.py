"""The quickstart as texts: as the example has it, and with every object edited."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "examples" / "quickstart"
FILES = {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yaml"))}

_EDITS = {
    "Payments and checkout": "Payments, checkout and refunds",
    "{user: bob@example.com}": "{user: bob@example.com, role: admin}",
    "Who is on call for payments": "Who is on call",
    "participants: [ann@example.com, bob@example.com]": "participants: [bob@example.com, ann@example.com]",
    "delay: 10m": "delay: 15m",
    "notify: {escalation: payments-escalation}": "notify: {schedule: payments-oncall}",
    "type: API\n": "type: API\n  allowDeleteAccess: false\n  enabled: false\n",
    "events: [system, security_issue_critical, security_issue_high]": "events: [system, rules_and_triggers]",
    "more_than: 1, within: 1s": "more_than: 1, within: 10s",
}


def edited() -> dict[str, str]:
    """The same manifests with a field of every object changed."""
    files = dict(FILES)
    for old, new in _EDITS.items():
        assert any(old in text for text in files.values()), old
        files = {name: text.replace(old, new) for name, text in files.items()}
    return files
