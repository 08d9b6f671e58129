// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssay} from "../interfaces/IAssay.sol";
import {Parameters} from "../types/Parameters.sol";
import {EvmProbe} from "./EvmProbe.sol";
import {TermRules} from "./TermRules.sol";

/// @title Terms: the parameters of a deployment, as immutables.
abstract contract Terms is IAssay {
    uint256 internal immutable LOG2_ARITY;
    uint256 internal immutable MAX_LOG2_STEPS;
    uint256 internal immutable BURN_PERMILLE;
    uint256 internal immutable SOLVER_BOND;
    uint256 internal immutable CHALLENGER_BOND;
    uint256 internal immutable SOLVER_BUDGET;
    uint256 internal immutable CHALLENGER_BUDGET;
    uint256 internal immutable MIN_RESPONSE;
    uint256 internal immutable BASE_WINDOW;
    uint256 internal immutable TICK_ALLOWANCE;
    uint256 internal immutable MAX_WINDOW;
    uint256 internal immutable MIN_COMMIT_AGE;
    uint256 internal immutable MAX_COMMIT_AGE;
    uint256 internal immutable REACTION;
    uint256 internal immutable REWARD_DELAY;

    // Only the constructor's checks and people need these.
    uint256 private immutable STEPS_PER_SECOND;
    uint256 private immutable SOLVER_DISPUTE_GAS;
    uint256 private immutable CHALLENGER_DISPUTE_GAS;
    uint256 private immutable GAS_PRICE_CEILING;

    constructor(Parameters memory p) {
        EvmProbe.requireAll();
        TermRules.check(p);
        LOG2_ARITY = p.log2Arity;
        MAX_LOG2_STEPS = p.maxLog2Steps;
        BURN_PERMILLE = p.burnPermille;
        SOLVER_BOND = p.solverBond;
        CHALLENGER_BOND = p.challengerBond;
        SOLVER_BUDGET = p.solverBudgetSeconds;
        CHALLENGER_BUDGET = p.challengerBudgetSeconds;
        MIN_RESPONSE = p.minResponseSeconds;
        BASE_WINDOW = p.baseWindowSeconds;
        TICK_ALLOWANCE = p.tickAllowanceMicroseconds;
        MAX_WINDOW = p.maxWindowSeconds;
        MIN_COMMIT_AGE = p.minCommitAgeSeconds;
        MAX_COMMIT_AGE = p.maxCommitAgeSeconds;
        REACTION = p.reactionSeconds;
        REWARD_DELAY = TermRules.rewardDelaySeconds(p);
        STEPS_PER_SECOND = p.stepsPerSecond;
        SOLVER_DISPUTE_GAS = p.solverDisputeGas;
        CHALLENGER_DISPUTE_GAS = p.challengerDisputeGas;
        GAS_PRICE_CEILING = p.gasPriceCeilingWei;
    }

    /// @inheritdoc IAssay
    function parameters() external view returns (Parameters memory) {
        return
            Parameters({
                log2Arity: uint8(LOG2_ARITY),
                maxLog2Steps: uint8(MAX_LOG2_STEPS),
                burnPermille: uint16(BURN_PERMILLE),
                solverBond: uint80(SOLVER_BOND),
                challengerBond: uint80(CHALLENGER_BOND),
                solverBudgetSeconds: uint24(SOLVER_BUDGET),
                challengerBudgetSeconds: uint24(CHALLENGER_BUDGET),
                minResponseSeconds: uint24(MIN_RESPONSE),
                baseWindowSeconds: uint24(BASE_WINDOW),
                tickAllowanceMicroseconds: uint32(TICK_ALLOWANCE),
                maxWindowSeconds: uint32(MAX_WINDOW),
                minCommitAgeSeconds: uint24(MIN_COMMIT_AGE),
                maxCommitAgeSeconds: uint24(MAX_COMMIT_AGE),
                reactionSeconds: uint24(REACTION),
                stepsPerSecond: uint40(STEPS_PER_SECOND),
                solverDisputeGas: uint32(SOLVER_DISPUTE_GAS),
                challengerDisputeGas: uint32(CHALLENGER_DISPUTE_GAS),
                gasPriceCeilingWei: uint64(GAS_PRICE_CEILING)
            });
    }
}
