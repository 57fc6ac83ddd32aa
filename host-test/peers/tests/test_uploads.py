"""Uploads as the HTTP libraries of Python write them."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from conftest import Simulator

API = "https://qyapi.weixin.qq.com/cgi-bin/"


def by_requests(url: str, name: str, content: bytes) -> Any:
    return requests.post(url, files={"media": (name, content)}, timeout=10).json()


def by_httpx(url: str, name: str, content: bytes) -> Any:
    return httpx.post(url, files={"media": (name, content)}).json()


def by_aiohttp(url: str, name: str, content: bytes) -> Any:
    async def post() -> Any:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("media", content, filename=name, content_type="application/octet-stream")
        # Read now: aiohttp itself reads what it trusts when it is imported.
        trust = ssl.create_default_context()
        async with aiohttp.ClientSession(trust_env=True) as session, session.post(url, data=form, ssl=trust) as answer:
            return await answer.json()

    return asyncio.run(post())


@pytest.mark.parametrize("post", [by_requests, by_httpx, by_aiohttp])
def test_a_file_keeps_its_name(simulator: Simulator, files: dict[str, Path], post: Any) -> None:
    secrets = {"corpid": simulator.corp_id, "corpsecret": simulator.application["app_secret"]}
    token = requests.get(f"{API}gettoken", params=secrets, timeout=10).json()["access_token"]
    content = files["file"].read_bytes()
    answer = post(f"{API}media/upload?access_token={token}&type=file", files["file"].name, content)
    assert answer["errcode"] == 0, answer
    found = {"access_token": token, "media_id": answer["media_id"]}
    file = requests.get(f"{API}media/get", params=found, timeout=10)
    assert file.content == content
    disposition = file.headers["content-disposition"].encode("latin-1").decode()
    assert disposition == f'attachment; filename="{files["file"].name}"'
    part = requests.get(f"{API}media/get", params=found, headers={"Range": "bytes=2-4"}, timeout=10)
    assert (part.status_code, part.content) == (206, content[2:5])

    key = simulator.chatbot["chatbot_key"]
    answer = post(f"{API}webhook/upload_media?key={key}&type=file", "a.txt", content)
    assert answer["errcode"] == 0, answer
    assert post(f"{API}media/uploadimg?access_token={token}", "a.txt", content)["errcode"] == 40123


def test_nothing_leads_elsewhere(simulator: Simulator) -> None:
    with pytest.raises(requests.exceptions.ProxyError):
        requests.get("https://example.com/", timeout=10)
    answer = requests.get(f"{API}no/such/api", timeout=10)
    assert (answer.status_code, answer.content) == (404, b"")
    plain, proxies = "http://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=a", {"http": simulator.base_url}
    answer = requests.get(plain, proxies=proxies, timeout=10)
    assert answer.url == f"{API}gettoken?corpid=a"
    assert answer.history[0].status_code == 301
