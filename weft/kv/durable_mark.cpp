// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/durable_mark.hpp"

#include "weft/base/hash.hpp"
#include "weft/kv/rocks_status.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

namespace weft::kv {

namespace {

/// Apart enough that no single write of the disk touches both.
constexpr uint64_t kPlaceDistance = 4096;
constexpr unsigned kPlaces = 2;
/// Marks the kind of file, by its last byte what a record has, and seeds its checksum.
constexpr uint64_t kMagic = 0x776566742d647563;
constexpr uint64_t kKind = ~uint64_t{0xff};

/// As it lies in the file. Little-endian, as every machine that weft runs on.
struct Record {
    uint64_t magic = kMagic;
    DurableContent content;
    uint64_t checksum = 0;

    [[nodiscard]] uint64_t right_checksum() const noexcept { return keyed_hash(&content, sizeof content, kMagic); }
};

bool is_later(const DurableContent& a, const DurableContent& b) noexcept {
    return std::tie(a.sequence, a.tables.number, a.tables.bytes) > std::tie(b.sequence, b.tables.number, b.tables.bytes);
}

std::optional<Record> read_place(const rocksdb::FSRandomRWFile& file, unsigned place) {
    std::array<char, sizeof(Record)> scratch;
    rocksdb::Slice slice;
    const auto status = file.Read(place * kPlaceDistance, scratch.size(), {}, &slice, scratch.data(), nullptr);
    if (!status.ok() || slice.size() != sizeof(Record)) return std::nullopt;
    Record record;
    std::memcpy(&record, slice.data(), sizeof record);
    return record;
}

rocksdb::IOStatus create_file(rocksdb::FileSystem& files, const std::string& folder) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = files.NewWritableFile(DurableMark::path_in(folder), {}, &file, nullptr);
    if (status.ok()) status = file->Append(std::string(kPlaces * kPlaceDistance, '\0'), {}, nullptr);
    if (status.ok()) status = file->Fsync({}, nullptr);
    if (status.ok()) status = file->Close({}, nullptr);
    std::unique_ptr<rocksdb::FSDirectory> directory;
    if (status.ok()) status = files.NewDirectory(folder, {}, &directory, nullptr);
    if (status.ok()) status = directory->Fsync({}, nullptr);
    return status;
}

}  // namespace

Expected<std::optional<DurableMark>> DurableMark::find(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder) {
    std::unique_ptr<rocksdb::FSRandomRWFile> file;
    const auto opened = files->NewRandomRWFile(path_in(folder), {}, &file, nullptr);
    if (opened.IsPathNotFound() || opened.IsNotFound()) return std::nullopt;
    if (!opened.ok()) return failed(opened, fmt::format("opening {}", path_in(folder)));
    DurableMark mark(std::move(file));
    bool is_found = false;
    bool is_other_version = false;
    for (unsigned place = 0; place < kPlaces; ++place) {
        const auto record = read_place(*mark.file_, place);
        if (!record) continue;
        is_other_version = is_other_version || (record->magic != kMagic && (record->magic & kKind) == (kMagic & kKind));
        if (record->magic != kMagic || record->checksum != record->right_checksum()) continue;
        if (is_found && !is_later(record->content, mark.content_)) continue;
        is_found = true;
        mark.content_ = record->content;
        mark.next_place_ = (place + 1) % kPlaces;
    }
    if (is_found) return mark;
    if (!is_other_version) return std::nullopt;
    return std::unexpected(
        Error{.kind = ErrorKind::unknown_format, .context = fmt::format("{} is of another version of weft", path_in(folder))});
}

Expected<DurableMark> DurableMark::create(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder,
                                          const DurableContent& content) {
    std::unique_ptr<rocksdb::FSRandomRWFile> file;
    auto status = create_file(*files, folder);
    if (status.ok()) status = files->NewRandomRWFile(path_in(folder), {}, &file, nullptr);
    if (!status.ok()) return failed(status, fmt::format("creating {}", path_in(folder)));
    DurableMark mark(std::move(file));
    if (auto set = mark.set(content); !set) return std::unexpected(std::move(set.error()));
    return mark;
}

Expected<void> DurableMark::set(const DurableContent& content) {
    Record record{.content = content};
    record.checksum = record.right_checksum();
    const rocksdb::Slice slice(reinterpret_cast<const char*>(&record), sizeof record);
    auto status = file_->Write(next_place_ * kPlaceDistance, slice, {}, nullptr);
    if (status.ok()) status = file_->Sync({}, nullptr);
    if (!status.ok()) return failed(status, "writing how far the log is synced");
    content_ = content;
    next_place_ = (next_place_ + 1) % kPlaces;
    return {};
}

}  // namespace weft::kv
