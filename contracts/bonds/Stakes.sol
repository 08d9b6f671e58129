// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssay} from "../interfaces/IAssay.sol";
import {Terms} from "../terms/Terms.sol";
import {StakeState, StakeStatus} from "../types/Challenge.sol";
import {Ids} from "../types/Ids.sol";
import {Words} from "../types/Words.sol";
import {Bonds} from "./Bonds.sol";
import {Purse} from "./Purse.sol";

/// @title Stakes: what a challenger risks on a build. One stake covers one challenge to each of the build's claims.
/// @dev none -> live -> lost or returned, and never none again. A stake that is lost leaves its other challenges to go on:
/// they can still win, but no more money moves for them.
abstract contract Stakes is Terms, Purse {
    /// @dev `StakeState`, packed.
    mapping(bytes32 stakeKey => uint256 word) private stakes;

    /// @inheritdoc IAssay
    function returnStake(bytes32 buildId, uint256 stakeNumber) external nonReentrant {
        bytes32 key = Ids.stakeKey(msg.sender, buildId, stakeNumber);
        StakeState memory stake = stakeAt(key);
        if (stake.status != StakeStatus.Live) revert StakeNotLive(key, stake.status);
        if (stake.open != 0) revert StakeInUse(key, stake.open);
        stake.status = StakeStatus.Returned;
        stakes[key] = Words.packStake(stake);
        emit StakeReturned(msg.sender, buildId, stakeNumber);
        pay(msg.sender, CHALLENGER_BOND);
    }

    /// @inheritdoc IAssay
    function stakeOf(bytes32 stakeKey) external view returns (StakeState memory) {
        return stakeAt(stakeKey);
    }

    /// @dev One more challenge: the first brings the stake's value along, all further ones none.
    function cover(bytes32 key) internal {
        StakeState memory stake = stakeAt(key);
        uint256 value = 0;
        if (stake.status == StakeStatus.None) {
            (stake.status, value) = (StakeStatus.Live, CHALLENGER_BOND);
        } else if (stake.status == StakeStatus.Live) {
            stake.several = true;
        } else {
            revert StakeNotLive(key, stake.status);
        }
        if (msg.value != value) revert WrongBond(value, msg.value);
        stake.open++;
        stakes[key] = Words.packStake(stake);
    }

    /// @dev A challenge ends that is not lost.
    function release(bytes32 key) internal {
        StakeState memory stake = stakeAt(key);
        stake.open--;
        stakes[key] = Words.packStake(stake);
    }

    /// @dev A challenge is lost, and with it a live stake. One that has covered several claims burns whole: its owner may have
    /// lost it to itself.
    /// @return paid what the solver gets of it
    /// @return burned the rest; both are 0 if the stake was lost before
    function lose(bytes32 key) internal returns (uint256 paid, uint256 burned) {
        StakeState memory stake = stakeAt(key);
        stake.open--;
        if (stake.status == StakeStatus.Live) {
            stake.status = StakeStatus.Lost;
            (paid, burned) = stake.several ? (0, CHALLENGER_BOND) : Bonds.split(CHALLENGER_BOND, BURN_PERMILLE);
        }
        stakes[key] = Words.packStake(stake);
    }

    function stakeAt(bytes32 key) private view returns (StakeState memory) {
        return Words.unpackStake(stakes[key]);
    }
}
