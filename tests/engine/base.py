"""Postgres as Django knows it, but for how it gets the rows of the migrations back after a test that has committed:
by deleting and copying them. To empty the files of a hundred tables and to save a thousand objects takes two seconds.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base, creation, operations

# Neither checks of foreign keys nor triggers: rows go and come in any order, and those of the ledger, too.
_UNGUARDED = "SET LOCAL session_replication_role = replica"
_GUARDED = "SET LOCAL session_replication_role = origin"


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        return [_UNGUARDED, "; ".join(f"DELETE FROM {self.quote_name(table)}" for table in tables), _GUARDED]


class DatabaseCreation(creation.DatabaseCreation):
    def serialize_db_to_string(self) -> str:
        """Keep a copy of each table that has rows; returns the statements that copy them back."""
        quoted, back = self.connection.ops.quote_name, [_UNGUARDED]
        with self.connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA kept")
            for table in self.connection.introspection.django_table_names(only_existing=True):
                name = quoted(table)
                cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")
                if cursor.fetchone() == (True,):
                    cursor.execute(f"CREATE TABLE kept.{name} AS TABLE {name}")
                    back += [f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM kept.{name}"]
        return "; ".join([*back, _GUARDED])

    def deserialize_db_from_string(self, data: str) -> None:
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(data)


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
