// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Claims} from "./claims/Claims.sol";
import {Disputes} from "./disputes/Disputes.sol";
import {IStepVerifier} from "./interfaces/IStepVerifier.sol";
import {Terms} from "./terms/Terms.sol";
import {Parameters} from "./types/Parameters.sol";

/// @title Assay: claims about builds, their disputes and their results.
/// @dev Each part implements its entry points; see the folders `claims`, `disputes` and `bonds`.
contract Assay is Disputes, Multicall {
    /// @param fixedTerms checked, then fixed for good
    /// @param machine the step verifier, which fixes the machine
    constructor(Parameters memory fixedTerms, IStepVerifier machine) Terms(fixedTerms) Claims(machine) {}
}
