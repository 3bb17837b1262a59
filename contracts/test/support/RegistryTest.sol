// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../../src/INotaryRegistry.sol";
import {NotaryRegistry} from "../../src/NotaryRegistry.sol";
import {vm} from "./Vm.sol";

/// @dev A registry with one registered log, and the accounts around it.
abstract contract RegistryTest {
    string internal constant ORIGIN = "notary.example/log/2026";
    uint256 internal constant MAX_SIZE = 2 ** 48 - 1;

    address internal immutable ADMIN = account("admin");
    address internal immutable OPERATOR = account("operator");
    address internal immutable STRANGER = account("stranger");

    INotaryRegistry internal registry;
    bytes32 internal logId;

    function setUp() public virtual {
        vm.warp(1_767_225_600);
        vm.roll(1000);
        registry = new NotaryRegistry();
        vm.prank(ADMIN);
        logId = registry.register(ORIGIN, OPERATOR);
    }

    function account(string memory name) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes(name)))));
    }

    /// @dev Anchors as the operator.
    function anchor(uint256 size, bytes32 root) internal {
        vm.prank(OPERATOR);
        registry.anchor(logId, size, root);
    }

    function expectEvent() internal {
        vm.expectEmit(true, true, true, true, address(registry));
    }

    function assertHead(bytes32 id, uint256 size, uint256 time) internal view {
        (uint256 actualSize, uint256 actualTime) = registry.head(id);
        vm.assertEq(actualSize, size, "size of the head");
        vm.assertEq(actualTime, time, "time of the head");
    }

    function assertAnchored(bytes32 id, uint256 size, bytes32 root, uint256 time, uint256 prevSize, uint256 blockNumber)
        internal
        view
    {
        (uint256 actualTime, uint256 actualPrevSize, uint256 actualBlock) = registry.anchored(id, size, root);
        vm.assertEq(actualTime, time, "time of the anchor");
        vm.assertEq(actualPrevSize, prevSize, "size before the anchor");
        vm.assertEq(actualBlock, blockNumber, "block of the anchor");
    }

    function assertAdmin(bytes32 id, address admin, address pendingAdmin) internal view {
        (address actualAdmin, address actualPendingAdmin) = registry.adminOf(id);
        vm.assertEq(actualAdmin, admin, "admin");
        vm.assertEq(actualPendingAdmin, pendingAdmin, "pending admin");
    }

    /// @dev `value` brought into [low, high], every value of which stays reachable.
    function between(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return value >= low && value <= high ? value : low + value % (high - low + 1);
    }
}
