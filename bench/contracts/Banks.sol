// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Accounts} from "./Accounts.sol";

/// Payments between the customers of banks. Within a bank money changes hands at once; between banks the sender's bank owes
/// it to the other from then on, up to a limit, and the two net what they owe each other from time to time.
contract Banks {
    struct Customer {
        uint32 bank; // 0: nobody's customer
        uint32 day; // of which `spent` speaks
        uint96 spent;
        uint96 balance;
    }

    uint96 public constant DAILY_LIMIT = 1_000_000_000;
    uint256 public constant MOST_OWED = 1_000_000_000_000;

    address public immutable supervisor = msg.sender;
    mapping(address => Customer) public customers;
    mapping(address => bool) public frozen;
    mapping(uint32 => mapping(uint32 => uint256)) public owed;

    event Paid(address indexed from, address indexed to, uint256 amount, bytes32 purpose);
    event Settled(uint32 indexed from, uint32 indexed to, uint256 amount);

    /// Opens accounts number `first` to `first + count - 1`, at each of the banks 1 to `banks` in turn.
    function open(uint256 first, uint256 count, uint32 banks, uint96 balance) external {
        require(msg.sender == supervisor, "supervisor");
        for (uint256 i = first; i < first + count; ++i) customers[Accounts.at(i)] = Customer(1 + uint32(i % banks), 0, 0, balance);
    }

    function freeze(address customer, bool value) external {
        require(msg.sender == supervisor, "supervisor");
        frozen[customer] = value;
    }

    function pay(address to, uint96 amount, bytes32 purpose) external {
        require(!frozen[msg.sender] && !frozen[to], "frozen");
        Customer memory payer = customers[msg.sender];
        Customer storage payee = customers[to];
        uint32 bank = payee.bank;
        require(payer.bank != 0 && bank != 0, "unknown customer");
        uint32 today = uint32(block.timestamp / 1 days);
        payer.spent = (payer.day == today ? payer.spent : 0) + amount;
        payer.day = today;
        require(payer.spent <= DAILY_LIMIT, "daily limit");
        payer.balance -= amount;
        customers[msg.sender] = payer;
        payee.balance += amount;
        if (payer.bank != bank) {
            uint256 total = owed[payer.bank][bank] + amount;
            require(total <= MOST_OWED, "owed too much");
            owed[payer.bank][bank] = total;
        }
        emit Paid(msg.sender, to, amount, purpose);
    }

    /// What `a` and `b` owe each other is set off; the difference stays.
    function net(uint32 a, uint32 b) external {
        uint256 there = owed[a][b];
        uint256 back = owed[b][a];
        uint256 amount = there < back ? there : back;
        owed[a][b] = there - amount;
        owed[b][a] = back - amount;
        emit Settled(a, b, amount);
    }
}
