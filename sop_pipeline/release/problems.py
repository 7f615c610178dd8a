"""What can be wrong with releases, as errors that name everything wrong at once and the way out.

Add here: an error of publishing or reading releases. Keep out: finding the problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def examples(values: Iterable[object], limit: int = 5) -> str:
    """The first few values, as an error shows them."""
    shown = [str(value) for value in values][: limit + 1]
    return ", ".join(shown[:limit]) + (", ..." if len(shown) > limit else "")


class ReleaseError(Exception):
    """Problems with a home's releases, all of them, and what to do."""

    def __init__(self, headline: str, problems: Sequence[str], remedy: str) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([headline, *(f" * {problem}" for problem in problems), remedy]))


class PublicationRefused(ReleaseError):
    """What was asked may not be published; nothing was changed."""


class DamagedReleases(ReleaseError):
    """Releases on disk are not what they were when they were published."""


class AgreementRefused(ReleaseError):
    """A plan may not be agreed, or an agreement not reopened; nothing was changed."""


class CycleIsAgreed(ReleaseError):
    """The demand plan of the cycle is agreed: it may not be computed again."""
