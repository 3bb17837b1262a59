// What the pages ask an endpoint, and what they make of its answers: a server here plays one.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { gather } from "../../notary/web/static/ui/endpoint.js";
import { toHex } from "../../notary/web/static/verify/bytes.js";
import { headKey, judge, judgeRecorded } from "../../notary/web/static/verify/chain.js";
import { keccak256 } from "../../notary/web/static/verify/crypto.js";

/** @typedef {import("../../notary/web/static/verify/chain.js").AnchoredHead} AnchoredHead */
/** @typedef {import("../../notary/web/static/verify/logchecks.js").Wanted} Wanted */
/** @typedef {{ id: number, method: string, params: any[] }} Call */

const REGISTRY = "72".repeat(20);
/** @type {AnchoredHead} */
const HEAD = { registry: REGISTRY, logId: "6c".repeat(32), size: 4n, root: "68".repeat(32) };
const ALWAYS = ["eth_chainId", "eth_getBlockByNumber 0x0", "eth_getBlockByNumber finalized"];
const CODE_OF = `eth_getCode 0x${REGISTRY}`;
// What the calldata is by docs/spec/registry.md, written out: function, log id, size, root.
const ANCHORED = `eth_call 0x649d76c9${"6c".repeat(32)}${"00".repeat(31)}04${"68".repeat(32)}`;
const NEWEST = "eth_blockNumber";

/** @param {bigint[]} numbers */
const words = (...numbers) => `0x${numbers.map((one) => one.toString(16).padStart(64, "0")).join("")}`;

/** @param {number} number */
const block = (number) => ({ number: `0x${number.toString(16)}`, hash: `0x${number.toString(16).padStart(2, "0").repeat(32)}` });

/**
 * Method and first parameter of a call, or its data.
 *
 * @param {Call} call
 */
const keyOf = ({ method, params }) => [method, ...params.slice(0, 1).map((one) => one.data ?? one)].join(" ");

/** @type {{ [key: string]: unknown }} what the endpoint answers; an `Error` is one of its own making */
const GOOD = {
  eth_chainId: "0x1",
  "eth_getBlockByNumber 0x0": { number: "0x0", hash: `0x${"67".repeat(32)}` },
  "eth_getBlockByNumber finalized": block(9),
  "eth_getBlockByNumber 0x7": block(7),
  "eth_getBlockByNumber 0x8": block(8),
  [CODE_OF]: "0x6080",
  [ANCHORED]: words(100n, 3n, 7n),
  [NEWEST]: "0xc",
};

/**
 * What a node answers to a call.
 *
 * @param {{ [key: string]: unknown }} answers
 * @returns {(call: Call) => object}
 */
const answering = (answers) => (call) => {
  const found = answers[keyOf(call)];
  const said = found instanceof Error ? { error: { code: 3, message: found.message } } : { result: found ?? null };
  return { jsonrpc: "2.0", id: call.id, ...said };
};

/**
 * What is made of an endpoint, and what it was asked.
 *
 * @param {Wanted[]} wanted
 * @param {(asked: any) => string | { status: number } | undefined} respond what it sends; undefined: it closes the connection
 * @param {number} [timeout]
 */
async function ask(wanted, respond, timeout = 5_000) {
  /** @type {any[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    if (request.method !== "POST") {
      response.end(); // whether there is anything at all
      return;
    }
    const asked = JSON.parse(Buffer.concat(parts).toString("utf8"));
    requests.push(asked);
    const sent = respond(asked);
    if (sent === undefined) {
      response.destroy();
    } else {
      response.writeHead(typeof sent === "string" ? 200 : sent.status).end(typeof sent === "string" ? sent : "no");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    const [view] = await gather([`http://127.0.0.1:${port}/a-key`], wanted, (problem) => problem, timeout);
    assert.equal(view.url, `http://127.0.0.1:${port}`);
    return { view, requests };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** @param {{ [key: string]: unknown }} [answers] */
const inBatches =
  (answers = GOOD) =>
  (/** @type {any} */ asked) =>
    JSON.stringify(Array.isArray(asked) ? asked.map(answering(answers)) : answering(answers)(asked));

/** @type {(height: bigint, more?: Partial<Wanted>) => Wanted} */
const blockAt = (height, more = {}) => ({ chainId: 1, height, registry: REGISTRY, latest: false, ...more });

/** @type {(more?: Partial<Wanted>) => Wanted} */
const stored = (more = {}) => ({ chainId: 1, registry: REGISTRY, head: HEAD, latest: false, ...more });

/** An endpoint from which nothing may follow. */
const NOTHING = { codehashes: new Map(), hashes: new Map(), recorded: new Map() };

test("only what is wanted is asked, in order, what is final not after the rest, each thing once", async () => {
  for (const [wanted, expected] of /** @type {[Wanted[], string[][]][]} */ ([
    [[blockAt(7n), blockAt(8n), blockAt(7n)], [[...ALWAYS, "eth_getBlockByNumber 0x7", "eth_getBlockByNumber 0x8", CODE_OF]]],
    [[stored(), stored()], [ALWAYS, [CODE_OF, ANCHORED]]],
    [[blockAt(7n, { latest: true })], [[...ALWAYS, NEWEST], ["eth_getBlockByNumber 0x7", CODE_OF]]],
    [[blockAt(7n), stored({ latest: true })], [[...ALWAYS, NEWEST], ["eth_getBlockByNumber 0x7", CODE_OF, ANCHORED]]],
    [[], [ALWAYS]],
  ])) {
    const { view, requests } = await ask(wanted, inBatches());
    assert.equal(view.problem, undefined);
    assert.deepEqual(requests.map((calls) => calls.map(keyOf)), expected);
  }
});

test("the registry is asked in the newest state, each about its own heads", async () => {
  const other = { ...HEAD, registry: "71".repeat(20), size: 2n ** 63n - 1n };
  const { requests } = await ask([stored(), stored({ registry: other.registry, head: other })], inBatches());
  const calls = requests[1].filter((/** @type {Call} */ { method }) => method === "eth_call");
  assert.deepEqual(
    calls.map((/** @type {Call} */ { params: [{ to }, which] }) => [to, which]),
    [
      [`0x${REGISTRY}`, "latest"],
      [`0x${other.registry}`, "latest"],
    ],
  );
  assert.ok(calls[1].params[0].data.endsWith(`${"00".repeat(24)}7f${"ff".repeat(7)}${"68".repeat(32)}`));
});

/** @type {[string, (asked: any) => string | { status: number }][]} */
const WAYS = [
  ["in a batch", inBatches()],
  ["in a batch, answered in another order", (asked) => JSON.stringify(asked.map(answering(GOOD)).reverse())],
  ["one by one, where a batch gets status 400", (asked) => (Array.isArray(asked) ? { status: 400 } : inBatches()(asked))],
  ["one by one, where a batch gets an object", (asked) => (Array.isArray(asked) ? '{"error":{"code":1}}' : inBatches()(asked))],
];
for (const [name, respond] of WAYS) {
  test(`what an endpoint says, ${name}`, async () => {
    const { view, requests } = await ask([blockAt(8n), stored({ latest: true })], respond);
    assert.deepEqual(
      { ...view, url: "" },
      {
        url: "",
        chainId: 1,
        genesis: "67".repeat(32),
        finalHeight: 9n,
        hashes: new Map([[8n, "08".repeat(32)]]),
        codehashes: new Map([[REGISTRY, toHex(keccak256(Uint8Array.of(0x60, 0x80)))]]),
        recorded: new Map([[headKey(HEAD), { time: 100n, block: 7n }]]),
        latest: 12n,
      },
    );
    assert.equal(requests.length, name.startsWith("one by one") ? 9 : 2);
  });
}

for (const batches of [true, false]) {
  for (const depth of [undefined, 3n]) {
    const how = `${batches ? "answers a batch backwards" : "takes no batches"}, ${depth === undefined ? "finalized" : "depth"}`;
    test(`a node that is catching up denies nothing: it ${how}`, async () => {
      const codehash = toHex(keccak256(Uint8Array.of(0x60, 0x80)));
      const chain = { chainId: 1, genesis: "67".repeat(32), registry: REGISTRY, registryCodehash: codehash, logId: HEAD.logId, depth };
      for (let begin = -60; begin < 20; begin += 10) {
        let newest = begin;
        // With each call it has ten blocks more.
        const one = (/** @type {Call} */ call) => {
          newest += 10;
          return answering({
            ...GOOD,
            "eth_getBlockByNumber finalized": block(Math.max(0, newest)),
            "eth_getBlockByNumber 0x7": newest >= 9 ? block(7) : { ...block(7), hash: `0x${"ff".repeat(32)}` },
            [NEWEST]: `0x${Math.max(0, newest).toString(16)}`,
            [ANCHORED]: newest >= 9 ? words(100n, 3n, 7n) : words(0n, 0n, 0n),
          })(call);
        };
        const { view } = await ask([blockAt(7n), stored({ latest: depth !== undefined })], (asked) => {
          if (Array.isArray(asked)) {
            return batches ? JSON.stringify([...asked].reverse().map(one)) : { status: 400 };
          }
          return JSON.stringify(one(asked));
        });
        const evidence = { views: [view], pinned: new Set(), offline: false };
        const outcomes = [
          judge({ number: 7n, hash: "07".repeat(32) }, chain, evidence, new Set([1])),
          judgeRecorded(HEAD, { block: 7n, time: 100n }, chain, evidence, new Set([1])),
        ];
        assert.deepEqual(outcomes.filter(({ status }) => status === "fail").map(({ code }) => code), [], `from block ${begin} on`);
      }
    });
  }
}

test("a registry that does not hold it says so, and numbers may be of any size", async () => {
  for (const [time, number] of [[0n, 0n], [2n ** 256n - 1n, 2n ** 255n]]) {
    const { view } = await ask([stored()], inBatches({ ...GOOD, [ANCHORED]: words(time, 0n, number) }));
    assert.deepEqual(view.recorded, new Map([[headKey(HEAD), { time, block: number }]]));
  }
});

for (const [name, said] of /** @type {[string, unknown][]} */ ([
  ["an error", new Error("execution reverted")],
  ["nothing, as an address without code returns", "0x"],
  ["two words", words(100n, 3n)],
  ["a byte more", `${words(100n, 3n, 7n)}00`],
  ["four words", words(100n, 3n, 7n, 0n)],
])) {
  test(`of a registry ${name} says nothing, and of the newest block an error says nothing`, async () => {
    const answers = { ...GOOD, [ANCHORED]: said, [NEWEST]: new Error("the method does not exist") };
    const { view } = await ask([blockAt(7n), stored({ latest: true })], inBatches(answers));
    assert.equal(view.problem, undefined);
    assert.deepEqual([view.recorded, view.latest, view.finalHeight], [new Map(), undefined, 9n]);
    assert.deepEqual([[...view.hashes.keys()], [...view.codehashes.keys()]], [[7n], [REGISTRY]]);
  });
}

test("an empty result beside an error is an error, and an empty error beside a result is none", async () => {
  const answers = { ...GOOD, "eth_getBlockByNumber finalized": new Error("unknown block"), [ANCHORED]: new Error("execution reverted") };
  const { view } = await ask([blockAt(7n), stored()], (asked) =>
    JSON.stringify(
      asked.map((/** @type {Call} */ call) => {
        const made = answering(answers)(call);
        return "error" in made ? { ...made, result: null } : { ...made, error: null };
      }),
    ),
  );
  assert.equal(view.problem, undefined);
  assert.deepEqual([view.finalHeight, view.recorded, [...view.hashes.keys()]], [undefined, new Map(), [7n]]);
});

test("of two heads each gets its own answer", async () => {
  const other = { ...HEAD, size: 5n };
  const ofOther = ANCHORED.replace(`${"00".repeat(31)}04`, `${"00".repeat(31)}05`);
  const answers = { ...GOOD, [ANCHORED]: new Error("execution reverted"), [ofOther]: words(200n, 4n, 8n) };
  const { view } = await ask([stored(), stored({ head: other, latest: true })], inBatches(answers));
  assert.deepEqual(view.recorded, new Map([[headKey(other), { time: 200n, block: 8n }]]));
  assert.equal(view.latest, 12n);
});

test("what is not there is said to be not there: blocks, code, what is final", async () => {
  const answers = {
    ...GOOD,
    "eth_getBlockByNumber finalized": new Error("unknown block"),
    "eth_getBlockByNumber 0x7": new Error("pruned history unavailable"),
    [CODE_OF]: "0x",
  };
  const { view } = await ask([blockAt(7n), blockAt(8n), blockAt(99n)], inBatches(answers));
  assert.equal(view.problem, undefined);
  assert.equal(view.finalHeight, undefined);
  assert.deepEqual([...view.hashes.keys()], [8n]);
  assert.deepEqual(view.codehashes, new Map([[REGISTRY, toHex(keccak256(new Uint8Array()))]]));
});

test("blocks of an anchor on another chain are not taken from this one", async () => {
  const { view } = await ask([blockAt(7n), blockAt(8n, { chainId: 5 })], inBatches());
  assert.deepEqual([...view.hashes.keys()], [7n]);
});

for (const [key, value] of /** @type {[string, unknown][]} */ ([
  ["eth_chainId", null],
  ["eth_chainId", "one"],
  ["eth_chainId", new Error("the method does not exist")],
  ["eth_getBlockByNumber 0x0", null],
  ["eth_getBlockByNumber 0x0", block(1)],
  ["eth_getBlockByNumber 0x7", block(8)],
  ["eth_getBlockByNumber 0x7", { number: "0x7", hash: "0x00" }],
  ["eth_getBlockByNumber 0x7", { number: "0x7" }],
  ["eth_getBlockByNumber 0x7", "0x7"],
  ["eth_getBlockByNumber finalized", { ...block(9), number: "nine" }],
  [CODE_OF, null],
  [CODE_OF, "code"],
  [CODE_OF, new Error("missing trie node")],
  [ANCHORED, null],
  [ANCHORED, 7],
  [ANCHORED, words(100n, 3n, 7n).slice(0, -1)],
  [ANCHORED, words(100n, 3n, 7n).slice(2)],
  [ANCHORED, `0x${"zz".repeat(96)}`],
  [ANCHORED, [words(100n, 3n, 7n)]],
  [NEWEST, null],
  [NEWEST, 12],
  [NEWEST, "12"],
  [NEWEST, "0x"],
  [NEWEST, "0x-1"],
  [NEWEST, { number: "0xc" }],
])) {
  test(`nothing follows from an endpoint that answers ${key.slice(0, 40)} with ${JSON.stringify(value)?.slice(0, 20)}`, async () => {
    const { view } = await ask([blockAt(7n), stored({ latest: true })], inBatches({ ...GOOD, [key]: value }));
    assert.deepEqual({ ...view, url: "" }, { url: "", problem: "shape", ...NOTHING });
  });
}

/** @type {[string, string, (asked: any) => string | { status: number } | undefined][]} */
const BROKEN = [
  ["a part of a batch", "shape", (asked) => JSON.stringify(asked.slice(1).map(answering(GOOD)))],
  ["the same answer twice", "shape", (asked) => JSON.stringify(asked.map(() => answering(GOOD)(asked[0])))],
  ["another call's answer", "shape", (asked) => (Array.isArray(asked) ? "{}" : JSON.stringify({ ...answering(GOOD)(asked), id: 99 }))],
  ["neither result nor error", "shape", (asked) => JSON.stringify(asked.map((/** @type {Call} */ { id }) => ({ id })))],
  ["null", "shape", () => "null"],
  ["no object in a batch", "shape", (asked) => JSON.stringify(asked.map(() => 1))],
  ["HTML", "not-json", () => "<p>Rate limit"],
  ["nothing", "not-json", () => ""],
  ["a depth that no parser bears", "not-json", () => "[".repeat(50_000)],
  ["too much", "too-large", () => " ".repeat((8 << 20) + 1)],
  ["status 429", "status", () => ({ status: 429 })],
  ["status 500 to everything", "status", () => ({ status: 500 })],
  // Something is there, but it does not let itself be read: in a browser, most often for want of a header.
  ["a connection that it closes", "cors", () => undefined],
];
for (const [name, problem, respond] of BROKEN) {
  test(`nothing follows from an endpoint that answers with ${name}`, async () => {
    const { view } = await ask([blockAt(7n), stored({ latest: true })], respond);
    assert.deepEqual({ ...view, url: "" }, { url: "", problem, ...NOTHING });
  });
}

test("an endpoint that asks for peace is not asked one by one", async () => {
  for (const status of [401, 403, 429]) {
    const { requests } = await ask([stored()], () => ({ status }));
    assert.equal(requests.length, 1);
  }
});

test("where nothing listens, that is the problem", async () => {
  const [view] = await gather(["http://127.0.0.1:1/"], [stored()], (problem) => problem);
  assert.deepEqual(view, { url: "http://127.0.0.1:1", problem: "unreachable", ...NOTHING });
});

test("one that is silent does not hinder the others", async () => {
  const silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (silent.address());
  const views = await gather([`http://127.0.0.1:${port}`, "http://127.0.0.1:1"], [stored()], (problem) => problem, 100);
  assert.deepEqual(views.map(({ problem }) => problem), ["timeout", "unreachable"]);
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});
