// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INotaryRegistry} from "../src/INotaryRegistry.sol";
import {RegistryTest} from "./support/RegistryTest.sol";
import {Vm, vm} from "./support/Vm.sol";

/// @dev The inclusion proofs that the Python program made, and those that it refuses: the contract says the same.
contract VectorsTest is RegistryTest {
    string private constant FOLDER = "../tests/vectors/registry";

    function test_vectors_agreeWithTheContract() public {
        Vm.DirEntry[] memory files = vm.readDir(FOLDER);
        vm.assertTrue(files.length > 50, "vectors are missing");
        uint256 refused = 0;
        for (uint256 i = 0; i < files.length; ++i) {
            // Each case has a log of its own, for their sizes come in no order.
            vm.prank(ADMIN);
            logId = registry.register(files[i].path, OPERATOR);
            if (_check(files[i].path, vm.readFile(files[i].path))) ++refused;
        }
        vm.assertTrue(refused > 10 && files.length - refused > 30, "too few vectors of one kind");
    }

    function _check(string memory path, string memory json) private returns (bool refused) {
        uint256 size = vm.parseJsonUint(json, ".size");
        bytes32 root = vm.parseJsonBytes32(json, ".root");
        uint256 index = vm.parseJsonUint(json, ".index");
        bytes32 leafHash = vm.parseJsonBytes32(json, ".leaf_hash");
        bytes32[] memory proof = vm.parseJsonBytes32Array(json, ".proof");
        anchor(size, root);

        bytes4 expected = vm.keyExistsJson(json, ".error") ? _selector(vm.parseJsonString(json, ".error")) : bytes4(0);
        try registry.verifyInclusion(logId, size, root, index, leafHash, proof) returns (uint256 time, uint256) {
            vm.assertTrue(expected == 0 && time == block.timestamp, string.concat("accepted: ", path));
        } catch (bytes memory reason) {
            vm.assertTrue(bytes4(reason) == expected, string.concat("refused for another reason: ", path));
            refused = true;
        }
    }

    function _selector(string memory name) private pure returns (bytes4) {
        bytes32 hash = keccak256(bytes(name));
        if (hash == keccak256("RootMismatch")) return INotaryRegistry.RootMismatch.selector;
        if (hash == keccak256("InvalidProofLength")) return INotaryRegistry.InvalidProofLength.selector;
        if (hash == keccak256("IndexOutOfRange")) return INotaryRegistry.IndexOutOfRange.selector;
        revert(string.concat("a vector names an unknown error: ", name));
    }
}
