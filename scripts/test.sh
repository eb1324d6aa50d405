#!/usr/bin/env bash
# Every test, called by `make test`: types, lint, format, then the tests, then those with the real client, on the host and in
# containers. Without an engine the container tests are counted and named as not run, and so are those that need Go without one;
# REQUIRE_ENGINE=1 makes that a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

step() { printf '\n== %s\n' "$1"; }

# How many tests vitest with these arguments leaves out, counted by itself.
left_out() {
  local report
  report=$(mktemp)
  vitest run --config vitest.e2e.config.ts --reporter=json --outputFile="$report" "$@" >/dev/null 2>&1 || true
  node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).numPendingTests' "$report"
  rm -f "$report"
}

step "types"
tsc --noEmit
step "lint"
oxlint --type-aware --deny-warnings src test scripts
step "format"
oxfmt --check
step "generated files"
bin/switchyard compose --check
step "tests"
vitest run
step "real client on the host"
through_cliproxyapi=(test/e2e/host/through-cliproxyapi.e2e.ts test/e2e/host/accounts.e2e.ts)
if scripts/cliproxyapi.sh --check >/dev/null; then
  vitest run --config vitest.e2e.config.ts test/e2e/host
elif [ "${REQUIRE_ENGINE:-}" = 1 ]; then
  echo "switchyard: REQUIRE_ENGINE=1 is set and CLIProxyAPI cannot be built." >&2
  exit 1
else
  vitest run --config vitest.e2e.config.ts test/e2e/host --exclude "${through_cliproxyapi[0]}" --exclude "${through_cliproxyapi[1]}"
  cases=$(left_out "${through_cliproxyapi[@]}" --testNamePattern 'none of them')
  printf '\nNot run: %s tests through a real CLIProxyAPI, for there is no Go to build it. To run them: install Go, then make test\n' "$cases"
fi

# Found as every command finds it, wherever its socket is.
engine_answers() {
  node --input-type=module -e 'await (await import("./src/engine/connect.ts")).connect(); process.exit(0)' >/dev/null 2>&1
}

if engine_answers; then
  step "real client in containers"
  vitest run --config vitest.e2e.config.ts test/e2e/docker
  exit 0
fi

# Each of them leaves itself out for want of an engine.
cases=$(REQUIRE_ENGINE='' left_out test/e2e/docker)
printf '\nNot run: %s container tests, for no Docker Engine answers. To run them: make engine, then make test\n' "$cases"
if [ "${REQUIRE_ENGINE:-}" = 1 ]; then
  echo "switchyard: REQUIRE_ENGINE=1 is set and no Docker Engine answers." >&2
  exit 1
fi
