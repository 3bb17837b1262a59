// Answers each line of standard input, a case in JSON, by a line of standard output.

import { createInterface } from "node:readline";

import { answer } from "./answering.js";
import { MEANS } from "./means.js";
import { verifyVector } from "./verifying.js";

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const vector = JSON.parse(line);
  const answered = await ("bundle_hex" in vector ? verifyVector(vector, MEANS.parse) : answer(vector, MEANS));
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
