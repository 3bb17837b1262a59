// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../src/INotaryRegistry.sol";
import {RegistryTest} from "./support/RegistryTest.sol";
import {vm} from "./support/Vm.sol";

/// @dev Anchoring, and what is read of it.
contract AnchorTest is RegistryTest {
    function test_anchor_storesTheFirstHead() public {
        expectEvent();
        emit INotaryRegistry.Anchored(logId, 1, "root", 0);
        anchor(1, "root");
        assertHead(logId, 1, block.timestamp);
        assertAnchored(logId, 1, "root", block.timestamp, 0, block.number);
    }

    function test_anchor_chainsEachHeadToTheOneBefore() public {
        anchor(3, "a");
        vm.warp(block.timestamp + 60);
        vm.roll(block.number + 5);
        expectEvent();
        emit INotaryRegistry.Anchored(logId, 10, "b", 3);
        anchor(10, "b");

        assertHead(logId, 10, 1_767_225_660);
        assertAnchored(logId, 3, "a", 1_767_225_600, 0, 1000);
        assertAnchored(logId, 10, "b", 1_767_225_660, 3, 1005);
    }

    function test_anchor_takesOneRootAtSeveralSizes() public {
        anchor(3, "same");
        anchor(4, "same");
        assertAnchored(logId, 3, "same", block.timestamp, 0, block.number);
        assertAnchored(logId, 4, "same", block.timestamp, 3, block.number);
    }

    function test_anchor_takesSeveralHeadsInOneBlock() public {
        for (uint256 size = 1; size <= 5; ++size) {
            anchor(size, bytes32(size));
            assertAnchored(logId, size, bytes32(size), block.timestamp, size - 1, block.number);
        }
    }

    function test_anchor_ofTheLatestHeadAgainEmitsAndChangesNothing() public {
        anchor(3, "a");
        anchor(10, "b");
        _anchorAgain(10, "b", 3);
    }

    function test_anchor_ofAnOlderHeadAgainEmitsItsOwnPrevSizeAndChangesNothing() public {
        anchor(3, "a");
        anchor(10, "b");
        anchor(11, "c");
        _anchorAgain(3, "a", 0);
        _anchorAgain(10, "b", 3);
        assertHead(logId, 11, 1_767_225_600);
    }

    function test_anchor_revertsForAnotherRootAtTheSameSize() public {
        anchor(3, "a");
        _expectSizeNotIncreased(3, 3);
        anchor(3, "b");
    }

    function test_anchor_revertsForAnotherRootAtAnOlderSize() public {
        anchor(3, "a");
        anchor(4, "b");
        _expectSizeNotIncreased(4, 3);
        anchor(3, "b");
    }

    function test_anchor_revertsForSizeZero() public {
        _expectSizeNotIncreased(0, 0);
        anchor(0, "root");
        anchor(1, "root");
        _expectSizeNotIncreased(1, 0);
        anchor(0, "root");
    }

    function test_anchor_takesTheLargestSizeAndThenNothingMore() public {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.SizeTooLarge.selector, MAX_SIZE + 1));
        anchor(MAX_SIZE + 1, "root");
        anchor(MAX_SIZE, "root");
        assertHead(logId, MAX_SIZE, block.timestamp);
        assertAnchored(logId, MAX_SIZE, "root", block.timestamp, 0, block.number);

        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.SizeTooLarge.selector, MAX_SIZE + 1));
        anchor(MAX_SIZE + 1, "root");
        _expectSizeNotIncreased(MAX_SIZE, MAX_SIZE);
        anchor(MAX_SIZE, "other");
    }

    function testFuzz_anchor_revertsForTooLargeSizes(uint256 size) public {
        size = between(size, MAX_SIZE + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.SizeTooLarge.selector, size));
        anchor(size, "root");
    }

    function test_anchor_revertsForZeroRoot() public {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.InvalidRoot.selector, bytes32(0)));
        anchor(1, 0);
        assertHead(logId, 0, 0);
    }

    function test_anchor_revertsWhereTheChainCountsNanoseconds() public {
        uint256 last = 2 ** 48 - 1;
        vm.warp(last);
        anchor(1, "a");
        assertHead(logId, 1, last);
        vm.warp(last + 1);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.TimestampTooLarge.selector, last + 1));
        anchor(2, "b");
    }

    function test_anchor_keepsLogsApart() public {
        vm.prank(STRANGER);
        bytes32 other = registry.register(ORIGIN, STRANGER);
        anchor(10, "root");
        assertHead(other, 0, 0);
        assertAnchored(other, 10, "root", 0, 0, 0);
        vm.prank(STRANGER);
        registry.anchor(other, 2, "root");
        assertHead(logId, 10, block.timestamp);
        assertAnchored(logId, 2, "root", 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, other, OPERATOR));
        vm.prank(OPERATOR);
        registry.anchor(other, 3, "root");
    }

    function test_anchor_writesTwoSlotsAndReadsNoAdmin() public {
        anchor(1, "a");
        vm.record();
        anchor(2, "b");
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(registry));
        bytes32 log = keccak256(abi.encode(logId, uint256(0)));
        bytes32 point = keccak256(abi.encode(bytes32("b"), keccak256(abi.encode(2, keccak256(abi.encode(logId, 2))))));
        for (uint256 i = 0; i < reads.length; ++i) {
            vm.assertTrue(reads[i] == log || reads[i] == point, "anchoring reads another slot");
        }
        for (uint256 i = 0; i < writes.length; ++i) {
            vm.assertTrue(writes[i] == log || writes[i] == point, "anchoring writes another slot");
        }
        // The layout that docs/spec/registry.md promises to whoever proves storage: low bits first.
        vm.assertEq(
            vm.load(address(registry), log), bytes32(uint256(uint160(OPERATOR)) | 2 << 160 | block.timestamp << 208)
        );
        vm.assertEq(vm.load(address(registry), point), bytes32(block.timestamp | 1 << 48 | block.number << 96));
    }

    function testFuzz_anchor_revertsForAnyoneButTheOperator(address caller, uint256 size, bytes32 root) public {
        vm.assume(caller != OPERATOR);
        anchor(5, "root");
        bytes memory reason = abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, logId, caller);
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.anchor(logId, size, root);
        // Not even what is anchored already may be emitted again by another, the admin included.
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.anchor(logId, 5, "root");
    }

    function test_anchor_revertsForTheAdmin() public {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, logId, ADMIN));
        vm.prank(ADMIN);
        registry.anchor(logId, 1, "root");
    }

    function testFuzz_anchor_revertsForUnregisteredLog(bytes32 id, address caller, uint256 size, bytes32 root) public {
        vm.assume(id != logId);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, id, caller));
        vm.prank(caller);
        registry.anchor(id, size, root);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, id, address(0)));
        vm.prank(address(0));
        registry.anchor(id, size, root);
    }

    function testFuzz_anchor_takesWhatIncreasesAndNothingElse(uint256 size, uint256 next, bytes32 a, bytes32 b) public {
        vm.assume(a != 0 && b != 0);
        size = between(size, 1, MAX_SIZE);
        next = between(next, 0, MAX_SIZE);
        vm.assume(next != size || a != b);
        anchor(size, a);
        bool increases = next > size;
        if (!increases) _expectSizeNotIncreased(size, next);
        anchor(next, b);

        assertHead(logId, increases ? next : size, block.timestamp);
        assertAnchored(logId, size, a, block.timestamp, 0, block.number);
        if (increases) assertAnchored(logId, next, b, block.timestamp, size, block.number);
        else assertAnchored(logId, next, b, 0, 0, 0);
    }

    function testFuzz_anchor_remembersEveryHead(uint256 seed, uint8 count) public {
        uint256 time = block.timestamp;
        uint256 number = block.number;
        uint256 size = 0;
        for (uint256 i = 0; i < count % 16; ++i) {
            uint256 step = 1 + uint256(keccak256(abi.encode(seed, i))) % 2 ** 40;
            vm.warp(time + 7 * i);
            vm.roll(number + i);
            anchor(size + step, keccak256(abi.encode(i)));
            size += step;
        }
        uint256 prevSize = 0;
        for (uint256 i = 0; i < count % 16; ++i) {
            size = prevSize + 1 + uint256(keccak256(abi.encode(seed, i))) % 2 ** 40;
            assertAnchored(logId, size, keccak256(abi.encode(i)), time + 7 * i, prevSize, number + i);
            prevSize = size;
        }
    }

    function testFuzz_anchored_isZeroForWhatWasNeverAnchored(bytes32 id, uint256 size, bytes32 root) public {
        anchor(5, "root");
        vm.assume(id != logId || size != 5 || root != "root");
        assertAnchored(id, size, root, 0, 0, 0);
    }

    function testFuzz_views_areZeroForUnregisteredLogs(bytes32 id) public view {
        vm.assume(id != logId);
        assertHead(id, 0, 0);
        assertAdmin(id, address(0), address(0));
        vm.assertEq(registry.operatorOf(id), address(0));
    }

    /// @dev Anchors what is anchored, later and in another block: the event is as it was, and no slot is written.
    function _anchorAgain(uint256 size, bytes32 root, uint256 prevSize) private {
        (uint256 time,, uint256 number) = registry.anchored(logId, size, root);
        vm.warp(block.timestamp + 60);
        vm.roll(block.number + 5);
        vm.record();
        expectEvent();
        emit INotaryRegistry.Anchored(logId, size, root, prevSize);
        anchor(size, root);
        (, bytes32[] memory writes) = vm.accesses(address(registry));
        vm.assertEq(writes.length, 0, "slots written");
        assertAnchored(logId, size, root, time, prevSize, number);
    }

    function _expectSizeNotIncreased(uint256 headSize, uint256 size) private {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.SizeNotIncreased.selector, logId, headSize, size));
    }
}
