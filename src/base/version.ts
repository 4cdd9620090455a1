// The version of this gantry, as package.json has it (a test compares them).

/** gantry's own version. */
export const VERSION = '0.1.0';

/** The newest and oldest Docker Engine API version that is served and spoken. */
export const API_VERSION = '1.51';
export const MIN_API_VERSION = '1.24';
