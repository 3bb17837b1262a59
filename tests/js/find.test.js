// A logged text inside whatever a reader holds (docs/spec/find.md): what is found, how it is called, and what never is green.

import assert from "node:assert/strict";
import { test } from "node:test";

import { encode } from "../../notary/web/static/verify/bytes.js";
import { find, linesOfDocument } from "../../notary/web/static/verify/find.js";
import { lineKey, lineKeys } from "../../notary/web/static/verify/linekeys.js";
import { pageText, pastedPage, pastedText } from "../../notary/web/static/verify/pasted.js";
import { Aligner } from "../../notary/web/static/verify/sequences.js";
import { canonicalPlain } from "../../notary/web/static/verify/text.js";
import { tokensOf } from "../../notary/web/static/verify/tokens.js";
import { segmentsOf, wordsOf } from "../../notary/web/static/verify/words.js";
import { MEANS } from "./means.js";
import { load } from "./vectors.js";

const ARTICLE = [
  "Old Mill Bridge closed to heavy vehicles",
  "Vehicles over 7.5 tonnes may not cross the Old Mill Bridge until further notice.",
  "Cars, bicycles and pedestrians are not affected by the closure.",
  "The city’s engineers found cracks in two bearings on 3 March.",
  "A diversion is signposted – follow the yellow signs.",
];
const MENU = ["Home", "News | Contact", "print】 【close", "Advertisement: buy two, get one free today only"];
const FOOT = ["Contact us", "© City Roads Office", "All rights reserved by nobody in particular"];
const DOCUMENT = documentOf(ARTICLE);

/** @param {string[]} lines @param {number} at @param {string} line */
const put = (lines, at, line) => lines.map((old, index) => (index === at ? line : old));

/** @param {string[]} lines @param {number} at @param {number} less @param {...string} more */
const spliced = (lines, at, less, ...more) => [...lines.slice(0, at), ...more, ...lines.slice(at + less)];

/** @param {string[]} lines */
function documentOf(lines) {
  return canonicalPlain(encode(lines.join("\n"))).text;
}

/** @param {string[]} lines */
const paste = (lines) => pastedText(encode(lines.join("\n")));

/**
 * @param {string[]} lines
 * @param {string} [document]
 */
const look = (lines, document = DOCUMENT) => find(document, paste(lines).lines);

/** @param {import("../../notary/web/static/verify/find.js").Finding} finding */
const kinds = ({ ops }) => ops.map(({ kind, a, aEnd, b, bEnd }) => `${kind} ${a}-${aEnd} ${b}-${bEnd}`);

test("the article alone is the same", () => {
  const finding = look(ARTICLE);
  assert.equal(finding.code, "same");
  assert.deepEqual(kinds(finding), ["same 0-5 0-5"]);
});

test("among menus and advertisements it is the same with more", () => {
  const finding = look([...MENU, ...ARTICLE, ...FOOT]);
  assert.equal(finding.code, "same-with-more");
  assert.deepEqual([finding.from, finding.to, finding.echoes], [4, 9, []]);
});

test("a title that also stands in a menu is taken where the article is", () => {
  const finding = look([ARTICLE[0], ...MENU, ...ARTICLE, ...FOOT, ARTICLE[0]]);
  assert.equal(finding.code, "same-with-more");
  assert.deepEqual([finding.from, finding.to], [5, 10]);
});

test("a line of the article far away in the foot of the page is not its end", () => {
  const junk = Array.from({ length: 60 }, (_, at) => `Comment number ${at} by somebody`);
  const finding = look([...ARTICLE.slice(0, 4), ...junk, ARTICLE[4]]);
  assert.equal(finding.code, "missing");
  assert.deepEqual(kinds(finding), ["same 0-4 0-4", "missing 4-5 4-4"]);
});

test("a changed word is shown as one", () => {
  const changed = put(ARTICLE, 1, ARTICLE[1].replace("not cross", "always cross"));
  const finding = look([...MENU, ...changed, ...FOOT]);
  assert.equal(finding.code, "changed");
  assert.deepEqual(kinds(finding), ["same 0-1 4-5", "changed 1-2 5-6", "same 2-5 6-9"]);
  assert.deepEqual(finding.ops[1].segments, [
    { kind: "equal", text: "Vehicles over 7.5 tonnes may " },
    { kind: "delete", text: "not" },
    { kind: "insert", text: "always" },
    { kind: "equal", text: " cross the Old Mill Bridge until further notice." },
  ]);
});

test("changed words in the first and in the last line are found beyond what is the same", () => {
  const changed = [ARTICLE[0].replace("closed", "open"), ...ARTICLE.slice(1, 4), ARTICLE[4].replace("yellow", "red")];
  const finding = look([...MENU, ...changed, ...FOOT]);
  assert.equal(finding.code, "changed");
  assert.deepEqual(kinds(finding), ["changed 0-1 4-5", "same 1-4 5-8", "changed 4-5 8-9"]);
});

test("text inside the article is inserted, and never the same", () => {
  const finding = look([...MENU, ...ARTICLE.slice(0, 2), "This does not apply on Sundays.", ...ARTICLE.slice(2)]);
  assert.equal(finding.code, "inserted");
  assert.deepEqual(kinds(finding), ["same 0-2 4-6", "inserted 2-2 6-7", "same 2-5 7-10"]);
});

test("missing lines are named, and a part of an article is found", () => {
  assert.equal(look([...MENU, ...spliced(ARTICLE, 2, 1), ...FOOT]).code, "missing");
  const finding = look([ARTICLE[3]]);
  assert.equal(finding.code, "missing");
  assert.deepEqual(kinds(finding), ["missing 0-3 0-0", "same 3-4 0-1", "missing 4-5 1-1"]);
});

test("typography is named as such, also where lines are broken elsewhere", () => {
  const straight = ARTICLE.map((line) => line.replace("’", "'").replace("–", "-"));
  const finding = look([...MENU, ...straight, ...FOOT]);
  assert.equal(finding.code, "typography-only");
  assert.ok(finding.ops.every(({ kind }) => kind === "same" || kind === "typography"));
  const broken = [...ARTICLE.slice(0, 1), "Vehicles over 7.5 tonnes may not cross the Old Mill", "Bridge until further notice.", ...ARTICLE.slice(2)];
  const other = look([...MENU, ...broken, ...FOOT]);
  assert.equal(other.code, "typography-only");
  assert.deepEqual(kinds(other), ["same 0-1 4-5", "typography 1-2 5-7", "same 2-5 7-10"]);
  assert.equal(look(["Something else", ...spliced(broken, 3, 1)]).code, "changed");
});

test("soft hyphens and zero-width spaces are counted and do not count", () => {
  const pasted = paste(ARTICLE.map((line) => line.replace("Bridge", "Brid\u00adge\u200b")));
  assert.equal(find(DOCUMENT, pasted.lines).code, "same");
  assert.deepEqual(pasted.notices, [
    { code: "deleted-invisible", codepoint: 0xad, count: 2 },
    { code: "deleted-invisible", codepoint: 0x200b, count: 2 },
  ]);
});

test("what no text may have is no hindrance around the article, and no match inside", () => {
  const around = paste(["\ue001 Menu", "\u202eoverride", ...ARTICLE, "Share \uf0e1"]);
  assert.equal(find(DOCUMENT, around.lines).code, "same-with-more");
  assert.deepEqual(around.lines[0], { text: "[U+E001] Menu", problem: "forbidden-code-point" });
  const inside = put(ARTICLE, 2, ARTICLE[2].replace("not", "\u202enot"));
  const finding = look(inside);
  assert.equal(finding.code, "changed");
  assert.ok(finding.ops.some(({ segments }) => segments?.some(({ text }) => text.includes("202E"))));
});

test("another version elsewhere in the copy is a warning; a teaser is none", () => {
  const teaser = `${ARTICLE[1].slice(0, 50)}...`;
  const version = ARTICLE[1].replace("may not cross", "may cross");
  const finding = look([...MENU, version, teaser, "One more line", "And one more", ...ARTICLE, ...FOOT]);
  assert.equal(finding.code, "same-with-more");
  assert.deepEqual(finding.echoes, [4]);
});

test("another article is not found", () => {
  assert.equal(look(MENU).code, "not-found");
  assert.equal(look([...MENU, ARTICLE[0], ...FOOT, ...FOOT, ...MENU, "Another article about something else"]).code, "not-found");
  assert.equal(look([]).code, "not-found");
});

test("20,000 lines are looked at without trouble", () => {
  const long = Array.from({ length: 20_000 }, (_, at) => `Line ${at} of a long report with ${(at * 7919) % 1000} things`);
  const changed = long.map((line, at) => (at % 500 === 250 ? line.replace("things", "stuff") : line));
  const junk = Array.from({ length: 3000 }, (_, at) => `Menu item ${at}`);
  const document = documentOf(long);
  assert.equal(look([...junk, ...long, ...junk], document).code, "same-with-more");
  const finding = look([...junk, ...changed, ...junk], document);
  assert.equal(finding.code, "changed");
  assert.equal(finding.ops.filter(({ kind }) => kind === "changed").length, 40);
  // Nothing in common, and everything the same: the two worst cases of an alignment.
  const alike = Array.from({ length: 20_000 }, () => "the same line over and over again");
  assert.notEqual(look(alike.slice(0, 15_000), documentOf(["Title", ...alike])).code, "same");
  assert.equal(look(junk, document).code, "not-found");
});

test("a page is read as a whole: its article, and what stands in and around it", () => {
  const text = `<body><nav><ul><li>Home<li>News</ul></nav><main><h1>${ARTICLE[0]}</h1><p hidden>Not so</p>
    ${ARTICLE.slice(1).map((line) => `<p>${line}</p>`).join("\n")}</main><button>Share</button><p>Footer`;
  const pasted = pastedPage(text, MEANS.parse);
  const finding = find(DOCUMENT, pasted.lines);
  assert.equal(finding.code, "same-with-more");
  const inside = pasted.beside.filter(({ line }) => line >= finding.from && line <= finding.to - 1);
  assert.deepEqual(inside.map(({ words }) => words), ["hidden text: “Not so”"]);
  assert.equal(pasted.beside.length, 2);
});

test("in tables for layout, what stands beside the text is placed where it stands", () => {
  const rows = ARTICLE.map((line) => `<p>${line}</p>`).join("");
  const text = `<table><tr><td>Menu<p><img src=m>More<td>${rows.replace("</p><p>", '</p><img src="x" alt="y"><p>')}</table>`;
  const pasted = pastedPage(text, MEANS.parse);
  assert.equal(pasted.beside.length, 2);
  const at = pasted.lines.findIndex((line) => line.text.trim() === ARTICLE[0]);
  assert.equal(pasted.beside[1].line, at + 0.5);
  assert.ok(pasted.beside[0].line < at);
});

test("a page that a profile would be refused for is read, and says so", () => {
  const text = `<p><bdo dir=rtl>${ARTICLE[0]}</bdo></p>${ARTICLE.slice(1).map((line) => `<p>${line}</p>`).join("")}`;
  const pasted = pastedPage(text, MEANS.parse);
  const finding = find(DOCUMENT, pasted.lines);
  assert.equal(finding.code, "same");
  assert.deepEqual(pasted.beside.map(({ kind, line }) => [kind, line]), [["doubt", 0]]);
});

test("frames, depth and size are refused with the reason", () => {
  assert.throws(() => pastedPage("<frameset><frame></frameset>", MEANS.parse), { code: "no-body" });
  assert.throws(() => pastedPage("<div>".repeat(600), MEANS.parse), { code: "page-too-deep" });
  assert.throws(() => pageText(new Uint8Array(9 * 1024 * 1024)), { code: "page-too-large" });
  assert.throws(() => pastedText(encode("a\n".repeat(100_001))), { code: "too-many-lines" });
});

test("keys are of lines of 24 bytes and more, each once, of too many the longest", () => {
  assert.equal(lineKey("x".repeat(23)), undefined);
  assert.equal(lineKey("八个汉字正好够了")?.length, 16);
  assert.deepEqual(lineKeys([ARTICLE[1], "short", ARTICLE[1]], 5), [lineKey(ARTICLE[1])]);
  assert.deepEqual(lineKeys(ARTICLE, 1), [lineKey(ARTICLE[1])]);
});

for (const [name, { document, lines, keys, code }] of load("find")) {
  test(`find vector ${name}`, () => {
    assert.equal(look(lines, document).code, code);
    assert.deepEqual(document.split("\n").flatMap((/** @type {string} */ line) => lineKey(line) ?? []), keys);
  });
}

for (const [name, vector] of load("diff")) {
  test(`diff vector ${name}`, () => {
    if ("line" in vector) {
      assert.deepEqual(tokensOf(vector.line), vector.tokens);
      return;
    }
    for (const row of vector.hunks.flatMap((/** @type {any} */ { rows }) => rows)) {
      if (row.a !== null && row.b !== null) {
        const [old, now] = [wordsOf(vector.a[row.a - 1]), wordsOf(vector.b[row.b - 1])];
        assert.deepEqual(segmentsOf(old, now, new Aligner().align(old.words, now.words)), row.segments);
      }
    }
  });
}

// ------------------------------------------------------------------------------------------------------------ by chance

const SEED = Number(process.env.NOTARY_SEED ?? 20250305);

/** @param {number} seed */
function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const VOCABULARY =
  "bridge road closed until further notice the a of in and cars lorries council decided Monday 7.5 12% tonnes “quoted” it's 公告 关于 调整 时间 自 起 施行".split(" ");

/** @param {() => number} random @param {number} least @param {number} most */
const number = (random, least, most) => least + Math.floor(random() * (most - least + 1));

/** @param {() => number} random */
const sentence = (random) =>
  Array.from({ length: number(random, 2, 14) }, () => VOCABULARY[number(random, 0, VOCABULARY.length - 1)]).join(" ");

test(`articles in junk by chance (NOTARY_SEED=${SEED})`, () => {
  for (let round = 0; round < 300; round += 1) {
    const random = chance(SEED + round);
    const lines = Array.from({ length: number(random, 2, 12) }, (_, at) => `${at}) ${sentence(random)}`);
    const junk = () => Array.from({ length: number(random, 0, 30) }, () => `~ ${sentence(random)}`);
    const [before, behind] = [junk(), junk()];
    const document = documentOf(lines);
    const logged = linesOfDocument(document);
    const what = `round ${round}`;

    const plain = look([...before, ...lines, ...behind], document);
    assert.equal(plain.code, before.length + behind.length > 0 ? "same-with-more" : "same", what);
    assert.deepEqual(kinds(plain), [`same 0-${logged.length} ${before.length}-${before.length + logged.length}`], what);

    const at = number(random, 0, lines.length - 1);
    const words = lines[at].split(" ");
    const altered = put(lines, at, put(words, number(random, 1, words.length - 1), "altered").join(" "));
    const changed = look([...before, ...altered, ...behind], document);
    assert.ok(!["same", "same-with-more", "typography-only"].includes(changed.code), `${what}: ${changed.code}`);
    if (words.length > 4 && lines.length > 3) {
      assert.equal(changed.code, "changed", what);
      assert.ok(changed.ops.some((op) => op.kind === "changed" && op.a === at), what);
    }

    const inside = number(random, 1, lines.length - 1);
    const added = look([...before, ...spliced(lines, inside, 0, "# put in between"), ...behind], document);
    assert.ok(!["same", "same-with-more", "typography-only"].includes(added.code), `${what}: ${added.code}`);
    if (lines.length > 3) {
      assert.equal(added.code, "inserted", what);
    }
    for (const { ops } of [changed, added]) {
      assert.deepEqual([...covered(ops)], logged.map((_, line) => line), what);
    }
  }
});

/** @param {import("../../notary/web/static/verify/find.js").Op[]} ops */
function* covered(ops) {
  for (const { a, aEnd } of ops) {
    for (let line = a; line < aEnd; line += 1) {
      yield line;
    }
  }
}
