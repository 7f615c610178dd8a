"""Cases of a few rows for tests: tables as CSV text, so that a test reads like the folder that a planner writes.

Add here: a way to write or change a case. Keep out: expectations.
"""

from __future__ import annotations

from io import StringIO

import pandas as pd

from sop_pipeline.planning.supply.case import Answer, CaseTables, read_case, solve_case


def frames_of(**tables: str) -> dict[str, pd.DataFrame]:
    """Frames of text from CSV text by table; blanks around lines do not count."""
    return {
        name: pd.read_csv(
            StringIO("\n".join(line.strip() for line in text.strip().splitlines())),
            dtype=str,
            keep_default_na=False,
        )
        for name, text in tables.items()
    }


def case_of(options: dict[str, str] | None = None, **tables: str) -> CaseTables:
    """A case, read."""
    return read_case(frames_of(**tables), options)


def answer_of(options: dict[str, str] | None = None, **tables: str) -> Answer:
    """A case, solved; its audit and proof hold, or the test fails."""
    answer = solve_case(case_of(options, **tables))
    assert answer.violations == 0, answer.audit.to_string()
    assert answer.certificate.is_proven, answer.certificate
    return answer


def column(answer: Answer, table: str, name: str, **keys: str) -> list[float]:
    """A column of the answer for given keys, period by period."""
    frame = answer.tables[table]
    for key, value in keys.items():
        frame = frame[frame[key].astype(str) == value]
    return [round(float(value), 6) for value in frame[name]]
