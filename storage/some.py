"""Deletes of many rows, some at a time, so that nobody waits long for the one writer."""

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_

MOST = 500


def delete_some(db: Connection, table: Table, condition: ColumnElement[bool]) -> bool:
    """Delete some rows of which something is true; tell whether there may be more."""
    key = tuple(table.primary_key.columns)
    some = select(*key).where(condition).limit(MOST)
    return db.execute(delete(table).where(tuple_(*key).in_(some))).rowcount == MOST
