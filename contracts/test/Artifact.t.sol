// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NotaryRegistry} from "../src/NotaryRegistry.sol";
import {vm} from "./support/Vm.sol";

/// @dev The package ships the bytecode that is tested here.
contract ArtifactTest {
    function test_artifact_isTheTestedContract() public {
        string memory artifact = vm.readFile("../notary/ethereum/registry.json");
        vm.assertEq(vm.parseJsonBytes(artifact, ".bytecode"), type(NotaryRegistry).creationCode);
        vm.assertEq(vm.parseJsonBytes(artifact, ".deployed_bytecode"), type(NotaryRegistry).runtimeCode);
        vm.assertEq(vm.parseJsonBytes32(artifact, ".deployed_codehash"), address(new NotaryRegistry()).codehash);
    }
}
