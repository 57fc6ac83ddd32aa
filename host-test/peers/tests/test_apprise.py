"""apprise: its two plugins for WeCom."""

from __future__ import annotations

import pytest
from apprise import Apprise, NotifyFormat
from apprise.plugins.wechat import NotifyWeChat
from conftest import Simulator


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # It lets 5.5 seconds pass between the token and the message.
    monkeypatch.setattr(NotifyWeChat, "request_rate_per_sec", 0)


def address(simulator: Simulator, receivers: str) -> str:
    return f"wechat://{simulator.corp_id}:{simulator.application['app_secret']}@{simulator.agent_id}/{receivers}"


def notify(url: str, **options: object) -> bool:
    apprise = Apprise()
    assert apprise.add(url)
    return bool(apprise.notify("任务完成", title="流程", **options))


@pytest.mark.parametrize(
    ("receivers", "userids"),
    [("@zhangsan", ["zhangsan"]), ("%232", ["LiSi", "zhangsan"]), ("@wangwu/%232", ["LiSi", "wangwu", "zhangsan"])],
)
def test_an_application_delivers(simulator: Simulator, receivers: str, userids: list[str]) -> None:
    assert notify(address(simulator, receivers))
    assert (simulator.last["msgtype"], simulator.last["target"]["userids"]) == ("text", userids)
    assert "任务完成" in simulator.last["body"]["text"]["content"]


def test_everyone_gets_markdown(simulator: Simulator) -> None:
    assert notify(address(simulator, "@all?format=markdown"), body_format=NotifyFormat.MARKDOWN)
    assert simulator.last["msgtype"] == "markdown"
    assert "wangwu" in simulator.last["target"]["userids"]


def test_what_wecom_refuses_is_a_failure(simulator: Simulator) -> None:
    assert not notify(address(simulator, "@nobody"))
    assert not notify(address(simulator, "@zhangsan").replace("SIMULATED", "WRONG"))
    simulator.order({"status": 502})
    assert not notify(address(simulator, "@zhangsan"))
    assert simulator.messages == []


def test_a_chatbot_delivers_by_its_webhook(simulator: Simulator) -> None:
    key = simulator.chatbot["chatbot_key"]
    assert notify(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}")
    assert simulator.last["target"] == {"kind": "robot", "key": key}
    assert "任务完成" in simulator.last["body"]["text"]["content"]
