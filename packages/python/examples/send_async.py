import asyncio

import httpx

from wecom_connector import AsyncWeComConnector, InvalidParameters, OutcomeUnknown, Rejected, Retryable


async def main() -> None:
    # A proxy, a CA, limits: whatever httpx offers. The connection is read from the environment.
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=20)) as client:
        wecom = AsyncWeComConnector(client=client)
        await asyncio.gather(*[remind(wecom, member) for member in ["zhangsan", "lisi", "nobody"]])


async def remind(wecom: AsyncWeComConnector, member: str, attempts: int = 3) -> None:
    try:
        await wecom.push_text_message(to_user=[member], content="请于今天18:00前填写周报。")
        print(f"{member}: sent")
    except Retryable as error:  # it did not happen
        if attempts > 1:
            await asyncio.sleep(error.retry_after_seconds or 5)
            await remind(wecom, member, attempts - 1)
        else:
            print(error)
    except OutcomeUnknown as error:  # a person looks in WeCom before it is repeated
        print(error)
    except (InvalidParameters, Rejected) as error:  # repeating is useless until someone acts
        print(f"{member}: {error}")


asyncio.run(main())
