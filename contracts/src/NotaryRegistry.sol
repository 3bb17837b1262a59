// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "./INotaryRegistry.sol";

/// @title Registry of the tree heads of append-only transparency logs
/// @dev Storage is part of what the registry promises, since it can be proven to others: see docs/spec/registry.md.
contract NotaryRegistry is INotaryRegistry {
    /// @dev One slot. All that anchoring needs to read and to change of a log.
    struct Log {
        address operator;
        uint48 size;
        uint48 time;
    }

    /// @dev Apart from {Log}, so that anchoring does not touch it.
    struct Admin {
        address admin;
        address pendingAdmin;
    }

    /// @dev One slot, written once. A block number is never 0 here, so it tells a point from an empty slot on any chain.
    struct Point {
        uint48 time;
        uint48 prevSize;
        uint64 blockNumber;
    }

    mapping(bytes32 logId => Log log) private _logs;
    mapping(bytes32 logId => Admin admin) private _admins;
    mapping(bytes32 logId => mapping(uint256 size => mapping(bytes32 root => Point point))) private _points;

    modifier onlyAdmin(bytes32 logId) {
        // An id that was never registered has the zero address as admin, which can call in a simulation only.
        if (msg.sender != _admins[logId].admin || msg.sender == address(0)) revert CallerIsNotAdmin(logId, msg.sender);
        _;
    }

    /// @inheritdoc INotaryRegistry
    function register(string calldata origin, address operator) external returns (bytes32 logId) {
        if (operator == address(0)) revert InvalidOperator(operator);
        logId = keccak256(abi.encode(msg.sender, origin));
        if (_admins[logId].admin != address(0)) revert LogAlreadyRegistered(logId, msg.sender);
        _admins[logId].admin = msg.sender;
        _logs[logId].operator = operator;
        emit LogRegistered(logId, msg.sender, operator, origin);
    }

    /// @inheritdoc INotaryRegistry
    function setOperator(bytes32 logId, address operator) external onlyAdmin(logId) {
        address previousOperator = _logs[logId].operator;
        _logs[logId].operator = operator;
        emit OperatorChanged(logId, previousOperator, operator);
    }

    /// @inheritdoc INotaryRegistry
    function proposeAdmin(bytes32 logId, address pendingAdmin) external onlyAdmin(logId) {
        _admins[logId].pendingAdmin = pendingAdmin;
        emit AdminProposed(logId, msg.sender, pendingAdmin);
    }

    /// @inheritdoc INotaryRegistry
    function acceptAdmin(bytes32 logId) external {
        Admin storage admin = _admins[logId];
        if (msg.sender != admin.pendingAdmin || msg.sender == address(0)) {
            revert CallerIsNotPendingAdmin(logId, msg.sender);
        }
        address previousAdmin = admin.admin;
        admin.admin = msg.sender;
        admin.pendingAdmin = address(0);
        emit AdminChanged(logId, previousAdmin, msg.sender);
    }

    /// @inheritdoc INotaryRegistry
    function anchor(bytes32 logId, uint256 size, bytes32 root) external {
        Log storage log = _logs[logId];
        if (msg.sender != log.operator || msg.sender == address(0)) revert CallerIsNotOperator(logId, msg.sender);

        Point storage point = _points[logId][size][root];
        uint256 prevSize = log.size;
        if (point.blockNumber != 0) {
            prevSize = point.prevSize;
        } else {
            if (size <= prevSize) revert SizeNotIncreased(logId, prevSize, size);
            if (size > type(uint48).max) revert SizeTooLarge(size);
            if (root == 0) revert InvalidRoot(root);
            if (block.timestamp > type(uint48).max) revert TimestampTooLarge(block.timestamp);
            // forge-lint: disable-start(unsafe-typecast) -- every value was compared with the maximum just above, but for
            // the block number, of which 2^64 will not be reached.
            point.time = uint48(block.timestamp);
            point.prevSize = uint48(prevSize);
            point.blockNumber = uint64(block.number);
            log.size = uint48(size);
            log.time = uint48(block.timestamp);
            // forge-lint: disable-end(unsafe-typecast)
        }
        emit Anchored(logId, size, root, prevSize);
    }

    /// @inheritdoc INotaryRegistry
    function head(bytes32 logId) external view returns (uint256 size, uint256 time) {
        Log storage log = _logs[logId];
        return (log.size, log.time);
    }

    /// @inheritdoc INotaryRegistry
    function anchored(bytes32 logId, uint256 size, bytes32 root)
        external
        view
        returns (uint256 time, uint256 prevSize, uint256 blockNumber)
    {
        Point storage point = _points[logId][size][root];
        return (point.time, point.prevSize, point.blockNumber);
    }

    /// @inheritdoc INotaryRegistry
    function operatorOf(bytes32 logId) external view returns (address operator) {
        return _logs[logId].operator;
    }

    /// @inheritdoc INotaryRegistry
    function adminOf(bytes32 logId) external view returns (address admin, address pendingAdmin) {
        return (_admins[logId].admin, _admins[logId].pendingAdmin);
    }

    /// @inheritdoc INotaryRegistry
    function verifyInclusion(
        bytes32 logId,
        uint256 size,
        bytes32 root,
        uint256 index,
        bytes32 leafHash,
        bytes32[] calldata proof
    ) external view returns (uint256 time, uint256 blockNumber) {
        Point storage point = _points[logId][size][root];
        (time, blockNumber) = (point.time, point.blockNumber);
        if (blockNumber == 0) revert NotAnchored(logId, size, root);
        if (index >= size) revert IndexOutOfRange(index, size);

        bytes32 computed = _rootFromInclusion(size, index, leafHash, proof);
        if (computed != root) revert RootMismatch(computed, root);
    }

    /// @dev Climbs from leaf `index` to the root of a tree of `size` leaves. `index` is less than `size`.
    ///
    /// On each level `last` is the number of the rightmost node. A node with an odd number has its sibling to the left; one
    /// with an even number has it to the right, unless it is itself the last: then it has none, and stands unchanged one
    /// level up.
    function _rootFromInclusion(uint256 size, uint256 index, bytes32 leafHash, bytes32[] calldata proof)
        private
        pure
        returns (bytes32 node)
    {
        uint256 expected = _proofLength(size, index);
        if (proof.length != expected) revert InvalidProofLength(proof.length, expected);

        node = leafHash;
        uint256 used = 0;
        for (uint256 last = size - 1; last != 0; last >>= 1) {
            if (index & 1 == 1) {
                node = _nodeHash(proof[used++], node);
            } else if (index != last) {
                node = _nodeHash(node, proof[used++]);
            }
            index >>= 1;
        }
    }

    /// @dev Number of siblings on the way from leaf `index` to the root of a tree of `size` leaves.
    function _proofLength(uint256 size, uint256 index) private pure returns (uint256 length) {
        for (uint256 last = size - 1; last != 0; last >>= 1) {
            if (index & 1 == 1 || index != last) ++length;
            index >>= 1;
        }
    }

    /// @dev SHA-256(0x01 || left || right), RFC 6962, section 2.1. `sha256` calls the precompiled contract 0x02.
    function _nodeHash(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
