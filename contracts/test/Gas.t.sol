// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RegistryTest} from "./support/RegistryTest.sol";
import {vm} from "./support/Vm.sol";

/// @dev What one anchor costs as a transaction of its own, in the steady state: the log has an anchor already.
contract GasTest is RegistryTest {
    /// @dev The aim of the project. What it is on a node is measured in tests/node.
    uint256 private constant LIMIT = 53_000;

    /// @dev forge prints events of this name with -vv.
    event log_named_uint(string what, uint256 gas);

    /// forge-config: default.isolate = true
    function test_gas_anchorStaysUnderTheLimit() public {
        bytes32 root = sha256("root");
        anchor(1, root);
        uint256 gas = _anchorGas(70_000, root);
        emit log_named_uint("anchor", gas);
        vm.assertLe(gas, LIMIT, "gas of an anchor");

        gas = _anchorGas(70_000, root);
        emit log_named_uint("anchor again", gas);
        vm.assertLe(gas, 30_000, "gas of an anchor sent again");

        // Not one zero byte where there need be none: the dearest anchor there can be.
        gas = _anchorGas(MAX_SIZE, bytes32(type(uint256).max));
        emit log_named_uint("dearest anchor", gas);
        vm.assertLe(gas, LIMIT, "gas of the dearest anchor");
    }

    /// @dev Gas of the last call, which was a transaction of its own.
    function _anchorGas(uint256 size, bytes32 root) private returns (uint256) {
        anchor(size, root);
        return vm.lastCallGas().gasTotalUsed;
    }
}
