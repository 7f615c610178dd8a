"""Lets the tests of rules share frames that stand for tables."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
