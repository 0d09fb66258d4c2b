"""Queries that Django writes once a process. Where every page asks, building the SQL costs far more than sending it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Parameter(Expression):
    """Stands in a filter for a value that comes with each call."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


class CompiledQuery:
    """A queryset of values_list, built at the first call: whatever changes from call to call must be a parameter.

    Rows are tuples as the driver reads them, so no field may need Django to convert it (JSON does).
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self.build = build

    @cached_property
    def statement(self) -> tuple[str, tuple[Any, ...]]:
        compiler = self.build().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        if compiler.get_converters(column for column, _, _ in compiler.select):
            raise TypeError("A column of this query needs a converter: ask for it through Django.")
        return sql, params

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        sql, params = self.statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[one.name] if isinstance(one, Parameter) else one for one in params])
            return cursor.fetchall()
