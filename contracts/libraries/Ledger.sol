// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Registry} from "./ListingRegistry.sol";

/// @dev A margin call as stored. One slot.
struct StoredCall {
    address caller; // who gets the credit
    uint48 calledAt; // [s]
    uint48 deadline; // [s] as it was set; a sequencer that came up since may have moved it, see {MarginCallRecord}
}

/// @dev Everything that a book writes, in one place, so that the libraries linked to it can work on it.
struct Ledger {
    Registry registry; // slots 0…3
    mapping(uint256 id => ILoanBook.Loan) loans; // slot 4
    mapping(uint256 id => mapping(uint256 listing => uint256)) pledges; // slot 5 [token] at most 104 bits
    mapping(uint256 id => StoredCall) calls; // slot 6: only of loans with the flag {MARGIN_CALL}
    mapping(address caller => mapping(uint256 listing => uint256)) credits; // slot 7 [token]
}

/// @dev What a book knows from its immutables, which a linked library cannot read.
struct BookFrame {
    ILenderVault vault;
    address loanAsset;
    uint256 minDebt; // [asset]
    uint256 peg; // [loan feed decimals] 0 for none
}

/// @dev Flag of a loan: a margin call stands, though it may have lapsed.
uint16 constant MARGIN_CALL = 1;
