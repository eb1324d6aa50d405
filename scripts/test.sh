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

# Each run adds what failed to one file, so that it can be told at the very end: thousands of lines may come after it.
reports=$(mktemp -d)
export FAILED_TESTS=$reports/failed
tests() { vitest run --reporter=default --reporter=scripts/failed-tests.ts "$@"; }
end_to_end() { tests --config vitest.e2e.config.ts "$@"; }
on_the_host_runs=
on_exit() {
  status=$?
  # Whatever ends the one ends the other.
  [ -z "$on_the_host_runs" ] || kill -- "-$on_the_host_runs" 2>/dev/null || true
  if [ -s "$FAILED_TESTS" ]; then
    step "failed"
    cat "$FAILED_TESTS"
  fi
  rm -rf "$reports"
  exit "$status"
}
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step "tests"
tests

# Both its tests and one of the containers' need port 1455, which a login at Codex goes back to: they do not run beside each other.
accounts=test/e2e/host/accounts.e2e.ts

# Without Go the tests through a real CLIProxyAPI are counted and named as not run.
on_the_host() {
  through_cliproxyapi=(test/e2e/host/through-cliproxyapi.e2e.ts "$accounts")
  if scripts/cliproxyapi.sh --check >/dev/null; then
    end_to_end test/e2e/host --exclude "$accounts"
  elif [ "${REQUIRE_ENGINE:-}" = 1 ]; then
    echo "switchyard: REQUIRE_ENGINE=1 is set and CLIProxyAPI cannot be built." >&2
    exit 1
  else
    end_to_end test/e2e/host --exclude "${through_cliproxyapi[0]}" --exclude "$accounts"
    cases=$(left_out "${through_cliproxyapi[@]}" --testNamePattern 'none of them')
    printf '\nNot run: %s tests through a real CLIProxyAPI, for there is no Go to build it. To run them: install Go, then make test\n' "$cases"
  fi
}

with_accounts() {
  if scripts/cliproxyapi.sh --check >/dev/null; then
    step "accounts of CLIProxyAPI"
    end_to_end "$accounts"
  fi
}

# Found as every command finds it, wherever its socket is.
engine_answers() {
  node --input-type=module -e 'await (await import("./src/engine/connect.ts")).connect(); process.exit(0)' >/dev/null 2>&1
}

if engine_answers; then
  # Both wait more than they compute, and share nothing but the processors.
  step "real client in containers, and beside it on the host"
  on_the_host_says=$reports/on-the-host
  set -m
  on_the_host </dev/null >"$on_the_host_says" 2>&1 &
  on_the_host_runs=$!
  set +m
  status=0
  end_to_end test/e2e/docker || status=$?
  step "real client on the host"
  wait "$on_the_host_runs" || status=$?
  on_the_host_runs=
  cat "$on_the_host_says"
  [ "$status" = 0 ] || exit "$status"
  with_accounts
  exit 0
fi

step "real client on the host"
on_the_host
with_accounts

# Each of them leaves itself out for want of an engine.
cases=$(REQUIRE_ENGINE='' left_out test/e2e/docker)
printf '\nNot run: %s container tests, for no Docker Engine answers. To run them: make engine, then make test\n' "$cases"
if [ "${REQUIRE_ENGINE:-}" = 1 ]; then
  echo "switchyard: REQUIRE_ENGINE=1 is set and no Docker Engine answers." >&2
  exit 1
fi
