"""Lets the tests of SQL share how a tiny company is planted."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
