"""corpwechatbot: an application and a chatbot."""

from __future__ import annotations

from pathlib import Path

import corpwechatbot.app
import pytest
from conftest import Simulator
from corpwechatbot import AppMsgSender, CorpWechatBot


@pytest.fixture
def app(simulator: Simulator) -> AppMsgSender:
    # It keeps tokens beside its code, for all simulators.
    corpwechatbot.app.TOKEN_PATH.unlink(missing_ok=True)
    return sender(simulator)


def sender(simulator: Simulator) -> AppMsgSender:
    return AppMsgSender(simulator.corp_id, simulator.application["app_secret"], str(simulator.agent_id))


@pytest.fixture
def bot(simulator: Simulator) -> CorpWechatBot:
    return CorpWechatBot(simulator.chatbot["chatbot_key"])


URL = "https://example.com/"


def test_every_kind_of_message_is_delivered(simulator: Simulator, app: AppMsgSender, files: dict[str, Path]) -> None:
    to = {"touser": ["zhangsan", "LiSi"]}
    paths = {kind: str(path) for kind, path in files.items()}
    for kind, send in {
        "text": lambda: app.send_text("你好", safe=1, **to),
        "markdown": lambda: app.send_markdown("# M", **to),
        "image": lambda: app.send_image(paths["image"], **to),
        "voice": lambda: app.send_voice(paths["voice"], **to),
        "video": lambda: app.send_video(paths["video"], **to),
        "file": lambda: app.send_file(paths["file"], **to),
        "textcard": lambda: app.send_card("T", "D", URL, None, **to),
        "news": lambda: app.send_news("T", None, URL, None, **to),
        "mpnews": lambda: app.send_mpnews("T", paths["image"], "<b>C</b>", None, None, None, **to),
    }.items():
        answer = send()
        assert answer["errcode"] == 0, (kind, answer)
        delivered = simulator.last
        assert (delivered["msgtype"], delivered["target"]["userids"]) == (kind, ["LiSi", "zhangsan"])


def test_departments_and_everyone_are_reached(simulator: Simulator, app: AppMsgSender) -> None:
    assert app.send_text("研发部", toparty=["2"])["errcode"] == 0
    assert simulator.last["target"]["userids"] == ["LiSi", "zhangsan"]
    assert app.send_text("所有人")["errcode"] == 0
    assert "wangwu" in simulator.last["target"]["userids"]
    assert app.send_text("x", touser=["nobody"])["errcode"] == 81013


def test_what_wecom_has_withdrawn_is_refused(simulator: Simulator, app: AppMsgSender) -> None:
    button = [{"key": "yes", "name": "批准"}, {"key": "no", "name": "驳回"}]
    assert app.send_taskcard("T", "D", URL, "task-1", button)["errcode"] == 40008
    assert simulator.messages == []


def test_a_group_chat(simulator: Simulator, app: AppMsgSender) -> None:
    chat = app.create_chat(["zhangsan", "LiSi"], name="周会")
    assert chat["errcode"] == 0
    assert app.send_markdown("# M", chatid=chat["chatid"])["errcode"] == 0
    assert [message["msgtype"] for message in simulator.messages] == ["text", "markdown"]
    assert {message["target"]["chatid"] for message in simulator.messages} == {chat["chatid"]}


def test_a_message_is_repeated_after_its_token_was_refused(simulator: Simulator, app: AppMsgSender) -> None:
    simulator.order({"errcode": 40014, "errmsg": "invalid access_token"})
    assert app.send_text("x", touser=["zhangsan"])["errcode"] == 0
    assert len(simulator.messages) == 1


def test_a_chatbot(simulator: Simulator, bot: CorpWechatBot, files: dict[str, Path]) -> None:
    for kind, send in {
        "text": lambda: bot.send_text("你好", mentioned_list=["zhangsan", "@all"]),
        "markdown": lambda: bot.send_markdown("# M"),
        "image": lambda: bot.send_image(str(files["image"])),
        "news": lambda: bot.send_news("T", url=URL),
        "file": lambda: bot.send_file(str(files["file"])),
    }.items():
        answer = send()
        assert answer["errcode"] == 0, (kind, answer)
        assert simulator.last["msgtype"] == kind
    target = {"kind": "robot", "key": simulator.chatbot["chatbot_key"]}
    assert all(message["target"] == target for message in simulator.messages)
    assert CorpWechatBot("00000000-0000-4000-8000-000000000000").send_text("x")["errcode"] == 93000
