"""Bulk as the site really runs: under ASGI, answered batch by batch."""

import json

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from community.catalog.models import Customer
from tests.factories.catalog import make_key, make_shop


@pytest.mark.django_db(transaction=True)
async def test_a_bulk_streams_its_answers_and_each_is_committed(monkeypatch):
    monkeypatch.setattr("community.catalog.api.ndjson.BATCH", 2)
    token = await sync_to_async(lambda: make_key(make_shop()))()
    body = "\n".join(json.dumps({"external_id": str(n)}) for n in range(5)).encode()
    response = await AsyncClient().post(
        "/api/v1/customers:bulk",
        body,
        content_type="application/x-ndjson",
        headers={"Authorization": f"Bearer {token}"},
    )
    counts, answers = [], []
    async for part in response.streaming_content:
        answers += part.splitlines()
        counts.append(await Customer.objects.acount())
    assert counts == [2, 4, 5]
    assert [json.loads(line)["line"] for line in answers] == [1, 2, 3, 4, 5]
    await sync_to_async(connections.close_all)()  # of the thread that did the work
