// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../src/INotaryRegistry.sol";
import {NotaryRegistry} from "../src/NotaryRegistry.sol";
import {vm} from "./support/Vm.sol";

/// @dev The worked example of docs/spec/registry.md, byte for byte.
contract SpecExampleTest {
    function test_spec_workedExample() public {
        address admin = 0x1111111111111111111111111111111111111111;
        address operator = 0x2222222222222222222222222222222222222222;
        bytes32 root = 0x94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19;
        INotaryRegistry registry = new NotaryRegistry();
        vm.warp(1_767_225_600);
        vm.roll(1000);

        vm.prank(admin);
        bytes32 logId = registry.register("notary.example/log/2026", operator);
        vm.assertEq(logId, 0x616704994d25ec0e584938b279b8463afe327b892fa70dc92ac55d4ba6e62b78);

        vm.prank(operator);
        (bool done,) = address(registry)
            .call(
                hex"4dc409c2616704994d25ec0e584938b279b8463afe327b892fa70dc92ac55d4ba6e62b78"
                hex"0000000000000000000000000000000000000000000000000000000000000003"
                hex"94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19"
            );
        vm.assertTrue(done, "the anchor was refused");

        vm.assertEq(
            vm.load(address(registry), 0x23aafd932c7cfcbb5db7357e54294b8d0b226f98a460b2a6f22e57f2392febe2),
            0x00006955b9000000000000032222222222222222222222222222222222222222
        );
        vm.assertEq(
            vm.load(address(registry), 0x8a420fe5710011912913e471e32a0c449010486f2661da5cb3162b995497f77c),
            0x00000000000000000000000000000000000003e800000000000000006955b900
        );

        bytes32[] memory proof = new bytes32[](1);
        proof[0] = 0x5a47662fd8a317d96049a3f9f47c55dc67ca66051baa3683dbb19b2fe09a07b0;
        bytes32 leafHash = 0x57c79f4f31ae029c5d4bd30b073c27c94df93438b2b4697e1e1eef5bc0394a41;
        (uint256 time, uint256 blockNumber) = registry.verifyInclusion(logId, 3, root, 2, leafHash, proof);
        vm.assertEq(time, 1_767_225_600);
        vm.assertEq(blockNumber, 1000);
    }
}
