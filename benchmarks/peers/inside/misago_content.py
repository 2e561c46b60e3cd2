"""Fill an empty Misago with the common content, by its own models; prints what to load."""

import json
from types import SimpleNamespace

import django

django.setup()

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone
from misago.categories.models import Category
from misago.conf.models import Setting
from misago.markup import common_flavour
from misago.threads.checksums import update_post_checksum
from misago.threads.models import Post, Thread
from misago.users.avatars import dynamic
from words import PASSWORD, USERS, VARIETY, body, plan, title


def users():
    model = get_user_model()
    secret = make_password(PASSWORD)
    made = [model.objects.create_user(f"user{n}", f"user{n}@example.org") for n in range(USERS)]
    for user in made:
        dynamic.set_avatar(user)
        user.password = secret
        user.save()
    return made


def no_limits():
    Setting.objects.filter(setting__in=("hourly_post_limit", "daily_post_limit")).update(dry_value="0")


def thread(place, person, number):
    row = Thread(category=place, started_on=timezone.now(), last_post_on=timezone.now(), starter=person)
    row.starter_name, row.starter_slug = person.username, person.slug
    row.set_title(title(number))
    return row


def fill(row, number, replies, people, html):
    at = timezone.now()
    posts = Post.objects.bulk_create(
        (
            Post(
                category=row.category,
                thread=row,
                poster=people[(number + k) % USERS],
                poster_name=people[(number + k) % USERS].username,
                original=body(number * 20 + k),
                parsed=html[(number * 20 + k) % VARIETY],
                posted_on=at,
                updated_on=at,
            )
            for k in range(replies + 1)
        ),
        batch_size=1000,
    )
    for post in posts:
        update_post_checksum(post)
    Post.objects.bulk_update(posts, ["checksum"], batch_size=1000)
    row.synchronize()
    row.save()


def main():
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    no_limits()
    people = users()
    place = Category.objects.get(slug="first-category")
    writer = SimpleNamespace(user=people[0], get_host=lambda: "127.0.0.1")
    html = [common_flavour(writer, people[0], body(n))["parsed_text"] for n in range(VARIETY)]
    rows = Thread.objects.bulk_create([thread(place, people[n % USERS], n) for n in range(len(plan()))])
    for n, (row, replies) in enumerate(zip(rows, plan(), strict=True)):
        fill(row, n, replies, people, html)
    place.synchronize()
    place.save()
    small, long = rows[0], rows[-1]
    pages = (plan()[-1] + 1) // 18
    print(
        json.dumps(
            {
                "list": "/",
                "small": small.get_absolute_url(),
                "middle": f"{long.get_absolute_url()}{pages // 2}/",
                "thread": long.pk,
            }
        )
    )


main()
