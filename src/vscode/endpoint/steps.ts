// The local endpoint and what its commands do: the entry of their chunk.
export { createEndpointKey } from "./creating.js";
export { LocalEndpoint } from "./localEndpoint.js";
export { copyConfiguration, showEndpoint, startEndpoint, stopEndpoint } from "./showing.js";
