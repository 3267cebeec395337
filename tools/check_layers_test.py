#!/usr/bin/env python3
# Copyright The weft authors
# SPDX-License-Identifier: Apache-2.0
"""check_layers.py finds each planted fault, and nothing in a clean tree."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).parent / "check_layers.py"
HEAD = "// Copyright The weft authors\n// SPDX-License-Identifier: Apache-2.0\n"
HEADER = HEAD + "#pragma once\n"


def check(files):
    """Runs the script over a tree of {path: text}; gives its exit code and output."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            target = Path(root, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        run = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr


class CheckLayers(unittest.TestCase):
    def assert_found(self, files, message):
        code, output = check(files)
        self.assertEqual(code, 1, output)
        self.assertIn(message, output)

    def test_clean_tree_passes(self):
        files = {
            "weft/base/a.hpp": HEADER,
            "weft/evm/b.cpp": HEAD + '#include "weft/base/a.hpp"\n#include <vector>\n',
            "test/c.cpp": HEAD + '#include "weft/base/a.hpp"\n',
        }
        self.assertEqual(check(files), (0, "3 files, 0 findings\n"))

    def test_higher_level_rejected(self):
        files = {"weft/base/a.hpp": HEADER + '#include "weft/evm/b.hpp"\n', "weft/evm/b.hpp": HEADER}
        self.assert_found(files, "weft/base/a.hpp:4: \"weft/evm/b.hpp\": base (level 0) includes evm (level 5)")

    def test_sibling_on_same_level_rejected(self):
        files = {"weft/rlp/a.hpp": HEADER + '#include "weft/crypto/b.hpp"\n', "weft/crypto/b.hpp": HEADER}
        self.assert_found(files, "rlp (level 1) includes crypto (level 1)")

    def test_library_including_tests_rejected(self):
        files = {"weft/rlp/a.hpp": HEADER + '#include "test/b.hpp"\n', "test/b.hpp": HEADER}
        self.assert_found(files, "weft/ includes only weft/")

    def test_folder_without_level_rejected(self):
        self.assert_found({"weft/misc/a.hpp": HEADER}, "weft/misc has no level")

    def test_relative_include_rejected(self):
        files = {"weft/base/a.cpp": HEAD + '#include "b.hpp"\n', "weft/base/b.hpp": HEADER}
        self.assert_found(files, "not a full path")

    def test_missing_licence_rejected(self):
        self.assert_found({"weft/base/a.cpp": "int a;\n"}, "SPDX")

    def test_missing_pragma_once_rejected(self):
        self.assert_found({"weft/base/a.hpp": HEAD}, "#pragma once")

    def test_long_file_rejected_unless_table(self):
        long = HEAD + "\n" * 800
        self.assert_found({"weft/base/a.cpp": long}, "longer than 800 lines")
        self.assertEqual(check({"weft/base/a_table.cpp": long})[0], 0)

    def test_atomic_outside_sync_rejected(self):
        use = HEADER + "std::atomic<int> counter;\n"
        self.assert_found({"weft/evm/a.hpp": use}, "weft/evm/a.hpp:4: synchronisation")
        self.assertEqual(check({"weft/base/sync.hpp": use})[0], 0)

    def test_empty_tree_rejected(self):
        self.assert_found({"README": ""}, "no sources found")


if __name__ == "__main__":
    unittest.main()
