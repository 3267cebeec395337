// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Accounts} from "./Accounts.sol";

/// A registry of records, such as those of patients or of land: licensed offices write them, their subjects say who may read
/// them and until when, and every access is counted and logged.
contract Records is AccessControl {
    bytes32 public constant OFFICE = keccak256("OFFICE");

    struct Record {
        address subject;
        uint32 version;
        uint64 accesses;
        bytes32 content;
    }

    mapping(uint256 => Record) public records;
    mapping(uint256 => mapping(address => uint256)) public readableUntil;
    mapping(address => uint256) public accessesBy;

    event Written(uint256 indexed record, uint32 version, bytes32 content);
    event Granted(uint256 indexed record, address indexed reader, uint256 until);
    event Read(uint256 indexed record, address indexed reader);

    constructor() {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
    }

    function license(uint256 first, uint256 count) external onlyRole(DEFAULT_ADMIN_ROLE) {
        for (uint256 i = first; i < first + count; ++i) _grantRole(OFFICE, Accounts.at(i));
    }

    /// Records number `first` to `first + count - 1`, of the accounts with these numbers; the account with the number of
    /// the record modulo `offices` may read it.
    function found(uint256 first, uint256 count, uint256 offices) external onlyRole(DEFAULT_ADMIN_ROLE) {
        for (uint256 i = first; i < first + count; ++i) {
            records[i] = Record(Accounts.at(i), 1, 0, keccak256(abi.encode(i)));
            readableUntil[i][Accounts.at(i % offices)] = type(uint256).max;
        }
    }

    function write(uint256 id, bytes32 content) external onlyRole(OFFICE) {
        require(readableUntil[id][msg.sender] >= block.timestamp, "no access");
        Record storage record = records[id];
        record.content = content;
        emit Written(id, ++record.version, content);
    }

    function grant(uint256 id, address reader, uint256 until) external {
        require(records[id].subject == msg.sender, "not yours");
        readableUntil[id][reader] = until;
        emit Granted(id, reader, until);
    }

    function read(uint256 id) external returns (bytes32) {
        require(readableUntil[id][msg.sender] >= block.timestamp, "no access");
        Record storage record = records[id];
        ++record.accesses;
        ++accessesBy[msg.sender];
        emit Read(id, msg.sender);
        return record.content;
    }
}
