// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/error.hpp"

namespace weft::kv {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::disk_full:
            return "the disk is full";
        case ErrorKind::corruption:
            return "the store is damaged";
        case ErrorKind::locked:
            return "the store is in use by another process";
        case ErrorKind::unknown_format:
            return "the format of the store is not known";
        case ErrorKind::absent:
            return "there is no store";
        case ErrorKind::unusable:
            return "the folder cannot be used";
        case ErrorKind::io:
            return "reading or writing failed";
    }
    return "unknown error";
}

}  // namespace weft::kv
