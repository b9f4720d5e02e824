"""Inserts that leave what is there as it is, in each database's own words."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert


def insert_new(table: Table, *returning: Column[Any]) -> Mapping[str, ReturningInsert[*tuple[Any, ...]]]:
    """Give the statement by dialect: it returns columns of the rows that are new."""
    return {
        "postgresql": postgresql.insert(table).on_conflict_do_nothing().returning(*returning),
        "sqlite": sqlite.insert(table).on_conflict_do_nothing().returning(*returning),
    }
