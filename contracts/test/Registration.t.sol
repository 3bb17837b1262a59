// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../src/INotaryRegistry.sol";
import {RegistryTest} from "./support/RegistryTest.sol";
import {vm} from "./support/Vm.sol";

/// @dev Registering, the operator, and the hand-over of the admin's role.
contract RegistrationTest is RegistryTest {
    address internal immutable NEXT = account("next admin");

    // ------------------------------------------------------------------------------------------------- register

    function test_register_storesCallerAsAdminAndGivenOperator() public view {
        vm.assertEq(logId, keccak256(abi.encode(ADMIN, ORIGIN)));
        vm.assertEq(registry.operatorOf(logId), OPERATOR);
        assertAdmin(logId, ADMIN, address(0));
        assertHead(logId, 0, 0);
    }

    function test_register_emitsLogRegistered() public {
        bytes32 id = keccak256(abi.encode(STRANGER, "other"));
        expectEvent();
        emit INotaryRegistry.LogRegistered(id, STRANGER, OPERATOR, "other");
        vm.prank(STRANGER);
        registry.register("other", OPERATOR);
    }

    function test_register_revertsTheSecondTime() public {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.LogAlreadyRegistered.selector, logId, ADMIN));
        vm.prank(ADMIN);
        registry.register(ORIGIN, STRANGER);
        vm.assertEq(registry.operatorOf(logId), OPERATOR);
    }

    function test_register_revertsTheSecondTimeAlsoAfterHandOverAndSuspension() public {
        _handOverTo(NEXT);
        vm.prank(NEXT);
        registry.setOperator(logId, address(0));
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.LogAlreadyRegistered.selector, logId, ADMIN));
        vm.prank(ADMIN);
        registry.register(ORIGIN, ADMIN);
    }

    function test_register_revertsForZeroOperator() public {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.InvalidOperator.selector, address(0)));
        vm.prank(ADMIN);
        registry.register("other", address(0));
    }

    function test_register_givesEachCallerItsOwnLogForOneOrigin() public {
        vm.prank(STRANGER);
        bytes32 id = registry.register(ORIGIN, STRANGER);
        vm.assertTrue(id != logId, "two callers share a log");
        assertAdmin(logId, ADMIN, address(0));
        assertAdmin(id, STRANGER, address(0));
    }

    function testFuzz_register_idIsHashOfCallerAndOrigin(address caller, string calldata origin, address operator)
        public
    {
        vm.assume(caller != address(0) && operator != address(0));
        bytes32 id = keccak256(abi.encode(caller, origin));
        vm.assume(id != logId);
        expectEvent();
        emit INotaryRegistry.LogRegistered(id, caller, operator, origin);
        vm.prank(caller);
        vm.assertEq(registry.register(origin, operator), id);
        vm.assertEq(registry.operatorOf(id), operator);
        assertAdmin(id, caller, address(0));
    }

    // ---------------------------------------------------------------------------------------------- setOperator

    function test_setOperator_replacesOperatorAndKeepsAnchors() public {
        anchor(7, "root");
        expectEvent();
        emit INotaryRegistry.OperatorChanged(logId, OPERATOR, NEXT);
        vm.prank(ADMIN);
        registry.setOperator(logId, NEXT);

        vm.assertEq(registry.operatorOf(logId), NEXT);
        assertHead(logId, 7, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, logId, OPERATOR));
        vm.prank(OPERATOR);
        registry.anchor(logId, 8, "root");
        vm.prank(NEXT);
        registry.anchor(logId, 8, "root");
        assertHead(logId, 8, block.timestamp);
    }

    function test_setOperator_zeroSuspendsUntilAnotherIsSet() public {
        vm.prank(ADMIN);
        registry.setOperator(logId, address(0));
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, logId, OPERATOR));
        vm.prank(OPERATOR);
        registry.anchor(logId, 1, "root");
        // In a simulation the caller may be the zero address.
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotOperator.selector, logId, address(0)));
        vm.prank(address(0));
        registry.anchor(logId, 1, "root");

        vm.prank(ADMIN);
        registry.setOperator(logId, OPERATOR);
        anchor(1, "root");
    }

    function testFuzz_setOperator_revertsForAnyoneButTheAdmin(address caller, address operator) public {
        vm.assume(caller != ADMIN);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotAdmin.selector, logId, caller));
        vm.prank(caller);
        registry.setOperator(logId, operator);
        vm.assertEq(registry.operatorOf(logId), OPERATOR);
    }

    function testFuzz_setOperator_revertsForUnregisteredLog(bytes32 id, address caller) public {
        vm.assume(id != logId);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotAdmin.selector, id, caller));
        vm.prank(caller);
        registry.setOperator(id, caller);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotAdmin.selector, id, address(0)));
        vm.prank(address(0));
        registry.setOperator(id, caller);
    }

    // ---------------------------------------------------------------------------------- proposeAdmin, acceptAdmin

    function test_admin_isHandedOverInTwoSteps() public {
        expectEvent();
        emit INotaryRegistry.AdminProposed(logId, ADMIN, NEXT);
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, NEXT);
        assertAdmin(logId, ADMIN, NEXT);

        // Until it accepts, the next admin has no right and the old one has all.
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotAdmin.selector, logId, NEXT));
        vm.prank(NEXT);
        registry.setOperator(logId, NEXT);
        vm.prank(ADMIN);
        registry.setOperator(logId, STRANGER);

        expectEvent();
        emit INotaryRegistry.AdminChanged(logId, ADMIN, NEXT);
        vm.prank(NEXT);
        registry.acceptAdmin(logId);
        assertAdmin(logId, NEXT, address(0));

        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotAdmin.selector, logId, ADMIN));
        vm.prank(ADMIN);
        registry.setOperator(logId, ADMIN);
        vm.prank(NEXT);
        registry.setOperator(logId, OPERATOR);
        vm.assertEq(registry.operatorOf(logId), OPERATOR);
    }

    function test_acceptAdmin_revertsTheSecondTime() public {
        _handOverTo(NEXT);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotPendingAdmin.selector, logId, NEXT));
        vm.prank(NEXT);
        registry.acceptAdmin(logId);
    }

    function test_proposeAdmin_replacesAnEarlierProposal() public {
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, NEXT);
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotPendingAdmin.selector, logId, NEXT));
        vm.prank(NEXT);
        registry.acceptAdmin(logId);
        vm.prank(STRANGER);
        registry.acceptAdmin(logId);
        assertAdmin(logId, STRANGER, address(0));
    }

    function test_proposeAdmin_zeroWithdrawsTheProposal() public {
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, NEXT);
        expectEvent();
        emit INotaryRegistry.AdminProposed(logId, ADMIN, address(0));
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, address(0));
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotPendingAdmin.selector, logId, NEXT));
        vm.prank(NEXT);
        registry.acceptAdmin(logId);
        assertAdmin(logId, ADMIN, address(0));
    }

    function testFuzz_proposeAdmin_revertsForAnyoneButTheAdmin(address caller, address pendingAdmin) public {
        vm.assume(caller != ADMIN);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotAdmin.selector, logId, caller));
        vm.prank(caller);
        registry.proposeAdmin(logId, pendingAdmin);
        assertAdmin(logId, ADMIN, address(0));
    }

    function testFuzz_acceptAdmin_revertsForAnyoneButTheProposed(address caller, address proposed) public {
        vm.assume(caller != proposed && proposed != address(0));
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, proposed);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotPendingAdmin.selector, logId, caller));
        vm.prank(caller);
        registry.acceptAdmin(logId);
        assertAdmin(logId, ADMIN, proposed);
    }

    function testFuzz_acceptAdmin_revertsWhereNobodyIsProposed(bytes32 id, address caller) public {
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotPendingAdmin.selector, logId, caller));
        vm.prank(caller);
        registry.acceptAdmin(logId);
        vm.expectRevert(abi.encodeWithSelector(INotaryRegistry.CallerIsNotPendingAdmin.selector, id, address(0)));
        vm.prank(address(0));
        registry.acceptAdmin(id);
    }

    // -------------------------------------------------------------------------------------------------------------

    function testFuzz_registry_takesNoPayment(uint96 amount, bytes calldata data) public {
        (bool paid,) = address(registry).call{value: amount}("");
        vm.assertTrue(!paid, "the registry took a payment");
        (paid,) = address(registry).call{value: 1}(data);
        vm.assertTrue(!paid, "the registry took a payment with a call");
        (paid,) = address(registry).call{value: 1}(abi.encodeCall(registry.head, (logId)));
        vm.assertTrue(!paid, "the registry took a payment with a call of its own");
    }

    function _handOverTo(address next) private {
        vm.prank(ADMIN);
        registry.proposeAdmin(logId, next);
        vm.prank(next);
        registry.acceptAdmin(logId);
    }
}
