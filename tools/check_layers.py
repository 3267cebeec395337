#!/usr/bin/env python3
# Copyright The weft authors
# SPDX-License-Identifier: Apache-2.0
"""Checks the layering of weft/ and the house rules that a script can check.

    tools/check_layers.py [ROOT]

Prints one line per finding, `file:line: rule`, and exits with 1 when there is one.
"""

import re
import sys
from pathlib import Path

# A folder of weft/ includes only folders on strictly lower levels. A new folder is entered here first.
LEVELS = {
    "base": 0,
    "crypto": 1,
    "rlp": 1,
    "json": 1,
    "kv": 1,
    "types": 2,
    "trie": 3,
    "state": 4,
    "evm": 5,
    "execution": 6,
    "db": 6,
    "chain": 7,
    "txpool": 8,
    "builder": 8,
    "fixtures": 8,
    "t8n": 9,
    "workloads": 9,
    "rpc": 9,
    "abci": 9,
    "node": 10,
}

# Programs and tests stand above every level and may include any folder.
FREE_FOLDERS = ("cmd", "test", "bench", "fuzz", "examples")

MAX_LINES = 800
SPDX = ("// Copyright The weft authors", "// SPDX-License-Identifier: Apache-2.0")

# Whatever lets threads meet lives here, so that a simulator can take over every interleaving.
SYNC_FILES = (
    "weft/base/sync.hpp",
    "weft/base/sync.cpp",
    "weft/base/simulation/primitives.hpp",
    "weft/base/thread_pool.hpp",
    "weft/base/thread_pool.cpp",
)
SYNC = re.compile(
    r"\bstd::(atomic\w*|mutex|shared_mutex|recursive_mutex|timed_mutex|condition_variable\w*|latch|barrier"
    r"|counting_semaphore|binary_semaphore|call_once)\b"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def include_findings(root, path, number, line):
    match = INCLUDE.match(line)
    if not match:
        return
    bracket, target = match.groups()
    if bracket == "<":
        if target.startswith("weft/"):
            yield number, f"<{target}>: headers of weft are included with quotes"
        return
    if not (root / target).is_file():
        yield number, f'"{target}": not a full path from the root'
        return
    parts, target_parts = path.parts, Path(target).parts
    if parts[0] != "weft":
        return
    if target_parts[0] != "weft":
        if target_parts[0] == "test" and path.name.endswith("_test.cpp"):
            return
        yield number, f'"{target}": weft/ includes only weft/, and its unit tests test/'
        return
    folder, other = parts[1], target_parts[1]
    if folder == other or folder not in LEVELS:
        return
    if other not in LEVELS:
        yield number, f'"{target}": weft/{other} has no level'
    elif LEVELS[other] >= LEVELS[folder]:
        yield number, f'"{target}": {folder} (level {LEVELS[folder]}) includes {other} (level {LEVELS[other]})'


def file_findings(root, path):
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    if tuple(lines[:2]) != SPDX:
        yield 1, "the first two lines are the copyright and SPDX lines"
    if path.suffix == ".hpp" and "#pragma once" not in lines:
        yield 1, "no #pragma once"
    if len(lines) > MAX_LINES and "table" not in path.name:
        yield len(lines), f"longer than {MAX_LINES} lines"
    is_library = path.parts[0] == "weft"
    if is_library and (len(path.parts) < 3 or path.parts[1] not in LEVELS):
        yield 1, f"weft/{path.parts[1]} has no level"
    embeds = path.parts[0] == "examples"  # an outside project, which includes the installed headers
    for number, line in enumerate(lines, start=1):
        if not embeds:
            yield from include_findings(root, path, number, line)
        if is_library and str(path) not in SYNC_FILES and SYNC.search(line.split("//")[0]):
            yield number, "synchronisation goes through weft/base/sync.hpp"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    files = sorted(
        path.relative_to(root)
        for folder in ("weft", *FREE_FOLDERS)
        for path in (root / folder).rglob("*")
        if path.suffix in (".hpp", ".cpp") and "build" not in path.relative_to(root).parts
    )
    if not files:
        sys.exit(f"{root}: no sources found")
    findings = 0
    for path in files:
        for number, message in file_findings(root, path):
            print(f"{path}:{number}: {message}")
            findings += 1
    print(f"{len(files)} files, {findings} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
