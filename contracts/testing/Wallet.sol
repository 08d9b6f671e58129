// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title A contract as an account: calls what it is told to, and treats incoming ETH as it is told to.
contract Wallet {
    enum Welcome {
        Accept,
        Refuse,
        Reenter
    }

    error Refused();
    error CallFailed(bytes reason);

    Welcome private welcome;
    address private target;
    bytes private again;

    /// @notice How many times ETH has come in.
    uint256 public received;
    /// @notice Whether the call made while receiving went through.
    bool public reentered;

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        if (welcome == Welcome.Refuse) revert Refused();
        received++;
        if (welcome != Welcome.Reenter) return;
        // solhint-disable-next-line avoid-low-level-calls
        (reentered, ) = target.call(again);
    }

    /// @notice Calls `to` with the ETH that comes along.
    function execute(address to, bytes calldata data) external payable returns (bytes memory result) {
        bool done;
        // solhint-disable-next-line avoid-low-level-calls
        (done, result) = to.call{value: msg.value}(data);
        if (!done) revert CallFailed(result);
    }

    /// @notice Fixes what happens when ETH comes in; `to` and `data` are what a re-entering wallet calls then.
    function prepare(Welcome kind, address to, bytes calldata data) external {
        (welcome, target, again) = (kind, to, data);
    }
}
