"""A planner's case: a few tables in, an optimal plan with its proof out, by the same model that plans a cycle.

`read_case` and `solve_case` are the door. Add here: nothing but the names that other rooms may use. Keep out: files.
"""

from sop_pipeline.planning.supply.case.answer import Answer, solve_case
from sop_pipeline.planning.supply.case.fields import CaseTable, Field
from sop_pipeline.planning.supply.case.reading import CaseTables, read_case
from sop_pipeline.planning.supply.case.tables import OBJECTIVES, PARAMETERS, TABLES

__all__ = [
    "OBJECTIVES",
    "PARAMETERS",
    "TABLES",
    "Answer",
    "CaseTable",
    "CaseTables",
    "Field",
    "read_case",
    "solve_case",
]
