"""A delivery that was accepted for a cycle, as its manifest in the landing zone describes it.

Add here: a fact that landing knows of a delivery and reading needs. Keep out: how it landed (sources.landing).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sop_pipeline.delivery.promises import NOTHING_PROMISED, Promises


@dataclass(frozen=True)
class AcceptedDelivery:
    """Its cycle and folder, name of a file -> sha256 as it landed, when it landed (UTC), what its sender promised."""

    cycle_id: str
    folder: Path
    sha256s: dict[str, str] = field(default_factory=dict)
    landed_at: datetime | None = None
    promises: Promises = NOTHING_PROMISED

    @property
    def cycle_start(self) -> datetime:
        """The first moment of the cycle's month, UTC."""
        return datetime.fromisoformat(f"{self.cycle_id}-01").replace(tzinfo=UTC)

    @property
    def taken_at(self) -> datetime | None:
        """The latest moment that the extract can know of: what its sender says, else when it landed, but not before the
        cycle's month began; None where nothing is known."""
        if self.promises.extracted_at or self.landed_at is None:
            return self.promises.extracted_at
        return max(self.landed_at, self.cycle_start)
