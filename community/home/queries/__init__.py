"""What the pages show, gathered from the apps below. Each page is one function with a fixed number of queries."""

from community.home.queries.front import LIVELY, FrontPage, front_page
from community.home.queries.items import SORTS, Browse, BrowsePage, ItemPage, browse, item_page
from community.home.queries.people import (
    CreatorPage,
    MemberCard,
    MemberPage,
    creator_page,
    creators,
    member_card,
    member_page,
)
from community.home.queries.tags import TagPage, all_tags, tag_page

__all__ = [
    "LIVELY",
    "SORTS",
    "Browse",
    "BrowsePage",
    "CreatorPage",
    "FrontPage",
    "ItemPage",
    "MemberCard",
    "MemberPage",
    "TagPage",
    "all_tags",
    "browse",
    "creator_page",
    "creators",
    "front_page",
    "item_page",
    "member_card",
    "member_page",
    "tag_page",
]
