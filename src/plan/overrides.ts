// What of a plan may be decided otherwise than by the heuristics, and what tuning decided.

/** Overrides of the heuristics, for tests and tuning; results differ by rounding at most. */
export interface PlanOverrides {
  readonly split?: boolean | undefined; // slices and a merge instead of one fused pass
  readonly columns?: boolean | undefined;
  readonly vectorWidth?: 1 | 4 | undefined;
  readonly team?: number | undefined; // a power of two
  readonly inRegisters?: boolean | undefined;
  readonly slices?: number | undefined;
  readonly deferInner?: boolean | undefined; // see loosen()
  readonly fuseParameterGradients?: boolean | undefined; // dx and the gradients of weight and bias from the same reads
  readonly nativeF16?: boolean | undefined; // f16 as the device knows it
  readonly subgroups?: boolean | undefined; // teams combine by shuffles, where the device has the feature
}

/** What was decided for a problem, and why. */
export interface TunedPlan {
  readonly changes: PlanOverrides;
  readonly ms: number;
  readonly heuristicMs: number;
  readonly measured: number;
}
