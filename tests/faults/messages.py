"""What a refresh that failed says: the step, and the line that names the cause.

Add here: a part of the message that a round reads. Keep out: what the message must say (the rounds).
"""

from __future__ import annotations


def failed_step(said: str) -> str:
    """The step that a refresh says it failed in."""
    return said.partition("step '")[2].partition("'")[0] or "start"


def cause_line(said: str) -> str:
    """The line that says the cause: after the line that says which step failed, or the first."""
    lines = [line for line in said.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        if "was not published: step" in line or "The refresh did not start" in line:
            return lines[place + 1] if place + 1 < len(lines) else ""
    return lines[-1] if lines else ""
