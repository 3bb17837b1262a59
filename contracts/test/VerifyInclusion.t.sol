// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../src/INotaryRegistry.sol";
import {ReferenceTree} from "./support/ReferenceTree.sol";
import {RegistryTest} from "./support/RegistryTest.sol";
import {vm} from "./support/Vm.sol";

/// @dev Inclusion proofs against trees built by the definition, and every way to get a proof wrong.
contract VerifyInclusionTest is RegistryTest {
    /// @dev A leaf of an anchored tree, with its proof.
    struct Case {
        uint256 size;
        bytes32 root;
        uint256 index;
        bytes32 leafHash;
        bytes32[] proof;
    }

    function test_verifyInclusion_returnsWhenTheTreeWasAnchored() public {
        Case memory c = _anchoredCase(1, 11, 10);
        vm.warp(block.timestamp + 1000);
        vm.roll(block.number + 10);
        (uint256 time, uint256 blockNumber) =
            registry.verifyInclusion(logId, c.size, c.root, c.index, c.leafHash, c.proof);
        vm.assertEq(time, 1_767_225_600);
        vm.assertEq(blockNumber, 1000);
    }

    function test_verifyInclusion_holdsForEveryLeafOfEverySmallTree() public {
        bytes32[] memory hashes = ReferenceTree.leaves(2, 33);
        for (uint256 size = 1; size <= 33; ++size) {
            bytes32 root = ReferenceTree.root(hashes, 0, size);
            anchor(size, root);
            for (uint256 index = 0; index < size; ++index) {
                bytes32[] memory proof = ReferenceTree.path(hashes, index, 0, size);
                registry.verifyInclusion(logId, size, root, index, hashes[index], proof);
            }
        }
    }

    function test_verifyInclusion_provesOldHeadsAfterNewOnes() public {
        Case memory c = _anchoredCase(3, 5, 4);
        anchor(6, "later");
        registry.verifyInclusion(logId, c.size, c.root, c.index, c.leafHash, c.proof);
    }

    function test_verifyInclusion_climbsTheLargestTree() public {
        // Leaf 0 of a tree of 2^48 - 1 has 48 siblings; the last leaf, whose number has 47 ones, as many as ones.
        bytes32[] memory proof = ReferenceTree.leaves(4, 48);
        bytes32 node = "leaf";
        for (uint256 i = 0; i < 48; ++i) {
            node = sha256(abi.encodePacked(bytes1(0x01), node, proof[i]));
        }
        anchor(MAX_SIZE, node);
        registry.verifyInclusion(logId, MAX_SIZE, node, 0, "leaf", proof);
        _expectInvalidProofLength(48, 47);
        registry.verifyInclusion(logId, MAX_SIZE, node, MAX_SIZE - 1, "leaf", proof);
    }

    function testFuzz_verifyInclusion_agreesWithTheDefinition(uint256 seed, uint256 size, uint256 index) public {
        Case memory c = _fuzzedCase(seed, size, index);
        (uint256 time, uint256 blockNumber) =
            registry.verifyInclusion(logId, c.size, c.root, c.index, c.leafHash, c.proof);
        vm.assertEq(time, block.timestamp);
        vm.assertEq(blockNumber, block.number);
    }

    function testFuzz_verifyInclusion_revertsUnlessAnchored(uint256 seed, uint256 size, uint256 index, uint256 other)
        public
    {
        Case memory c = _fuzzedCase(seed, size, index);
        _expectNotAnchored(logId, c.size, bytes32(other));
        vm.assume(bytes32(other) != c.root);
        registry.verifyInclusion(logId, c.size, bytes32(other), c.index, c.leafHash, c.proof);

        vm.assume(other != c.size);
        _expectNotAnchored(logId, other, c.root);
        registry.verifyInclusion(logId, other, c.root, c.index, c.leafHash, c.proof);

        _expectNotAnchored(bytes32(other), c.size, c.root);
        registry.verifyInclusion(bytes32(other), c.size, c.root, c.index, c.leafHash, c.proof);
    }

    function testFuzz_verifyInclusion_revertsForAnIndexOutOfRange(uint256 seed, uint256 size, uint256 index) public {
        Case memory c = _fuzzedCase(seed, size, 0);
        index = between(index, c.size, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.IndexOutOfRange.selector, index, c.size));
        registry.verifyInclusion(logId, c.size, c.root, index, c.leafHash, c.proof);
    }

    function testFuzz_verifyInclusion_revertsForAnotherIndex(uint256 seed, uint256 size, uint256 index, uint256 other)
        public
    {
        Case memory c = _fuzzedCase(seed, size, index);
        other = between(other, 0, c.size - 1);
        vm.assume(other != c.index);
        _assertRefused(c.size, c.root, other, c.leafHash, c.proof);
    }

    function testFuzz_verifyInclusion_revertsForAFlippedBitOfTheProof(
        uint256 seed,
        uint256 size,
        uint256 index,
        uint256 position,
        uint8 bit
    ) public {
        Case memory c = _fuzzedCase(seed, size, index);
        vm.assume(c.proof.length > 0);
        c.proof[position % c.proof.length] ^= bytes32(uint256(1) << bit);
        _assertRootMismatch(c.size, c.root, c.index, c.leafHash, c.proof);
    }

    function testFuzz_verifyInclusion_revertsForAFlippedBitOfTheLeaf(
        uint256 seed,
        uint256 size,
        uint256 index,
        uint8 bit
    ) public {
        Case memory c = _fuzzedCase(seed, size, index);
        _assertRootMismatch(c.size, c.root, c.index, c.leafHash ^ bytes32(uint256(1) << bit), c.proof);
    }

    function testFuzz_verifyInclusion_revertsForSwappedSiblings(
        uint256 seed,
        uint256 size,
        uint256 index,
        uint256 position
    ) public {
        Case memory c = _fuzzedCase(seed, size, index);
        vm.assume(c.proof.length > 1);
        position %= c.proof.length - 1;
        (c.proof[position], c.proof[position + 1]) = (c.proof[position + 1], c.proof[position]);
        _assertRootMismatch(c.size, c.root, c.index, c.leafHash, c.proof);
    }

    function testFuzz_verifyInclusion_revertsForALongerProof(uint256 seed, uint256 size, uint256 index, bytes32 extra)
        public
    {
        Case memory c = _fuzzedCase(seed, size, index);
        bytes32[] memory proof = ReferenceTree.append(c.proof, extra);
        _expectInvalidProofLength(proof.length, c.proof.length);
        registry.verifyInclusion(logId, c.size, c.root, c.index, c.leafHash, proof);
    }

    function testFuzz_verifyInclusion_revertsForAShorterProof(uint256 seed, uint256 size, uint256 index) public {
        Case memory c = _fuzzedCase(seed, size, index);
        vm.assume(c.proof.length > 0);
        bytes32[] memory proof = ReferenceTree.withoutLast(c.proof);
        _expectInvalidProofLength(proof.length, c.proof.length);
        registry.verifyInclusion(logId, c.size, c.root, c.index, c.leafHash, proof);
    }

    /// @dev An inner node passed off as a leaf, with the rest of the way as its proof.
    function testFuzz_verifyInclusion_revertsForAnInnerNode(uint256 seed, uint256 size) public {
        Case memory c = _fuzzedCase(seed, between(size, 2, 48), 0);
        bytes32 node = sha256(abi.encodePacked(bytes1(0x01), c.leafHash, c.proof[0]));
        bytes32[] memory proof = new bytes32[](c.proof.length - 1);
        for (uint256 i = 0; i < proof.length; ++i) {
            proof[i] = c.proof[i + 1];
        }
        for (uint256 index = 0; index < c.size; ++index) {
            _assertRefused(c.size, c.root, index, node, proof);
        }
    }

    function _fuzzedCase(uint256 seed, uint256 size, uint256 index) private returns (Case memory) {
        size = between(size, 1, 48);
        return _anchoredCase(seed, size, between(index, 0, size - 1));
    }

    function _anchoredCase(uint256 seed, uint256 size, uint256 index) private returns (Case memory) {
        bytes32[] memory hashes = ReferenceTree.leaves(seed, size);
        bytes32 root = ReferenceTree.root(hashes, 0, size);
        anchor(size, root);
        return Case(size, root, index, hashes[index], ReferenceTree.path(hashes, index, 0, size));
    }

    function _assertRefused(uint256 size, bytes32 root, uint256 index, bytes32 leafHash, bytes32[] memory proof)
        private
        view
        returns (bytes4 selector)
    {
        try registry.verifyInclusion(logId, size, root, index, leafHash, proof) {
            vm.assertTrue(false, "a wrong proof was accepted");
        } catch (bytes memory reason) {
            selector = bytes4(reason);
            vm.assertTrue(
                selector == INotaryRegistry.RootMismatch.selector
                    || selector == INotaryRegistry.InvalidProofLength.selector,
                "refused for another reason"
            );
        }
    }

    function _assertRootMismatch(uint256 size, bytes32 root, uint256 index, bytes32 leafHash, bytes32[] memory proof)
        private
        view
    {
        bytes4 selector = _assertRefused(size, root, index, leafHash, proof);
        vm.assertTrue(selector == INotaryRegistry.RootMismatch.selector, "refused for its length");
    }

    function _expectNotAnchored(bytes32 id, uint256 size, bytes32 root) private {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.NotAnchored.selector, id, size, root));
    }

    function _expectInvalidProofLength(uint256 length, uint256 expected) private {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.InvalidProofLength.selector, length, expected));
    }
}
