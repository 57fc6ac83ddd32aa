"""wechatpy: applications, group chats, the address book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Simulator
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException


# region: client
@pytest.fixture
def app(simulator: Simulator) -> WeChatClient:
    return WeChatClient(simulator.corp_id, simulator.application["app_secret"])


# endregion


@pytest.fixture
def contacts(simulator: Simulator) -> WeChatClient:
    return WeChatClient(simulator.corp_id, simulator.application["contacts_secret"])


def refused(call: Callable[[], Any]) -> int:
    with pytest.raises(WeChatClientException) as refusal:
        call()
    return refusal.value.errcode


ARTICLE = {"title": "T", "description": "D", "url": "https://example.com/", "image": "https://example.com/a.png"}


def test_every_kind_of_message_is_delivered(simulator: Simulator, app: WeChatClient, files: dict[str, Path]) -> None:
    media = {}
    for kind, path in files.items():
        with path.open("rb") as file:
            media[kind] = app.media.upload(kind, file)["media_id"]
    mp_article = {
        "thumb_media_id": media["image"],
        "author": "",
        "title": "T",
        "content": "<b>C</b>",
        "content_source_url": "",
        "digest": None,
        "show_cover_pic": 1,
    }
    agent, users = str(simulator.agent_id), ["zhangsan", "LiSi"]
    message = app.message
    for kind, send in {
        "text": lambda: message.send_text(agent, users, "你好", safe=1),
        "image": lambda: message.send_image(agent, users, media["image"]),
        "voice": lambda: message.send_voice(agent, users, media["voice"]),
        "video": lambda: message.send_video(agent, users, media["video"], title="T"),
        "file": lambda: message.send_file(agent, users, media["file"]),
        "textcard": lambda: message.send_text_card(agent, users, "T", "D", "https://example.com/"),
        "news": lambda: message.send_articles(agent, users, [ARTICLE]),
        "mpnews": lambda: message.send_mp_articles(agent, users, [mp_article]),
        "markdown": lambda: message.send_markdown(agent, users, "# M"),
    }.items():
        assert send()["errcode"] == 0, kind
        delivered = simulator.last
        assert (delivered["msgtype"], delivered["target"]["userids"]) == (kind, ["LiSi", "zhangsan"])
    assert len(simulator.messages) == 9


def test_departments_and_everyone_are_reached(simulator: Simulator, app: WeChatClient) -> None:
    # region: send
    app.message.send_text(simulator.agent_id, "", "研发部", party_ids=["2", "99"])
    assert simulator.last["target"]["userids"] == ["LiSi", "zhangsan"]
    # endregion
    answer = app.message.send_text(simulator.agent_id, "zhangsan", "x", party_ids=["99"])
    assert answer["invalidparty"] == "99"
    app.message.send_text(simulator.agent_id, "@all", "所有人")
    assert "wangwu" in simulator.last["target"]["userids"]
    assert refused(lambda: app.message.send_text(simulator.agent_id, "nobody", "x")) == 81013
    assert refused(lambda: app.message.send_text(1, "zhangsan", "x")) == 40056
    assert len(simulator.messages) == 3


def test_files_come_back_as_they_went(app: WeChatClient, files: dict[str, Path]) -> None:
    for kind, path in files.items():
        with path.open("rb") as file:
            media_id = app.media.upload(kind, file)["media_id"]
        assert app.media.download(media_id).content == path.read_bytes(), kind
    with files["image"].open("rb") as file:
        assert app.media.upload_img(file)["url"].startswith("http://p.qpic.cn/")
    with files["file"].open("rb") as file:
        assert refused(lambda: app.media.upload("image", file)) == 40123
    assert app.media.download("made-up").json()["errcode"] == 40007


def test_a_group_chat(simulator: Simulator, app: WeChatClient) -> None:
    chat = app.appchat.create(name="周会", user_list=["zhangsan", "LiSi"])["chatid"]
    app.appchat.update(chat, name="例会", owner="zhangsan", add_user_list=["wangwu"])
    info = app.appchat.get(chat)
    assert (info["name"], sorted(info["userlist"])) == ("例会", ["LiSi", "wangwu", "zhangsan"])
    app.appchat.send_text(chat, "开会了")
    article = {key: ARTICLE[key] for key in ("title", "description", "url")}
    app.appchat.send(chat, "news", articles=[article])
    app.appchat.send(chat, "textcard", title="T", description="D", url="https://example.com/")
    app.appchat.send(chat, "markdown", content="# M")
    assert [message["msgtype"] for message in simulator.messages] == ["text", "news", "textcard", "markdown"]
    assert {message["target"]["chatid"] for message in simulator.messages} == {chat}
    assert refused(lambda: app.appchat.send_text("madeup", "x")) == 86003


def test_members(app: WeChatClient, contacts: WeChatClient) -> None:
    contacts.user.create("chenjiu", "陈九", department=[3], mobile="13800009999", position="")
    contacts.user.update("chenjiu", name="陈久", gender=1, enable=1)
    member = app.user.get("chenjiu")
    assert (member["name"], member["department"]) == ("陈久", [3])
    assert "chenjiu" in [user["userid"] for user in app.user.list(3, simple=True)]
    details = {user["userid"]: user for user in app.user.list(2, fetch_child=True)}
    assert details["chenjiu"]["name"] == "陈久"
    contacts.batch.invite(user=["chenjiu"])
    contacts.user.delete("chenjiu")
    contacts.user.batch_delete(["wangwu"])
    assert refused(lambda: app.user.get("chenjiu")) in (60111, 40003)


def test_departments(app: WeChatClient, contacts: WeChatClient) -> None:
    department = contacts.department.create("测试部", parent_id=1)["id"]
    contacts.department.update(department, name="质量部", order=7)
    names = {item["id"]: item.get("name") for item in app.department.get()}
    assert names[department] == "质量部"
    assert {"zhangsan", "LiSi"} <= {user["userid"] for user in app.department.get_users(2)}
    assert app.department.get_map_users(2)["张三"] == "zhangsan"
    contacts.department.delete(department)
    assert refused(lambda: contacts.department.delete(department)) == 60003


def test_tags(simulator: Simulator, contacts: WeChatClient) -> None:
    tag = contacts.tag.create("夜班")["tagid"]
    contacts.tag.update(tag, "早班")
    contacts.tag.add_users(tag, ["zhangsan", "LiSi"])
    contacts.tag.delete_users(tag, ["LiSi"])
    assert [user["userid"] for user in contacts.tag.get_users(tag)["userlist"]] == ["zhangsan"]
    assert "早班" in [item["tagname"] for item in contacts.tag.list()]
    contacts.tag.delete(tag)
    assert "早班" not in [item["tagname"] for item in contacts.tag.list()]


def test_the_application_and_addresses(simulator: Simulator, app: WeChatClient) -> None:
    assert app.agent.get(simulator.agent_id)["agentid"] == simulator.agent_id
    assert [item["agentid"] for item in app.agent.list()] == [simulator.agent_id]
    assert app.misc.get_wechat_ips()


def test_what_goes_wrong_is_told(simulator: Simulator, app: WeChatClient) -> None:
    simulator.order({"errcode": 45009, "errmsg": "api freq out of limit"})
    with pytest.raises(APILimitedException):
        app.message.send_text(simulator.agent_id, "zhangsan", "x")
    app.message.send_text(simulator.agent_id, "zhangsan", "x")
    simulator.order({"status": 502})
    assert refused(lambda: app.message.send_text(simulator.agent_id, "zhangsan", "x")) is None
    # The client fetches another token, by itself.
    simulator.advance(7200)
    app.message.send_text(simulator.agent_id, "zhangsan", "x")
    assert len(simulator.messages) == 2
    wrong = WeChatClient(simulator.corp_id, "not the secret")
    assert refused(lambda: wrong.agent.list()) == 40001


def test_strict_is_what_is_documented(start: Callable[..., Simulator]) -> None:
    simulator = start("--strict")
    app = WeChatClient(simulator.corp_id, simulator.application["app_secret"])
    assert refused(lambda: app.message.send_text(simulator.agent_id, "zhangsan", "x")) == 40063
    assert simulator.messages == []
