"""Queries that Django writes once a process. Where every page asks, building the SQL costs far more than sending it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Field, ForeignObject, Lookup, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from django.http import Http404

Row = TypeVar("Row")


class Parameter(Expression):
    """Stands in a filter for a value that comes with each call."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """`name__any_of=Parameter(…)`: one of a list that comes with each call; `in` would write each of its values."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, self.rhs]


class CompiledQuery(Generic[Row]):
    """The queryset that `build` returns, written at the first call: whatever changes from call to call must be a
    parameter. It may select related rows and leave fields out, but prefetch nothing.
    """

    _all: "ClassVar[list[CompiledQuery[Any]]]" = []

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self.build = build
        self._all.append(self)

    @classmethod
    def write_all(cls) -> None:
        """Those of all modules that are loaded; sends nothing."""
        for query in cls._all:
            _ = query._statement

    def rows(self, **values: Any) -> list[Row]:
        """Of a queryset of values_list."""
        return [tuple(row) for row in self._fetch(values)]  # type: ignore[misc]

    def objects(self, **values: Any) -> list[Row]:
        """Of any other, as Django's own ModelIterable makes them."""
        return [self._object(row) for row in self._fetch(values)]

    def first(self, **values: Any) -> Row | None:
        """Of a query that finds one at most."""
        return next(iter(self.objects(**values)), None)

    def one_or_404(self, **values: Any) -> Row:
        found = self.first(**values)
        if found is None:
            raise Http404
        return found

    def _object(self, row: Any) -> Any:
        model, names, (first, last), populators, annotations = self._shape
        one = model.from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for populator in populators:
            populator.populate(row, one)
        for name, place in annotations:
            setattr(one, name, row[place])
        return one

    def _fetch(self, values: dict[str, Any]) -> Any:
        compiler, sql, params, converters = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[one.name] if isinstance(one, Parameter) else one for one in params])
            rows = cursor.fetchall()
        return compiler.apply_converters(rows, converters) if converters else rows

    @cached_property
    def _statement(self) -> tuple[Any, ...]:
        compiler = self.build().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return compiler, sql, params, compiler.get_converters(column for column, _, _ in compiler.select)

    @cached_property
    def _shape(self) -> tuple[Any, ...]:
        compiler = self._statement[0]
        shape, select = compiler.klass_info, compiler.select
        first, last = shape["select_fields"][0], shape["select_fields"][-1] + 1
        names = [column.target.attname for column, _, _ in select[first:last]]
        # The stubs speak of a later Django, where this takes one argument more.
        populators = get_related_populators(shape, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        annotations = list(compiler.annotation_col_map.items())
        return shape["model"], names, (first, last), populators, annotations
