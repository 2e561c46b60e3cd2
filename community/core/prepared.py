"""Queries that are made into SQL once in the life of a process.

Django makes the SQL of a queryset anew each time it is asked. For a row with five others joined to it that is 3 to 5 ms
of computing, fifty times what it takes to send the question and to read the answer. A page can wait for that; somebody
who holds the lock of a busy thread must not. So what a writer reads is written like any other queryset, with `Given`
in the place of what is known later, and compiled at its first use:

    THREAD = Prepared(lambda: Thread.objects.select_related("category").filter(pk=Given("thread_id")))
    THREAD.first(thread_id=5)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


class Given(Expression):
    """A value that the query gets when it is run, by its name."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known of a query before it is run: its SQL, and how a row of the answer becomes a model."""

    sql: str
    params: tuple[Any, ...]
    model: type[Model]
    own: slice
    names: list[str]
    related: list[Any]
    converters: list[tuple[int, list[Any], Any]]


class Prepared(Generic[M]):
    """A queryset of model rows, `select_related` and `only` included; not for `prefetch_related` or annotations."""

    def __init__(self, make: Callable[[], QuerySet[M]]) -> None:
        self._make = make

    def first(self, **given: Any) -> M | None:
        """The first row of the answer, if there is one; of a query by a unique key it is the only one."""
        plan = self._plan
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, [given[one.name] if isinstance(one, Given) else one for one in plan.params])
            row = cursor.fetchone()
        return self._row(row) if row is not None else None

    @cached_property
    def _plan(self) -> _Plan:
        queryset = self._make()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        assert info is not None and not compiler.annotation_col_map
        own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        found = compiler.get_converters([one for one, _sql, _alias in select])
        return _Plan(
            sql=sql,
            params=tuple(params),
            model=info["model"],
            own=own,
            names=[one.target.attname for one, _sql, _alias in select[own]],
            related=get_related_populators(info, select, queryset.db),  # type: ignore[call-arg]  # the stubs know Django 6
            converters=[(place, convs, one) for place, (convs, one) in found.items()],
        )

    def _row(self, row: Sequence[Any]) -> M:
        plan, values = self._plan, list(row)
        for place, convs, expression in plan.converters:
            for convert in convs:
                values[place] = convert(values[place], expression, connection)
        made: Any = plan.model.from_db(connection.alias, plan.names, values[plan.own])
        for populator in plan.related:
            populator.populate(values, made)
        return made
