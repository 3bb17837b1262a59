// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NotaryRegistry} from "../src/NotaryRegistry.sol";
import {RegistryHandler} from "./support/RegistryHandler.sol";
import {vm} from "./support/Vm.sol";

/// @dev What holds of three logs of one registry whatever five accounts do to them in whatever order.
contract InvariantsTest {
    /// @dev As forge expects it from {targetSelectors}.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    NotaryRegistry private _registry;
    RegistryHandler private _handler;

    function setUp() public {
        vm.warp(1_767_225_600);
        vm.roll(1000);
        _registry = new NotaryRegistry();
        _handler = new RegistryHandler(_registry);
    }

    /// @dev Asked by forge: the contracts to call.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Asked by forge: the functions of them to call.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), _handler.actions());
    }

    function invariant_sizesNeverDecrease() public view {
        vm.assertEq(_handler.shrunkenHeads(), 0, "a head shrank");
        vm.assertEq(_handler.sizesTakenOutOfOrder(), 0, "a size was taken that did not exceed the head");
        for (uint256 i = 0; i < 3; ++i) {
            RegistryHandler.Seen[] memory anchors = _handler.anchors(_handler.logIds(i));
            uint256 size = 0;
            uint256 time = 0;
            for (uint256 k = 0; k < anchors.length; ++k) {
                vm.assertTrue(anchors[k].size > size, "sizes do not increase");
                vm.assertTrue(anchors[k].time >= time, "times decrease");
                (size, time) = (anchors[k].size, anchors[k].time);
            }
            (uint256 headSize, uint256 headTime) = _registry.head(_handler.logIds(i));
            vm.assertEq(headSize, size, "the head is not the last anchor");
            vm.assertEq(headTime, time, "the head has another time than the last anchor");
        }
    }

    function invariant_anchorsNeverChange() public view {
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 id = _handler.logIds(i);
            RegistryHandler.Seen[] memory anchors = _handler.anchors(id);
            for (uint256 k = 0; k < anchors.length; ++k) {
                RegistryHandler.Seen memory seen = anchors[k];
                (uint256 time, uint256 prevSize, uint256 blockNumber) = _registry.anchored(id, seen.size, seen.root);
                vm.assertEq(time, seen.time, "the time of an anchor changed");
                vm.assertEq(prevSize, seen.prevSize, "the size before an anchor changed");
                vm.assertEq(blockNumber, seen.blockNumber, "the block of an anchor changed");
            }
        }
    }

    function invariant_onlyTheOperatorAnchors() public view {
        vm.assertEq(_handler.anchorsByOthers(), 0, "another than the operator anchored");
        vm.assertEq(_handler.refusalsOfTheOperator(), 0, "the operator could not anchor");
    }

    function invariant_onlyTheAdminChangesAndHandsOverInTwoSteps() public view {
        vm.assertEq(_handler.changesByOthersThanTheAdmin(), 0, "another than the admin changed something");
        vm.assertEq(_handler.adminsWithoutTwoSteps(), 0, "the admin changed otherwise than in two steps");
    }

    function invariant_anchoringAgainChangesNothing() public view {
        vm.assertEq(_handler.changesByAnchoringAgain(), 0, "anchoring again changed something");
    }

    function invariant_walkFromTheHeadReachesZeroThroughEveryAnchor() public view {
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 id = _handler.logIds(i);
            (uint256 size,) = _registry.head(id);
            uint256 steps = 0;
            while (size != 0) {
                (, uint256 prevSize, uint256 blockNumber) = _registry.anchored(id, size, _handler.rootAt(id, size));
                vm.assertTrue(blockNumber != 0, "the walk came to a size that is not anchored");
                vm.assertTrue(prevSize < size, "the walk does not go down");
                size = prevSize;
                ++steps;
            }
            vm.assertEq(steps, _handler.anchors(id).length, "the walk missed an anchor");
        }
    }

    /// @dev The invariants say nothing if nothing happens: actions in a made-up order do all that is to be seen.
    /// (Not an `afterInvariant`: that would also judge the shortened sequences by which forge explains a failure.)
    function test_actionsGetSomewhere() public {
        for (uint256 i = 0; i < 100; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            uint256 other = uint256(keccak256(abi.encode(random)));
            _handler.pass(uint16(random), uint8(other));
            _handler.anchorNext(random, uint32(other), bytes32(other));
            _handler.anchorAnything(random, other, int8(uint8(i)), bytes32(other));
            _handler.anchorAgain(random, other);
            _handler.setOperator(random, other, random >> 128);
            _handler.proposeAdmin(random, other, random >> 128);
            _handler.acceptAdmin(random, other);
            _handler.proposeAndAcceptAdmin(other, random);
        }
        vm.assertTrue(_handler.successes() > 50, "too few calls succeeded");
        vm.assertTrue(_handler.handOvers() > 50, "too few admins handed over");
        vm.assertTrue(_handler.repeats() > 50, "too few anchors were sent again");
        invariant_sizesNeverDecrease();
        invariant_anchorsNeverChange();
        invariant_onlyTheOperatorAnchors();
        invariant_onlyTheAdminChangesAndHandsOverInTwoSteps();
        invariant_anchoringAgainChangesNothing();
        invariant_walkFromTheHeadReachesZeroThroughEveryAnchor();
    }
}
