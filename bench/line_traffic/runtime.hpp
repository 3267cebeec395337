// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

/// Follows lines of memory from the cache of one thread to that of another.
///
/// In a program that was compiled with -fsanitize=thread and linked with this in place of ThreadSanitizer, each load and store of the two
/// threads that come here first is one of a simulated core with a cache of 1 MiB of its own, full of the lines that it had last, in the
/// order in which they came. What libraries do that were compiled otherwise is not seen, nor what is prefetched.
///
/// Thread safety: any thread may call any member; what is counted at the same moment may be counted under either state.
namespace line_traffic {

/// Threads that execute nothing yet are not simulated, and nothing is counted, until it is said to be of interest.
void set_counting(bool is_counting) noexcept;

/// For each place in the program, an address in hexadecimal: how often it read a line that the other core had changed, or had; wrote
/// one that the other had too, or alone; found one in neither cache; and what it did with a lock. Preceded by where the program lies.
void print(std::FILE* out);

}  // namespace line_traffic
