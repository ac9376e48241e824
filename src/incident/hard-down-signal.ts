/** What the name of a signal that says the system is down begins with; its source follows. */
export const prefix = 'hard-down: ';

/** Whether a signal is one that says the system is down. */
export const isHardDownSignal = (signal: string): boolean => signal.startsWith(prefix);
