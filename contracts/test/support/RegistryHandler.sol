// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../../src/INotaryRegistry.sol";
import {vm} from "./Vm.sol";

/// @dev What the invariant tests do to a registry, and what they saw of it while doing so. Forge calls the functions named
/// by {actions} in random order with random arguments.
///
/// The handler notes what the registry itself answers right after each success and never works out what it ought to
/// answer: the rules are written down once, in the invariants.
contract RegistryHandler {
    struct Seen {
        uint256 size;
        bytes32 root;
        uint256 time;
        uint256 prevSize;
        uint256 blockNumber;
    }

    uint256 private constant LOGS = 3;
    uint256 private constant ACTORS = 5;

    INotaryRegistry public immutable REGISTRY;

    bytes32[] public logIds;
    address[] public actors;

    /// @dev Every anchor of a log, in the order of its first success.
    mapping(bytes32 logId => Seen[] anchors) private _seen;
    mapping(bytes32 logId => mapping(uint256 size => bytes32 root)) public rootAt;

    /// @dev Wrongs that only show in the moment they happen.
    uint256 public anchorsByOthers;
    uint256 public refusalsOfTheOperator;
    uint256 public shrunkenHeads;
    uint256 public sizesTakenOutOfOrder;
    uint256 public changesByAnchoringAgain;
    uint256 public changesByOthersThanTheAdmin;
    uint256 public adminsWithoutTwoSteps;

    /// @dev That something happened at all.
    uint256 public successes;
    uint256 public handOvers;
    uint256 public repeats;

    constructor(INotaryRegistry registry) {
        REGISTRY = registry;
        for (uint160 i = 1; i <= ACTORS; ++i) {
            actors.push(address(0xAC7000 + i));
        }
        for (uint256 i = 0; i < LOGS; ++i) {
            // Two of the logs have one admin, and two have one origin.
            vm.prank(actors[i / 2]);
            logIds.push(registry.register(i == 0 ? "first" : "second", actors[i]));
        }
    }

    function actions() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](9);
        selectors[0] = this.anchorNext.selector;
        selectors[1] = this.anchorNext.selector; // twice as often
        selectors[2] = this.anchorAnything.selector;
        selectors[3] = this.anchorAgain.selector;
        selectors[4] = this.setOperator.selector;
        selectors[5] = this.proposeAdmin.selector;
        selectors[6] = this.acceptAdmin.selector;
        selectors[7] = this.proposeAndAcceptAdmin.selector;
        selectors[8] = this.pass.selector;
    }

    /// @dev Time goes by, or does not.
    function pass(uint16 time, uint8 blocks) external {
        vm.warp(block.timestamp + time);
        vm.roll(block.number + blocks);
    }

    /// @dev What an honest operator does; unless the log is suspended it must succeed.
    function anchorNext(uint256 log, uint32 step, bytes32 root) external {
        bytes32 id = logIds[log % LOGS];
        (uint256 size,) = REGISTRY.head(id);
        address operator = REGISTRY.operatorOf(id);
        if (operator == address(0) || root == 0) return;
        if (!_anchor(id, operator, size + 1 + step, root)) ++refusalsOfTheOperator;
    }

    /// @dev Anyone, with any size about the head, with a root that is often one that was used.
    function anchorAnything(uint256 log, uint256 actor, int8 step, bytes32 root) external {
        bytes32 id = logIds[log % LOGS];
        (uint256 head,) = REGISTRY.head(id);
        int256 size = int256(head) + step;
        if (size < 0) size = step;
        if (_seen[id].length > 0 && uint256(root) % 2 == 0) root = _pick(id, uint256(root)).root;
        _anchor(id, actors[actor % ACTORS], uint256(size), root);
    }

    /// @dev The operator sends an anchor again, of any age.
    function anchorAgain(uint256 log, uint256 which) external {
        bytes32 id = logIds[log % LOGS];
        address operator = REGISTRY.operatorOf(id);
        if (operator == address(0) || _seen[id].length == 0) return;
        Seen memory anchor = _pick(id, which);
        bytes32 before = _state(id);
        vm.record();
        vm.expectEmit(true, true, true, true, address(REGISTRY));
        emit INotaryRegistry.Anchored(id, anchor.size, anchor.root, anchor.prevSize);
        vm.prank(operator);
        REGISTRY.anchor(id, anchor.size, anchor.root);
        (, bytes32[] memory writes) = vm.accesses(address(REGISTRY));
        if (writes.length != 0 || _state(id) != before) ++changesByAnchoringAgain;
        ++repeats;
    }

    function setOperator(uint256 log, uint256 actor, uint256 operator) external {
        bytes32 id = logIds[log % LOGS];
        address caller = actors[actor % ACTORS];
        (address admin,) = REGISTRY.adminOf(id);
        // One index more than there are actors: the zero address.
        uint256 chosen = operator % (ACTORS + 1);
        vm.prank(caller);
        try REGISTRY.setOperator(id, chosen == ACTORS ? address(0) : actors[chosen]) {
            if (caller != admin) ++changesByOthersThanTheAdmin;
            ++successes;
        } catch {}
    }

    function proposeAdmin(uint256 log, uint256 actor, uint256 proposed) external {
        bytes32 id = logIds[log % LOGS];
        address caller = actors[actor % ACTORS];
        (address admin,) = REGISTRY.adminOf(id);
        uint256 chosen = proposed % (ACTORS + 1);
        vm.prank(caller);
        try REGISTRY.proposeAdmin(id, chosen == ACTORS ? address(0) : actors[chosen]) {
            if (caller != admin) ++changesByOthersThanTheAdmin;
            ++successes;
        } catch {}
        (address now_,) = REGISTRY.adminOf(id);
        if (now_ != admin) ++adminsWithoutTwoSteps;
    }

    function acceptAdmin(uint256 log, uint256 actor) external {
        _accept(logIds[log % LOGS], actors[actor % ACTORS]);
    }

    /// @dev The whole hand-over, which random calls alone seldom get to.
    function proposeAndAcceptAdmin(uint256 log, uint256 next) external {
        bytes32 id = logIds[log % LOGS];
        (address admin,) = REGISTRY.adminOf(id);
        vm.prank(admin);
        REGISTRY.proposeAdmin(id, actors[next % ACTORS]);
        _accept(id, actors[next % ACTORS]);
    }

    function anchors(bytes32 id) external view returns (Seen[] memory) {
        return _seen[id];
    }

    function _accept(bytes32 id, address caller) private {
        (address admin, address pending) = REGISTRY.adminOf(id);
        vm.prank(caller);
        try REGISTRY.acceptAdmin(id) {
            (address now_, address stillPending) = REGISTRY.adminOf(id);
            if (caller != pending || now_ != caller || stillPending != address(0)) ++adminsWithoutTwoSteps;
            ++handOvers;
        } catch {
            (address now_,) = REGISTRY.adminOf(id);
            if (now_ != admin) ++adminsWithoutTwoSteps;
        }
    }

    function _anchor(bytes32 id, address caller, uint256 size, bytes32 root) private returns (bool done) {
        (uint256 headBefore,) = REGISTRY.head(id);
        address operator = REGISTRY.operatorOf(id);
        (,, uint256 known) = REGISTRY.anchored(id, size, root);
        vm.prank(caller);
        try REGISTRY.anchor(id, size, root) {
            done = true;
            ++successes;
            if (caller != operator) ++anchorsByOthers;
        } catch {}
        (uint256 headAfter,) = REGISTRY.head(id);
        if (headAfter < headBefore) ++shrunkenHeads;
        if (!done || known != 0) return done;

        if (size <= headBefore || headAfter != size) ++sizesTakenOutOfOrder;
        (uint256 time, uint256 prevSize, uint256 blockNumber) = REGISTRY.anchored(id, size, root);
        _seen[id].push(Seen(size, root, time, prevSize, blockNumber));
        rootAt[id][size] = root;
    }

    function _pick(bytes32 id, uint256 which) private view returns (Seen memory) {
        return _seen[id][which % _seen[id].length];
    }

    /// @dev All that the registry tells of a log, but for its older anchors.
    function _state(bytes32 id) private view returns (bytes32) {
        (uint256 size, uint256 time) = REGISTRY.head(id);
        (address admin, address pending) = REGISTRY.adminOf(id);
        return keccak256(abi.encode(size, time, admin, pending, REGISTRY.operatorOf(id)));
    }
}
