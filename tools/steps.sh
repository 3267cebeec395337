# Copyright The weft authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by tools/test and tools/check: named steps with their durations, and where builds and data lie.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=${JOBS:-$(nproc)}
export WEFT_FIXTURES=${WEFT_FIXTURES:-$(realpath -m ../shared)}
export CCACHE_DIR=${CCACHE_DIR:-$HOME/.cache/ccache}

# step NAME COMMAND...: runs the command, says how long it took, ends the script when it fails.
step() {
    local name=$1 start=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    # Not in a condition, where `set -e` would be off inside functions.
    "$@"
    printf -- '--- %s: %d s\n' "$name" $((SECONDS - start))
}

# build PRESET [TARGET...]: configures and builds a preset; without targets, all of it.
build() {
    local preset=$1
    shift
    cmake --preset "$preset" --log-level=WARNING >/dev/null
    cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

# Sets `conformance` to the unpacked archive, or to nothing. In CI, data that is missing is a failure.
find_data() {
    missing=()
    conformance=$(tools/unpack_fixtures) || missing+=("$WEFT_FIXTURES/fixtures/conformance.tar.zst")
    [[ -d $WEFT_FIXTURES/blocks ]] || missing+=("$WEFT_FIXTURES/blocks")
    [[ -d $WEFT_FIXTURES/chains ]] || missing+=("$WEFT_FIXTURES/chains")
    tools/build_contracts >/dev/null || missing+=("the contracts of weft bench")
    export WEFT_CONFORMANCE=${conformance:-/nonexistent}
    if [[ -n ${CI:-} && ${#missing[@]} -gt 0 ]]; then
        echo "missing test data: ${missing[*]}" >&2
        return 1
    fi
    # Tests that miss their data fail unless this says that they may be skipped.
    if ((${#missing[@]} > 0)); then export WEFT_ALLOW_MISSING_FIXTURES=1; fi
}

# The last line of a run that had to leave suites out.
say_what_was_skipped() {
    if ((${#missing[@]} > 0)); then
        echo "SKIPPED: every suite that needs ${missing[*]}, which is not there (WEFT_FIXTURES names the folder)."
    fi
}
