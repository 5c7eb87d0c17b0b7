/** Runs before each end-to-end spec file: real processes and a browser take their time on two cores. */
jest.setTimeout(240_000);
