"""The source contract written out: for people one page, for tools a JSON Schema a table, for a start empty files.

Everything is read from the contracts in dbt_project, so nothing here can be out of date. Add here: another way to write a
contract out. Keep out: contracts themselves (dbt_project), the reading of them (`warehouse.contracts`), files of data.
"""

from sop_pipeline.contract_book.book import SYSTEM_TITLES, write_book
from sop_pipeline.contract_book.facts import column_facts, table_facts
from sop_pipeline.contract_book.schemas import index_schema, table_schema

__all__ = ["SYSTEM_TITLES", "column_facts", "index_schema", "table_facts", "table_schema", "write_book"]
