// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/chain_spec.hpp"

#include <algorithm>
#include <utility>

namespace weft::chain {
namespace {

using types::Revision;

/// EIP-7892 as scheduled by EIP-7607 (Fusaka): the same on every public network.
constexpr types::BlobSchedule kFirstBlobParameters{.target = 10, .max = 15, .base_fee_update_fraction = 8346193};
constexpr types::BlobSchedule kSecondBlobParameters{.target = 14, .max = 21, .base_fee_update_fraction = 11684671};

constexpr address kSepoliaDepositContract{
    {0x7f, 0x02, 0xc3, 0xe3, 0xc9, 0x8b, 0x13, 0x30, 0x55, 0xb8, 0xb3, 0x48, 0xb2, 0xac, 0x62, 0x56, 0x69, 0xed, 0x29, 0x5d}};
constexpr address kHoleskyDepositContract{
    {0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42}};

/// Block numbers and times as in the meta EIPs 606 to 609, 779, 1013, 1679, 1716, 2070, 2387, 7568, 7569, 7600 and 7607;
/// the merge (EIP-3675) came with the block in which total difficulty was reached.
ChainSpec mainnet() {
    return {
        .name = "mainnet",
        .chain_id = 1,
        .block_forks =
            {
                {.revision = Revision::Frontier, .block = 0},
                {.revision = Revision::Homestead, .block = 1'150'000},
                {.revision = Revision::TangerineWhistle, .block = 2'463'000},
                {.revision = Revision::SpuriousDragon, .block = 2'675'000},
                {.revision = Revision::Byzantium, .block = 4'370'000},
                // Constantinople and Petersburg started together: EIP-1283 was never in force.
                {.revision = Revision::Petersburg, .block = 7'280'000},
                {.revision = Revision::Istanbul, .block = 9'069'000},
                {.revision = Revision::Berlin, .block = 12'244'000},
                {.revision = Revision::London, .block = 12'965'000},
                {.revision = Revision::Paris, .block = 15'537'394},
            },
        .time_forks =
            {
                {.revision = Revision::Shanghai, .time = 1'681'338'455},
                {.revision = Revision::Cancun, .time = 1'710'338'135},
                {.revision = Revision::Prague, .time = 1'746'612'311},
                {.revision = Revision::Osaka, .time = 1'764'798'551},
            },
        .blob_forks =
            {
                {.time = 1'765'290'071, .blob = kFirstBlobParameters},
                {.time = 1'767'747'671, .blob = kSecondBlobParameters},
            },
        .bomb_delays =
            {
                {.block = 4'370'000, .delay = 3'000'000},
                {.block = 7'280'000, .delay = 5'000'000},
                {.block = 9'200'000, .delay = 9'000'000},
                {.block = 12'965'000, .delay = 9'700'000},
                {.block = 13'773'000, .delay = 10'700'000},
                {.block = 15'050'000, .delay = 11'400'000},
            },
        .dao_block = 1'920'000,
        .deposit_contract = types::kMainnetDepositContract,
    };
}

ChainSpec sepolia() {
    return {
        .name = "sepolia",
        .chain_id = 11'155'111,
        .block_forks =
            {
                {.revision = Revision::London, .block = 0},
                {.revision = Revision::Paris, .block = 1'450'409},
            },
        .time_forks =
            {
                {.revision = Revision::Shanghai, .time = 1'677'557'088},
                {.revision = Revision::Cancun, .time = 1'706'655'072},
                {.revision = Revision::Prague, .time = 1'741'159'776},
                {.revision = Revision::Osaka, .time = 1'760'427'360},
            },
        .blob_forks =
            {
                {.time = 1'761'017'184, .blob = kFirstBlobParameters},
                {.time = 1'761'607'008, .blob = kSecondBlobParameters},
            },
        .bomb_delays = {{.block = 0, .delay = 9'700'000}},
        .dao_block = std::nullopt,
        .deposit_contract = kSepoliaDepositContract,
    };
}

ChainSpec holesky() {
    return {
        .name = "holesky",
        .chain_id = 17'000,
        .block_forks = {{.revision = Revision::Paris, .block = 0}},
        .time_forks =
            {
                {.revision = Revision::Shanghai, .time = 1'696'000'704},
                {.revision = Revision::Cancun, .time = 1'707'305'664},
                {.revision = Revision::Prague, .time = 1'740'434'112},
                {.revision = Revision::Osaka, .time = 1'759'308'480},
            },
        .blob_forks =
            {
                {.time = 1'759'800'000, .blob = kFirstBlobParameters},
                {.time = 1'760'389'824, .blob = kSecondBlobParameters},
            },
        .bomb_delays = {},
        .dao_block = std::nullopt,
        .deposit_contract = kHoleskyDepositContract,
    };
}

ChainSpec hoodi() {
    return {
        .name = "hoodi",
        .chain_id = 560'048,
        .block_forks = {{.revision = Revision::Cancun, .block = 0}},
        .time_forks =
            {
                {.revision = Revision::Prague, .time = 1'742'999'832},
                {.revision = Revision::Osaka, .time = 1'761'677'592},
            },
        .blob_forks =
            {
                {.time = 1'762'365'720, .blob = kFirstBlobParameters},
                {.time = 1'762'955'544, .blob = kSecondBlobParameters},
            },
        .bomb_delays = {},
        .dao_block = std::nullopt,
        .deposit_contract = types::kMainnetDepositContract,
    };
}

}  // namespace

types::ChainRules ChainSpec::rules_at(uint64_t number, uint64_t timestamp, bool merged) const noexcept {
    Revision revision = Revision::Frontier;
    for (const BlockFork& fork : block_forks)
        if (number >= fork.block) revision = fork.revision;
    if (merged) revision = std::max(revision, Revision::Paris);
    // Blocks from before the merge may carry any timestamp; forks by time come after it.
    if (revision >= Revision::Paris)
        for (const TimeFork& fork : time_forks)
            if (timestamp >= fork.time) revision = fork.revision;

    types::BlobSchedule blob = types::default_blob_schedule(revision);
    if (revision >= Revision::Cancun)
        for (const BlobFork& fork : blob_forks)
            if (timestamp >= fork.time) blob = fork.blob;

    return {
        .revision = revision,
        .chain_id = chain_id,
        .blob = blob,
        .deposit_contract = deposit_contract,
        .dao_transition = dao_block == number,
    };
}

uint64_t ChainSpec::bomb_delay_at(uint64_t number) const noexcept {
    uint64_t delay = 0;
    for (const BombDelay& step : bomb_delays)
        if (number >= step.block) delay = step.delay;
    return delay;
}

const ChainSpec* spec_of_chain_id(uint64_t chain_id) noexcept {
    static const ChainSpec specs[] = {mainnet(), sepolia(), holesky(), hoodi()};
    for (const ChainSpec& spec : specs)
        if (spec.chain_id == chain_id) return &spec;
    return nullptr;
}

ChainSpec spec_of_revision(types::Revision revision, uint64_t chain_id) {
    ChainSpec spec;
    spec.name = std::string(types::to_string(revision));
    spec.chain_id = chain_id;
    spec.block_forks = {{.revision = revision, .block = 0}};
    return spec;
}

}  // namespace weft::chain
