"""The site as an app: its description, its service worker and the page without a network, the same for everybody."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from PIL import Image

from community.config.webapp import OFFLINE_FILES
from tests.factories.members import make_member

PATHS = ("/manifest.webmanifest", "/sw.js", "/offline/")


def site_of(script: str) -> dict[str, Any]:
    """What the worker is told in its first line."""
    found = re.match(r"const SITE = (\{.*\});\n", script)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


@pytest.mark.parametrize("path", PATHS)
def test_a_member_gets_the_same_bytes_as_a_visitor_and_they_are_asked_for_each_time(path: str, db: None) -> None:
    client = Client()
    client.force_login(make_member("ana", display_name="Kanariya"))
    mine, theirs = client.get(path), Client().get(path)
    assert mine.status_code == 200 and mine.content == theirs.content and b"Kanariya" not in mine.content
    for answer in (mine, theirs):
        assert answer["Cache-Control"] == "public, no-cache" and not answer.cookies
        assert "unsafe" not in answer["Content-Security-Policy"]
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize("path", PATHS[:2])
def test_who_has_it_already_is_told_so(path: str) -> None:
    first = Client().get(path)
    again = Client().get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(path, headers={"if-none-match": '"else"'}).status_code == 200


def test_the_description_is_in_the_language_of_the_page_that_names_it() -> None:
    ja, en = (Client().get("/manifest.webmanifest", {"lang": lang}) for lang in ("ja", "en"))
    assert ja["Content-Type"] == "application/manifest+json; charset=utf-8"
    told = en.json()
    assert told["lang"] == "en" and told["start_url"] == told["scope"] == told["id"] == "/"
    assert [door["url"] for door in told["shortcuts"]] == ["/threads/", "/notifications/", "/items/"]
    assert ja.json()["lang"] == "ja" and "手しごと" in ja.json()["name"] and ja.json()["id"] == told["id"]
    assert Client().get("/manifest.webmanifest", {"lang": "<x>"}).json()["lang"] == "ja"
    assert (
        'href="/manifest.webmanifest?lang=en"'
        in Client(headers={"accept-language": "en"}).get("/offline-not-there/").content.decode()
    )


def test_its_pictures_have_the_sizes_it_says() -> None:
    told = Client().get("/manifest.webmanifest").json()
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for icon in told["icons"]:
        with Image.open(str(finders.find(icon["src"].removeprefix("/static/")))) as picture:
            assert "x".join(map(str, picture.size)) == icon["sizes"]
            if icon["purpose"] == "maskable":
                assert picture.convert("RGBA").getextrema()[3] == (255, 255)  # a system cuts it to a shape of its own


def test_the_worker_keeps_the_offline_page_and_its_files_and_no_other() -> None:
    answer = Client().get("/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    site = site_of(answer.content.decode())
    page = Client().get(site["offline"]).content.decode()
    needed = set(re.findall(r'(?:href|src)="(/[^"]+)"', page))
    assert needed == set(site["files"]) - {site["offline"]}
    assert "<script" not in page and 'href=""' in page and 'lang="ja"' in page and 'lang="en"' in page


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """As production serves static files, but these few alone: compressing all there are takes a minute."""
    sources = Path(settings.BASE_DIR) / "static"
    for name in (*OFFLINE_FILES, "js/sw.js", *(f"img/app/{path.name}" for path in (sources / "img/app").iterdir())):
        (tmp_path / "sources" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sources" / name).write_bytes((sources / name).read_bytes())
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "community.config.static.HashedStorage"}}
    finders.get_finder.cache_clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    yield tmp_path / "static"
    finders.get_finder.cache_clear()


def test_in_production_it_names_hashed_files_and_changes_with_them(collected: Path) -> None:
    hashed = site_of(Client().get("/sw.js").content.decode())
    names = [*hashed["files"][1:], hashed["icon"], hashed["badge"]]
    assert all(re.search(r"\.[0-9a-f]{12}\.\w+$", name) for name in names)
    assert set(hashed["files"][1:]).isdisjoint(f"/static/{name}" for name in OFFLINE_FILES)
    icons = Client().get("/manifest.webmanifest").json()["icons"]
    assert all((collected / icon["src"].removeprefix("/static/")).exists() for icon in icons)
