"""What happened in the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemsImported:
    """Items were created or changed by their shop."""

    shop_id: int
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CreatorsImported:
    """Creators were created or changed by their shop."""

    shop_id: int
    creator_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OrdersImported:
    """Orders were created or changed by their shop."""

    shop_id: int
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CustomerErased:
    """A customer's personal data is gone; whoever keeps a copy of it deletes that too."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class CreatorProfileChanged:
    """A creator or a manager wrote the profile."""

    creator_id: int


@dataclass(frozen=True, slots=True)
class CreatorLinked:
    """Another account speaks for a creator than before, or none."""

    creator_id: int


@dataclass(frozen=True, slots=True)
class ShopChanged:
    """A shop was plugged in, opened, closed or renamed, or one of its channels was."""

    shop_id: int


@dataclass(frozen=True, slots=True)
class TagsMade:
    """Words that nobody had tagged anything with before."""

    tag_ids: tuple[int, ...]
