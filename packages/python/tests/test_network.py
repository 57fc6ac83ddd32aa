"""The way out is httpx's: its proxy, its CA."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import httpx
import pytest
from conftest import Authority, Serve, answer, read_request, serving

from wecom_connector import Application, AsyncWeComConnector, OutcomeUnknown, Rejected, Retryable, WeComConnector


def application(url: str) -> Application:
    return Application(corp_id="ww1", access_token="SIMULATED", agent_id=1, base_url=url, timeout_seconds=5)


def push(wecom: WeComConnector) -> Any:
    return wecom.push_text_message(to_user=["zhangsan"], content="hello")


def forwarding(asked: list[bytes]) -> Serve:
    """A forward proxy: by tunnel (`CONNECT`), or with the whole URL in the request's line."""

    def serve(peer: socket.socket) -> None:
        request = read_request(peer)
        line, _, rest = request.partition(b"\r\n")
        asked.append(line)
        method, target, _ = line.split(b" ")
        authority = target if method == b"CONNECT" else target.split(b"/")[2]
        host, _, port = authority.decode().partition(":")
        if host == "refused.invalid":
            peer.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", int(port))) as server:
            if method == b"CONNECT":
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = b"/" + target.split(b"/", 3)[3]
                server.sendall(b"%s %s HTTP/1.1\r\n%s" % (method, path, rest))
            back = threading.Thread(target=pump, args=(server, peer))
            back.start()
            pump(peer, server)
            back.join()

    return serve


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_a_ca_that_is_not_trusted_and_one_that_is(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(authority.answer) as server:
        at = application(f"https://localhost:{server.port}")
        with WeComConnector(at) as wecom, pytest.raises(Rejected) as caught:
            push(wecom)
        assert "CA" in caught.value.hint.en
        with httpx.Client(verify=authority.trusted()) as client:
            assert push(WeComConnector(at, client=client))["msg_id"] == "m"
        # httpx's own client finds it in the environment.
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        with WeComConnector(at) as wecom:
            assert push(wecom)["msg_id"] == "m"


def test_the_same_without_blocking(authority: Authority) -> None:
    async def main(port: int) -> None:
        at = application(f"https://localhost:{port}")
        async with AsyncWeComConnector(at) as wecom:
            with pytest.raises(Rejected):
                await wecom.push_text_message(to_user=["zhangsan"], content="hello")
        async with httpx.AsyncClient(verify=authority.trusted()) as client:
            wecom = AsyncWeComConnector(at, client=client)
            assert (await wecom.push_text_message(to_user=["zhangsan"], content="hello"))["msg_id"] == "m"

    with serving(authority.answer) as server:
        asyncio.run(main(server.port))


def test_a_proxy_by_tunnel(authority: Authority) -> None:
    asked: list[bytes] = []
    with serving(authority.answer) as server, serving(forwarding(asked)) as proxy:
        at = application(f"https://localhost:{server.port}")
        with httpx.Client(proxy=proxy.url, verify=authority.trusted()) as client:
            assert push(WeComConnector(at, client=client))["msg_id"] == "m"
    assert asked == [b"CONNECT localhost:%d HTTP/1.1" % server.port]


def test_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    with serving(answer) as server, serving(forwarding(asked)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("http_proxy", proxy.url)
        with WeComConnector(application(f"http://wecom.test:{server.port}")) as wecom:
            assert push(wecom)["msg_id"] == "m"
        with httpx.Client(trust_env=False) as client:
            assert push(WeComConnector(application(server.url), client=client))["msg_id"] == "m"
    [line] = asked
    assert line.startswith(b"POST http://wecom.test:%d/cgi-bin/message/send?" % server.port)


def test_a_proxy_that_refuses_and_one_that_is_not_there() -> None:
    with serving(forwarding([])) as proxy, httpx.Client(proxy=proxy.url) as client, pytest.raises(Retryable):
        push(WeComConnector(application("https://refused.invalid:443"), client=client))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx.Client(proxy=url) as client, pytest.raises(Retryable):
        push(WeComConnector(application("http://wecom.test"), client=client))


def test_by_a_client_that_is_closed_nothing_is_sent() -> None:
    async def main(at: Application) -> None:
        async with AsyncWeComConnector(at) as wecom:
            pass
        with pytest.raises(Retryable, match="closed"):
            await wecom.push_text_message(to_user=["zhangsan"], content="hello")

    with serving(answer) as server:
        at = application(server.url)
        with WeComConnector(at) as wecom:
            assert push(wecom)["msg_id"] == "m"
        # A message, of which one would not know otherwise.
        with pytest.raises(Retryable, match="closed"):
            push(wecom)
        with httpx.Client() as client:
            pass
        with pytest.raises(Retryable, match="closed"):
            push(WeComConnector(at, client=client))
        asyncio.run(main(at))
        assert server.connections == 1


def test_a_message_that_a_hook_stops_may_have_been_sent() -> None:
    def stop(_: httpx.Request) -> None:
        raise ValueError("stopped")

    with httpx.Client(event_hooks={"request": [stop]}) as client, pytest.raises(OutcomeUnknown, match="stopped"):
        push(WeComConnector(application("http://wecom.test"), client=client))


def test_another_client_or_language_is_refused_at_once() -> None:
    other: Any
    for other in ("http://proxy:8080", "", httpx.AsyncClient()):
        with pytest.raises(TypeError, match=r"client must be an httpx\.Client, not "):
            WeComConnector(client=other)
    for other in ("http://proxy:8080", "", httpx.Client()):
        with pytest.raises(TypeError, match=r"client must be an httpx\.AsyncClient, not "):
            AsyncWeComConnector(client=other)
    for other in ("fr", "", None, ["en"]):
        with pytest.raises(ValueError, match="language must be one of"):
            WeComConnector(language=other)
        with pytest.raises(ValueError, match="language must be one of"):
            AsyncWeComConnector(language=other)
