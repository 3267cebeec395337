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

# lacks WHAT REMEDY: notes what is missing, with what helps.
lacks() { missing+=("$1 ($2)"); }

# Sets `conformance` to the unpacked archive, or to nothing. In CI, data that is missing is a failure.
find_data() {
    missing=()
    conformance=$(tools/unpack_fixtures) || lacks "$WEFT_FIXTURES/fixtures/conformance.tar.zst" "WEFT_FIXTURES names the folder"
    [[ -d $WEFT_FIXTURES/blocks ]] || lacks "$WEFT_FIXTURES/blocks" "WEFT_FIXTURES names the folder"
    [[ -d $WEFT_FIXTURES/chains ]] || lacks "$WEFT_FIXTURES/chains" "WEFT_FIXTURES names the folder"
    tools/build_contracts >/dev/null || lacks "the contracts of weft bench" "tools/build_contracts makes them, with npm and its registry"
    export WEFT_CONFORMANCE=${conformance:-/nonexistent}
    if [[ -n ${CI:-} && ${#missing[@]} -gt 0 ]]; then
        echo "missing test data: $(list_missing)" >&2
        return 1
    fi
    # Tests that miss their data fail unless this says that they may be skipped.
    if ((${#missing[@]} > 0)); then export WEFT_ALLOW_MISSING_FIXTURES=1; fi
}

list_missing() {
    local IFS=';'
    printf '%s' "${missing[*]}" | sed 's/;/; /g'
}

# The last line of a run that had to leave suites out.
say_what_was_skipped() {
    if ((${#missing[@]} > 0)); then
        echo "SKIPPED: every suite that needs what is not there: $(list_missing)."
    fi
}
