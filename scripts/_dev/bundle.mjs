// Bundles the modules that pages start with, and all they import, into a few files: `node bundle.mjs FOLDER`.
//
// Every file under ui/pages is such a module. Names carry a hash of what is inside, so that a browser may keep a file for
// ever; the same sources give the same bytes. What the pages need to know is printed as JSON. The saved verifier's program is
// bundled beside them, into one script, for scripts/_dev/verifier.py to put into its file.

import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = "notary/web/static/ui/pages";
const outdir = resolve(process.argv[2]);

const result = await build({
  absWorkingDir: root,
  entryPoints: readdirSync(join(root, pages)).sort().map((name) => `${pages}/${name}`),
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "eof",
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  metafile: true,
  logLevel: "warning",
});

/** @type {Record<string, { script: string, parts: string[] }>} */
const listed = {};
for (const [path, { entryPoint, imports }] of Object.entries(result.metafile.outputs)) {
  if (entryPoint !== undefined) {
    const parts = imports.map((part) => basename(part.path)).sort();
    listed[basename(entryPoint, ".js")] = { script: basename(path), parts };
  }
}
process.stdout.write(JSON.stringify(listed));

await build({
  absWorkingDir: root,
  entryPoints: ["notary/web/static/ui/offline/start.js"],
  outfile: join(outdir, "verifier.js"),
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
});
