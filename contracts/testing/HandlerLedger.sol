// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assay} from "../Assay.sol";
import {Bonds} from "../bonds/Bonds.sol";
import {Parameters} from "../types/Parameters.sol";
import {vm} from "./Vm.sol";

/// @title Who acts, and what everybody should be owed: the money by the protocol's rules, kept apart from the contract.
abstract contract HandlerLedger {
    uint256 private constant ACCOUNTS = 4;

    Assay public immutable assay;
    uint256 internal immutable SOLVER_BOND;
    uint256 internal immutable CHALLENGER_BOND;
    uint256 internal immutable BURN_PERMILLE;
    uint256 internal immutable MIN_RESPONSE;
    uint256 internal immutable REACTION;
    uint256 internal immutable MIN_COMMIT_AGE;

    /// @notice Calls that the contract took, and that it refused.
    uint256 public accepted;
    uint256 public refused;
    /// @notice What all accounts together have paid in and got out.
    uint256 public paidIn;
    uint256 public paidOut;
    /// @notice What nobody gets any more.
    uint256 public burned;
    /// @notice What an account has been credited and has not withdrawn: one wei of it stays.
    mapping(address account => uint256) public creditOf;

    /// @notice The contract took a call that its rules forbid.
    error Broken(string what);

    constructor(Assay target) {
        assay = target;
        Parameters memory terms = target.parameters();
        SOLVER_BOND = terms.solverBond;
        CHALLENGER_BOND = terms.challengerBond;
        BURN_PERMILLE = terms.burnPermille;
        MIN_RESPONSE = terms.minResponseSeconds;
        REACTION = terms.reactionSeconds;
        MIN_COMMIT_AGE = terms.minCommitAgeSeconds;
        for (uint256 i = 0; i < ACCOUNTS; i++) vm.deal(account(i), 1_000_000 ether);
    }

    function account(uint256 seed) public pure returns (address) {
        return address(uint160(0xacc0 + (seed % ACCOUNTS)));
    }

    function accountCount() external pure returns (uint256) {
        return ACCOUNTS;
    }

    function buildId(uint256 seed) public pure returns (bytes32) {
        return bytes32(0xb0 + (seed % 2));
    }

    function finalRoot(uint256 seed) public pure returns (bytes32) {
        return bytes32(0xf0 + (seed % 3));
    }

    /// @notice Lets time pass: seconds as a rule, sometimes long enough for windows and budgets to end.
    function pass(uint256 seed) public {
        vm.warp(block.timestamp + 1 + (seed % 4 == 0 ? seed % 600 : seed % 40));
    }

    function withdraw(uint256 seed) external {
        address payable receiver = payable(account(seed));
        uint256 credited = creditOf[receiver];
        vm.prank(receiver);
        try assay.withdraw(receiver) {
            must(credited > 1, "withdrawn where nothing was owed");
            paidOut += credited - 1;
            creditOf[receiver] = 1;
            accepted++;
        } catch {
            must(credited <= 1, "refused what was owed");
            refused++;
        }
    }

    /// @dev The amount goes to the sender at once, and is credited to anybody else.
    function pays(address to, uint256 amount, address sender) internal {
        if (to == sender) paidOut += amount;
        else creditOf[to] += amount;
    }

    /// @dev A bond is divided: the paid share is credited.
    function divides(address to, uint256 bond) internal {
        (uint256 paid, uint256 rest) = Bonds.split(bond, BURN_PERMILLE);
        creditOf[to] += paid;
        burned += rest;
    }

    function must(bool holds, string memory what) internal pure {
        if (!holds) revert Broken(what);
    }
}
