// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/durable_mark.hpp"

#include "weft/base/hash.hpp"
#include "weft/kv/rocks_status.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace weft::kv {

namespace {

/// Apart enough that no single write of the disk touches both.
constexpr uint64_t kPlaceDistance = 4096;
constexpr unsigned kPlaces = 2;
/// Marks the kind of file and seeds its checksum.
constexpr uint64_t kMagic = 0x776566742d647572;

/// As it lies in the file. Little-endian, as every machine that weft runs on.
struct Record {
    uint64_t magic = kMagic;
    uint64_t sequence = 0;
    uint64_t checksum = 0;

    [[nodiscard]] uint64_t right_checksum() const noexcept { return keyed_hash(&sequence, sizeof sequence, kMagic); }
};

std::optional<uint64_t> read_place(const rocksdb::FSRandomRWFile& file, unsigned place) {
    std::array<char, sizeof(Record)> scratch;
    rocksdb::Slice slice;
    const auto status = file.Read(place * kPlaceDistance, scratch.size(), {}, &slice, scratch.data(), nullptr);
    if (!status.ok() || slice.size() != sizeof(Record)) return std::nullopt;
    Record record;
    std::memcpy(&record, slice.data(), sizeof record);
    if (record.magic != kMagic || record.checksum != record.right_checksum()) return std::nullopt;
    return record.sequence;
}

rocksdb::IOStatus create(rocksdb::FileSystem& files, const std::string& folder) {
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

Expected<DurableMark> DurableMark::open(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder, uint64_t sequence) {
    const std::string path = path_in(folder);
    std::unique_ptr<rocksdb::FSRandomRWFile> file;
    const auto opened = files->NewRandomRWFile(path, {}, &file, nullptr);
    std::array<std::optional<uint64_t>, kPlaces> places;
    if (opened.ok())
        for (unsigned i = 0; i < kPlaces; ++i) places[i] = read_place(*file, i);

    if (!places[0] && !places[1]) {
        if (sequence != 0) {
            return std::unexpected(
                Error{.kind = ErrorKind::corruption, .context = fmt::format("{} is missing or damaged ({})", path, opened.ToString())});
        }
        file.reset();
        auto status = create(*files, folder);
        if (status.ok()) status = files->NewRandomRWFile(path, {}, &file, nullptr);
        if (!status.ok()) return failed(status, fmt::format("creating {}", path));
        DurableMark mark(std::move(file));
        if (auto set = mark.set(0); !set) return std::unexpected(std::move(set.error()));
        return mark;
    }

    const uint64_t durable = std::max(places[0].value_or(0), places[1].value_or(0));
    if (durable > sequence) {
        return std::unexpected(
            Error{.kind = ErrorKind::corruption,
                  .context = fmt::format("{}: the log is damaged, of {} synced changes only {} can be read", folder, durable, sequence)});
    }
    DurableMark mark(std::move(file));
    mark.next_place_ = places[0] == durable ? 1 : 0;
    return mark;
}

Expected<void> DurableMark::set(uint64_t sequence) {
    Record record{.sequence = sequence};
    record.checksum = record.right_checksum();
    const rocksdb::Slice slice(reinterpret_cast<const char*>(&record), sizeof record);
    auto status = file_->Write(next_place_ * kPlaceDistance, slice, {}, nullptr);
    if (status.ok()) status = file_->Sync({}, nullptr);
    if (!status.ok()) return failed(status, "writing how far the log is synced");
    next_place_ = (next_place_ + 1) % kPlaces;
    return {};
}

}  // namespace weft::kv
