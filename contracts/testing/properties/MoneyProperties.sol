// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../bonds/Bonds.sol";
import {TermRules} from "../../terms/TermRules.sol";
import {MAX_LOG2_TICKS, MIN_BURN_PERMILLE, Parameters} from "../../types/Parameters.sol";
import {assume} from "./Assumptions.sol";

/// @title What `Bonds` and `TermRules` promise, for all inputs. `test/smt` proves that no assertion here can fail.
contract MoneyProperties {
    /// @dev All sums are checked ones: none overflows.
    function bondsAreSplitExactly(uint80 bond, uint16 burnPermille) external pure {
        assume(burnPermille >= MIN_BURN_PERMILLE && burnPermille <= 1000);
        (uint256 paid, uint256 burned) = Bonds.split(bond, burnPermille);
        assert(paid <= bond && burned <= bond);
        assert(uint256(uint80(paid)) + uint80(burned) == bond);
        uint256 share = uint256(bond) * burnPermille;
        assert(uint256(uint80(burned)) * 1000 >= share);
        assert(uint256(uint80(burned)) * 1000 < share + 1000);
    }

    function windowsGrowWithTheWork(uint24 base, uint32 allowance, uint256 log2Ticks) external pure {
        uint256 window = TermRules.windowSeconds(base, allowance, log2Ticks);
        assert(window >= base);
        assert(window < 1 << 54);
        assert(window <= TermRules.windowSeconds(base, allowance, log2Ticks + 1));
    }

    function windowsCoverTheAllowance(uint24 base, uint32 allowance, uint256 log2Ticks) external pure {
        uint256 window = TermRules.windowSeconds(base, allowance, log2Ticks);
        assert(window >= base && window - base < 1 << 54);
        uint256 microseconds = uint256(uint56(window - base)) * 1_000_000;
        uint256 needed = (uint256(1) << log2Ticks) * allowance;
        assert(microseconds >= needed && microseconds < needed + 1_000_000);
    }

    /// @dev Each side's turns: what the rewards wait for is longer than any dispute, and a time of 40 bits can hold it.
    function rewardsWaitForEveryDispute(
        uint8 log2Arity,
        uint8 maxLog2Steps,
        uint24 solverBudget,
        uint24 challengerBudget,
        uint24 minResponse,
        uint8 log2Ticks
    ) external pure {
        assume(log2Arity >= 1 && log2Arity <= TermRules.MAX_LOG2_ARITY && maxLog2Steps <= 32);
        assume(log2Ticks <= MAX_LOG2_TICKS);
        Parameters memory p;
        p.log2Arity = log2Arity;
        p.maxLog2Steps = maxLog2Steps;
        p.solverBudgetSeconds = solverBudget;
        p.challengerBudgetSeconds = challengerBudget;
        p.minResponseSeconds = minResponse;
        uint256 longest = TermRules.disputeSeconds(p, log2Ticks);
        assert(longest >= uint256(solverBudget) + challengerBudget);
        assert(longest + minResponse <= TermRules.rewardDelaySeconds(p));
        assert(TermRules.rewardDelaySeconds(p) < 1 << 33);
    }
}
