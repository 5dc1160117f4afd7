"""Keys that JavaScript generates: drawn from the seed, and good keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hosting.javascript.workers import edge_with, texts, worker_of

pytestmark = pytest.mark.workerd

SECRET = """const key = await crypto.subtle.generateKey(ALGORITHM, true, USAGES);
  return Response.json([await crypto.subtle.exportKey("jwk", key), "works"]);"""
SIGNING = """const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, true, USAGES);
  const how = { ...ALGORITHM, hash: "SHA-256" };
  const data = new Uint8Array(5);
  const signature = await crypto.subtle.sign(how, privateKey, data);
  const isTrue = await crypto.subtle.verify(how, publicKey, signature, data);
  return Response.json([await crypto.subtle.exportKey("jwk", privateKey), isTrue && "works"]);"""
DERIVING = """const pair = () => crypto.subtle.generateKey(ALGORITHM, true, USAGES);
  const [one, two] = [await pair(), await pair()];
  const derive = async (a, b) => {
    const algorithm = { ...ALGORITHM, public: a.publicKey };
    return new Uint8Array(await crypto.subtle.deriveBits(algorithm, b.privateKey, 256)).join();
  };
  const isTrue = (await derive(one, two)) === (await derive(two, one));
  return Response.json([await crypto.subtle.exportKey("jwk", one.privateKey), isTrue && "works"]);"""
KEYS = [
    ({"name": "AES-GCM", "length": 256}, ["encrypt"], SECRET),
    ({"name": "HMAC", "hash": "SHA-256"}, ["sign"], SECRET),
    ({"name": "ECDSA", "namedCurve": "P-256"}, ["sign", "verify"], SIGNING),
    ({"name": "ECDSA", "namedCurve": "P-384"}, ["sign", "verify"], SIGNING),
    ({"name": "ECDSA", "namedCurve": "P-521"}, ["sign", "verify"], SIGNING),
    ({"name": "Ed25519"}, ["sign", "verify"], SIGNING),
    ({"name": "ECDH", "namedCurve": "P-256"}, ["deriveBits"], DERIVING),
    ({"name": "X25519"}, ["deriveBits"], DERIVING),
]


NAMES = [" ".join(map(str, algorithm.values())) for algorithm, _, _ in KEYS]


@pytest.mark.parametrize(("algorithm", "usages", "body"), KEYS, ids=NAMES)
def test_the_seed_gives_the_key_and_the_key_works(
    workerd: Path, algorithm: dict[str, object], usages: list[str], body: str
) -> None:
    made = body.replace("ALGORITHM", json.dumps(algorithm)).replace("USAGES", json.dumps(usages))
    worker = worker_of(workerd, f"export default {{ async fetch() {{ {made} }} }};")
    first, again, other = (json.loads(texts(edge_with(worker, seed=seed), "/")[0]) for seed in (1, 1, 2))
    assert first[1] == "works"
    assert first == again
    assert first[0] != other[0]
