import logging
import time
from collections import OrderedDict
from typing import Any

from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from wecom_connector import (
    MAX_BODY_BYTES,
    AsyncWeComConnector,
    CallbackRefused,
    Event,
    WeComError,
    decrypt_message,
    encrypt_reply,
    verify_url,
)

# Connections are read from the environment: that of callbacks, and the application's for the work.
app = FastAPI(openapi_url=None)
wecom = AsyncWeComConnector()
log = logging.getLogger("wecom")
seen: OrderedDict[str, float] = OrderedDict()


@app.get("/wecom")
async def verify(request: Request) -> Response:
    return PlainTextResponse(verify_url(request.url.query))


@app.post("/wecom")
async def receive(request: Request, background: BackgroundTasks) -> Response:
    event = decrypt_message(request.url.query, await body_of(request))
    if is_new(event):
        background.add_task(work, event)  # once the answer is out: WeCom waits five seconds for it
    else:
        log.warning("%s, repeated", event.topic)
    try:
        if answer := answer_to(event):
            reply = encrypt_reply(event, answer)
            return Response(reply.body, media_type=reply.content_type)
    except WeComError as error:  # the work goes on without it
        log.error("%s", error)
    except Exception as error:  # its text may have something of the event
        log.error("no reply: %s", type(error).__name__)
    return Response()


def answer_to(event: Event) -> dict[str, Any] | None:
    """What the member gets to read at once, if anything."""
    return {"msg_type": "text", "content": "收到，马上处理。"} if event.topic == "text" else None


async def work(event: Event) -> None:
    code = event.fields.get("response_code")  # the card of a smart bot has none
    if event.topic == "event/template_card_event" and code and event.from_user:
        try:
            await wecom.update_card(
                response_code=code,
                user_ids=[event.from_user],
                replace_name="已处理",
                agent_id=event.agent_id,
            )
        except WeComError as error:
            log.error("%s", error)


def is_new(event: Event) -> bool:
    """WeCom repeats within seconds, but a request is taken for ten minutes, whoever sends it again. Keys are kept so
    long, and 100,000 at most, which 166 events in every second reach. A restart forgets them, and processes beside this
    one do not know them: a store in common does."""
    now = time.monotonic()
    while seen and (len(seen) >= 100_000 or next(iter(seen.values())) < now - 600):
        seen.popitem(last=False)
    is_known = event.key in seen
    seen.setdefault(event.key, now)
    return not is_known


async def body_of(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:  # enough for decrypt_message to refuse it
            break
    return bytes(body)


@app.exception_handler(WeComError)
async def refuse(request: Request, error: WeComError) -> Response:
    log.warning("%s", error)  # one line, without anything of the request
    return Response(status_code=error.status if isinstance(error, CallbackRefused) else 500)


@app.exception_handler(ClientDisconnect)
async def drop(request: Request, error: ClientDisconnect) -> Response:
    log.warning("a request broke off")
    return Response(status_code=400)
