"""The shop's side: shops, creators, items and where to buy them, customers and their orders.

Rows come from the shop through the import API or files and are never deleted when the shop withdraws them: the
talk that hangs on an item outlives its sale.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase, TagBase

from community.core.clock import now
from community.core.models import Picture
from community.core.text import tag_key


class Tag(TagBase):
    """A word for things. `key` is its canonical form: spellings with one key are one tag."""

    key = models.CharField(max_length=100, unique=True, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def slugify(self, tag: str, i: int | None = None) -> str:
        slug = slugify(tag_key(tag), allow_unicode=True) or "tag"
        return slug if i is None else f"{slug}-{i}"


class Shop(models.Model):
    """A shop that plugged itself in."""

    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=80)
    site_url = models.URLField(_("shop address"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="JPY")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Tokyo")
    is_open = models.BooleanField(_("shown to everybody"), default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home:shop", args=[self.slug])


class ApiKey(models.Model):
    """A shop's key to the API. The secret is shown once and kept as a hash (S21)."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)  # SHA-256 of 256 random bits: nothing to guess, so no slow hash
    scopes = models.JSONField(_("scopes"), default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class FromShop(models.Model):
    """A row that a shop owns. `external_id` is the shop's own, `source_updated_at` the shop's clock.

    `fingerprint` is a hash of what the shop said last, so that saying it again changes nothing.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=64)
    source_updated_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=32, blank=True, editable=False)
    imported_at = models.DateTimeField()

    class Meta:
        abstract = True


class Creator(FromShop):
    """A maker. `member` is the account that speaks for them, once it is linked."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=80)
    craft = models.CharField(_("craft"), max_length=60, blank=True)
    place = models.CharField(_("place"), max_length=60, blank=True)
    # The year the craft began; shown as クラフト歴N年 (C10).
    craft_started_year = models.PositiveSmallIntegerField(_("making since"), null=True, blank=True)
    bio = models.TextField(_("about"), blank=True)
    bio_html = models.TextField(blank=True, editable=False)
    links = models.JSONField(_("links"), default=list, blank=True)  # [{"label": …, "url": …}]
    picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    joined_at = models.DateTimeField(null=True, blank=True)
    # When the creator first wrote their own profile: from then on an import leaves these fields to them.
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    item_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="catalog_creator_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home:creator", args=[self.slug])


class Series(models.Model):
    """Works of one creator that belong together; it goes on when the single pieces are sold."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="series")
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=100, allow_unicode=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [models.UniqueConstraint(fields=["creator", "name"], name="catalog_series_once")]

    def __str__(self) -> str:
        return self.name


class Item(FromShop):
    """A work on offer, or one that was: sold out and withdrawn items keep their page and their talk."""

    class State(models.TextChoices):
        ON_SALE = "on_sale", _("on sale")
        SOLD_OUT = "sold_out", _("sold out")
        WITHDRAWN = "withdrawn", _("no longer offered")

    creator = models.ForeignKey(Creator, null=True, blank=True, on_delete=models.SET_NULL, related_name="items")
    creator_ref = models.CharField(max_length=64, blank=True, editable=False)  # the shop's id; may arrive before them
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="items")
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(max_length=120, allow_unicode=True, blank=True)
    description = models.TextField(_("description"), blank=True)  # Markdown
    description_html = models.TextField(blank=True, editable=False)
    category = models.CharField(_("kind of work"), max_length=60, blank=True, db_index=True)
    price_minor = models.BigIntegerField(_("price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="JPY")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ON_SALE)
    url = models.URLField(_("page in the shop"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("published"))
    attributes = models.JSONField(default=dict, blank=True)  # what else the shop tells, shown as a table
    thread_count = models.PositiveIntegerField(default=0, editable=False)
    question_count = models.PositiveIntegerField(default=0, editable=False)
    answered_count = models.PositiveIntegerField(default=0, editable=False)
    last_talk_at = models.DateTimeField(null=True, blank=True, editable=False)

    tags = TaggableManager(
        through="catalog.TaggedItem", blank=True, verbose_name=_("tags"), related_name="tagged_items_of+"
    )

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="catalog_item_once"),
            models.CheckConstraint(condition=Q(price_minor=None) | Q(price_minor__gte=0), name="catalog_item_price"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="catalog_item_newest"),
            models.Index(fields=["creator", "-published_at", "-id"], name="catalog_item_of_creator"),
            models.Index(fields=["price_minor", "id"], name="catalog_item_by_price"),
            models.Index(fields=["-last_talk_at", "-id"], name="catalog_item_talked"),
            models.Index(
                fields=["shop", "creator_ref"],
                condition=Q(creator=None) & ~Q(creator_ref=""),
                name="catalog_item_waits_for_creator",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("home:item", args=[self.pk, self.slug] if self.slug else [self.pk])

    @property
    def face(self) -> str:
        """The address of the first picture, "" without one; the pictures are prefetched."""
        return next((row.face()["url"] for row in self.pictures.all()), "")


class TaggedItem(ItemBase):
    """An item carries a tag, once."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged_items")
    content_object = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="catalog_tagged_item_once")]


class ItemPicture(models.Model):
    """A picture of an item: one of ours, or an address on a host that the settings allow (`PICTURE_HOSTS`)."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="pictures")
    position = models.PositiveSmallIntegerField(default=0)
    picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    remote_url = models.URLField(max_length=500, blank=True)
    alt = models.CharField(_("what it shows"), max_length=200, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "position"], name="catalog_item_picture_place"),
            models.CheckConstraint(
                condition=Q(picture=None) ^ Q(remote_url=""), name="catalog_item_picture_one_source"
            ),
        ]

    def __str__(self) -> str:
        return self.alt or self.remote_url

    def face(self) -> dict[str, Any]:
        """What pages need of it: url, thumb_url, width and height (0 where we do not know them), alt."""
        if self.picture is None:
            return {"url": self.remote_url, "thumb_url": self.remote_url, "width": 0, "height": 0, "alt": self.alt}
        mine = self.picture
        return {
            "url": mine.url,
            "thumb_url": mine.thumb_url,
            "width": mine.width,
            "height": mine.height,
            "alt": self.alt,
        }


class Channel(models.Model):
    """A place where the shop sells: its own store or a mall (X1)."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="channels")
    code = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("selling channel")
        verbose_name_plural = _("selling channels")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["shop", "code"], name="catalog_channel_once")]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """A colour or size of an item. `only_at` marks goods that one channel alone sells (X3)."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="variants")
    external_id = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=120)
    price_minor = models.BigIntegerField(_("price"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=Item.State, default=Item.State.ON_SALE)
    only_at = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "external_id"], name="catalog_variant_once")]

    def __str__(self) -> str:
        return self.name


class ChannelListing(models.Model):
    """An item on a channel: where to buy it, and what is special there for a while (X2)."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="listings")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="listings")
    url = models.URLField(max_length=500)
    price_minor = models.BigIntegerField(_("price"), null=True, blank=True)
    in_stock = models.BooleanField(_("in stock"), default=True)
    benefit = models.CharField(_("benefit"), max_length=120, blank=True)
    benefit_from = models.DateTimeField(null=True, blank=True)
    benefit_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [models.UniqueConstraint(fields=["item", "channel"], name="catalog_listing_once")]

    def __str__(self) -> str:
        return self.url

    @property
    def benefit_now(self) -> str:
        """The benefit while its period runs, else ""."""
        at = now()
        begun = self.benefit_from is None or self.benefit_from <= at
        return self.benefit if begun and (self.benefit_until is None or at < self.benefit_until) else ""


class Customer(FromShop):
    """A buyer in the shop's books. `member` links them to an account; nobody else ever sees that they bought.

    Erased (`erased_at`), the row holds nothing personal and its `external_id` is a pseudonym under a server key.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    country = models.CharField(max_length=60, blank=True)
    # SHA-256 under a server key of the lower-case address: enough to recognise, not to write to.
    email_digest = models.CharField(max_length=64, blank=True, db_index=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="catalog_customer_once")]

    def __str__(self) -> str:
        return self.external_id


class Order(FromShop):
    """An order or, with negative quantities, a cancellation the shop books as one (`kind`)."""

    class Kind(models.TextChoices):
        SALE = "sale", _("sale")
        CANCELLATION = "cancellation", _("cancellation")

    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SALE)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    channel_code = models.CharField(max_length=40, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # the link to the customer is gone, and stays gone

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="catalog_order_once")]
        indexes = [models.Index(fields=["customer", "-placed_at"], name="catalog_order_of_customer")]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    """One line of an order. A review or a badge rests on its `state`, never on a word of the buyer (S30)."""

    class State(models.TextChoices):
        ORDERED = "ordered", _("ordered")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")
        REFUNDED = "refunded", _("refunded")

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False
    )  # the constraint does
    number = models.PositiveIntegerField()  # the line's place in the order, from 1
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )  # catalog_line_of_item serves it
    sku = models.CharField(max_length=64, blank=True)  # the item's external_id, which may arrive before the item
    title = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.ORDERED)
    delivered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # cancelled or refunded at

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="catalog_order_line_once")]
        indexes = [
            models.Index(fields=["item", "state"], name="catalog_line_of_item"),
            models.Index(fields=["sku"], condition=Q(item=None), name="catalog_line_waits_for_item"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.number}"
