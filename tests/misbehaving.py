# ruff: noqa: ASYNC110, ASYNC210, ASYNC221, RET503, RUF006, SIM105  (these workers are meant to be wrong)
"""Workers that misbehave, each in its own way."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import aiohttp

from edgeday.web import ReadableStream, Response


class Base:
    """Answers in the first request, and does what `act` does in the second."""

    count = 0

    async def fetch(self, request):
        type(self).count += 1
        if request.url.endswith("/wrong"):
            answer = await self.act()
            if answer is not None:
                return answer
        return Response("ok")


# exits


class SysExit(Base):
    async def act(self):
        sys.exit(0)


class SwallowedExit(Base):
    async def act(self):
        try:
            sys.exit(0)
        except SystemExit:
            pass


class RaisedExit(Base):
    async def act(self):
        raise SystemExit(0)


class OsExit(Base):
    async def act(self):
        os._exit(0)


class BaseRaised(Base):
    async def act(self):
        raise BaseException("boo")


class GeneratorExited(Base):
    async def act(self):
        raise GeneratorExit


class Interrupted(Base):
    async def act(self):
        raise KeyboardInterrupt


class TaskExit(Base):
    async def act(self):
        asyncio.create_task(self.later())

    async def later(self):
        raise SystemExit(0)


class CallbackExit(Base):
    async def act(self):
        asyncio.get_running_loop().call_soon(self.later)

    def later(self):
        raise SystemExit(0)


class BodyExit(Base):
    async def act(self):
        return Response(ReadableStream(self.chunks()))

    async def chunks(self):
        yield b"x"
        raise SystemExit(0)


# the network, threads and processes


class UrlOpen(Base):
    async def act(self):
        try:
            urllib.request.urlopen("http://api.example/", timeout=1)
        except BaseException:
            pass


class Connect(Base):
    async def act(self):
        with socket.socket() as one:
            one.connect(("192.0.2.1", 80))


class AsyncConnect(Base):
    async def act(self):
        await asyncio.open_connection("api.example", 443)


class Aiohttp(Base):
    async def act(self):
        async with aiohttp.ClientSession() as session, session.get("http://192.0.2.1/"):
            pass


class Thread(Base):
    async def act(self):
        threading.Thread(target=threading.Event().wait).start()


class ToThread(Base):
    async def act(self):
        await asyncio.to_thread(print)


class Pool(Base):
    async def act(self):
        with ThreadPoolExecutor() as pool:
            pool.submit(print)


class Process(Base):
    async def act(self):
        subprocess.run(["true"], check=True)


class Fork(Base):
    async def act(self):
        multiprocessing.get_context("fork").Process(target=print).start()


# what never ends


class Loop(Base):
    async def act(self):
        while True:
            pass


class StubbornLoop(Base):
    async def act(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass


class BackgroundLoop(Base):
    async def act(self):
        self.ctx.waitUntil(self.later())

    async def later(self):
        while True:
            pass


class SleepsZero(Base):
    async def act(self):
        while True:
            await asyncio.sleep(0)


class SleepsOne(Base):
    async def act(self):
        while True:
            await asyncio.sleep(1)


class NeverSet(Base):
    async def act(self):
        await asyncio.Event().wait()


class Swallows(Base):
    async def act(self):
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass


class BackgroundSwallows(Base):
    async def act(self):
        self.ctx.waitUntil(self.later())

    async def later(self):
        while True:
            try:
                await asyncio.sleep(10)
            except BaseException:
                pass


class BodyNever(Base):
    async def act(self):
        return Response(ReadableStream(self.chunks()))

    async def chunks(self):
        yield b"x"
        await asyncio.Event().wait()


class BodyForever(Base):
    async def act(self):
        return Response(ReadableStream(self.chunks()))

    async def chunks(self):
        while True:
            yield b"x"


# what is one failed request


class Text(Base):
    async def act(self):
        return "not a response"


class Nothing(Base):
    async def fetch(self, request):
        if not request.url.endswith("/wrong"):
            return Response("ok")


class Recursion(Base):
    async def act(self):
        await self.act()


class Stop(Base):
    async def act(self):
        raise StopAsyncIteration


class Cancelled(Base):
    async def act(self):
        raise asyncio.CancelledError


class CancelsItself(Base):
    async def act(self):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)


class Raises(Base):
    async def act(self):
        raise ValueError("a defect")


class Prints(Base):
    async def act(self):
        print("printed by the worker")
