"""Callbacks: the vendor's and others' examples, and what is none of WeCom's."""

from __future__ import annotations

import json
import logging
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from callbacks import BOT, OTHERS, PAGE, PYTHON, fields_of, seal, sign, unseal
from conftest import REPOSITORY

from wecom_connector import (
    MAX_BODY_BYTES,
    Application,
    Callback,
    CallbackRefused,
    ComponentError,
    Event,
    InvalidParameters,
    WeComError,
    _callbacks,
    decrypt_message,
    encrypt_reply,
    verify_url,
)
from wecom_connector._callbacks import CallbackInstance

PAGE_QUERY = "msg_signature=477715d11cdb4164915debcba66cb864d751f3e6&timestamp=1409659813&nonce=1372623149"
PAGE_CIPHERTEXT = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="  # noqa: E501
PAGE_BODY = (
    f"<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<Encrypt><![CDATA[{PAGE_CIPHERTEXT}]]></Encrypt>\n"
    "<AgentID><![CDATA[218]]></AgentID>\n</xml>"
).encode()
PYTHON_CIPHERTEXT = "Kl7kjoSf6DMD1zh7rtrHjFaDapSCkaOnwu3bqLc5tAybhhMl9pFeK8NslNPVdMwmBQTNoW4mY7AIjeLvEl3NyeTkAgGzBhzTtRLNshw2AEew+kkYcD+Fq72Kt00fT0WnN87hGrW8SqGc+NcT3mu87Ha3dz1pSDi6GaUA6A0sqfde0VJPQbZ9U+3JWcoD4Z5jaU0y9GSh010wsHF8KZD24YhmZH4ch4Ka7ilEbjbfvhKkNL65HHL0J6EYJIZUC2pFrdkJ7MhmEbU2qARR4iQHE7wy24qy0cRX3Mfp6iELcDNfSsPGjUQVDGxQDCWjayJOpcwocugux082f49HKYg84EpHSGXAyh+/oxwaWbvL6aSDPOYuPDGOCI8jmnKiypE+"  # noqa: E501
OTHERS_CIPHERTEXT = "RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0="  # noqa: E501
JAVA_CIPHERTEXT = "CZWs4CWRpI4VolQlvn4dlEC1alN2MUEY2VklGehgBVLBrlVF7SyT+SV+Toj43l4ayJ9UMGKphktKKmP7B2j/P1ey67XB8PBgS7Wr5/8+w/yWriZv3Vmoo/MH3/1HsIWZrPQ3N2mJrelStIfI2Y8kLKXA7EhfZgZX4o+ffdkZDM76SEl79Ib9mw7TGjZ9Aw/x/A2VjNbV1E8BtEbRxYYcQippYNw7hr8sFfa3nW1xLdxokt8QkRX83vK3DFP2F6TQFPL2Tu98UwhcUpPvdJBuu1/yiOQIScppV3eOuLWEsko="  # noqa: E501
BROKEN_CIPHERTEXT = "cjhLUX7UU4yCSelv1vz7T0zT8huF51bAMVWriNvO1FMegHrQZNrtvRxbwf0fUPsFvwqR0U0fgiJNEA5Y30F2MoI2S7vv3EjVQ68C0cjw9frBoUE2Hj0BvFp9h3u6Vbsg4lc1C8AtHdaN8orKuNKkLRLuYEL52R1J3v8olJGZRLnRdVKIivixmX/eQpzgeExtp20jI1HxRP1AAZ6xZoILdqDPO549LO4WeG+685JRUTdiwcY5fjZlqeMxuT4PpMn1X9OWsS7NRj06Wa5E3Tvg4twjWp39KPfOdRte6P1T4JU="  # noqa: E501

# What else is public of others.
VECTORS = json.loads((REPOSITORY / "src" / "callback" / "vectors.json").read_text(encoding="utf-8"))

CLICK = (
    "<xml><ToUserName>ww1</ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>1700000000</CreateTime>"
    "<MsgType>event</MsgType><Event>click</Event><EventKey>k</EventKey><AgentID>7</AgentID></xml>"
)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in Callback.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


def in_environment(monkeypatch: pytest.MonkeyPatch, connection: Callback) -> None:
    for name, variable in Callback.VARIABLES.items():
        monkeypatch.setenv(variable, getattr(connection, name) or "")


def event_of(message: str, connection: Callback = PAGE) -> Event:
    sealed = seal(connection, message, int(time.time()))
    return decrypt_message(sealed.query, sealed.json if message.startswith("{") else sealed.xml, connection)


def refused(call: Callable[[], object]) -> CallbackRefused:
    with pytest.raises(CallbackRefused) as caught:
        call()
    return caught.value


def faults(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InvalidParameters) as caught:
        call()
    return [f"{fault.argument}{fault.pointer} {fault.message.en}" for fault in caught.value.faults]


# Requests.


@pytest.mark.parametrize(
    ("connection", "query", "answer"),
    [
        (
            PAGE,
            "msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780&"
            "echostr=P9nAzCzyDtyTWESHep1vC5X9xho%2FqYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp%2B4RPcs8TgAE7OaBO%2BFZXvnaqQ%3D%3D",
            "1616140317555161061",
        ),
        (
            PYTHON,
            "msg_signature=012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb&timestamp=1476416373&nonce=47744683&"
            "echostr=fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
            "1288432023552776189",
        ),
    ],
)
def test_a_url_is_verified(connection: Callback, query: str, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for written in [query, f"?{query}", query.replace("+", " ")]:
        assert verify_url(written, connection, check_time=False) == answer
    assert verify_url(query.encode(), connection, check_time=False) == answer
    assert refused(lambda: verify_url(query, connection)).check == "time"
    assert refused(lambda: verify_url(query.replace("nonce=", "nonce=1"), connection)).check == "signature"
    in_environment(monkeypatch, connection)
    assert verify_url(query, check_time=False) == answer


def test_a_message_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    event = decrypt_message(PAGE_QUERY, PAGE_BODY, PAGE, check_time=False)
    assert event == Event(
        topic="text",
        msg_type="text",
        event=None,
        change_type=None,
        from_user="mycreate",
        to="wx5823bf96d3bd56c7",
        agent_id=218,
        created_at=1409659813,
        key="text/4561255354251345929",
        fields={
            "to_user_name": "wx5823bf96d3bd56c7",
            "from_user_name": "mycreate",
            "create_time": "1409659813",
            "msg_type": "text",
            "content": "hello",
            "msg_id": "4561255354251345929",
            "agent_id": "218",
        },
        format="xml",
        nonce="1372623149",
    )
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301 - its own
    in_environment(monkeypatch, PAGE)
    assert decrypt_message(PAGE_QUERY.encode(), bytearray(PAGE_BODY), check_time=False) == event
    assert decrypt_message(PAGE_QUERY, memoryview(PAGE_BODY), check_time=False) == event

    query = "msg_signature=0c3914025cb4b4d68103f6bfc8db550f79dcf48e&timestamp=1476422779&nonce=1597212914"
    body = f"<xml><Encrypt><![CDATA[{PYTHON_CIPHERTEXT}]]></Encrypt></xml>".encode()
    event = decrypt_message(query, body, PYTHON, check_time=False)
    assert (event.fields["content"], event.agent_id) == ("你好", 1000002)

    query = "msg_signature=74d92dfeb87ba7c714f89d98870ae5eb62dff26d&timestamp=1411525903&nonce=461056294"
    body = f"<xml><Encrypt>{OTHERS_CIPHERTEXT}</Encrypt></xml>".encode()
    assert decrypt_message(query, body, OTHERS, check_time=False).from_user == "messense"
    again = query.replace("461056294", "461056295")
    assert refused(lambda: decrypt_message(again, body, OTHERS, check_time=False)).check == "signature"


def test_a_message_in_json_is_read() -> None:
    query = "msg_signature=0623cbc5a8cbee5bcc137c70de99575366fc2af3&timestamp=1409659813&nonce=1372623149"
    for body in [
        {"tousername": "wx5823bf96d3bd56c7", "encrypt": JAVA_CIPHERTEXT, "agentid": "218"},
        {"ToUserName": "wx5823bf96d3bd56c7", "Encrypt": JAVA_CIPHERTEXT, "AgentID": 218},
    ]:
        event = decrypt_message(query, json.dumps(body).encode(), PAGE, check_time=False)
        assert (event.from_user, event.agent_id, event.format) == ("mycreate", 218, "json")
        # 64 bits are more than a float has.
        assert (event.fields["msg_id"], event.fields["content"]) == ("4561255354251345929", "hello")
    # The plaintext of the vendor's other sample is no JSON.
    query = "msg_signature=e3647471e395139e2308c1fa963f2d648a00b90e&timestamp=1409659813&nonce=1372623149"
    broken = json.dumps({"tousername": PAGE.receive_id, "encrypt": BROKEN_CIPHERTEXT, "agentid": 218}).encode()
    assert refused(lambda: decrypt_message(query, broken, PYTHON, check_time=False)).check == "message"


def given(vector: dict[str, Any]) -> Callback:
    return Callback(**{name: vector[name] for name in Callback.VARIABLES})


@pytest.mark.parametrize("vector", VECTORS["verify"])
def test_what_others_verify_is_verified(vector: dict[str, Any]) -> None:
    assert verify_url(vector["query"], given(vector), check_time=False) == vector["answer"]


@pytest.mark.parametrize("vector", VECTORS["decrypt"])
def test_what_others_decrypt_is_decrypted(vector: dict[str, Any]) -> None:
    event = decrypt_message(vector["query"], vector["body"].encode(), given(vector), check_time=False)
    assert event.fields == vector["fields"]


@pytest.mark.parametrize("vector", VECTORS["refused"])
def test_what_others_refuse_is_refused(vector: dict[str, Any]) -> None:
    body = vector["body"].encode()
    error = refused(lambda: decrypt_message(vector["query"], body, given(vector), check_time=False))
    assert error.check == vector["check"]


@pytest.mark.parametrize("key", VECTORS["bad_keys"])
def test_what_others_refuse_as_a_key_is_none(key: str) -> None:
    [fault] = faults(lambda: verify_url("", replace(PAGE, encoding_aes_key=key)))
    assert fault.startswith("connection/encoding_aes_key ")


@pytest.mark.parametrize("vector", VECTORS["encrypt"])
def test_the_tests_encrypt_as_others_do(vector: dict[str, Any]) -> None:
    sealed = seal(
        given(vector), vector["message"], int(vector["timestamp"]), vector["nonce"], vector["random"].encode()
    )
    assert (sealed.encrypt, sealed.signature) == (vector["ciphertext"], vector["signature"])


def test_what_the_tests_encrypt_others_encrypt() -> None:
    message = (
        "<xml>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[test]]></Content>\n"
        "<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>\n<ToUserName><![CDATA[messense]]></ToUserName>\n"
        "<AgentID>1</AgentID>\n<CreateTime>1411525903</CreateTime>\n</xml>"
    )
    sealed = seal(OTHERS, message, 1411525903, "461056294", b"1234567890123456")
    assert sealed.signature == "407518b7649e86ef23978113f92d27afa9296533"
    assert unseal(OTHERS, sealed.encrypt)[1] == message
    # It is a reply, from the receiver: whoever posts one back is refused.
    assert refused(lambda: decrypt_message(sealed.query, sealed.xml, OTHERS, check_time=False)).check == "receiver"


def test_every_check_has_its_status() -> None:
    now = int(time.time())
    good = seal(PAGE, CLICK, now)

    def posted(query: str = good.query, body: bytes = good.xml, connection: Callback = PAGE) -> tuple[str, int]:
        error = refused(lambda: decrypt_message(query, body, connection))
        return error.check, error.status

    def signed(encrypt: str) -> tuple[str, int]:
        query = f"msg_signature={sign(PAGE, str(now), '1', encrypt)}&timestamp={now}&nonce=1"
        return posted(query, json.dumps({"encrypt": encrypt}).encode())

    assert decrypt_message(good.query, good.xml, PAGE).topic == "event/click"
    assert decrypt_message(good.query, good.json, PAGE).format == "json"
    assert posted(body=b" " * (MAX_BODY_BYTES + 1)) == ("size", 413)
    assert posted(body=good.xml.ljust(MAX_BODY_BYTES + 1)) == ("size", 413)
    assert decrypt_message(good.query, good.xml.ljust(MAX_BODY_BYTES), PAGE).topic == "event/click"
    assert posted("") == posted("a=b") == posted("nonce=\udcff") == posted(good.query[:-13]) == ("query", 400)
    assert refused(lambda: verify_url(b"\xff\xfe=%ff", PAGE)).status == 400
    for body in [b"", b"<xml/>", b"{}", good.xml[:-90], b"<!DOCTYPE a>" + good.xml, b"\xff"]:
        assert posted(body=body) == ("envelope", 400)
    assert posted(connection=replace(PAGE, token="another")) == ("signature", 403)
    late = seal(PAGE, CLICK, now - 660)
    assert posted(late.query, late.xml) == ("time", 403)
    assert decrypt_message(late.query, late.xml, PAGE, check_time=False).topic == "event/click"
    assert signed("no base64!") == ("base64", 403)
    assert signed("AAAA") == ("blocks", 403)
    for receiver in ["ww_of_somebody_else", None]:
        assert posted(connection=replace(PAGE, receive_id=receiver)) == ("receiver", 403)
    nothing = seal(PAGE, "1", now)
    assert posted(nothing.query, nothing.xml) == ("message", 403)


def test_a_refusal_is_told_in_both_languages() -> None:
    english = refused(lambda: decrypt_message("", b"", PAGE))
    assert isinstance(english, WeComError)
    assert str(english).startswith("decrypt-message: The URL lacks msg_signature, timestamp or nonce")
    assert english.message == english.hint.en
    chinese = refused(lambda: verify_url("", PAGE, language="zh"))
    assert str(chinese).startswith("verify-url: URL缺少msg_signature")
    again = pickle.loads(pickle.dumps(chinese))  # noqa: S301 - its own
    assert (again.check, again.status, str(again)) == ("query", 400, str(chinese))
    wrong: Any = "de"
    with pytest.raises(ValueError, match="language"):
        verify_url("", PAGE, language=wrong)


# Connections.


def test_a_connection_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for call in [
        lambda: verify_url(""),
        lambda: decrypt_message("", b""),
        lambda: encrypt_reply(event_of(CLICK), {"msg_type": "text", "content": "c"}),
    ]:
        assert faults(call) == [
            f"connection/{name} is required: no connection was given, and {variable} is not set in the environment"
            for name, variable in [("token", "WECOM_TOKEN"), ("encoding_aes_key", "WECOM_ENCODING_AES_KEY")]
        ]
    short = Callback(token="", encoding_aes_key=PAGE.encoding_aes_key[1:])
    found = faults(lambda: decrypt_message(PAGE_QUERY, PAGE_BODY, short))
    assert len(found) == 2
    assert found[0].startswith("connection/token ")
    assert found[1] == "connection/encoding_aes_key must be 43 letters and digits, as the callback settings show them"
    in_environment(monkeypatch, Callback(token="t", encoding_aes_key="k"))
    assert faults(lambda: verify_url("")) == found[1:]
    wrong: Any = Application(corp_id="ww1")
    assert faults(lambda: verify_url("", wrong)) == ["connection must be a Callback, not Application"]


# Replies.


def test_a_reply_is_encrypted() -> None:
    before = int(time.time())
    event = event_of(CLICK)
    reply = encrypt_reply(event, {"msg_type": "text", "content": "好]]>的"}, PAGE)
    assert reply.content_type == "application/xml"
    envelope = fields_of(reply.body)
    assert envelope["Nonce"] == event.nonce
    assert before <= int(envelope["TimeStamp"]) <= time.time()
    signature = sign(PAGE, envelope["TimeStamp"], envelope["Nonce"], envelope["Encrypt"])
    assert envelope["MsgSignature"] == signature
    random, plain = unseal(PAGE, envelope["Encrypt"])
    assert fields_of(plain) == {
        "ToUserName": "zhangsan",
        "FromUserName": "ww1",
        "CreateTime": envelope["TimeStamp"],
        "MsgType": "text",
        "Content": "好]]>的",
    }
    again, _ = unseal(PAGE, fields_of(encrypt_reply(event, {"msg_type": "text", "content": "c"}, PAGE).body)["Encrypt"])
    assert random != again


def test_a_smart_bot_gets_its_own_form(monkeypatch: pytest.MonkeyPatch) -> None:
    message = {
        "msgid": "m1",
        "aibotid": "b",
        "from": {"userid": "zhangsan"},
        "msgtype": "text",
        "text": {"content": "好"},
    }
    in_environment(monkeypatch, BOT)
    event = event_of(json.dumps(message), BOT)
    assert (event.topic, event.from_user, event.to, event.key) == ("text", "zhangsan", None, "text/m1")
    said = {"msgtype": "stream", "stream": {"id": "s1", "finish": True, "content": "好"}}
    reply = encrypt_reply(event, said)
    assert reply.content_type == "application/json"
    envelope = json.loads(reply.body)
    assert envelope["msgsignature"] == sign(BOT, str(envelope["timestamp"]), event.nonce, envelope["encrypt"])
    assert json.loads(unseal(BOT, envelope["encrypt"])[1]) == said
    assert faults(lambda: encrypt_reply(event, {"content": "c"})) == [
        "parameters must be a JSON object with `msgtype` or `response_type`"
    ]


def test_a_reply_that_is_none_is_refused_at_its_field() -> None:
    event = event_of(CLICK)

    def told(reply: Any) -> list[str]:
        return faults(lambda: encrypt_reply(event, reply, PAGE))

    assert told({"msg_type": "text"}) == ["parameters/content is required for this kind of reply"]
    assert told({"msg_type": "news", "articles": [{"title": "t"}]}) == ["parameters/articles/0/url is required"]
    assert told({"msg_type": "text", "content": b"c"}) == [
        "parameters/content must be a str, int, float, bool, list or dict, not bytes"
    ]
    assert told("text") == ["parameters must be a dict, not str"]
    assert told({}) == ["parameters/msg_type is required"]
    wrong: Any = "text"
    assert faults(lambda: encrypt_reply(wrong, {"msg_type": "text", "content": "c"}, PAGE)) == [
        "parameters/event must be an Event, not str"
    ]
    with pytest.raises(InvalidParameters, match=r"^encrypt-reply: content：") as caught:
        encrypt_reply(event, {"msg_type": "text"}, PAGE, language="zh")
    assert "content is required" in caught.value.message


@pytest.mark.parametrize("wrong", [None, 7, ["a"], {"msg_signature": "a"}])
def test_a_query_that_is_no_text_is_named(wrong: Any) -> None:
    says = [f"parameters/query must be a str or bytes, not {type(wrong).__name__}"]
    assert faults(lambda: verify_url(wrong, PAGE)) == says
    assert faults(lambda: decrypt_message(wrong, PAGE_BODY, PAGE)) == says


@pytest.mark.parametrize("wrong", [None, PAGE_BODY.decode(), {"xml": {}}, [1]])
def test_a_body_that_is_no_bytes_is_named(wrong: Any) -> None:
    kind = type(wrong).__name__
    rule = "bytes as they came, which no parser has read"
    assert faults(lambda: decrypt_message(PAGE_QUERY, wrong, PAGE)) == [f"parameters/body must be {rule}, not {kind}"]
    with pytest.raises(InvalidParameters, match=rf"^decrypt-message: body：必须是收到的原始字节，不能是{kind}$"):
        decrypt_message(PAGE_QUERY, wrong, PAGE, language="zh")


def test_any_bytes_are_a_body() -> None:
    assert decrypt_message(PAGE_QUERY, bytearray(PAGE_BODY), PAGE, check_time=False).topic == "text"
    assert decrypt_message(PAGE_QUERY, memoryview(PAGE_BODY), PAGE, check_time=False).topic == "text"


def test_an_event_that_was_made_up_is_held_against_its_types() -> None:
    event = decrypt_message(PAGE_QUERY, PAGE_BODY, PAGE, check_time=False)
    reply = {"msg_type": "text", "content": "c"}
    number = "must be None or an int from 0 to 2**64 - 1"
    names: list[tuple[str, list[Any], str]] = [
        *((name, [None, 7], "must be a str, not") for name in ["topic", "msg_type", "key", "nonce"]),
        *((name, [7, ["a"]], "must be a str or None, not") for name in ["event", "change_type", "from_user", "to"]),
        *((name, [-1, 2**64, 1.5, "7"], number) for name in ["agent_id", "created_at"]),
        ("format", [None, "yaml", ["xml"]], "must be xml or json"),
    ]
    for name, values, rule in names:
        for value in values:
            [says] = faults(partial(encrypt_reply, replace(event, **{name: value}), reply, PAGE))
            assert says.startswith(f"parameters/event/{name} {rule}")
    both: Any = replace(event, agent_id=-1, nonce=None)  # type: ignore[arg-type]
    assert len(faults(lambda: encrypt_reply(both, reply, PAGE))) == 2
    # A reply goes to a member.
    for nobody in [None, "sys"]:
        [says] = faults(partial(encrypt_reply, replace(event, from_user=nobody), reply, PAGE))
        assert says.startswith("parameters/event/from_user ")
    # No reply depends on the fields.
    for fields in [None, {"when": object()}, {"a": float("nan")}]:
        made_up: Any = replace(event, fields=fields)  # type: ignore[arg-type]
        encrypted = fields_of(encrypt_reply(made_up, reply, PAGE).body)["Encrypt"]
        assert fields_of(unseal(PAGE, encrypted)[1])["Content"] == "c"


# The instance.


def test_secrets_show_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    now = int(time.time())
    url = seal(PAGE, "SECRET-ECHO", now)
    assert verify_url(url.query_of_url, PAGE) == "SECRET-ECHO"
    message = {"msgid": "m", "msgtype": "text", "response_url": "SECRET-URL", "text": {"content": "SECRET-WORDS"}}
    event = event_of(json.dumps(message), BOT)
    assert event.fields["response_url"] == "SECRET-URL"
    foreign = seal(PYTHON, "SECRET-WORDS", now)
    errors = [
        refused(lambda: verify_url(url.query_of_url.replace("nonce=", "nonce=1"), PAGE)),
        refused(lambda: decrypt_message(url.query, url.xml, PAGE)),
        refused(lambda: decrypt_message(foreign.query, foreign.xml, PAGE)),
    ]
    shown = [repr(PAGE), repr(event), caplog.text]
    shown += [text for error in errors for text in (str(error), repr(error), repr(error.__context__))]
    with pytest.raises(InvalidParameters) as caught:
        verify_url("", Callback(token="SECRET-TOKEN", encoding_aes_key="SECRET-KEY"))
    shown += [str(caught.value), repr(caught.value)]
    secrets = ["SECRET", PAGE.token, PAGE.encoding_aes_key, url.encrypt, foreign.encrypt]
    everything = "\n".join(shown)
    assert [secret for secret in secrets if secret in everything] == []


def test_all_threads_share_an_instance() -> None:
    _callbacks._kept.clear()
    wrong: list[object] = []
    begin = threading.Barrier(8)

    def run(number: int) -> None:
        connection = Callback(token=f"t{number}", encoding_aes_key=PAGE.encoding_aes_key, receive_id=f"ww{number}")
        begin.wait()
        for turn in range(50):
            words = f"{number}/{turn}" * turn
            message = f"<xml><MsgType>text</MsgType><FromUserName>u</FromUserName><Content>{words}</Content></xml>"
            event = event_of(message, connection)
            reply = encrypt_reply(event, {"msg_type": "text", "content": f"{number}"}, connection)
            _, plain = unseal(connection, fields_of(reply.body)["Encrypt"])
            if event.fields.get("content", "") != words or fields_of(plain)["Content"] != f"{number}":
                wrong.append((number, turn))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(_callbacks._kept) == 1


def test_after_a_trap_there_is_another_instance() -> None:
    _callbacks._kept.clear()
    event_of(CLICK)
    [kept] = _callbacks._kept
    # It has no memory for a long body.
    kept._store.set_limits(memory_size=kept._memory.data_len(kept._store))
    with pytest.raises(ComponentError, match=r"^decrypt-message: the connector broke down \(.*unreachable.*\)$"):
        decrypt_message(PAGE_QUERY, b" " * MAX_BODY_BYTES, PAGE)
    assert _callbacks._kept == []
    assert event_of(CLICK).topic == "event/click"
    assert _callbacks._kept != [kept]


def test_a_signal_handler_gets_an_instance_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    decrypt = CallbackInstance.decrypt_message
    inner: list[Event] = []

    def interrupted(instance: CallbackInstance, *arguments: Any) -> Any:
        monkeypatch.undo()
        inner.append(event_of(CLICK))
        assert _callbacks._kept != [instance]
        return decrypt(instance, *arguments)

    monkeypatch.setattr(CallbackInstance, "decrypt_message", interrupted)
    outer = event_of(CLICK)
    assert [event.topic for event in inner] == [outer.topic]


def test_memory_does_not_grow_with_calls() -> None:
    now = int(time.time())
    sealed = seal(PAGE, CLICK, now)
    _callbacks._kept.clear()

    def call() -> int:
        for _ in range(300):
            event = decrypt_message(sealed.query, sealed.xml, PAGE)
            encrypt_reply(event, {"msg_type": "text", "content": "好" * 600}, PAGE)
            refused(lambda: decrypt_message(sealed.query, b"x" * 10_000_000, PAGE))
            refused(lambda: verify_url("x", PAGE))
        [instance] = _callbacks._kept
        size: int = instance._memory.data_len(instance._store)
        return size

    assert call() == call() < 8_000_000
