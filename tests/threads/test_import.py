"""Talk from elsewhere: what goes in, what is refused, and that a second time changes nothing."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from community.members.models import Member
from community.threads.models import Category, Post, Thread
from tests.data import data_file

pytestmark = pytest.mark.django_db

_POSTS = "Id,PostTypeId,ParentId,AcceptedAnswerId,CreationDate,Score,ViewCount,OwnerUserId,OwnerDisplayName"
POSTS = [*_POSTS.split(","), "Title", "Tags", "Body"]
COMMENTS = ["Id", "PostId", "Score", "Text", "CreationDate", "UserId"]
USERS = ["Id", "CreationDate", "DisplayName"]


def table(path: Path, header: list[str], *rows: dict[str, Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(rows)


def asked(key: int, **more: Any) -> dict[str, Any]:
    given = {"Id": key, "PostTypeId": 1, "CreationDate": "2018-03-12T17:00:45.567", "Score": 5, "OwnerUserId": 7}
    return given | {"Title": "Oil or wax?", "Tags": "<wood><Oil>", "Body": "<p>For a <b>bowl</b>.</p>"} | more


def answered(key: int, parent: int, **more: Any) -> dict[str, Any]:
    given = {"Id": key, "PostTypeId": 2, "ParentId": parent, "CreationDate": "2018-03-12T18:00:00", "Score": 1}
    return given | {"OwnerUserId": 8, "Body": "<p>Oil.</p>"} | more


def remark(key: int, post: int, **more: Any) -> dict[str, Any]:
    return {"Id": key, "PostId": post, "Score": 0, "Text": "Why?", "CreationDate": "2018-03-12T19:00:00"} | more


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "se-wood"
    folder.mkdir()
    late, early = "2018-03-13T00:00:00", "2018-03-12T17:30:00"
    table(
        folder / "posts.csv",
        POSTS,
        asked(1, AcceptedAnswerId=3, ViewCount=90),
        answered(2, 1, CreationDate=late, OwnerUserId="", OwnerDisplayName="user99"),
        answered(3, 1),
        {"Id": 4, "PostTypeId": 5, "CreationDate": late, "Body": "<p>a tag wiki</p>"},
    )
    table(
        folder / "comments.csv",
        COMMENTS,
        remark(10, 3, UserId=7, Text="1. thanks, `2 < 3` &amp; @Riker"),
        remark(11, 1, CreationDate=early),
    )
    table(
        folder / "users.csv",
        USERS,
        {"Id": 7, "CreationDate": early, "DisplayName": "Riker"},
        {"Id": 8, "CreationDate": early, "DisplayName": "木工 太郎"},
        {"Id": 9, "CreationDate": early, "DisplayName": "Silent"},
    )
    return folder


def run(path: Path, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_threads", path, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_a_question_becomes_a_thread_in_the_order_of_time(dump: Path) -> None:
    out, _err = run(dump, site="https://wood.example")
    assert "threads: 1 created" in out
    assert "posts: 5 created" in out
    thread = Thread.objects.get(origin="se-wood", origin_id="1")
    posts = list(Post.objects.filter(thread=thread).order_by("number"))
    assert [(post.number, post.origin_id) for post in posts] == [(1, "1"), (2, "c11"), (3, "3"), (4, "c10"), (5, "2")]
    assert [post.reply_to_id for post in posts] == [None, posts[0].pk, None, posts[2].pk, None]
    assert thread.accepted_post == posts[2]
    assert (thread.last_number, thread.reply_count, thread.view_count, thread.score) == (5, 4, 90, 5)
    assert {tag.name for tag in thread.tags.all()} == {"wood", "Oil"}
    assert (posts[0].body, posts[0].body_html) == ("For a **bowl**.", "<p>For a <strong>bowl</strong>.</p>")
    assert posts[3].body_html == "<p>1. thanks, <code>2 &lt; 3</code> &amp; @Riker</p>"
    assert posts[3].origin_url == "https://wood.example/q/3#comment10_3"
    assert posts[0].origin_licence == "CC BY-SA 3.0"


def test_authors_come_with_their_names_and_cannot_sign_in(dump: Path) -> None:
    run(dump)
    authors = Member.objects.filter(origin="se-wood").order_by("origin_id")
    assert [(row.origin_id, row.display_name) for row in authors] == [
        ("7", "Riker"),
        ("8", "木工 太郎"),
        ("former", "Former member"),
        ("name:user99", "user99"),
    ]
    assert all(row.email is None and not row.has_usable_password() for row in authors)
    riker, taro = authors[0], authors[1]
    assert (riker.handle, riker.post_count, riker.thread_count) == ("se_wood_7", 2, 1)
    assert (taro.accepted_count, riker.accepted_count) == (1, 0)
    category = Category.objects.get(slug="se-wood")
    assert (category.thread_count, category.post_count) == (1, 5)


def test_a_second_run_changes_nothing(dump: Path) -> None:
    run(dump)
    before = list(Post.objects.order_by("pk").values()), list(Thread.objects.order_by("pk").values())
    members = list(Member.objects.order_by("pk").values())
    out, _err = run(dump)
    assert "threads: 0 created, 0 changed, 1 unchanged, 0 refused" in out
    assert "posts: 0 created, 0 changed, 5 unchanged, 0 refused" in out
    assert "members: 0 created" in out
    assert before == (list(Post.objects.order_by("pk").values()), list(Thread.objects.order_by("pk").values()))
    assert members == list(Member.objects.order_by("pk").values())


def test_a_later_dump_adds_at_the_end_and_changes_what_changed(dump: Path) -> None:
    run(dump)
    table(
        dump / "posts.csv",
        POSTS,
        asked(1, AcceptedAnswerId=3, ViewCount=95, Title="Oil, or wax?"),
        answered(2, 1, CreationDate="2018-03-13T00:00:00", OwnerDisplayName="user99", OwnerUserId=""),
        answered(3, 1, Body="<p>Oil, <em>twice</em>.</p>"),
        answered(5, 1, CreationDate="2018-03-12T17:10:00"),
    )
    out, _err = run(dump)
    assert "threads: 0 created, 1 changed, 0 unchanged" in out
    assert "posts: 1 created, 1 changed, 4 unchanged" in out
    thread = Thread.objects.get(origin="se-wood")
    assert (thread.title, thread.view_count, thread.last_number) == ("Oil, or wax?", 95, 6)
    assert Post.objects.get(thread=thread, number=6).origin_id == "5"
    changed = Post.objects.get(origin="se-wood", origin_id="3")
    assert (changed.body, changed.version) == ("Oil, *twice*.", 2)
    assert Category.objects.get(slug="se-wood").post_count == 6


def test_bad_rows_are_refused_by_line_and_the_others_go_in(dump: Path, tmp_path: Path) -> None:
    table(
        dump / "posts.csv",
        POSTS,
        asked(1, Body="<p>two\nlines</p>"),
        asked(20, Title=" "),
        asked(21, CreationDate="yesterday"),
        asked(22, Body="<p> </p>"),
        asked(1),
        answered(23, 99),
        answered(24, 1, Body=f"<p>{'a' * 40_000}</p>"),
        answered(25, 1, Score="many"),
    )
    table(dump / "comments.csv", COMMENTS, remark(10, 24), remark(11, 99), remark(12, 1, Text=""))
    report = tmp_path / "report.csv"
    out, _err = run(dump, report=report)
    assert "threads: 1 created, 0 changed, 0 unchanged, 1 refused" in out
    assert "posts: 1 created" in out
    with report.open(newline="") as file:
        faults = [(row["file"], int(row["line"]), row["id"]) for row in csv.DictReader(file)]
    assert sorted(faults) == [
        ("comments", 2, "c10"),
        ("comments", 3, "11"),
        ("comments", 4, "c12"),
        ("posts", 4, "20"),
        ("posts", 5, "21"),
        ("posts", 6, "22"),
        ("posts", 7, "1"),
        ("posts", 8, "23"),
        ("posts", 9, "24"),
        ("posts", 10, "25"),
    ]


def test_a_dry_run_keeps_nothing(dump: Path) -> None:
    out, _err = run(dump, dry_run=True)
    assert "threads: 1 created" in out
    assert "nothing was kept" in out
    assert not Thread.objects.exists()
    assert not Member.objects.exists()
    assert not Category.objects.exists()


def test_a_file_with_other_columns_is_refused_as_a_whole(dump: Path) -> None:
    table(dump / "users.csv", ["Id", "Name"], {"Id": 1, "Name": "Riker"})
    with pytest.raises(CommandError, match="users: the columns CreationDate, DisplayName are missing"):
        run(dump)
    assert not Thread.objects.exists()


def test_ndjson_brings_threads_of_any_kind(tmp_path: Path) -> None:
    def post(key: str, **more: Any) -> dict[str, Any]:
        author = {"id": "u1", "name": "花"}
        return {"id": key, "author": author, "body": "*Hello*", "created_at": "2024-05-01T09:00:00+09:00"} | more

    lines = [
        {
            "id": "t1",
            "title": "Wax",
            "tags": ["ロウ"],
            "posts": [post("p1"), post("p2", reply_to="p1"), post("p3", body="")],
        },
        {"id": "t2", "title": "", "posts": [post("p4")]},
        {"id": "t1", "title": "Again", "posts": [post("p5")]},
        {"id": "t3", "title": "No posts", "posts": []},
    ]
    path = tmp_path / "forum.ndjson"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n{torn\n", encoding="utf-8")
    out, err = run(path, category="wax")
    assert "threads: 1 created, 0 changed, 0 unchanged, 1 refused" in out
    assert "posts: 2 created" in out
    assert [line.split(" ")[0] for line in err.splitlines()] == [
        "forum.ndjson:1",
        "forum.ndjson:2",
        "forum.ndjson:4",
        "forum.ndjson:5",
        "forum.ndjson:3",
    ]
    thread = Thread.objects.get(origin="forum", origin_id="t1")
    assert (thread.kind, thread.category.slug, thread.reply_count) == ("talk", "wax", 1)
    again, _err = run(path, category="wax")
    assert "threads: 0 created, 0 changed, 1 unchanged" in again
    assert "posts: 0 created, 0 changed, 2 unchanged" in again


def test_the_quantum_dump_goes_in_whole_and_once() -> None:
    folder = data_file("threads/se-quantum")
    out, err = run(folder)
    assert "threads: 612 created, 0 changed, 0 unchanged, 0 refused" in out
    assert "posts: 5085 created, 0 changed, 0 unchanged, 0 refused" in out
    assert err == ""
    assert Thread.objects.exclude(accepted_post=None).count() > 200
    assert not Post.objects.filter(body_html__contains="<img").exists()
    again, _err = run(folder)
    assert "threads: 0 created, 0 changed, 612 unchanged, 0 refused" in again
    assert "posts: 0 created, 0 changed, 5085 unchanged, 0 refused" in again
    assert "members: 0 created" in again
