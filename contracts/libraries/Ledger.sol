// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {Registry} from "./ListingRegistry.sol";
import {MAX_SET} from "./PledgeSet.sol";
import {StoredLoan} from "./StoredLoans.sol";

/// @dev A margin call as stored. One slot.
struct StoredCall {
    address caller; // who gets the credit
    uint48 calledAt; // [s]
    uint48 deadline; // [s] as it was set; a sequencer that came up since may have moved it, see {MarginCallRecord}
}

/// @dev Everything that a book writes, in one place, so that the libraries linked to it can work on it.
struct Ledger {
    mapping(uint256 id => StoredLoan) loans; // slot 0
    mapping(uint256 id => uint256[MAX_SET]) pledges; // slot 1: by listing, but for loans' own [token] at most 96 bits
    mapping(uint256 id => StoredCall) calls; // slot 2: only of loans with the flag {MARGIN_CALL}
    mapping(address caller => mapping(uint256 listing => uint256)) credits; // slot 3 [token]
    Registry registry; // slots 4…172
}

/// @dev What a book knows from its immutables, which a linked library cannot read.
struct BookFrame {
    ILenderVault vault;
    address loanAsset;
    uint256 minDebt; // [asset]
    uint256 peg; // [loan feed decimals] 0 for none
}
