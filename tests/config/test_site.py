import urllib.request

import pytest
from playwright.sync_api import Page

from tests.support.site import Site


def test_the_site_answers_and_comes_back_after_a_kill(site: Site) -> None:
    assert b"alive" in urllib.request.urlopen(f"{site.url}/healthz").read()
    site.kill()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{site.url}/healthz", timeout=2)
    site.restart()
    assert b"ready" in urllib.request.urlopen(f"{site.url}/readyz").read()


@pytest.mark.journey
def test_a_browser_opens_a_page(site: Site, page: Page) -> None:
    answer = page.goto(f"{site.url}/healthz")
    assert answer is not None
    assert answer.status == 200
