"""Processes of this machine, as far as releases need to know them.

Add here: a question about a process. Keep out: starting or ending one.
"""

from __future__ import annotations

import getpass
import os


def is_running(pid: int) -> bool:
    """Does a process of this id exist? (Perhaps another one than the id once belonged to.)"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it exists and belongs to somebody else
        return True
    return True


def user_name() -> str:
    """The user this process runs as, for people: a name, or a number where the machine has no name for it."""
    try:
        return f"user {getpass.getuser()}"
    except (KeyError, OSError):
        return f"user {os.getuid()}"
