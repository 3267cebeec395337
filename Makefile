# Copyright The weft authors
# SPDX-License-Identifier: Apache-2.0
#
# The commands people type. Everything else is CMake (CMakePresets.json) and the scripts in tools/.
JOBS ?= $(shell nproc)
WEFT := build/release/bin/weft

export WEFT_FIXTURES ?= $(abspath $(CURDIR)/../shared)

.DEFAULT_GOAL := help
.PHONY: help setup build run test check bench-peers format tidy clean

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## Install what is missing (Debian 12; sudo when not root)
	@tools/setup

build: setup ## Build the release binary, build/release/bin/weft
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release -j $(JOBS) --target weft

run: build ## Replay the recorded example blocks, sequentially and in parallel
	@$(WEFT) replay --repeat 30 examples/blocks

test: setup ## Build everything and run the tests
	@tools/test

check: setup ## The longer checks: full suites, sanitizers, fuzzing
	@tools/check

bench-peers: setup ## Time weft beside revm, geth and ethereumjs (installs them; needs cargo, go, npm)
	@bench/peers/run --output build/bench-peers.md $(ARGS)

format: setup ## Format every source in place
	@git ls-files -z '*.hpp' '*.cpp' | xargs -0 clang-format-19 -i

tidy: setup ## Run clang-tidy over the whole tree
	@tools/tidy

clean: ## Remove the build folders
	@rm -rf build
