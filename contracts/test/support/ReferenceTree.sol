// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The Merkle tree of RFC 6962, section 2.1, by the recursive definitions there: slow, and unlike the loop that it
/// is the measure of.
library ReferenceTree {
    /// @dev `count` leaf hashes that follow from `seed`.
    function leaves(uint256 seed, uint256 count) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            hashes[i] = sha256(abi.encodePacked(bytes1(0x00), seed, i));
        }
    }

    /// @dev MTH(D[low:high]), from leaf hashes.
    function root(bytes32[] memory hashes, uint256 low, uint256 high) internal pure returns (bytes32) {
        if (high - low == 1) return hashes[low];
        uint256 middle = low + split(high - low);
        return sha256(abi.encodePacked(bytes1(0x01), root(hashes, low, middle), root(hashes, middle, high)));
    }

    /// @dev PATH(index - low, D[low:high]), with `index` counted from the first leaf of the whole tree.
    function path(bytes32[] memory hashes, uint256 index, uint256 low, uint256 high)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (high - low == 1) return new bytes32[](0);
        uint256 middle = low + split(high - low);
        return index < middle
            ? append(path(hashes, index, low, middle), root(hashes, middle, high))
            : append(path(hashes, index, middle, high), root(hashes, low, middle));
    }

    /// @dev The largest power of two below `count`, which is at least 2.
    function split(uint256 count) internal pure returns (uint256 power) {
        power = 1;
        while (power * 2 < count) power *= 2;
    }

    function append(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }

    function withoutLast(bytes32[] memory list) internal pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](list.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = list[i];
        }
    }
}
