"""Lets the tests of releases, and the child processes they start, share one small company."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
