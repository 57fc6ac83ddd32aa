"""A line to Temporal on which everything that a worker says takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

DELAY = 0.3
"""Seconds: far more than a request to WeCom's simulator takes."""


@dataclass
class Line:
    address: str
    """To call instead of Temporal's."""
    delay: float = 0
    """Of what a worker says, in seconds."""


@asynccontextmanager
async def slow_line(port: int) -> AsyncIterator[Line]:
    """A line to that port, which gets slow when its delay is set."""
    line = Line("")
    running: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_slow: bool) -> None:
        try:
            while data := await reader.read(65536):
                if is_slow:
                    await asyncio.sleep(line.delay)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # a worker was killed
        finally:
            writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond, to_temporal = await asyncio.open_connection("127.0.0.1", port)
        for pumping in (pump(reader, to_temporal, True), pump(beyond, writer, False)):
            task = asyncio.create_task(pumping)
            running.add(task)
            task.add_done_callback(running.discard)

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    try:
        line.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield line
    finally:
        server.close()
        for task in [*running]:
            task.cancel()
