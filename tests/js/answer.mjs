// Answers each line of standard input, a case in JSON, by a line of standard output.

import { createInterface } from "node:readline";

import { answer } from "./answering.js";
import { MEANS } from "./means.js";

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line), MEANS))}\n`);
}
