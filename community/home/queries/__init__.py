"""What the pages show, gathered from the apps below. Each page is one function with a fixed number of queries."""

from community.home.queries.front import LIVELY, FrontPage, front_page
from community.home.queries.items import SORTS, Browse, BrowsePage, ItemPage, browse, item_page
from community.home.queries.people import (
    CreatorPage,
    MemberCard,
    MemberPage,
    ShopPage,
    creator_page,
    creators,
    member_card,
    member_page,
    shop_page,
)
from community.home.queries.sitemaps import Part, Place, fixed_places
from community.home.queries.sitemaps import parts as sitemap_parts
from community.home.queries.sitemaps import places as sitemap_places
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
    "Part",
    "Place",
    "ShopPage",
    "TagPage",
    "all_tags",
    "browse",
    "creator_page",
    "creators",
    "fixed_places",
    "front_page",
    "item_page",
    "member_card",
    "member_page",
    "shop_page",
    "sitemap_parts",
    "sitemap_places",
    "tag_page",
]
