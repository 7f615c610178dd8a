"""What the tests of several sources share.

Add here: fixtures of every source. Keep out: one source's own (its folder).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # `built_tables` is shared by the tests of the folders below
