"""The pointer `current`: a symbolic link to the newest cycle's newest release, replaced at once.

Add here: another pointer (`approved`). Keep out: choosing the release that a pointer names.
"""

from __future__ import annotations

from pathlib import Path

from sop_pipeline.release import effects
from sop_pipeline.release.layout import current_pointer, release_folder, releases_folder


def current_release(home: Path) -> str | None:
    """The release that `current` names, or None where there is none yet or its folder is gone."""
    name = _named_release(home)
    return name if name and release_folder(home, name).is_dir() else None


def point_current(home: Path, release_id: str) -> None:
    """Let `current` name this release."""
    if _named_release(home) != release_id:
        effects.replace_link(current_pointer(home), f"{releases_folder(home).name}/{release_id}")


def _named_release(home: Path) -> str | None:
    link = current_pointer(home)
    if not link.is_symlink():
        return None
    folder, _, name = str(link.readlink()).rpartition("/")
    return name if folder == releases_folder(home).name else None
