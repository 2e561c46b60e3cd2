"""Pages by position: nothing lost, nothing twice, whatever the order of reading."""

import pytest

from community.core.errors import Invalid
from community.core.models import IdempotencyKey
from community.core.paging import NumberPage, cut, decode_cursor, encode_cursor
from tests.core.support import note


class TestNumberPage:
    def test_a_page_is_a_range_of_numbers(self) -> None:
        page = NumberPage.of(page=3, size=20, total=45)
        assert (page.first, page.last, page.pages, page.previous, page.next) == (41, 45, 3, 2, None)

    @pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (4, 3), (10**9, 3)])
    def test_a_page_beyond_the_ends_is_the_nearest(self, asked: int, given: int) -> None:
        assert NumberPage.of(page=asked, size=20, total=45).page == given

    def test_an_empty_list_has_one_empty_page(self) -> None:
        page = NumberPage.of(page=1, size=20, total=0)
        assert (page.page, page.pages, page.last - page.first) == (1, 1, -1)

    @pytest.mark.parametrize(("number", "page"), [(1, 1), (20, 1), (21, 2), (45, 3), (99, 3)])
    def test_a_number_knows_its_page(self, number: int, page: int) -> None:
        assert NumberPage.holding(number=number, size=20, total=45).page == page

    def test_the_window_marks_its_gaps(self) -> None:
        assert NumberPage.of(page=50, size=1, total=100).window(1) == [1, None, 49, 50, 51, None, 100]
        assert NumberPage.of(page=1, size=1, total=3).window() == [1, 2, 3]


@pytest.mark.django_db
class TestCut:
    @pytest.fixture(autouse=True)
    def _rows(self) -> None:
        for number in range(7):
            note(f"row-{number % 3}-{number}")

    def walk(self, *, by: tuple[str, ...], size: int) -> list[list[str]]:
        slices, cursor = [], ""
        while True:
            slice_ = cut(IdempotencyKey.objects.all(), by=by, size=size, cursor=cursor)
            slices.append([row.key for row in slice_.rows])
            if slice_.next is None:
                return slices
            cursor = slice_.next

    @pytest.mark.parametrize("by", [("key", "id"), ("-key", "-id")])
    def test_walking_forward_meets_every_row_once_in_order(self, by: tuple[str, ...]) -> None:
        met = [key for part in self.walk(by=by, size=3) for key in part]
        assert met == [row.key for row in IdempotencyKey.objects.order_by(*by)]

    def test_walking_back_gives_the_slice_one_came_from(self) -> None:
        rows = IdempotencyKey.objects.all()
        first = cut(rows, by=("-created_at", "-id"), size=3)
        second = cut(rows, by=("-created_at", "-id"), size=3, cursor=first.next or "")
        again = cut(rows, by=("-created_at", "-id"), size=3, cursor=second.previous or "")
        assert first.previous is None
        assert [row.pk for row in again.rows] == [row.pk for row in first.rows]
        assert again.previous is None and again.next is not None

    @pytest.mark.parametrize(
        "cursor",
        [
            "x",
            "!!!",
            "W10",
            encode_cursor([1]),
            encode_cursor(["a", "b"]),
            encode_cursor([1, {}.__class__.__name__, 3]),
        ],
    )
    def test_a_foreign_cursor_is_a_clear_error(self, cursor: str) -> None:
        with pytest.raises(Invalid) as refused:
            cut(IdempotencyKey.objects.all(), by=("-created_at", "-id"), size=3, cursor=cursor)
        assert refused.value.code == "cursor_invalid"

    def test_a_cursor_comes_back_as_it_went(self) -> None:
        assert decode_cursor(encode_cursor([5, "b"], back=True), length=2) == (True, [5, "b"])
