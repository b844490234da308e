# SPDX-License-Identifier: Apache-2.0
#
# The ways in. Each target installs the Debian packages that it needs (tools/bootstrap.sh) and then
# calls CMake; `make BOOTSTRAP=true TARGET` leaves the packages alone.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

BOOTSTRAP := tools/bootstrap.sh
JOBS := $(shell nproc)
# Of `make bench`: cells (bench/workloads.py) and rounds; DOCS=--docs writes docs/performance.md.
GRID ?= default
ROUNDS ?= 5
DOCS ?=
# On a terminal ninja shows one line that moves; elsewhere only what the compiler has to say.
NINJA_FLAGS := $(shell test -t 2 || echo --quiet)

configure = cmake --preset release --log-level=WARNING $(1) >build/configure.log \
	|| { cat build/configure.log; exit 1; }
compile = echo "build: compiling, $(JOBS) jobs" && cmake --build build/release -j $(JOBS) $(1) -- $(NINJA_FLAGS)

.PHONY: help build demo test check check-instructions format bench clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 26

build: ## Build the tool, build/release/sheaf
	@$(BOOTSTRAP) build
	@mkdir -p build
	@$(call configure)
	@$(call compile,--target sheaf)
	@echo "build: build/release/sheaf is ready"

demo: build ## Build, fetch real text and trees, and run the demo on them
	@tools/demo_data/fetch.sh build/demo
	@build/release/sheaf demo --data-dir build/demo --out build/demo

test: ## Build everything and run all tests
	@$(BOOTSTRAP) test
	@mkdir -p build
	@$(call configure,-DSHEAF_TESTS=ON)
	@$(call compile)
	@tools/run_tests.sh build/release

check: ## Format, layering, tests under sanitizers, fuzzing
	@$(BOOTSTRAP) check
	@tools/check.sh

check-instructions: ## Count the instructions before the kernels; fail where they grew
	@$(BOOTSTRAP) check
	@$(BOOTSTRAP) bench
	@mkdir -p build
	@$(call configure,-DSHEAF_BENCH=ON)
	@$(call compile,--target sheaf_planning)
	@tools/instructions.py

format: ## Let clang-format lay out the sources
	@$(BOOTSTRAP) check
	@tools/check.sh --fix-format

bench: ## Measure Sheaf against its rivals, in about a quarter of an hour
	@$(BOOTSTRAP) bench
	@mkdir -p build
	@$(call configure,-DSHEAF_BENCH=ON)
	@$(call compile,--target sheaf sheaf_peers sheaf_chart)
	@tools/demo_data/fetch.sh build/demo
	@/usr/bin/python3 bench/run.py --grid $(GRID) --rounds $(ROUNDS)
	@/usr/bin/python3 bench/report.py $(DOCS)

clean: ## Remove all that was built
	rm -rf build
