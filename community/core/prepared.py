"""Queries that are made into SQL once in the life of a process.

Django makes the SQL of a queryset anew each time it is asked. For a row with five others joined to it that is 3 to 5 ms
of computing, fifty times what it takes to send the question and to read the answer. Nobody should wait for that: not
who holds the lock of a busy thread, and not who reads a page. So what is read often is written like any other queryset,
with `Given` in the place of what is known later, and compiled at its first use:

    THREAD = Prepared(lambda: Thread.objects.select_related("category").filter(pk=Given("thread_id")))
    THREAD.first(thread_id=5)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, Func, Model, QuerySet
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)


class Given(Expression):
    """A value that the query gets when it is run, by its name."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


def among(field: str, name: str) -> Func:
    """A condition for `filter`: the field is one of the list that is given under `name`."""
    return Func(F(field), Given(name), template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


def hang(row: Model, **related: Iterable[Any]) -> None:
    """Hang rows on the names that `prefetch_related` would hang them on."""
    kept = row.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, rows in related.items():
        ready: QuerySet[Any] = QuerySet(model=type(row))
        ready._result_cache, ready._prefetch_done = list(rows), True  # type: ignore[attr-defined]
        kept[name] = ready


@dataclass(frozen=True, slots=True)
class _Part:
    """How some columns of a row become a model, with the models that hang on it; the primary key comes first."""

    model: type[Model]
    columns: slice
    names: tuple[str, ...]
    key: int  # the column of its primary key: NULL where nothing hangs there
    related: tuple[tuple[Callable[[Any, Any], None], "_Part"], ...]

    @classmethod
    def of(cls, info: dict[str, Any], select: Sequence[Any]) -> "_Part":
        """`info` is what Django's compiler knows of the model (its `klass_info`)."""
        first, last = info["select_fields"][0], info["select_fields"][-1]
        names = tuple(one.target.attname for one, _sql, _alias in select[first : last + 1])
        below = tuple((one["local_setter"], cls.of(one, select)) for one in info.get("related_klass_infos", ()))
        key = first + names.index(info["model"]._meta.pk.attname)
        return cls(info["model"], slice(first, last + 1), names, key, below)

    def made(self, values: Sequence[Any]) -> Any:
        """The model, as `from_db` makes it (a tenth of the time: our models have no signals and no `__init__`)."""
        if values[self.key] is None:
            return None
        made = self.model.__new__(self.model)
        made.__dict__.update(zip(self.names, values[self.columns], strict=True))
        made._state = state = ModelState()
        state.adding, state.db = False, "default"
        for hang, part in self.related:
            hang(made, part.made(values))
        return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known of a query before it is run."""

    sql: str
    params: tuple[Any, ...]
    row: _Part
    converters: list[tuple[int, list[Any], Any]]
    notes: tuple[tuple[str, int], ...]  # annotations: what they are called on the row, and their columns


class Prepared(Generic[M]):
    """A queryset of model rows, `select_related`, `only` and annotations included; not for `prefetch_related`."""

    def __init__(self, make: Callable[[], QuerySet[M]]) -> None:
        self._make = make

    def first(self, **given: Any) -> M | None:
        """The first row of the answer, if there is one; of a query by a unique key it is the only one."""
        rows = self._asked(given, most=1)
        return self._models(rows)[0] if rows else None

    def all(self, **given: Any) -> list[M]:
        """All rows of the answer."""
        return self._models(self._asked(given))

    def _asked(self, given: dict[str, Any], *, most: int | None = None) -> list[tuple[Any, ...]]:
        plan = self._plan
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, [given[one.name] if isinstance(one, Given) else one for one in plan.params])
            return cursor.fetchall() if most is None else cursor.fetchmany(most)

    @cached_property
    def _plan(self) -> _Plan:
        compiler = self._make().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        assert info is not None
        found = compiler.get_converters([one for one, _sql, _alias in select])
        converters = [(place, convs, one) for place, (convs, one) in found.items()]
        notes = tuple(compiler.annotation_col_map.items())
        return _Plan(sql, tuple(params), _Part.of(info, select), converters, notes)

    def _models(self, rows: list[tuple[Any, ...]]) -> list[M]:
        plan, found = self._plan, []
        for row in rows:
            values = list(row)
            for place, convs, expression in plan.converters:
                for convert in convs:
                    values[place] = convert(values[place], expression, connection)
            made = plan.row.made(values)
            for name, place in plan.notes:
                made.__dict__[name] = values[place]
            found.append(made)
        return found
