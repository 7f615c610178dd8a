"""Start Dagster's UI and daemon on a home: `make dev`, or `python -m sop_pipeline.develop`.

Add here: how the development server is started. Keep out: what it shows (`definitions`).
"""

from __future__ import annotations

import os
import sys

from sop_pipeline.refresh import environment_of
from sop_pipeline.settings import PROJECT_DIR, load_settings, open_home


def main() -> None:
    """Replace this process by `dagster dev` with the home's instance."""
    settings = load_settings()
    open_home(settings)
    os.environ.update(environment_of(settings))
    os.chdir(PROJECT_DIR)
    arguments = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-w",
        str(PROJECT_DIR / "workspace.yaml"),
        *sys.argv[1:],
    ]
    os.execv(sys.executable, arguments)


if __name__ == "__main__":
    main()
