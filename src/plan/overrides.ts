// Plan overrides are choices against the heuristics; a tuned plan has those that tuning found.

/** Tests and tuning override the heuristics with these. Results differ by rounding at most. */
export interface PlanOverrides {
  readonly split?: boolean | undefined; // slices and a merge instead of one fused pass
  readonly columns?: boolean | undefined;
  readonly vectorWidth?: 1 | 4 | undefined;
  readonly team?: number | undefined; // a power of two
  readonly inRegisters?: boolean | undefined;
  readonly slices?: number | undefined;
  readonly deferInner?: boolean | undefined; // the merge reduces the innermost dimension
  readonly fuseParameterGradients?: boolean | undefined; // dx and parameters share reads
  readonly nativeF16?: boolean | undefined; // f16 arrays have the type f16 (shader-f16)
  readonly subgroups?: boolean | undefined; // teams combine by shuffles, if the device has subgroups
}

/** A tuned plan has the choice for a problem and the times behind it. */
export interface TunedPlan {
  readonly changes: PlanOverrides;
  readonly ms: number;
  readonly heuristicMs: number;
  readonly measured: number;
}
