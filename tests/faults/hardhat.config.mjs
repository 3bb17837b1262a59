// The second node of the tests: nothing is compiled here, and nothing is fetched.
export default {
  networks: { node: { type: "edr-simulated", chainId: 31337, mining: { auto: true, interval: 0 } } },
};
