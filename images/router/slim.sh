#!/bin/sh
# Takes from node_modules, in the folder where it runs, what no program of an image ever loads. Run once, while the router's image is
# built. Licences stay. A test runs every part of the router in the image that comes of it (test/e2e/docker/image.e2e.ts).
set -eu

# The engine's client, the questions to a person and other clients' settings are for the CLI on the user's machine, and bring 70 packages
# with them.
npm pkg delete dependencies.dockerode dependencies.@clack/prompts dependencies.jsonc-parser
npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --no-update-notifier --offline --cache /tmp/npm
rm -rf /tmp/npm

cd node_modules
rm -rf .package-lock.json .bin
# For editors, debuggers and people.
find . -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -name '*.md' -o -name '*.tsbuildinfo' \) -delete
# What a package's own developers use. At its top only: deeper, such a name may be a module's.
find . -type f -name package.json | while read -r package; do
  for name in .github benchmark benchmarks docs example examples integration scripts test tests types; do
    rm -rf "${package%/package.json}/$name"
  done
done
# Sources that others are compiled from, and builds for browsers.
# Of the dashboard's, what its page is served is src/router/dashboard/files.ts alone to say.
rm -rf preact/src preact/compat preact/debug preact/devtools preact/hooks/src preact/jsx-runtime preact/jsx-dev-runtime preact/test-utils htm/mini htm/preact
rm -f uplot/dist/uPlot.cjs.js uplot/dist/uPlot.esm.js uplot/dist/uPlot.iife.js
rm -rf ajv/lib zod/src gpt-tokenizer/src yaml/browser
# One encoding is asked for (src/router/tokens/tokenizer.ts), as an ES module; each of the others weighs some megabytes.
rm -rf gpt-tokenizer/cjs gpt-tokenizer/data gpt-tokenizer/esm/model gpt-tokenizer/esm/fixtures
for ranks in o200k_base p50k_base r50k_base; do rm gpt-tokenizer/esm/bpeRanks/$ranks.js; done
# Its earlier version and its smaller form, and its messages in other languages than English (src/config/zod.ts).
rm -rf zod/v3 zod/mini zod/v4-mini zod/v4/mini
find zod/v4/locales -type f ! -name 'en.*' ! -name 'index.*' -delete
find . -type d -empty -delete
