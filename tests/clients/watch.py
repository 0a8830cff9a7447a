"""Watches channels with the PyPI package centrifuge-python, unmodified, and
prints what it hears, a JSON object a line.

    python watch.py URL CHANNEL…
"""

import asyncio
import json
import sys

from centrifuge import Client, ClientEventHandler, SubscriptionEventHandler


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Line(ClientEventHandler):
    async def on_connecting(self, ctx):
        tell("connecting", code=ctx.code, reason=ctx.reason)

    async def on_connected(self, ctx):
        tell("connected", client=ctx.client)

    async def on_disconnected(self, ctx):
        tell("disconnected", code=ctx.code, reason=ctx.reason)


class Ear(SubscriptionEventHandler):
    def __init__(self, channel):
        self.channel = channel

    async def on_subscribed(self, ctx):
        tell(
            "subscribed",
            channel=self.channel,
            wasRecovering=ctx.was_recovering,
            recovered=ctx.recovered,
            data=ctx.data,
        )

    async def on_publication(self, ctx):
        tell("publication", channel=self.channel, data=ctx.pub.data, offset=ctx.pub.offset)

    async def on_error(self, ctx):
        tell("error", channel=self.channel, code=ctx.code)


async def main(url, channels):
    client = Client(url, events=Line(), min_reconnect_delay=0.05, max_reconnect_delay=0.5)
    for channel in channels:
        await client.new_subscription(channel, events=Ear(channel)).subscribe()
    await client.connect()
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], sys.argv[2:]))
