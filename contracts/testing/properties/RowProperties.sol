// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Rows} from "../../disputes/Rows.sol";
import {assume} from "./Assumptions.sol";

/// @title What `Rows` promises, for all inputs. `test/smt` proves that no assertion here can fail.
contract RowProperties {
    function rootIsThatOfThePlainTree(uint256 bits, bytes32 startRoot, bytes32[] calldata interiorRoots) external pure {
        assert(Rows.rootOf(startRoot, interiorRoots, bits) == plainTree(bits, startRoot, interiorRoots)[1]);
    }

    /// @dev With the row at hand, each of its children can be selected.
    function everyChildCanBeSelected(
        uint256 bits,
        uint256 child,
        bytes32 startRoot,
        bytes32[] calldata interiorRoots,
        bytes32[] calldata siblings
    ) external pure {
        bytes32[] memory tree = plainTree(bits, startRoot, interiorRoots);
        bytes32 childStart = tree[(1 << bits) + child];
        uint256 used = 0;
        if (child + 1 == 1 << bits) {
            for (uint256 node = (1 << bits) + child; node != 1; node >>= 1) assume(siblings[used++] == tree[node ^ 1]);
            assert(Rows.rootOfChild(child, bits, childStart, 0, siblings) == tree[1]);
            return;
        }
        // From the bottom, and of each level the left path's sibling before the right one's.
        uint256 left = (1 << bits) + child;
        uint256 right = left + 1;
        while (left != 1) {
            if (left != right && left ^ 1 != right) {
                assume(siblings[used++] == tree[left ^ 1]);
                assume(siblings[used++] == tree[right ^ 1]);
            } else if (left == right) {
                assume(siblings[used++] == tree[left ^ 1]);
            }
            (left, right) = (left >> 1, right >> 1);
        }
        bytes32 childEnd = tree[(1 << bits) + child + 1];
        assert(Rows.rootOfChild(child, bits, childStart, childEnd, siblings) == tree[1]);
    }

    /// @dev No one can select a child with other roots than the row has at its place.
    function childrenHaveTheRootsOfTheRow(
        uint256 bits,
        uint256 child,
        bytes32 startRoot,
        bytes32[] calldata interiorRoots,
        bytes32 childStart,
        bytes32 childEnd,
        bytes32[] calldata siblings
    ) external pure {
        bytes32 row = Rows.rootOf(startRoot, interiorRoots, bits);
        assume(Rows.rootOfChild(child, bits, childStart, childEnd, siblings) == row);
        assert(childStart == (child == 0 ? startRoot : interiorRoots[child - 1]));
        assert(child + 1 == 1 << bits || childEnd == interiorRoots[child]);
    }

    /// @dev A range of one has no row: its root is 0.
    function rangeOfOneHasNoRow(bytes32 startRoot, bytes32[] calldata none) external pure {
        assert(Rows.rootOf(startRoot, none, 0) == 0);
    }

    /// @dev The tree in an array: node i has the children 2i and 2i + 1, the root is 1.
    function plainTree(
        uint256 bits,
        bytes32 startRoot,
        bytes32[] calldata interiorRoots
    ) private pure returns (bytes32[] memory tree) {
        uint256 size = 1 << bits;
        tree = new bytes32[](2 * size);
        tree[size] = startRoot;
        for (uint256 i = 1; i < size; i++) tree[size + i] = interiorRoots[i - 1];
        for (uint256 i = size - 1; i != 0; i--) {
            tree[i] = keccak256(abi.encode(tree[2 * i], tree[2 * i + 1]));
        }
    }
}
