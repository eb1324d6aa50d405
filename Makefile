# The front door. `make` alone lists the targets; what stands behind ## is their help.
.DEFAULT_GOAL := help
.SUFFIXES:
SHELL := /bin/sh

# make's own folder, not its functions on paths: those would cut a path at its spaces.
root := $(CURDIR)
switchyard := $(root)/bin/switchyard
# npm's own note of what it has installed: after `npm ci` by hand nothing is installed again.
installed := node_modules/.package-lock.json
# Tools of node_modules first: the machine's own Node may be older than the one that npm brings.
tools := PATH="$(root)/node_modules/.bin:$$PATH"; export PATH; cd "$(root)"

# What the user wrote, whole: $(value …) does not expand it, and the environment needs no quoting.
ifdef CMD
export SWITCHYARD_MAKE_CMD := $(value CMD)
endif
ifdef WORKSPACE
export SWITCHYARD_MAKE_WORKSPACE := $(value WORKSPACE)
else
export SWITCHYARD_MAKE_WORKSPACE := $(root)/workspace
endif
ifdef CONFIG
export SWITCHYARD_MAKE_CONFIG := $(value CONFIG)
endif
ifdef RUNTIME
export SWITCHYARD_MAKE_RUNTIME := $(value RUNTIME)
endif

# Those variables become arguments, each target's own.
with_config = [ -z "$$SWITCHYARD_MAKE_CONFIG" ] || set -- "$$@" --config "$$SWITCHYARD_MAKE_CONFIG"
with_workspace = set -- "$$@" --workspace "$$SWITCHYARD_MAKE_WORKSPACE"
with_command = [ -z "$$SWITCHYARD_MAKE_CMD" ] || set -- "$$@" -- "$$SWITCHYARD_MAKE_CMD"
with_runtime = [ -z "$$SWITCHYARD_MAKE_RUNTIME" ] || set -- "$$@" --runtime "$$SWITCHYARD_MAKE_RUNTIME"

# Keeps make's own out of the shell that is opened.
define without_make
unset SWITCHYARD_MAKE_WORKSPACE SWITCHYARD_MAKE_CONFIG SWITCHYARD_MAKE_RUNTIME SWITCHYARD_MAKE_CMD; \
unset CMD WORKSPACE CONFIG RUNTIME MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKE_TERMOUT MAKE_TERMERR
endef

define shell_arguments
set --; $(with_workspace); $(with_config); $(with_runtime); $(with_command); $(without_make)
endef

ifdef SERVICE
export SWITCHYARD_MAKE_SERVICE := $(value SERVICE)
endif
ifdef SINCE
export SWITCHYARD_MAKE_SINCE := $(value SINCE)
endif
ifdef FOLLOW
export SWITCHYARD_MAKE_FOLLOW := $(value FOLLOW)
endif

# The same for `logs`. SERVICE may name several; FOLLOW=0 is as none.
define log_arguments
set -f; set --; \
for name in $$SWITCHYARD_MAKE_SERVICE; do set -- "$$@" --service "$$name"; done; \
[ -z "$$SWITCHYARD_MAKE_SINCE" ] || set -- "$$@" --since "$$SWITCHYARD_MAKE_SINCE"; \
$(with_config); \
case "$$SWITCHYARD_MAKE_FOLLOW" in ""|0) ;; *) set -- "$$@" --follow ;; esac
endef

##@ Use

.PHONY: shell-router
shell-router: $(installed) ## A shell with Claude Code on your models. CMD='…' one command, WORKSPACE=dir, RUNTIME=docker|host, CONFIG=file
	@$(shell_arguments); exec "$(switchyard)" shell router "$$@"

.PHONY: shell-litellm
shell-litellm: $(installed) ## The same with LiteLLM in the router's place. CMD, WORKSPACE, RUNTIME, CONFIG as above
	@$(shell_arguments); exec "$(switchyard)" shell litellm "$$@"

##@ Use as services

.PHONY: up
up: $(installed) ## Start router, LiteLLM and an idle client, and wait until all are healthy. WORKSPACE=dir, CONFIG=file
	@set --; $(with_workspace); $(with_config); exec "$(switchyard)" up "$$@"

.PHONY: shell
shell: $(installed) ## Into the client's container; then: claude. CMD='…' one command
	@set --; $(with_config); $(with_command); $(without_make); exec "$(switchyard)" shell stack "$$@"

.PHONY: switch-to-router switch-to-litellm
switch-to-router: $(installed) ## Move the client to the router; running sessions follow. RECREATE=1 replaces its container, FORCE=1 asks nobody
switch-to-litellm: $(installed) ## Move the client to LiteLLM. RECREATE, FORCE as above
switch-to-router switch-to-litellm:
	@set -- $(@:switch-to-%=%) $(if $(filter-out 0,$(RECREATE)),--recreate) $(if $(filter-out 0,$(FORCE)),--force); \
	$(with_config); exec "$(switchyard)" switch "$$@"

.PHONY: reload
reload: $(installed) ## Have every router that runs take the changed configuration; answers under way finish
	@set --; $(with_config); exec "$(switchyard)" reload "$$@"

.PHONY: down
down: $(installed) ## End the services and the fused shells of this project; sessions and logins stay
	@set --; $(with_config); exec "$(switchyard)" down "$$@"

.PHONY: clean
clean: $(installed) ## As down, and delete volumes and generated files; asks before. YES=1 does not ask
	@set -- $(if $(filter-out 0,$(YES)),--yes); $(with_config); exec "$(switchyard)" clean "$$@"

##@ Look

.PHONY: ps
ps: $(installed) ## Say what runs, and which target the client asks
	@set --; $(with_config); exec "$(switchyard)" status "$$@"

.PHONY: logs
logs: $(installed) ## What all services said, by time. SERVICE='router litellm', SINCE=10m, FOLLOW=1, CONFIG=file
	@$(log_arguments); exec "$(switchyard)" logs "$$@"

##@ Prepare

.PHONY: engine
engine: ## Install and start a Docker Engine (Debian, as root; never done unasked)
	@"$(root)/scripts/engine.sh"

##@ Work on it

.PHONY: check
check: $(installed) ## Types, lint and format
	@$(tools); tsc --noEmit && oxlint --type-aware --deny-warnings src test scripts && oxfmt --check

.PHONY: test
test: $(installed) ## Every test. Container tests need an engine (make engine); REQUIRE_ENGINE=1 fails without one
	@"$(root)/scripts/test.sh"

.PHONY: chaos
chaos: $(installed) ## Thousands of turns with providers that fail, kills and reloads, some minutes. SEED=n the same again, TURNS=n, FIGURES=1 measures
	@$(tools); $(if $(filter-out 0,$(FIGURES)),node test/chaos/figures.ts,vitest run --config vitest.chaos.config.ts)

.PHONY: bench
bench: $(installed) ## Measure the router against others on this machine, what its ledger costs, and the dashboard: about an hour. QUICK=1 some minutes
	@$(tools); node test/bench/main.ts $(if $(filter-out 0,$(QUICK)),--quick)

.PHONY: bench-check
bench-check: export SWITCHYARD_MAKE_SLACK = $(value SLACK)
bench-check: $(installed) ## Fail where a request costs more CPU than bench/limits.json allows against a bare pipe. SLACK=1.5 allows half as much again
	@$(tools); node test/bench/check.ts --slack "$${SWITCHYARD_MAKE_SLACK:-1}"

.PHONY: screenshots
screenshots: export SWITCHYARD_MAKE_TO = $(value TO)
screenshots: export SWITCHYARD_MAKE_ONLY = $(value ONLY)
screenshots: $(installed) ## Pictures of every view of the dashboard, dark and light, desktop and phone. TO=dir (default: in the machine's temporary folder), ONLY=text of a name
	@$(tools); node test/screenshots/main.ts "$${SWITCHYARD_MAKE_TO:-$${TMPDIR:-/tmp}/switchyard-screenshots}" "$$SWITCHYARD_MAKE_ONLY"

##@ Help

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' "$(root)/Makefile"

# The dependencies, anew when the lock file is newer. npm's words go to stderr: stdout is the command's alone.
$(installed): package-lock.json
	@command -v npm >/dev/null 2>&1 || { \
	  echo "switchyard: npm is not installed. Install Node.js 20 or later with npm (on Debian: apt-get install nodejs npm)." >&2; exit 1; }
	@echo "switchyard: installing the dependencies (npm ci) …" >&2
	@cd "$(root)" && npm ci --loglevel=error >&2 || { \
	  echo "switchyard: npm ci failed; its words stand above. Does npm reach its registry?" >&2; exit 1; }
	@touch "$@"
