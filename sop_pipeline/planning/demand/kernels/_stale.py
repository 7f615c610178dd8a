"""Compiled code on disk that no longer belongs to its source is forgotten.

numba keeps code by the file of the function itself and does not see that a function it calls, in another file, has changed.
Keep out: everything else. The only place of this room that touches files.
"""

import contextlib
import hashlib
from pathlib import Path


def forget_stale_code() -> None:
    """Delete the kept code beside the kernels unless it was made from these very sources; quiet where nothing can be written."""
    folder = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    stamp = folder / "__pycache__" / f"kernels-{hashlib.sha256(sources).hexdigest()[:16]}.stamp"
    if stamp.exists():
        return
    with contextlib.suppress(OSError):
        for pattern in ("*.nbi", "*.nbc", "kernels-*.stamp"):
            for path in stamp.parent.glob(pattern):
                path.unlink()
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()
