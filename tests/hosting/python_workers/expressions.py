"""Expressions over JavaScript values, for real Pyodide (recorded) and for the emulated layer.

This module runs in both worlds, so it knows nothing of either: it imports `js`, `pyodide.ffi` and Cloudflare's
SDK, and finds `raw_env` among its globals, an object with `KV` (`echo`, `options`, `value`, `throws`), `CONF`
and `TEXT`. `results()` gives the text of every expression's value, or of its error.
"""

import ast
import asyncio
import inspect
import json
import re
from http import HTTPMethod, HTTPStatus

import js
import pyodide.ffi as ffi
import workers
from js import Object
from pyodide.ffi import JsException, JsProxy, create_once_callable, create_proxy, to_js
from workers import Blob, File, FormData, Request, Response
from workers.rpc import JsDict, _EnvWrapper, python_from_rpc, python_to_rpc

jsnull = getattr(ffi, "jsnull", None)
env = _EnvWrapper(raw_env)  # noqa: F821
raw = raw_env.KV  # noqa: F821
kv = env.KV
fe = Object.fromEntries

EXPRESSIONS = {
    "arguments of a wrapped binding": r"""
        await kv.echo("k", "v", {"metadata": {"a": None}}, expirationTtl=60)
        await kv.echo("k", "v", expirationTtl=60, metadata={"by": "ana", "tags": ["x", "y"], "none": None})
        await kv.echo("k", "v", {"expirationTtl": 60})
        await kv.echo("k", "v", {"a": {"b": {"c": [1, {"d": None}]}}})
        await kv.echo("k", type="json")
        await kv.echo("k", cacheTtl=60, type="json")
        await kv.echo({"prefix": "a"}, limit=1)
        await kv.echo(prefix="a", limit=1, cursor=None)
        await kv.echo(key="k", value="v")
        await kv.echo("k", "v", None)
        await kv.echo("k", None)
        await kv.echo(None)
        await kv.echo("k", jsnull)
        await kv.echo(["a", "b"], "json")
        await kv.echo(["a", "b"], type="json", cacheTtl=60)
        await kv.echo("k", to_js({"a": 1}))
        await kv.echo("k", to_js({"a": {"b": 1}}, dict_converter=fe))
        await kv.echo("k", "v", **{"expiration-ttl": 5})
        await kv.echo("k", b"12")
        await kv.echo("k", bytearray(b"12"))
        await kv.echo("k", memoryview(b"12"))
        await kv.echo("k", (1, 2))
        await kv.echo("k", {1, 2})
        await kv.echo("k", [1, (2, 3)])
        await kv.echo("k", {"a": (1, 2)})
        await kv.echo("k", {"a": b"12"})
        await kv.echo("k", 1.0, 1.5, True, 2**40, 2**60)
        await kv.echo("k", -0.0, 1e300, float("inf"), -(2**53), -(2**53) + 1)
        await kv.echo("k", float("nan"))
        await kv.echo("k", Response("x"))
        await kv.echo("k", {"r": Response("x")})
        await kv.echo("k", Exception("boo"))
        await kv.echo("k", lambda x: x)
        await kv.echo("k", {1: 2, "b": None})
        await kv.echo("k", json)
        await kv.echo("k", object())
        await kv.echo("k", iter([1]))
        await kv.echo("k", range(2))
        await kv.echo("k", {"a": 1}.keys())
        await kv.echo("k", "é\U0001f600")
        await kv.echo("")
        await kv.echo()
        await kv.options("k", "v", expirationTtl=60)
        await kv.options("k", "v", {"expirationTtl": 60})
        await kv.options("k", "v", {"metadata": {"a": None, "b": [1]}})
        await kv.options("k", "v", metadata={"a": {"b": 1}})
        await kv.options("k", "v", metadata=None)
        await kv.options("k", "v", metadata=[1, "x", None])
        await kv.options("k", "v", expiration_ttl=60)
        await kv.options("k", "v", {"metadata": {"a": 1}}, expirationTtl=60)
    """,
    "arguments of a raw binding": r"""
        await raw.echo("k", "v", {"a": 1}, x=1)
        await raw.echo("k", "v", x=1, y="2")
        await raw.echo("k", None, jsnull)
        await raw.echo("k", [1, 2])
        await raw.echo("k", (1, 2))
        await raw.echo("k", {1, 2})
        await raw.echo("k", b"12")
        await raw.echo("k", x={"a": 1}, y=[1], z=None)
        await raw.echo("k", to_js([1, {"a": 2}]))
        await raw.echo("k", to_js((1, {"a"})))
        await raw.echo("k", create_proxy({"a": 1}))
        await raw.echo("k", create_proxy("text"))
        await raw.echo("k", create_proxy(5))
        await raw.echo("k", to_js({"a": None}, dict_converter=fe))
        await raw.echo("k", fe({"a": 1}.items()))
        await raw.echo("k", fe([["a", 1], ("b", {"c": 1})]))
        await raw.echo("k", fe(to_js({"a": {"b": 1}})))
        await raw.echo("k", fe(to_js([["a", 1], ["b", None]])))
        await raw.echo("k", fe({"a": 1}))
        await raw.echo("k", 2**53, 2**53 - 1, -(2**63), 2**64)
        await raw.echo("k", 1.0, 0.1, True, False)
        await raw.echo(raw_env.CONF)
        await raw.echo(await raw.value("array"))
        await raw.echo(await raw.value("undefined"))
        await raw.echo(await raw.value("null"))
        await raw.echo(object)
        await raw.echo(asyncio.sleep)
        await raw.options("k", "v", {"expirationTtl": 60})
        await raw.options("k", "v", expirationTtl=60)
        await raw.options("k", "v", to_js({"expirationTtl": 60}))
        await raw.options("k", "v", to_js({"expirationTtl": 60, "metadata": {"a": 1}}))
        await raw.options("k", "v", to_js({"expirationTtl": 60, "metadata": {"a": 1}}, dict_converter=fe))
        await raw.options("k", "v", {"metadata": {"a": {"b": 1}}})
        await raw.options("k", "v", metadata={"a": {"b": 1}})
        await raw.options("k", "v", metadata=to_js({"a": {"b": 1}}))
        await raw.options("k", "v", metadata=to_js({"a": {"b": 1}}, dict_converter=fe))
        await raw.options("k", "v", metadata=[1, "x"])
        await raw.options("k", "v", metadata=(1, "x"))
        await raw.options("k", "v", metadata=[{"a": 1}])
        await raw.options("k", "v", metadata=to_js([{"a": 1}]))
        await raw.options("k", "v", metadata="text")
        await raw.options("k", "v", metadata=5)
        await raw.options("k", "v", metadata=None)
        await raw.options("k", "v", metadata=jsnull)
        await raw.options("k", "v", metadata=b"12")
        await raw.options("k", "v", metadata={1, 2})
        await raw.options("k", "v", metadata=object)
        await raw.options("k", "v", metadata={})
        await raw.options("k", "v", metadata={"a": None})
        await raw.options("k", "v", metadata={"a": "é", "b": True, "c": 1.5, "d": 1.0})
        await raw.options("k", "v", metadata={1: 2})
        await raw.options("k", "v", metadata={"keys": 1, "get": 2, "copy": 3, "zz": 4})
        await raw.options("k", "v", {"expirationTtl": 60, "get": 1})
        await raw.options("k", "v", fe({"expirationTtl": 60}.items()))
        await raw.options("k", "v", JsDict({"expirationTtl": 60}))
        await raw.options("k", "v", "text")
        await raw.options("k", "v", [1])
        await raw.options("k", "v", None)
        await raw.options("k", "v", jsnull)
        await raw.options("k", "v", create_proxy({"expirationTtl": 60}))
    """,
    "results of bindings": r"""
        await kv.value("null")
        await raw.value("null")
        await raw.value("null") is None
        await kv.value("undefined")
        await raw.value("undefined")
        await kv.value("object")
        await raw.value("object")
        type(await kv.value("object")).__name__
        (await kv.value("object")).a
        (await kv.value("object")).keys
        (await kv.value("object"))["n"]
        (await kv.value("object")).zz
        (await kv.value("object")).s.t
        isinstance(await kv.value("object"), dict)
        (await raw.value("object")).n
        (await raw.value("object")).keys
        (await raw.value("object")).s.t
        (await raw.value("object")).zz
        (await raw.value("object"))["a"]
        "a" in (await raw.value("object"))
        len(await raw.value("object"))
        list(await raw.value("object"))
        bool(await raw.value("object"))
        bool(await raw.value("empty"))
        bool(await raw.value("nothing"))
        hasattr(await raw.value("object"), "a")
        getattr(await raw.value("object"), "zz", "default")
        type(await raw.value("object")).__name__
        type(await raw.value("array")).__name__
        type(await raw.value("function")).__name__
        repr(await raw.value("object"))
        str(await raw.value("array"))
        (await raw.value("object")).to_py()
        (await raw.value("object")).to_py(depth=1)
        (await raw.value("nested")).to_py(depth=1)
        (await raw.value("nested")).to_py(depth=0)
        (await raw.value("object")).as_object_map()["a"]
        list((await raw.value("object")).as_object_map())
        len((await raw.value("object")).as_object_map())
        (await raw.value("object")).object_keys().to_py()
        (await raw.value("object")).object_values().to_py()
        (await raw.value("object")).object_entries().to_py()
        (await raw.value("object")).typeof
        (await raw.value("function")).typeof
        (await raw.value("function"))(2)
        (await raw.value("object")).toString()
        list(await raw.value("array"))
        (await raw.value("array"))[0]
        (await raw.value("array"))[-1].a
        (await raw.value("array"))[7]
        (await raw.value("array")).length
        len(await raw.value("array"))
        1 in (await raw.value("array"))
        await kv.value("array")
        await kv.value("map")
        (await raw.value("map"))["a"]
        (await raw.value("map")).get("a")
        (await raw.value("map")).get("zz")
        (await raw.value("map")).get("zz", 5)
        (await raw.value("map"))["zz"]
        "a" in (await raw.value("map"))
        len(await raw.value("map"))
        list(await raw.value("map"))
        list((await raw.value("map")).keys())
        list((await raw.value("map")).items())
        (await raw.value("map")).to_py()
        dict(await raw.value("map"))
        (await raw.value("set")).to_py()
        (await raw.value("set")).size
        2 in (await raw.value("set"))
        list(await raw.value("set"))
        await kv.value("buffer")
        type(await kv.value("buffer")).__name__
        (await raw.value("buffer")).to_bytes()
        (await raw.value("buffer")).to_py()
        (await raw.value("buffer")).to_string()
        (await raw.value("buffer")).byteLength
        bytes((await raw.value("buffer")).to_memoryview())
        await kv.value("int")
        await kv.value("float")
        await kv.value("big")
        await kv.value("bigint")
        await kv.value("bool")
        await kv.value("date")
        (await raw.value("date")).toISOString()
        (await raw.value("date")).getTime()
        await kv.value("nested")
        await kv.value("stream")
        (await raw.value("object")).constructor.name
        (await raw.value("array")).constructor.name
        (await raw.value("map")).constructor.name
        raw.constructor.name
        await kv.nope("k")
        kv.nope
        raw.nope
        env.NOPE
        env.CONF
        type(env.CONF).__name__
        env.CONF.a
        env.CONF["a"]
        env.TEXT
        len(kv)
        list(kv)
        bool(kv)
        "x" in raw
        raw["x"]
        raw()
        repr(raw)
        str(raw.echo)[:30]
        callable(raw.echo), callable(raw)
    """,
    "errors": r"""
        await kv.throws("TypeError", "bad")
        await raw.throws("Error", "bad")
        await raw.throws("RangeError", "")
        await about(raw.throws("TypeError", "bad"))
        await about(kv.throws("Error", "KV GET failed: 400 Invalid key"))
        await cause_of(raw.throws("TypeError", "bad"))
        str(js.Error.new("x"))
        repr(js.Error.new("x"))
        js.Error.new("x").message
        js.Error.new("x").name
        js.TypeError.new("x").name
        js.TypeError.new("x").constructor.name
        isinstance(js.Error.new("x"), JsException)
        isinstance(js.Error.new("x"), JsProxy)
        type(js.Error.new("x")).__name__
        js.Error.new("x").toString()
        js.Error.new("").toString()
        js.Error.new().message
        js.Error.new("x", cause="y").cause
        raises(js.Error.new("x"))
        issubclass(JsException, Exception), issubclass(JsException, JsProxy)
        await js.Promise.reject(js.Error.new("x"))
        await js.Promise.reject("text")
        await raw.rejects("text")
        await raw.rejects(5)
        js.undefined.x
        js.JSON.parse("{")
        js.JSON.parse("")
        js.Array.new(-1)
        js.decodeURIComponent("%")
        js.Object.nope()
    """,
    "Response of the SDK": r"""
        Response("x", 404).status
        Response("x", HTTPStatus.CREATED).status
        Response("x", 404).status_text
        Response("x", status_text="Hm").status_text
        Response("x").headers["content-type"]
        Response("x").headers["missing"]
        Response("x").headers.get("missing", "d")
        Response("x").headers.get_all("missing")
        type(Response("x").headers).__name__
        Response("x", headers={"A": "b"}).headers.items()
        Response("x", headers={"A": "b"}).headers["a"]
        Response("x", headers=[("A", "b"), ("A", "c")]).headers.items()
        Response("x", headers=[("Set-Cookie", "b"), ("Set-Cookie", "c")]).headers.get_all("set-cookie")
        Response("x", headers={"A": 1}).headers["a"]
        Response("x", headers={"A": True}).headers["a"]
        Response("x", headers={"A": None}).headers["a"]
        Response("x", headers={"A": 1.0}).headers["a"]
        Response("x", headers={"A": [1]}).headers["a"]
        Response("x", headers=js.Headers.new([["a", "b"]])).headers["a"]
        Response("x", headers={}).headers.items()
        Response("x", headers={"A\n": "b"})
        Response("x", headers="bad")
        Response("x", headers={"content-type": "text/html"}).headers.items()
        Response("x", status=700)
        Response("x", status=204)
        Response(None, status=204).body
        Response(None, status=204).status
        Response(5)
        Response({"a": 1})
        Response([1])
        Response(True)
        await Response(b"\xff").bytes()
        Response(bytearray(b"x"))
        Response(memoryview(b"x"))
        await Response("é").text()
        await Response("x").bytes()
        await Response("x").memoryview()
        await Response("x").buffer()
        (await Response("x").buffer()).to_bytes()
        await Response("x").blob()
        await (await Response("x").blob()).text()
        await Response("").text()
        await Response(None).text()
        await Response().text()
        await Response.json({"a": [1, None, 1.0]}).text()
        await Response.json({"a": "é"}).text()
        Response.json({"a": 1}, 201).status
        Response.json({"a": 1}, status=201, headers={"x": "y"}).headers.items()
        await Response.json(to_js({"a": 1}, dict_converter=fe)).text()
        await Response.json(to_js({"a": 1})).text()
        await Response.json(to_js([1, {"a": 2}])).text()
        Response.json({"a": {1}})
        await Response.from_json([1]).json()
        await Response("[1, NaN]").json()
        await Response("{").json()
        await Response('{"a": 1.0}').json()
        Response.redirect("https://e.com/x").status
        type(Response.redirect("https://e.com/x", 301)).__name__
        Response.redirect("https://e.com/x", 301).headers.get("location")
        Response.redirect("https://e.com/x", 200)
        Response.redirect("::")
        repr(Response("x"))
        repr(Response("x", status_text="Hm"))
        repr(Response.json({}))
        Response("x").ok, Response("x", 500).ok
        Response("x").redirected, Response("x").url, Response("x").type
        Response("x").body_used
        await used(Response("x"))
        Response("x").raise_for_status()
        Response("x", 404, "Gone fishing").raise_for_status()
        type(Response("x").clone()).__mro__[0].__module__
        isinstance(Response("x").clone(), Response)
        await Response("x").clone().text()
        await Response("x", 201).replace_body("y").text()
        Response("x", 201).replace_body("y").status
        await twice(Response("x"))
        await Response(Response("a").js_object).text()
        Response(js.Response.new("a"), status=4)
        await Response(js.Uint8Array.new(to_js([1, 2]))).bytes()
        Response(FormData({"a": "b"})).headers["content-type"][:30]
        Response(js.URLSearchParams.new("a=b")).headers["content-type"]
        await Response(js.URLSearchParams.new("a=b")).text()
        Response(js.Blob.new(to_js(["x"]), type="text/z")).headers["content-type"]
        Response(to_js(b"ab").buffer).headers.items()
        Response("x").js_object.constructor.name
        Response("x").nope
    """,
    "Request of the SDK": r"""
        Request("https://e.com").url
        Request("https://E.com/a b?c#d").url
        Request("https://e.com").method
        await Request("https://e.com", method="POST", body="x").text()
        await Request("https://e.com", method="POST", body=b"x").bytes()
        await Request("https://e.com", method="POST", body='{"a": 1}').json()
        await (await Request("https://e.com", method="POST", body="x").blob()).text()
        (await Request("https://e.com", method="POST", body="x").buffer()).to_bytes()
        Request("https://e.com", method="post").method
        Request("https://e.com", method=HTTPMethod.PUT).method
        Request("https://e.com", headers={"A": "b"}).headers["a"]
        Request("https://e.com", headers={"A": "b"}).headers["zz"]
        Request("https://e.com", headers={"A": "b"}).headers.get("A")
        Request("https://e.com", headers={"A": "b, c"}).headers.get_all("A")
        Request("https://e.com", headers=[("A", "b"), ("A", "c")]).headers["a"]
        "a" in Request("https://e.com", headers={"A": "b"}).headers
        "zz" in Request("https://e.com", headers={"A": "b"}).headers
        Request("https://e.com", headers={"A": "b", "C": "d"}).headers.keys()
        type(Request("https://e.com").headers).__name__
        Request("/rel")
        Request("https://e.com", body="x")
        Request("https://e.com").body
        Request("https://e.com").body_used
        await used(Request("https://e.com", method="POST", body="x"))
        await twice(Request("https://e.com", method="POST", body="x"))
        Request(Request("https://e.com/a")).url
        Request(Request("https://e.com/a"), method="POST").method
        Request(Request("https://e.com/a", headers={"a": "b"})).headers["a"]
        await Request("https://e.com/a", method="POST", body="x").clone().text()
        Request("https://e.com", redirect="manual").redirect
        Request("https://e.com", method="POST", body="x").headers["content-type"]
        repr(Request("https://e.com"))
        Request(js.Request.new("https://e.com"), method="POST")
        await forms(Request("https://e.com", method="POST", body="a=b&c=d+e", headers={"content-type": "application/x-www-form-urlencoded"}))
        await Request("https://e.com", method="POST", body="a=b", headers={"content-type": "text/x"}).form_data()
    """,
    "Blob, File and FormData": r"""
        await Blob("abc").text()
        await Blob(["a", b"b"]).text()
        await Blob("abc").bytes()
        Blob("abc", content_type="text/x").content_type
        Blob("abc").content_type
        Blob("abc").size
        await Blob("abcdef").slice(1, 3).text()
        await Blob("abcdef").slice(-2).text()
        await Blob("abcdef").slice().text()
        await Blob([Blob("ab"), "c"]).text()
        await Blob(Blob("ab", content_type="text/x")).text()
        Blob(Blob("ab", content_type="text/x")).content_type
        await Blob(bytearray(b"ab")).text()
        Blob(5)
        Blob([5])
        File("abc", "f.txt").name
        File("abc", "f.txt", last_modified=5).last_modified
        File("abc", "f.txt", content_type="text/x").content_type
        isinstance(File("abc", "f.txt"), Blob)
        await js.Blob.new(to_js(["a", b"b"]), type="text/X").text()
        js.Blob.new(to_js(["a"]), type="text/X").type
        js.Blob.new().size
        js.Blob.new(to_js(["a", "b"])).size
        callable(fe([["to_py", 1]]).to_py)
        await js.Blob.new(to_js(["abc"])).slice(1).text()
        (await js.Blob.new(to_js(["abc"])).arrayBuffer()).to_bytes()
        js.File.new(to_js(["abc"]), "f.txt").size
        js.File.new(to_js(["abc"]), "f.txt").constructor.name
        FormData({"a": "b"})["a"]
        FormData({"a": "b"})["zz"]
        "a" in FormData({"a": "b"})
        list(FormData({"a": "b", "c": "d"}).items())
        list(FormData({"a": "b", "c": "d"}).keys())
        list(FormData({"a": "b", "c": "d"}).values())
        list(FormData({"a": "b"}))
        FormData({"a": 5})["a"]
        FormData({"a": None})["a"]
        FormData({"a": Blob("x")})["a"].size
        type(FormData({"a": Blob("x")})["a"]).__name__
        FormData({"a": File("x", "f.txt")})["a"].name
        FormData({"a": Blob("x")})["a"].name
        changed_form()
        await round_trip(FormData({"a": "b", "é": "ü"}))
        await round_trip(FormData({"file": File("abc", "f.txt", content_type="text/x")}))
        await round_trip(FormData({"file": File(b"\x00\xff\r\n--", 'a"b.bin')}))
        await round_trip(FormData({"file": Blob("abc")}))
        await round_trip(FormData({'na"me\r\n': "a\r\nb"}))
        await round_trip(FormData({}))
        FormData([])
        FormData(5)
        js.FormData.new().get("a")
        js.FormData.new().has("a")
        js.FormData.new().append("a")
        js.FormData.new().append("a", "b")
    """,
    "to_js": r"""
        to_js(5), to_js("x"), to_js(None), to_js(True)
        type(to_js({"a": 1})).__name__
        str(to_js({"a": 1}))
        str(to_js({"a": 1}, dict_converter=fe))
        str(to_js([1, 2]))
        str(to_js([1, [2, 3]]))
        str(to_js([None, {}, "x", 1.5]))
        str(to_js({1, 2}))
        str(to_js(b"ab"))
        repr(to_js([1, 2]))
        to_js({"a": 1}).to_py()
        to_js({"a": [1, {"b": 2}]}, dict_converter=fe).to_py()
        to_js({"a": 1}, dict_converter=fe).a
        to_js({"a": 1})["a"]
        to_js({"a": 1}).a
        to_js({"a": 1}, dict_converter=fe)["a"]
        to_js({"a": 1}, dict_converter=fe).object_keys().to_py()
        to_js({"a": 1}, dict_converter=fe).object_entries().to_py()
        to_js({"a": 1}).object_keys().to_py()
        to_js({"a": {"b": 1}}).get("a").to_py()
        to_js({"a": {"b": 1}}).constructor.name
        to_js({"a": {"b": 1}}, depth=1).get("a")
        to_js([1, [2, [3]]], depth=1)[1]
        type(to_js([1, [2]], depth=1)[1]).__name__
        to_js([1, [2, [3]]], depth=2)[1][1]
        to_js({"a": {"b": 1}}, depth=1, dict_converter=fe).a
        to_js({"a": {"b": 1}}, depth=0)
        to_js({(1, 2): 3})
        to_js({1: 2})[1]
        to_js({1: 2}).to_py()
        to_js({None: 2}).to_py()
        to_js({1: 2}, dict_converter=fe).object_keys().to_py()
        to_js({"a": 1}, dict_converter=js.Object.fromEntries).a
        to_js({"a": 1}, dict_converter=js.Map.new).get("a")
        to_js([1, 2]) == to_js([1, 2])
        to_js([1, 2]).to_py()
        to_js((1, 2)).to_py()
        to_js({1, 2}).to_py()
        to_js(frozenset([1])).to_py()
        to_js({(1, 2)})
        to_js(b"ab").to_py()
        type(to_js(b"ab").to_py()).__name__
        to_js(b"ab").length
        to_js(b"ab").byteLength
        to_js(b"ab").constructor.name
        to_js(b"ab").buffer.byteLength
        to_js(b"ab").to_bytes()
        to_js(b"abc")[1]
        to_js(b"abc").slice(1).to_bytes()
        to_js(b"abc").subarray(0, 2).to_bytes()
        list(to_js(b"ab"))
        to_js(bytearray(b"ab")).to_bytes()
        to_js(memoryview(b"ab")).to_bytes()
        to_js(object())
        type(to_js(object())).__name__
        to_js(sum)
        to_js(Exception("x"))
        to_js(1j)
        to_js({"a": object()}, default_converter=lambda v, c, s: "converted").get("a")
        to_js(Point(1, 2), default_converter=lambda v, c, s: c([v.x, v.y])).to_py()
        to_js([Point(1, 2)], default_converter=lambda v, c, s: c({"x": v.x}), dict_converter=fe)[0].x
        to_js(Point(1, 2), default_converter=lambda v, c, s: v)
        to_js(Point(1, 2), create_pyproxies=False)
        to_js([1, Point(1, 2)], create_pyproxies=False)
        to_js({"a": 1}, create_pyproxies=False).to_py()
        to_js(recursive())[0][0].length
        to_js(twice_the_same()).to_py()
        to_js(2**100).__class__.__name__
        to_js([2**53, 2**53 - 1]).to_py()
        to_js([1.0, 2.5]).to_py()
        to_js("x" * 3)
        to_js(range(3))
        to_js({"a": 1}.items())
        to_js(JsDict({"a": 1}), dict_converter=fe).a
        isinstance(to_js({}), JsProxy), isinstance(js.Object, JsProxy)
        isinstance(to_js([]), ffi.JsArray), isinstance(to_js({}), ffi.JsArray)
        isinstance(to_js({}), ffi.JsMap), isinstance(to_js([]), ffi.JsMap)
        isinstance(to_js(b""), ffi.JsBuffer), isinstance(to_js(b""), ffi.JsTypedArray)
        isinstance(to_js(object()), ffi.JsDoubleProxy), isinstance(to_js([]), ffi.JsDoubleProxy)
        isinstance(js.Object.keys, ffi.JsCallable), isinstance(to_js([]), ffi.JsIterable)
        isinstance(js.Promise.resolve(1), ffi.JsPromise)
        python_to_rpc({"a": None, "b": [1]}).to_py()
        python_to_rpc([1, "x", None]).to_py()
        python_to_rpc((1, 2))
        python_to_rpc({"a": {1, 2}}).a.to_py()
        python_to_rpc(workers.Response("x")).constructor.name
        python_from_rpc(to_js({"a": {"b": 1}}, dict_converter=fe)).a.b
        python_from_rpc(to_js([1, 2]))
        python_from_rpc(to_js({"a": 1}))
        python_from_rpc(js.Date.new(0)).timestamp()
        python_from_rpc("x"), python_from_rpc(None), python_from_rpc(jsnull)
        repr(jsnull), bool(jsnull), type(jsnull).__name__
    """,
    "to_py": r"""
        to_js([1, {"a": [None]}]).to_py()
        to_js({"a": {"b": [1, {2}]}}).to_py()
        to_js([js.Date.new(0)]).to_py()[0].getTime()
        to_js([js.URL.new("https://e.com")]).to_py()[0].href
        fe([["a", js.Date.new(0)]]).to_py(default_converter=lambda v, c, s: v.getTime())
        fe([["a", js.Date.new(0)]]).to_py()["a"].getTime()
        to_js([[1], [2]]).to_py(depth=1)[0]
        type(to_js([[1], [2]]).to_py(depth=1)[0]).__name__
        to_js({"a": {"b": 1}}, dict_converter=fe).to_py(depth=1)["a"].b
        fe([["a", raw]]).to_py()["a"].constructor.name
        js.Map.new(to_js([["a", 1]])).to_py()
        js.Map.new(to_js([[1, {"a": 2}]])).to_py()
        js.Set.new(to_js([1, "a"])).to_py() == {1, "a"}
        js.Object.new().to_py()
        js.Headers.new().to_py().constructor.name
        js.Uint8Array.new(to_js([1, 2])).to_py().tolist()
        js.Int16Array.new(to_js([1, -2])).to_py().tolist()
        js.Float64Array.new(to_js([1.5])).to_py().tolist()
        js.JSON.parse('{"a": [1, null, {"b": "c"}]}').to_py()
        js.JSON.parse('{"b": 1, "a": 2, "1": 3}').to_py()
        to_js(recursive()).to_py()[0][0][0] is not None
    """,
    "held Python objects": r"""
        create_proxy({"a": 1})
        type(create_proxy({"a": 1})).__name__
        create_proxy({"a": 1}).unwrap()
        create_proxy([1]).length
        create_proxy({"a": 1}).type
        create_proxy(Point(1, 2)).type
        create_proxy(Point(1, 2)).x
        create_proxy(Point(1, 2)).nope
        create_proxy(Point(1, 2)).toString()
        str(create_proxy(Point(1, 2)))
        repr(create_proxy([1, 2]))
        create_proxy(lambda x: x + 1)(1)
        create_proxy(Point(1, 2)).unwrap() == Point(1, 2)
        create_proxy(5)
        isinstance(create_proxy([1]), JsProxy)
        create_proxy([1]).destroy()
        create_proxy([1]).copy().unwrap()
        create_once_callable(lambda: 5)()
        create_proxy(b"ab").getBuffer().data.to_bytes()
        create_proxy({"a": 1}).get("a")
        create_proxy({"a": 1}).has("a")
        create_proxy([3, 4]).get(1)
        identity(Point(1, 2)).x
        identity([1, 2])
        identity({"a": 1})["a"]
        identity(None), identity(5), identity("x")
        js.Array.of({"a": 1})[0]
        js.Array.of([1], 2)[0]
        fe([["f", lambda x: x + 1]]).f(2)
        fe([["p", Point(1, 2)]]).p.x
        to_js([Point(1, 2)])[0].x
        await js.Promise.resolve(Point(1, 2))
        await js.Promise.resolve({"a": 1})
    """,
    "proxies": r"""
        js.Object.new().a
        assigned(js.Object.new())
        deleted(fe([["a", 1]]))
        sorted(name for name in dir(fe([["abc", 1]])) if name == "abc")
        fe([["a", 1]]) == fe([["a", 1]])
        same(fe([["a", 1]]))
        fe([["from", 1]]).from_
        fe([["then", 1]]).then
        fe([["keys", 5], ["length", 3]]).keys
        len(fe([["length", 3]]))
        len(fe([["size", 3]]))
        fe([["class", 1]]).class_
        fe([["x y", 1]]).object_keys().to_py()
        fe([["a", 1]]).object_entries().to_py()
        fe([["a", {"b": 1}]]).a["b"]
        fe([["1", "a"], ["b", "c"], ["0", "d"]]).object_keys().to_py()
        bool(js.Object.new()), bool(js.Array.new()), bool(js.Map.new()), bool(js.Set.new())
        bool(to_js([1])), bool(to_js({"a": 1})), bool(js.Date.new(0)), bool(to_js(b"")), bool(raw.echo)
        hash(js.Object.new()) != 0
        js.Object.keys(to_js({"a": 1}, dict_converter=fe)).to_py()
        js.Object.keys({"a": 1}).to_py()
        js.Object.entries(to_js({"a": 1}, dict_converter=fe)).to_py()
        js.Object.values(to_js({"a": 1}, dict_converter=fe)).to_py()
        js.Object.assign(fe([]), to_js({"a": 1}, dict_converter=fe)).a
        js.Object.assign(fe([]), a=1).a
        js.Object.assign(fe([]), f=lambda: 1).f()
        js.Object.assign(fe([]), to_js({"f": lambda: 1}, dict_converter=fe)).f()
        js.Object.fromEntries({"a": 1}.items()).a
        js.Object.fromEntries(to_js({"a": 1})).a
        js.Object.fromEntries([["a"]]).a
        js.Object.fromEntries(5)
        js.Object.freeze(fe([["a", 1]])).a
        js.Object.hasOwn(fe([["a", 1]]), "a")
        js.Object.new(fe([["a", 1]])).a
        js.Object.name
        js.Object.constructor.name
        repr(js.Object)
        str(js.Response)[:14]
        js.Nope
        hasattr(js, "Nope"), hasattr(js, "Object")
        js.globalThis.Object.name
        js.undefined
        js.Response.new("x").constructor.name
        js.Response.new("x").zz
        js.Response("x")
        js.fetch.name
    """,
    "arrays, maps and sets": r"""
        js.Array.new().length
        js.Array.new(3).length
        js.Array.new(1, 2).to_py()
        js.Array.of(1, 2).to_py()
        js.Array.from_([1, 2]).to_py()
        js.Array.from_("ab").to_py()
        js.Array.from_(js.Set.new([1, 1, 2])).to_py()
        js.Array.from_([1, 2], lambda x, i: x * 2).to_py()
        js.Array.isArray(to_js([]))
        js.Array.isArray([])
        to_js([3, 1, 2]).push(4)
        to_js([1, 2]).pop()
        to_js([]).pop()
        to_js([1, 2, 3]).pop(0)
        to_js([1, 2]).shift()
        to_js([1]).unshift(0)
        to_js([1, 2, 3]).slice(1).to_py()
        to_js([1, 2, 3])[1:].to_py()
        to_js([1, 2, 3])[::-1].to_py()
        to_js([1, 2, 3]).splice(1, 1).to_py()
        to_js([1, 2]).join("-")
        to_js([1, None, jsnull, [2, 3]]).join()
        to_js([1, 2]).map(lambda x, *_: x + 1).to_py()
        to_js([1, 2]).map(lambda x, i, a: i).to_py()
        to_js([1, 2, 3]).filter(lambda x, *_: x > 1).to_py()
        to_js([1, 2, 3]).reduce(lambda a, b, *_: a + b)
        to_js([1, 2, 3]).reduce(lambda a, b, *_: a + b, 10)
        to_js([]).reduce(lambda a, b, *_: a + b)
        each(to_js([1, 2]))
        to_js([1, 2]).some(lambda x, *_: x > 1)
        to_js([1, 2]).every(lambda x, *_: x > 1)
        to_js([1, 2]).find(lambda x, *_: x > 1)
        to_js([1, 2]).find(lambda x, *_: x > 5)
        to_js([1, 2]).findIndex(lambda x, *_: x > 1)
        to_js([1, 2]).indexOf(2)
        to_js([1, 2]).includes(2)
        to_js([1, 2]).index(2)
        to_js([1, 2]).index(7)
        to_js([1, 2, 2]).count(2)
        to_js([1, 2]).reverse().to_py()
        to_js([3, 1, 20]).sort().to_py()
        to_js([3, 1, 20]).sort(lambda a, b: a - b).to_py()
        to_js([1, [2, [3]]]).flat().to_py()
        to_js([1]).concat(to_js([2, 3])).to_py()
        to_js([1, 2]).at(-1)
        to_js([1, 2]).fill(0).to_py()
        to_js([1, 2]).toString()
        list(to_js([1, 2]).keys())
        list(to_js([1, 2]).entries())[0].to_py()
        list(to_js([1, 2]).values())
        list(reversed(to_js([1, 2])))
        extended(to_js([1]))
        set_item(to_js([1, 2]))
        deleted_item(to_js([1, 2, 3]))
        to_js([1, 2]) + to_js([3])
        (to_js([1, 2]) * 2).to_py()
        [x for x in to_js([{"a": 1}], dict_converter=fe)][0].a
        js.Map.new().size
        js.Map.new(to_js([["a", 1]])).get("a")
        js.Map.new(to_js([["a", 1]])).get("z")
        js.Map.new([["a", 1]]).get("a")
        js.Map.new({"a": 1}.items()).get("a")
        js.Map.new(5)
        js.Map.new(to_js([["a", 1]])).has("a")
        js.Map.new().set("a", 1).get("a")
        js.Map.new(to_js([["a", 1]])).delete("a")
        js.Map.new(to_js([["a", 1]])).delete("z")
        list(js.Map.new(to_js([["a", 1]])).entries())[0].to_py()
        js.Map.new(to_js([["a", 1]])).toString()
        map_items(js.Map.new())
        js.Set.new(to_js([1, 2])).size
        js.Set.new([1, 2, 2]).size
        js.Set.new().add(1).has(1)
        js.Set.new(to_js([1])).delete(1)
        list(js.Set.new(to_js([1, 2])).values())
        js.Set.new("aab").size
        to_js({"a": 1, "b": 2}).keys().next().value
    """,
    "JSON, text and numbers": r"""
        js.JSON.stringify(to_js({"a": 1}, dict_converter=fe))
        js.JSON.stringify(to_js({"a": 1}))
        js.JSON.stringify({"a": 1})
        js.JSON.stringify({"a": {"b": [1]}})
        js.JSON.stringify([1, 2])
        js.JSON.stringify("x")
        js.JSON.stringify(5)
        js.JSON.stringify(None)
        js.JSON.stringify(jsnull)
        js.JSON.stringify(True)
        js.JSON.stringify(to_js([1, None, "é", 1.5]))
        js.JSON.stringify(to_js([1, [2]]), None, 2)
        js.JSON.stringify(to_js({"a": {"b": 1}, "c": []}, dict_converter=fe), None, 1)
        js.JSON.stringify(to_js({"a": 1}, dict_converter=fe), None, "--")
        js.JSON.stringify(to_js({"a": 1, "b": 2}, dict_converter=fe), to_js(["a"]))
        js.JSON.stringify(to_js({"a": 1, "b": 2}, dict_converter=fe), lambda k, v: v if k != "a" else None)
        js.JSON.stringify(js.Date.new(0))
        js.JSON.stringify(fe([["d", js.Date.new(0)], ["f", raw.echo], ["m", js.Map.new()], ["n", float("nan")]]))
        js.JSON.stringify(js.Error.new("x"))
        js.JSON.stringify(js.URL.new("https://e.com/"))
        js.JSON.stringify(lambda: 0)
        js.JSON.stringify(to_js(b"ab"))
        js.JSON.stringify(to_js({1}))
        js.JSON.stringify(2**60)
        js.JSON.parse('{"a": [1, null, 1.0, 1.5]}').to_py()
        js.JSON.parse('{"a": null}').a
        js.JSON.parse("5"), js.JSON.parse('"x"'), js.JSON.parse("null")
        js.JSON.parse("[1, 2]", lambda k, v: v if k == "" else v * 2).to_py()
        js.JSON.parse("1e400")
        js.JSON.parse("12345678901234567890")
        js.Number("5"), js.Number("x1") != js.Number("x1"), js.Number(None) != 0
        js.Number.isInteger(5.0)
        js.Number.MAX_SAFE_INTEGER
        js.String(5), js.String(None), js.String(jsnull), js.String(to_js([1, 2])), js.String(True)
        js.String({"a": 1})
        js.Boolean(0), js.Boolean("x")
        js.parseInt("12px"), js.parseFloat("1.5x"), js.isNaN(float("nan"))
        js.Math.floor(1.5), js.Math.ceil(1.2), js.Math.round(2.5), js.Math.max(1, 3), js.Math.min(), js.Math.abs(-1)
        js.Math.pow(2, 10), js.Math.sqrt(16), js.Math.trunc(-1.5), js.Math.sign(-3), js.Math.PI
        0 <= js.Math.random() < 1
        js.encodeURIComponent("a b/é?&"), js.encodeURI("https://e.com/a b?é")
        js.decodeURIComponent("a%20b%C3%A9"), js.decodeURI("a%20b%2F")
        js.btoa("ab"), js.atob("YWI=")
        js.btoa("é")
        js.btoa("Ā")
        js.atob("*")
        js.TextEncoder.new().encode("é").to_bytes()
        js.TextEncoder.new().encoding
        js.TextDecoder.new().decode(to_js(b"ab"))
        js.TextDecoder.new().decode(to_js(b"\xef\xbb\xbfab\xff"))
        js.TextDecoder.new("utf-8", fatal=True).decode(to_js(b"\xff"))
        js.TextDecoder.new("utf-8", ignoreBOM=True).decode(to_js(b"\xef\xbb\xbfa")).encode()
        js.TextDecoder.new("utf-16le").decode(to_js(b"a\x00"))
        js.TextDecoder.new("nope")
        js.TextDecoder.new().encoding
        js.TextDecoder.new().decode()
        js.structuredClone(to_js({"a": [1, {"b": None}]}, dict_converter=fe)).to_py()
        js.structuredClone(to_js({"a": 1})).to_py()
        js.structuredClone(js.Date.new(5)).getTime()
        js.structuredClone(to_js(b"ab")).to_bytes()
        js.structuredClone(raw.echo)
        js.structuredClone("x"), js.structuredClone(5)
        js.crypto.randomUUID().__len__()
        (await js.crypto.subtle.digest("SHA-256", to_js(b"ab"))).to_bytes().hex()
        (await js.crypto.subtle.digest("SHA-1", js.TextEncoder.new().encode("ab"))).byteLength
        (await js.crypto.subtle.digest(fe([["name", "SHA-512"]]), to_js(b""))).byteLength
        js.crypto.getRandomValues(js.Uint8Array.new(4)).length
    """,
    "bytes": r"""
        js.Uint8Array.new(3).to_bytes()
        js.Uint8Array.new(to_js([1, 2])).to_py().tolist()
        js.Uint8Array.new([1, 2, 300]).to_py().tolist()
        js.Uint8Array.new(to_js([-1, 256, 1.9])).to_bytes()
        js.Uint8ClampedArray.new(to_js([-1, 256])).to_bytes()
        js.Uint8Array.of(1, 2).to_bytes()
        js.Uint8Array.from_([1, 2]).to_bytes()
        js.Uint8Array.new(to_js(b"abcd").buffer, 1, 2).to_bytes()
        js.Uint16Array.new(to_js(b"abcd").buffer).length
        js.Uint16Array.new(to_js([1, 65536])).to_py().tolist()
        js.Float32Array.new(to_js([1.5])).byteLength
        js.Float32Array.BYTES_PER_ELEMENT
        js.ArrayBuffer.new(4).byteLength
        js.ArrayBuffer.new(4).slice(1).byteLength
        js.ArrayBuffer.isView(to_js(b"a"))
        js.DataView.new(to_js(b"abcd").buffer).getUint8(1)
        js.DataView.new(to_js(b"\x01\x02").buffer).getUint16(0)
        js.DataView.new(to_js(b"\x01\x02").buffer).getUint16(0, True)
        assigned_bytes(js.Uint8Array.new(2))
        assigned_item(js.Uint8Array.new(2))
        js.Uint8Array.new(to_js(b"ab")).set(to_js(b"c"))
        to_js(b"ab").constructor.name, to_js(b"ab").buffer.constructor.name
        to_js(b"abc").byteOffset
        to_js(b"abc").indexOf(98)
        to_js(b"abc").join("-")
        to_js(b"abc").toString()
        str(to_js(b"abc").buffer)
        len(to_js(b"abc"))
        len(to_js(b"abc").buffer)
        to_js(b"abc").to_string()
        to_js(b"\xe9").to_string("latin1")
        to_js(b"abc").tobytes()
        to_js(b"abc").to_memoryview().tolist()
        bytes(to_js(b"abc"))
    """,
    "URLs": r"""
        js.URL.new("https://e.com/a?b=c").pathname
        js.URL.new("https://u:p@e.com:8080/a?b=c#d").toString()
        js.URL.new("https://e.com:8080/a?b=c#d").host, js.URL.new("https://e.com:8080/a?b=c#d").port
        js.URL.new("https://e.com/a?b=c#d").hash, js.URL.new("https://e.com/a?b=c#d").search, js.URL.new("https://e.com/a").origin
        js.URL.new("/x", "https://e.com/a").href
        js.URL.new("x?y", js.URL.new("https://e.com/a/b")).href
        js.URL.new("https://e.com/a?b=c").searchParams.get("b")
        js.URL.new("https://e.com/a?b=c").searchParams.get("z")
        js.URL.new("zz").href
        js.URL.canParse("zz"), js.URL.canParse("https://e.com")
        changed_url(js.URL.new("https://e.com/a?b=c"))
        changed_params(js.URL.new("https://e.com/a?b=c"))
        str(js.URL.new("https://e.com"))
        js.URL.new("https://e.com").toJSON()
        js.URLSearchParams.new("a=b&a=c&d=e+f%20g").toString()
        js.URLSearchParams.new("?a=b").get("a")
        js.URLSearchParams.new(to_js({"a": "b c", "d": 1}, dict_converter=fe)).toString()
        js.URLSearchParams.new(to_js([["a", "b"], ["c", "d"]])).toString()
        js.URLSearchParams.new([["a", "b"]]).toString()
        js.URLSearchParams.new("a=b&a=c").getAll("a").to_py()
        js.URLSearchParams.new("a=b&c=d").has("c")
        js.URLSearchParams.new("a=b&c=d").size
        [list(p) for p in js.URLSearchParams.new("b=1&a=2")]
        list(js.URLSearchParams.new("b=1&a=2").keys())
        list(js.URLSearchParams.new("b=1&a=2").values())
        changed_query(js.URLSearchParams.new("b=1&a=2&b=3"))
        js.URLSearchParams.new("a=~!*()'-._é\U0001f600").toString()
        js.URLSearchParams.new("a=b")["a"]
        "a" in js.URLSearchParams.new("a=b")
        js.URLSearchParams.new().toString()
    """,
    "Headers": r"""
        js.Headers.new({"a": "b"}.items()).get("a")
        js.Headers.new(to_js({"a": "b"})).get("a")
        js.Headers.new(to_js({"a": "b"}, dict_converter=fe)).get("a")
        js.Headers.new([["a", "b"]]).get("a")
        js.Headers.new([("a", "b")]).get("A")
        js.Headers.new(js.Headers.new([["a", "b"]])).get("a")
        js.Headers.new(a="b").get("a")
        js.Headers.new().get("a")
        js.Headers.new([["a", "b"]])["a"]
        js.Headers.new([["a", "b"]])["z"]
        "a" in js.Headers.new([["a", "b"]])
        js.Headers.new([["a", "b"]]).has("A")
        [list(p) for p in js.Headers.new([["b", "1"], ["a", "2"], ["b", "3"]])]
        [list(p) for p in js.Headers.new([["set-cookie", "1"], ["a", "2"], ["set-cookie", "3"]])]
        dict(js.Headers.new([["b", "1"], ["a", "2"]]))
        list(js.Headers.new([["b", "1"], ["a", "2"]]).keys())
        list(js.Headers.new([["b", "1"], ["a", "2"]]).values())
        list(js.Headers.new([["b", "1"]]).entries())[0].to_py()
        js.Headers.new([["set-cookie", "1"], ["set-cookie", "3"]]).getSetCookie().to_py()
        changed_headers(js.Headers.new([["a", "1"]]))
        header_pairs(js.Headers.new([["a", "1"], ["b", "2"]]))
        js.Headers.new([["a", " b "]]).get("a")
        js.Headers.new([["a"]])
        len(js.Headers.new([["a", "b"]]))
        bool(js.Headers.new())
        js.Headers.new([["a", "b"]]).a
        js.Headers.new([["a", "b"]]).toString()
    """,
    "messages of JavaScript": r"""
        js.Response.new("x", status=201).status
        js.Response.new("x", {"status": 201}).status
        js.Response.new("x", to_js({"status": 201})).status
        js.Response.new("x", to_js({"status": 201}, dict_converter=fe)).status
        js.Response.new("x", {"status": 201, "headers": {"a": "b"}}).headers.get("a")
        js.Response.new("x", status=201, headers=[["a", "b"]]).headers.get("a")
        js.Response.new("x", to_js({"headers": {"a": "b"}}, dict_converter=fe)).headers.get("a")
        js.Response.new("x", status="404").status
        await js.Response.new("x").text()
        js.Response.new("x").headers.get("content-type")
        await js.Response.json(to_js({"a": 1}, dict_converter=fe)).text()
        await js.Response.json({"a": 1}).text()
        js.Response.json(to_js([1])).headers.get("content-type")
        await js.Response.new(5).text()
        await js.Response.new({"a": 1}).text()
        await js.Response.new(to_js([1, 2])).text()
        await js.Response.new(None).text()
        await js.Response.new(jsnull).text()
        js.Response.new().body
        (await js.Response.new('{"a": [1, null]}').json()).to_py()
        (await js.Response.new('{"a": [1, null]}').json()).a[0]
        await js.Response.new("{").json()
        (await js.Response.new("ab").arrayBuffer()).to_bytes()
        (await js.Response.new("ab").blob()).type
        await (await js.Response.new("ab").blob()).text()
        await js.Response.new(b"ab").text()
        await js.Response.new(to_js(b"ab")).text()
        js.Response.new("x").bodyUsed
        js.Response.new("x").ok
        js.Response.new("x").clone().status
        js.Response.new("x").url, js.Response.new("x").redirected, js.Response.new("x").type
        js.Response.error().type
        js.Response.redirect("https://e.com/", 301).headers.get("location")
        js.Request.new("https://e.com", method="PUT").method
        js.Request.new("https://e.com", {"method": "PUT"}).method
        js.Request.new("https://e.com").headers.get("a")
        js.Request.new("https://e.com", headers={"a": "b"}.items()).headers.get("a")
        js.Request.new("https://e.com", headers=to_js({"a": "b"}, dict_converter=fe)).headers.get("a")
        js.Request.new(js.Request.new("https://e.com/a")).url
        js.Request.new(js.URL.new("https://e.com/a")).url
        js.Request.new("https://e.com").body
        js.Request.new("https://e.com").signal.aborted
        await js.Request.new("https://e.com", method="POST", body="é").text()
        str(js.Request.new("https://e.com"))
        js.Response.new("x").body.constructor.name
        js.Response.new("x").body.locked
        await bytes_of(js.Response.new("abc").body)
        await read_all(js.Response.new("abc").body.getReader())
        await locked(js.Response.new("abc"))
        js.Response.new("x").body is None
        await sizes(js.Response.new("abc").body.tee())
    """,
    "promises": r"""
        await js.Promise.resolve(5)
        await js.Promise.resolve(None)
        await js.Promise.resolve(jsnull)
        await js.Promise.resolve(js.Promise.resolve(5))
        (await js.Promise.resolve(fe([["a", 1]]))).a
        repr(js.Promise.resolve(5))
        type(js.Promise.resolve(5)).__name__
        await js.Promise.resolve(5).then(lambda x: x + 1)
        await js.Promise.resolve(5).then(lambda x: js.Promise.resolve(x + 1))
        await js.Promise.resolve(5).then(lambda x: None)
        await js.Promise.resolve(5).then(None)
        await js.Promise.resolve(5).then(async_increment)
        await js.Promise.resolve(5).then(fails)
        await js.Promise.resolve(5).then(fails).catch(lambda e: type(e).__name__)
        await js.Promise.reject(js.Error.new("x")).catch(lambda e: e.message)
        await js.Promise.reject(js.Error.new("x")).then(None, lambda e: e.message)
        await js.Promise.reject(js.Error.new("x")).then(lambda v: 1)
        await js.Promise.reject(js.Error.new("x")).catch(lambda e: js.Promise.resolve(5))
        await js.Promise.resolve(5).finally_(lambda: 7)
        await js.Promise.reject(js.Error.new("x")).finally_(lambda: 7)
        await js.Promise.resolve(5).finally_(fails)
        (await js.Promise.all([js.Promise.resolve(1), 2, js.Promise.resolve(3)])).to_py()
        (await js.Promise.all(to_js([js.Promise.resolve(1), 2]))).to_py()
        await js.Promise.all([js.Promise.resolve(1), js.Promise.reject(js.Error.new("x"))])
        (await js.Promise.all([])).to_py()
        (await js.Promise.allSettled([js.Promise.resolve(1), js.Promise.reject(js.Error.new("x"))])).to_py()[0]
        (await js.Promise.allSettled([js.Promise.reject(js.Error.new("x"))]))[0].reason.message
        await js.Promise.race([js.Promise.resolve(1), js.Promise.resolve(2)])
        await js.Promise.any([js.Promise.reject(js.Error.new("x")), js.Promise.resolve(2)])
        await js.Promise.any([js.Promise.reject(js.Error.new("x"))])
        await js.Promise.new(lambda resolve, reject: resolve(5))
        await js.Promise.new(lambda resolve, reject: reject(js.Error.new("x")))
        await failure(js.Promise.new(fails))
        await asyncio.gather(js.Promise.resolve(1), js.Promise.resolve(2))
        await asyncio.wait_for(js.Promise.resolve(1), 1)
        await twice_awaited(js.Promise.resolve(1))
        asyncio.isfuture(js.Promise.resolve(1)), inspect.isawaitable(js.Promise.resolve(1))
        await asyncio.ensure_future(js.Promise.resolve(1))
        await resolvers()
        await timer()
        await microtask()
        js.clearTimeout(5)
    """,
    "streams": r"""
        js.ReadableStream.new().locked
        js.ReadableStream.new().constructor.name
        await read_text(js.ReadableStream.new(fe([["start", lambda c: (c.enqueue(to_js(b"a")), c.enqueue(to_js(b"b")), c.close())]])))
        await read_text(js.ReadableStream.new(pulling()))
        await js.Response.new(js.ReadableStream.new(fe([["start", lambda c: (c.enqueue(to_js(b"ab")), c.close())]]))).text()
        await read_text(js.ReadableStream.new(fe([["start", lambda c: c.error(js.Error.new("broken"))]])))
        await js.ReadableStream.new().cancel()
        await canceled()
        await through_transform("abc")
        await through_writer()
        js.TransformStream.new().readable.constructor.name, js.TransformStream.new().writable.constructor.name
        js.WritableStream.new().constructor.name
        await piped()
        await read_text(js.Response.new("abc").body.tee()[1])
        await read_text(js.Blob.new(to_js(["abc"])).stream())
        await double_reader()
        await desired()
    """,
    "dates": r"""
        js.Date.new(0).toISOString()
        js.Date.new("2020-01-01").getTime()
        js.Date.new("nope").getTime() != 0
        js.Date.new("nope").toISOString()
        js.Date.new(2020, 0, 31).getDate()
        js.Date.new(86400000).getUTCDate(), js.Date.new(86400000).getUTCMonth(), js.Date.new(86400000).getUTCFullYear()
        js.Date.new(86400000).getUTCDay(), js.Date.new(3661001).getUTCHours(), js.Date.new(3661001).getUTCMinutes(), js.Date.new(3661001).getUTCSeconds(), js.Date.new(3661001).getUTCMilliseconds()
        js.Date.new(0).toUTCString()
        js.Date.new(0).toJSON()
        js.Date.UTC(2020, 1, 29)
        js.Date.parse("2020-01-01T00:00:00Z")
        js.Date.parse("x") != 0
        js.Date.now() > 1.6e12
        js.Date.new().getTime() > 1.6e12
        js.Date.new(js.Date.new(5)).getTime()
        js.Date.new(5).valueOf()
        changed_date(js.Date.new(0))
        js.Date.new(1.9).getTime()
        str(js.Date.new(0))
        js.Date.new(0).toDateString()
        js.Date.new(0).getTimezoneOffset()
        js.Date.new(8.64e15 + 1).getTime() != 0
    """,
    "abort signals": r"""
        js.AbortController.new().signal.aborted
        aborted().aborted
        aborted().reason.name
        aborted().reason.message
        aborted("why").reason
        js.AbortSignal.abort().aborted
        js.AbortSignal.abort("x").reason
        js.AbortSignal.abort().throwIfAborted()
        js.AbortController.new().signal.throwIfAborted()
        js.AbortSignal.timeout(1000).aborted
        js.AbortSignal.any([js.AbortSignal.abort("x"), js.AbortController.new().signal]).reason
        abort_events()
    """,
}


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


def recursive():
    a = []
    a.append(a)
    return a


def twice_the_same():
    a = [1]
    return [a, a]


def identity(value):
    return fe([["v", value]]).v


def raises(error):
    raise error


def fails(*_):
    raise ValueError("no")


async def async_increment(x):
    return x + 1


async def about(awaitable):
    try:
        await awaitable
    except Exception as e:
        return (
            type(e).__name__,
            str(e),
            repr(e),
            e.name,
            e.message,
            hasattr(e, "constructor"),
            isinstance(e, JsProxy),
            len(e.args),
            str(e.args[0]),
            isinstance(e.stack, str),
        )


async def failure(awaitable):
    try:
        await awaitable
    except Exception as e:
        return type(e).__name__, e.name, e.message.splitlines()[0], e.message.splitlines()[-1]


async def cause_of(awaitable):
    try:
        try:
            await awaitable
        except Exception as e:
            raise ValueError("outer") from e
    except ValueError as e:
        return type(e.__cause__).__name__, str(e.__cause__)


async def twice(message):
    await message.text()
    await message.text()


async def twice_awaited(promise):
    return await promise, await promise


async def used(message):
    before = message.body_used
    await message.text()
    return before, message.body_used


async def items(form):
    return [
        (k, v if isinstance(v, str) else (type(v).__name__, v.name, v.content_type, await v.bytes()))
        for k, v in form.items()
    ]


async def forms(message):
    return await items(await message.form_data())


async def round_trip(form):
    return await forms(Response(form))


def changed_form():
    form = FormData({"a": "1", "b": "2"})
    form.append("a", "3")
    form["b"] = "4"
    everything = [list(form.items()), form.get_all("a")]
    del form["a"]
    form.delete("z")
    return everything, list(form.keys()), "a" in form


def assigned(o):
    o.a = 1
    o.b = {"c": 2}
    o.d = None
    setattr(o, "e f", [1])
    return o.object_keys().to_py(), o.a, o.b, o.d


def deleted(o):
    del o.a
    return hasattr(o, "a")


def same(o):
    return o == o, o != o, o is identity(o), o == identity(o)


def each(a):
    seen = []
    a.forEach(lambda *args: seen.append(args[:2]))
    return seen


def extended(a):
    a.extend([2, 3])
    a.append({"x": 1})
    a.insert(0, "first")
    return a.length, a[0], a[-1]["x"]


def set_item(a):
    a[0] = 5
    a[-1] = {"x": 1}
    return a[0], a[1]


def deleted_item(a):
    del a[1]
    return a.to_py()


def map_items(m):
    m["a"] = 1
    m["b"] = {"x": 1}
    del m["a"]
    seen = []
    m.forEach(lambda v, k, *_: seen.append(k))
    return list(m), m["b"]["x"], seen, m.pop("b")["x"], m.setdefault("c", 3), m.size


def assigned_bytes(b):
    b.assign(b"xy")
    return b.to_bytes()


def assigned_item(b):
    b[0] = 7
    return b.to_bytes()


def changed_url(u):
    u.pathname = "/x y"
    u.search = "?d=e"
    u.hash = "f"
    u.host = "f.com:1"
    return u.href, u.searchParams.get("d")


def changed_params(u):
    u.searchParams.set("z", "1 2")
    u.searchParams.delete("b")
    return u.href


def changed_query(q):
    q.set("b", "9")
    q.append("c", 5)
    before = q.toString()
    q.delete("a")
    q.sort()
    return before, q.toString()


def changed_headers(h):
    h.set("a", "2")
    h.append("a", 3)
    h.append("B", "x")
    before = [list(pair) for pair in h]
    h.delete("A")
    h.delete("zz")
    return before, [list(pair) for pair in h]


def header_pairs(h):
    seen = []
    h.forEach(lambda v, k, *_: seen.append((k, v)))
    return seen


def changed_date(d):
    d.setTime(86400000)
    first = d.toISOString()
    d.setUTCHours(5)
    d.setUTCDate(31)
    d.setUTCMonth(1)
    return first, d.toISOString()


async def bytes_of(stream):
    return b"".join([chunk.to_bytes() async for chunk in stream])


async def read_text(stream):
    return (await bytes_of(stream)).decode()


async def read_all(reader):
    data = []
    while True:
        result = await reader.read()
        if result.done:
            return data, result.value
        data.append(result.value.to_bytes())


async def locked(response):
    reader = response.body.getReader()
    during = response.body.locked
    await reader.read()
    reader.releaseLock()
    return during, response.body.locked, response.bodyUsed


async def sizes(branches):
    return [len(await bytes_of(branch)) for branch in branches]


def pulling():
    left = [b"a", b"b", b"c"]

    def pull(controller):
        if left:
            controller.enqueue(to_js(left.pop(0)))
        else:
            controller.close()

    return fe([["pull", pull]])


async def canceled():
    reasons = []
    stream = js.ReadableStream.new(fe([["cancel", lambda reason: reasons.append(reason)]]))
    await stream.cancel("why")
    return reasons, [chunk async for chunk in stream]


async def through_transform(text):
    stream = js.Response.new(text).body.pipeThrough(js.TransformStream.new())
    return await read_text(stream)


async def through_writer():
    transform = js.TransformStream.new()
    writer = transform.writable.getWriter()

    async def write():
        await writer.write(to_js(b"ab"))
        await writer.write(to_js(b"c"))
        await writer.close()

    writing = asyncio.ensure_future(write())
    text = await read_text(transform.readable)
    await writing
    return text, transform.writable.locked


async def piped():
    transform = js.TransformStream.new()
    piping = js.Response.new("abc").body.pipeTo(transform.writable)
    text = await read_text(transform.readable)
    await piping
    return text


async def double_reader():
    body = js.Response.new("abc").body
    body.getReader()
    body.getReader()


async def desired():
    sizes = []
    js.ReadableStream.new(fe([["start", lambda c: sizes.append(c.desiredSize)]]))
    return sizes


async def resolvers():
    made = js.Promise.withResolvers()
    made.resolve(5)
    return await made.promise


async def timer():
    done = asyncio.Event()
    js.setTimeout(create_proxy(lambda *args: done.set()), 1)
    never = js.setTimeout(create_proxy(fails), 1)
    js.clearTimeout(never)
    await done.wait()
    return done.is_set()


async def microtask():
    done = asyncio.Event()
    js.queueMicrotask(create_proxy(lambda *args: done.set()))
    await done.wait()
    return done.is_set()


def aborted(*reason):
    controller = js.AbortController.new()
    controller.abort(*reason)
    return controller.signal


def abort_events():
    seen = []
    controller = js.AbortController.new()
    controller.signal.addEventListener("abort", create_proxy(lambda event: seen.append(event.type)))
    controller.abort()
    controller.abort()
    return seen


def show(value):
    """A text for a value that is the same in both worlds."""
    if type(value) in (list, tuple):
        return type(value).__name__ + "(" + ", ".join(map(show, value)) + ")"
    if type(value) in (dict, JsDict):
        pairs = ", ".join(f"{show(key)}: {show(member)}" for key, member in value.items())
        return f"{type(value).__name__}({pairs})"
    if type(value).__name__ == "JsNull":
        return "jsnull"
    if isinstance(value, memoryview):
        return f"memoryview:{bytes(value)!r}"
    if isinstance(value, Blob):
        return type(value).__name__
    if isinstance(value, JsProxy):
        return f"{type(value).__name__}:{str(value)[:80]}"
    if callable(value) and not isinstance(value, type):
        return "function"
    return repr(value)[:200]


def without_addresses(text):
    return re.sub(r"0x[0-9a-f]+", "0x...", text)


async def evaluate(expression):
    try:
        code = compile(expression, "<expression>", "eval", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        value = eval(code, globals())
        if inspect.iscoroutine(value):
            value = await asyncio.wait_for(value, 2)
        return without_addresses(show(value))
    except Exception as error:
        return without_addresses(f"{type(error).__name__}: {str(error)[:240]}")


async def results():
    """Expression -> text, by group, as JSON: the module runs in a world of its own."""
    return json.dumps(
        {
            group: {line.strip(): await evaluate(line.strip()) for line in block.strip().splitlines()}
            for group, block in EXPRESSIONS.items()
        }
    )
