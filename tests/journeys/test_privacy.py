"""One's own data: taken home in a file that can be read, and asked about when the terms are new."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, expect

from community.members.actions import publish_text
from community.members.models import Consent, Member
from community.threads.models import Thread
from tests.factories.members import proven
from tests.support.site import Site

pytestmark = pytest.mark.timeout(180)


def test_a_member_takes_their_data_home_and_agrees_to_new_terms(
    site: Site, new_context: Callable[..., BrowserContext], ana: Member, talk: Thread, tmp_path: Path
) -> None:
    client = Client()
    client.force_login(ana)
    proven(client, ana)
    context = new_context(viewport={"width": 380, "height": 800}, accept_downloads=True)
    key = client.cookies["hiroba_session"].value
    context.add_cookies([{"name": "hiroba_session", "value": key, "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/settings/data/")
    page.locator("#archive-form button").click()
    expect(page.locator("#archive[data-archive-waits] progress")).to_be_visible()
    site.start_worker()
    ready = page.locator("#archive a.button-primary")
    expect(ready).to_be_visible(timeout=60_000)  # the page looks again by itself
    with page.expect_download() as download:
        ready.click()
    file = tmp_path / "data.zip"
    download.value.save_as(file)
    with ZipFile(file) as zipped:
        assert zipped.testzip() is None
        zipped.extractall(tmp_path)
    page.goto((tmp_path / "index.html").as_uri())
    page.locator('a[href="account/profile-1.html"]').click()
    expect(page.locator("dd").first).to_have_text(ana.display_name)

    publish_text(
        by=None, kind="terms", ja="## お願い\n仲良く。", en="## Please\nBe kind.", summary_ja="お願いを足しました。"
    )
    page.goto(f"{site.url}/threads/")
    expect(page).to_have_url(f"{site.url}/settings/terms/?next=%2Fthreads%2F")
    page.locator("#terms-form button").click()
    expect(page).to_have_url(f"{site.url}/threads/")
    assert Consent.objects.get(member=ana).how == "asked"
