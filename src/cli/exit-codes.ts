/** The shell's convention for work that Ctrl-C has ended. */
export const EXIT_INTERRUPTED = 130;
