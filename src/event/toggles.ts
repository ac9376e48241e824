/** Written before a change is made: what its guard, or `siaga chaos heal`, puts back should the run die. */
export interface TogglePlanned {
  readonly experiment: string;
  readonly values: Readonly<Record<string, string>>;
  /** What these toggles read as before. */
  readonly before: Readonly<Record<string, string>>;
  readonly purpose: 'prepare' | 'contain';
  readonly via: string;
  /** Where they are read, without anything secret: tells one system from another. */
  readonly place: string;
}

export interface ToggleApplied {
  readonly values: Readonly<Record<string, string>>;
  readonly purpose: 'prepare' | 'contain' | 'restore';
  /** How: `environment and restart`, `admin`. */
  readonly via: string;
  /** Who did it. Default: the runner. */
  readonly by?: 'guard' | 'heal';
  readonly durationMs: number;
  readonly ok: boolean;
  readonly reason?: string;
}

export interface ToggleRead {
  /** What the system reported, also where it did not report all. */
  readonly values: Readonly<Record<string, string>>;
  /** Toggles that it reported, and that are not at their normal value. */
  readonly abnormal: readonly { readonly name: string; readonly got: string; readonly normal: string }[];
  /** Whether every toggle of the runbook was reported. */
  readonly ok: boolean;
  readonly reason?: string;
}
