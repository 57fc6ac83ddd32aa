"""Receives what WeCom tells, and hands a pressed button to the workflow that waits for it.

uvicorn receiver:app --no-access-log
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from wecom_connector import MAX_BODY_BYTES, CallbackRefused, WeComError, decrypt_message, verify_url

from service import connect
from workflows import Approval, Pressed

PATIENCE = 4
"""How many seconds Temporal may take: WeCom waits five seconds for an answer."""
log = logging.getLogger("wecom")


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    app.state.temporal = await connect()
    yield


# The connection of callbacks is read from the environment.
app = FastAPI(openapi_url=None, lifespan=connected)


@app.get("/wecom")
async def verify(request: Request) -> Response:
    return PlainTextResponse(verify_url(request.url.query))


@app.post("/wecom")
async def receive(request: Request) -> Response:
    event = decrypt_message(request.url.query, await body_of(request))
    task, code = event.fields.get("task_id"), event.fields.get("response_code")  # a smart bot's card has no code
    if event.topic != "event/template_card_event" or not (event.from_user and task and code):
        return Response()
    # Nothing but this of the event gets into the history.
    pressed = Pressed(event.from_user, event.fields.get("event_key", ""), code)
    temporal: Client = request.app.state.temporal
    try:
        # Once this returns, Temporal keeps it: only then is WeCom answered.
        await asyncio.wait_for(temporal.get_workflow_handle(task).signal(Approval.pressed, pressed), PATIENCE)
    except (RPCError, asyncio.TimeoutError) as error:
        if not isinstance(error, RPCError) or error.status != RPCStatusCode.NOT_FOUND:
            log.error("a pressed button could not be handed on to Temporal: WeCom tells it again")
            return Response(status_code=503)
        log.warning("nobody waits for the card %r", task)
    return Response()


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
