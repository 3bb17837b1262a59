// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of the tree heads of append-only transparency logs
/// @notice A log is an RFC 6962 Merkle tree that only grows. Its operator anchors the heads of that tree here, each one a
/// pair of size and root. An anchor proves that the tree with this root existed no later than the time of its block. It
/// says nothing about whether what was logged is true, or who wrote it.
/// @dev There is no owner, no upgrade and no way to change or remove an anchor. Sizes of a log strictly increase, every
/// anchor stays in storage and names the size anchored before it, so that a missing event is noticed. One registry serves
/// any number of logs; they share nothing.
///
/// Every integer is a uint256 in this interface, whatever its width in storage.
interface INotaryRegistry {
    /// @notice A log was registered. `admin` is the account that registered it and `logId` depends on it.
    event LogRegistered(bytes32 indexed logId, address indexed admin, address operator, string origin);

    /// @notice The account that may anchor changed. The zero address means that nobody may.
    event OperatorChanged(bytes32 indexed logId, address previousOperator, address newOperator);

    /// @notice The admin proposed another admin, or withdrew its proposal by proposing the zero address.
    event AdminProposed(bytes32 indexed logId, address admin, address pendingAdmin);

    /// @notice The proposed admin accepted.
    event AdminChanged(bytes32 indexed logId, address previousAdmin, address newAdmin);

    /// @notice The tree head (`size`, `root`) is anchored. `prevSize` is the size anchored before it, 0 for the first.
    /// @dev Emitted again, with the same values, when the operator anchors the same head again. The earliest event is the
    /// one that dates the anchor; {anchored} returns that date in any case.
    event Anchored(bytes32 indexed logId, uint256 size, bytes32 root, uint256 prevSize);

    /// @notice `admin` has registered `logId` before.
    error LogAlreadyRegistered(bytes32 logId, address admin);

    /// @notice `caller` is not the operator of `logId`, or nobody is: it is suspended or was never registered.
    error CallerIsNotOperator(bytes32 logId, address caller);

    /// @notice `caller` is not the admin of `logId`, or nobody is: it was never registered.
    error CallerIsNotAdmin(bytes32 logId, address caller);

    /// @notice `caller` is not the account proposed as admin of `logId`, or none is proposed.
    error CallerIsNotPendingAdmin(bytes32 logId, address caller);

    /// @notice A log cannot be registered with `operator`.
    error InvalidOperator(address operator);

    /// @notice `size` does not exceed `headSize`, the latest anchored size, and this pair of size and root is not one that
    /// was anchored before. Where both are equal the log has another root at this size, or has no anchor and the size is 0.
    error SizeNotIncreased(bytes32 logId, uint256 headSize, uint256 size);

    /// @notice `size` is above 2^48 - 1.
    error SizeTooLarge(uint256 size);

    /// @notice The block's `timestamp` is above 2^48 - 1. Such a chain counts nanoseconds, and cannot be used.
    error TimestampTooLarge(uint256 timestamp);

    /// @notice No tree hashes to `root`: it is zero, which is what a variable holds that was never set.
    error InvalidRoot(bytes32 root);

    /// @notice This pair of size and root was never anchored for this log.
    error NotAnchored(bytes32 logId, uint256 size, bytes32 root);

    /// @notice A tree of `size` leaves has no leaf number `index`; they count from 0.
    error IndexOutOfRange(uint256 index, uint256 size);

    /// @notice The proof holds `length` hashes, where leaf `index` of a tree of `size` leaves takes `expected`.
    error InvalidProofLength(uint256 length, uint256 expected);

    /// @notice The proof leads to `computed`, not to `root`.
    error RootMismatch(bytes32 computed, bytes32 root);

    /// @notice Registers a log under the caller, who becomes its admin.
    /// @dev Since the caller is part of the id, nobody can take the id of another. The registry does not look at `origin`
    /// beyond hashing it: what an origin may be is the log's own matter.
    ///
    /// Emits {LogRegistered}. Reverts with {InvalidOperator} if `operator` is the zero address, and with
    /// {LogAlreadyRegistered} if the caller has registered `origin` before.
    /// @param origin The name that the checkpoints of the log carry in their first line.
    /// @param operator The account that may anchor: an online key, apart from the admin's.
    /// @return logId keccak256(abi.encode(caller, origin)).
    function register(string calldata origin, address operator) external returns (bytes32 logId);

    /// @notice Replaces the account that may anchor, or suspends the log with the zero address.
    /// @dev Emits {OperatorChanged}. Reverts with {CallerIsNotAdmin} for any caller but the admin.
    function setOperator(bytes32 logId, address operator) external;

    /// @notice First step of a hand-over: names the account that may become admin. A second proposal replaces the first,
    /// and the zero address withdraws it. The caller stays admin until the other side accepts.
    /// @dev Emits {AdminProposed}. Reverts with {CallerIsNotAdmin} for any caller but the admin.
    function proposeAdmin(bytes32 logId, address pendingAdmin) external;

    /// @notice Second step of a hand-over: the proposed account becomes admin.
    /// @dev Emits {AdminChanged}. Reverts with {CallerIsNotPendingAdmin} for any caller but the proposed account.
    function acceptAdmin(bytes32 logId) external;

    /// @notice Anchors the tree head (`size`, `root`) of a log, once and for ever.
    /// @dev A head that is anchored already, be it the latest or an older one, is emitted again as it was, and nothing
    /// changes: so sending the same anchor twice is harmless. Otherwise `size` must exceed every size anchored before.
    ///
    /// Emits {Anchored}. Reverts with {CallerIsNotOperator} for any caller but the operator, with {SizeNotIncreased}, with
    /// {SizeTooLarge}, with {InvalidRoot} and with {TimestampTooLarge}.
    function anchor(bytes32 logId, uint256 size, bytes32 root) external;

    /// @notice The latest anchor of a log: its size and the time of its block, both 0 if there is none.
    /// @dev The root is not returned, because keeping it where it can be found by size alone would cost each anchor a
    /// tenth more gas. Whoever knows the log has the root for that size, and asks {anchored} whether it is the one.
    function head(bytes32 logId) external view returns (uint256 size, uint256 time);

    /// @notice When the tree head (`size`, `root`) was anchored.
    /// @return time Timestamp of the block that anchored it first, in the chain's own unit; 0 if it never was.
    /// @return prevSize Size anchored before it, 0 if it is the first.
    /// @return blockNumber Number of the block that anchored it first; 0 if it never was.
    function anchored(bytes32 logId, uint256 size, bytes32 root)
        external
        view
        returns (uint256 time, uint256 prevSize, uint256 blockNumber);

    /// @notice The account that may anchor, or the zero address if nobody may.
    function operatorOf(bytes32 logId) external view returns (address operator);

    /// @notice The admin of a log and the account proposed as the next one, or zero addresses if there is none.
    function adminOf(bytes32 logId) external view returns (address admin, address pendingAdmin);

    /// @notice Checks that a leaf is in an anchored tree, by the inclusion proof of RFC 6962, section 2.1.1. It returns
    /// only if the proof holds; what it returns says when the leaf was in the log at the latest.
    /// @dev Reverts with {NotAnchored}, {IndexOutOfRange}, {InvalidProofLength} or {RootMismatch}. A call to an address
    /// without code does not revert, but it returns nothing either: empty data is not a confirmation.
    /// @param index Number of the leaf, counted from 0.
    /// @param leafHash SHA-256(0x00 || entry).
    /// @param proof Hashes of the siblings on the way from the leaf to the root, exactly as many as that way has.
    /// @return time As {anchored} returns it.
    /// @return blockNumber As {anchored} returns it.
    function verifyInclusion(
        bytes32 logId,
        uint256 size,
        bytes32 root,
        uint256 index,
        bytes32 leafHash,
        bytes32[] calldata proof
    ) external view returns (uint256 time, uint256 blockNumber);
}
