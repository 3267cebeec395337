// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// The genesis files that are built in, for builtin_genesis.cpp.

.macro file name
    .global weft_genesis_\name
    .global weft_genesis_\name\()_end
weft_genesis_\name:
    .incbin "\name\().json.gz"
weft_genesis_\name\()_end:
    .byte 0
.endm

    .section .rodata
    file mainnet
    file sepolia
    file holesky
    file hoodi

    .section .note.GNU-stack,"",%progbits
