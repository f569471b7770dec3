/** What a session spends memory on. */
export const memoryModes = ['fast', 'low'] as const;

/**
 * `fast`: frozen weights are copied into the layouts that the kernels like best, and stay private. `low`: they
 * stay in their files, which the system maps and may drop at any time.
 */
export type MemoryMode = (typeof memoryModes)[number];
