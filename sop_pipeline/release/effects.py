"""Everything that release does to the disk goes through here, one announced effect at a time.

An observer set for the running context hears of each effect before it happens. The product sets none; the
tests set one that kills the process, or raises, at the n-th effect, for n = 1, 2, 3 ... until a publication
runs through: that is how "killed at any moment" is shown and not hoped for.

Add here: a new kind of change to the disk, announced before it is made. Keep out: deciding what is written
where.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

Observer = Callable[[str, Path], None]

# Large files are written in blocks, so that a kill can be placed in the middle of one.
_BLOCK_BYTES = 1 << 20
_READ_ONLY_BITS = 0o555


def _hear_nothing(effect: str, path: Path) -> None:
    """The observer of the product."""


_observer: ContextVar[Observer] = ContextVar("effects_observer", default=_hear_nothing)


@contextmanager
def observed_by(observer: Observer) -> Iterator[None]:
    """Let `observer(effect, path)` hear of every effect of this context before it happens."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


def announce(effect: str, path: Path) -> None:
    """Tell the observer what comes next. Called directly only around what another library writes (DuckDB)."""
    _observer.get()(effect, path)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents where they are not there yet."""
    if not folder.is_dir():
        announce("make_folder", folder)
        folder.mkdir(parents=True, exist_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and bring it to the disk. Never overwrites: somebody may be reading the old one."""
    announce("open", path)
    with path.open("xb") as file:
        for start in range(0, len(content), _BLOCK_BYTES):
            announce("write", path)
            file.write(content[start : start + _BLOCK_BYTES])
            file.flush()
        announce("sync", path)
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Put new content under a name at once: readers see the old file or the new one, never a part."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.new")
    remove_file(temporary)
    write_file(temporary, content)
    rename(temporary, path)


def link_file(source: Path, target: Path) -> bool:
    """Give a file a second name, or copy it where the file system does not link. True where it was linked."""
    try:
        announce("link", target)
        os.link(source, target)
    except OSError:
        remove_file(target)
        write_file(target, source.read_bytes())
        return False
    return True


def rename(source: Path, target: Path) -> None:
    """Rename a file or a folder and bring the new name to the disk."""
    announce("rename", target)
    source.replace(target)
    sync_folder(target.parent)


def replace_link(link: Path, target: str) -> None:
    """Let a symbolic link name `target`, at once: at no moment is there no link."""
    make_folder(link.parent)
    temporary = link.with_name(f".{link.name}.new")
    remove_file(temporary)
    announce("symlink", temporary)
    temporary.symlink_to(target)
    rename(temporary, link)


def sync_file(path: Path) -> None:
    """Bring a file that another library wrote to the disk."""
    announce("sync", path)
    _sync(path)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    announce("sync_folder", folder)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_read_only(path: Path) -> None:
    """Take the right to write from everybody."""
    mode = path.stat().st_mode
    if mode & ~_READ_ONLY_BITS & 0o777:
        announce("make_read_only", path)
        path.chmod(mode & _READ_ONLY_BITS)


def remove_file(path: Path) -> None:
    """Remove a file or a link, where there is one."""
    if path.is_symlink() or path.exists():
        announce("remove_file", path)
        path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, read-only parts included."""
    announce("remove_folder", folder)
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o755)
    shutil.rmtree(folder)
