"""S9: who gets what at which operation, about an object in which state. The table is `tests.trust.matrix`.

Endpoints come from the resolver and the API; an endpoint without a row fails, and so does a row without an endpoint.
Unknown and forbidden look alike. A refusal writes nothing; what is allowed does write.
"""

from collections.abc import Iterator

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib import admin

from community.config import asgi
from tests.trust import matrix
from tests.trust.calls import arguments_of, is_for_keys
from tests.trust.endpoints import Endpoint, doors, every_endpoint
from tests.trust.probe import Answer, ask, plain
from tests.trust.world import KEYS, MISSING, ROLES, World, laid_out

ENDPOINTS = every_endpoint()
TABLE = matrix.read(matrix.TABLE)
ADMIN = matrix.read_admin(matrix.ADMIN)
# Operations that answer without changing anything of the market although they are posts.
CHANGES_NOTHING = {
    "POST /threads/preview/",
    "POST /api/v1/preview",
    "DELETE /api/v1/bookmarks/<kind>/<target_id>",  # nobody here saved anything; letting go of it is well all the same
    "POST /accounts/login/code/",
    "POST /accounts/confirm/",  # a wrong password: nothing is shown, nothing is written
    "POST /accounts/email/",
    "POST /accounts/logout/",
    "POST /accounts/signup/again/",
    "POST /accounts/password/reset/",
    "POST /accounts/password/reset/complete/",
    "POST /admin/",
    "POST /admin/login/",
    "POST /admin/<app_label>/",
    "POST /i18n/setlang/",
}


@pytest.fixture
def world(db: None, settings: pytest.FixtureRequest) -> Iterator[World]:
    with laid_out() as found:
        yield found


def in_admin(endpoint: Endpoint) -> bool:
    """Whether the route is one of the five that Django's admin makes for a model."""
    return matrix.admin_page(endpoint) is not None


def area_of(endpoint: Endpoint) -> str:
    first = endpoint.route.partition("/")[0] or "front"
    if endpoint.is_api:
        return "api of shops" if is_for_keys(endpoint) else "api of members"
    return first if first in {"threads", "posts", "accounts", "admin"} else "rest"


AREAS = sorted({area_of(endpoint) for endpoint in ENDPOINTS.values()})

# --- The table is whole --------------------------------------------------------------------------------------


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    needed = {name for name, endpoint in ENDPOINTS.items() if not in_admin(endpoint)}
    assert needed - set(TABLE) == set(), "endpoints without a row in tests/trust/matrix.py"
    assert set(TABLE) - needed == set(), "rows without an endpoint"


def test_every_table_of_the_admin_has_a_row() -> None:
    registered = {f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry}
    assert registered == set(ADMIN)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_tells_of_every_state_its_object_can_be_in(name: str) -> None:
    row = TABLE[name]
    if row.everybody_everywhere:
        return
    needed: set[str] = set()
    for argument in arguments_of(ENDPOINTS[name]):
        needed |= matrix.STATES.get(argument, set())
    if ENDPOINTS[name].is_unsafe and "hidden" in needed:
        needed |= {"locked"}
    assert needed <= set(row.cells), f"{name} lacks {sorted(needed - set(row.cells))}"


def test_two_pages_that_differ_by_their_tokens_alone_are_the_same_page() -> None:
    # A token holds "in" by chance, once in sixty; the address "/threads/in/…" says it as well.
    tokens = ("in" + "x" * 62, "y" * 64)
    pages = [
        plain(f'<input value="{token}"> nobody-knows {number}', "nobody-knows", "in")
        for number, token in enumerate(tokens)
    ]
    assert pages[0] == pages[1]
    assert plain("makers-room", "in") != plain("nobody-knows", "in")


# --- The table is true ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.timeout(600)
def test_everybody_gets_what_the_table_says(world: World, area: str) -> None:
    wrong: list[str] = []
    for name, row in TABLE.items():
        if area_of(ENDPOINTS[name]) != area:
            continue
        for state in row.cells:
            wrong += differences(world, ENDPOINTS[name], state, row)
    assert wrong == [], "\n".join(wrong)


def differences(world: World, endpoint: Endpoint, state: str, row: matrix.Row) -> Iterator[str]:
    roles = KEYS if is_for_keys(endpoint) else ROLES
    # A method that no view knows is refused before anybody is looked at: two people stand for all.
    for role in ("visitor", "admin") if row.cells[state] == ("405",) else roles:
        wanted, got = row.answer(state, role), ask(world, endpoint, state, role)
        where = f"{endpoint.name} [{state}] {role}"
        if got.word != wanted:
            yield f"{where}: {got.word}, not {wanted}"
        elif endpoint.is_unsafe:
            yield from effects(endpoint, where, got)
        secret = wanted == "404" and state != "missing" and "missing" in row.cells
        if secret and got.text != ask(world, endpoint, "missing", role).text:
            yield f"{where}: does not look like one that is missing"


def effects(endpoint: Endpoint, where: str, got: Answer) -> Iterator[str]:
    if got.is_refusal and got.changed:
        yield f"{where}: refused, and yet wrote {got.changed}"
    if got.word in {"200", "201", "204"} and not got.changed and endpoint.name not in CHANGES_NOTHING:
        yield f"{where}: allowed, and wrote nothing"


@pytest.mark.timeout(600)
def test_the_admin_opens_its_tables_to_those_the_table_names(world: World) -> None:
    wrong: list[str] = []
    for endpoint in ENDPOINTS.values():
        page = matrix.admin_page(endpoint)
        if page is None:
            continue
        table, right = page
        world.places["open"]["object_id"] = first_of(table)
        for role in ROLES:
            wanted = matrix.admin_answer(ADMIN[table], right, role)
            for state in ("open", "missing") if "object_id" in endpoint.arguments else ("-",):
                world.places.setdefault("missing", {})["object_id"] = MISSING
                got = ask(world, endpoint, state, role)
                # Asked for a row that is not there, the admin leads back to its list.
                fits = got.word == wanted or (wanted == "200" and got.word in {"200", "302", "404"})
                if not fits and not (state == "missing" and got.word in {"302", "404"}):
                    wrong.append(f"{endpoint.name} [{state}] {role}: {got.word}, not {wanted}")
                if got.is_refusal and got.changed:
                    wrong.append(f"{endpoint.name} [{state}] {role}: refused, and yet wrote {got.changed}")
    assert wrong == [], "\n".join(wrong)


def first_of(table: str) -> int:
    app, _slash, name = table.partition("/")
    model = next(model for model in admin.site._registry if model._meta.label_lower == f"{app}.{name}")
    row = model._default_manager.order_by("pk").first()
    return row.pk if row is not None else MISSING


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_page_does_anything_for_another_method(world: World, method: str) -> None:
    wrong = []
    for endpoint in ENDPOINTS.values():
        if endpoint.is_api or endpoint.method != "GET" or endpoint.route.startswith("admin/"):
            continue
        got = ask(world, Endpoint(method, endpoint.route), "open", "admin")
        if got.changed or got.word.startswith("5"):
            wrong.append(f"{method} {endpoint.route}: {got.word} {got.changed}")
    assert wrong == []


# --- Before Django -------------------------------------------------------------------------------------------


def test_the_doors_before_django_are_known() -> None:
    assert doors() == sorted(matrix.DOORS)


@pytest.mark.parametrize(("path", "method"), [(path, method) for path in matrix.DOORS for method in ("GET", "POST")])
async def test_a_door_tells_everybody_the_same_and_nothing_else(path: str, method: str) -> None:
    answers = []
    for cookie in (b"", b"hiroba_session=whatever"):
        headers = [(b"host", b"testserver"), (b"cookie", cookie)]
        scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
        talk = ApplicationCommunicator(asgi.application, scope | {"client": ("127.0.0.1", 9), "http_version": "1.1"})
        await talk.send_input({"type": "http.request", "body": b""})
        answers.append([(await talk.receive_output(10))["status"], (await talk.receive_output(10))["body"]])
    assert answers[0] == answers[1]
    assert set(matrix.DOORS[path]) >= {answers[0][0]}


# --- The test itself -----------------------------------------------------------------------------------------


def test_an_endpoint_without_a_row_would_be_seen() -> None:
    found = set(every_endpoint("tests.trust.urls_unguarded")) - set(TABLE)
    assert "POST /unguarded/" in found
