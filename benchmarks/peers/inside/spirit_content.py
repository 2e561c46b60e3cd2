"""Fill an empty django-spirit with the common content, by its own models; prints what to load."""

import json

import django

django.setup()

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone
from spirit.category.models import Category
from spirit.comment.models import Comment
from spirit.core.utils.markdown import Markdown
from spirit.topic.models import Topic
from spirit.user.models import UserProfile
from words import PASSWORD, USERS, VARIETY, body, plan, title


def users():
    model = get_user_model()
    secret = make_password(PASSWORD)
    rows = [model(username=f"user{n}", email=f"user{n}@example.org", password=secret) for n in range(USERS)]
    made = model.objects.bulk_create(rows)
    profiles = {profile.user_id for profile in UserProfile.objects.all()}
    UserProfile.objects.bulk_create(
        UserProfile(user=user, slug=user.username, nickname=user.username, is_verified=True)
        for user in made
        if user.pk not in profiles
    )
    UserProfile.objects.update(is_verified=True)
    return made


def main():
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    people = users()
    place = Category.objects.create(title="Market", slug="market")
    html = [Markdown().render(body(n)) for n in range(VARIETY)]
    topics = Topic.objects.bulk_create(
        Topic(user=people[n % USERS], category=place, title=title(n), slug=f"topic-{n}", comment_count=replies + 1)
        for n, replies in enumerate(plan())
    )
    for n, (topic, replies) in enumerate(zip(topics, plan(), strict=True)):
        Comment.objects.bulk_create(
            (
                Comment(
                    user=people[(n + k) % USERS],
                    topic=topic,
                    comment=body(n * 20 + k),
                    comment_html=html[(n * 20 + k) % VARIETY],
                    date=timezone.now(),
                )
                for k in range(replies + 1)
            ),
            batch_size=1000,
        )
    small, long = topics[0], topics[-1]
    print(
        json.dumps(
            {
                "list": "/",
                "small": small.get_absolute_url(),
                "middle": f"{long.get_absolute_url()}?page={(plan()[-1] + 1) // 20 // 2}",
                "thread": long.pk,
            }
        )
    )


main()
