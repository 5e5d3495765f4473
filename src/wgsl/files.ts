// The shader files.

import activationSlopeGeluText from "../../shaders/backward/activation_slope/gelu.wgsl?raw";
import activationSlopeGeluTanhText from "../../shaders/backward/activation_slope/gelu_tanh.wgsl?raw";
import activationSlopeHardswishText from "../../shaders/backward/activation_slope/hardswish.wgsl?raw";
import activationSlopeReluText from "../../shaders/backward/activation_slope/relu.wgsl?raw";
import activationSlopeSigmoidText from "../../shaders/backward/activation_slope/sigmoid.wgsl?raw";
import activationSlopeSiluText from "../../shaders/backward/activation_slope/silu.wgsl?raw";
import activationSlopeTanhText from "../../shaders/backward/activation_slope/tanh.wgsl?raw";
import chainText from "../../shaders/backward/chain.wgsl?raw";
import dxConstantText from "../../shaders/backward/dx/constant.wgsl?raw";
import dxDeviationText from "../../shaders/backward/dx/deviation.wgsl?raw";
import dxIdentityText from "../../shaders/backward/dx/identity.wgsl?raw";
import dxLogSoftmaxText from "../../shaders/backward/dx/log_softmax.wgsl?raw";
import dxMeanMagnitudeText from "../../shaders/backward/dx/mean_magnitude.wgsl?raw";
import dxMeanSquareText from "../../shaders/backward/dx/mean_square.wgsl?raw";
import dxMomentsText from "../../shaders/backward/dx/moments.wgsl?raw";
import dxNormInfinityText from "../../shaders/backward/dx/norm_infinity.wgsl?raw";
import dxNormPText from "../../shaders/backward/dx/norm_p.wgsl?raw";
import dxNorm1Text from "../../shaders/backward/dx/norm1.wgsl?raw";
import dxNorm2Text from "../../shaders/backward/dx/norm2.wgsl?raw";
import dxRenormedText from "../../shaders/backward/dx/renormed.wgsl?raw";
import dxSoftmaxText from "../../shaders/backward/dx/softmax.wgsl?raw";
import dxTanhText from "../../shaders/backward/dx/tanh.wgsl?raw";
import dxSumsLargestText from "../../shaders/backward/dx_sums/largest.wgsl?raw";
import dxSumsPlainText from "../../shaders/backward/dx_sums/plain.wgsl?raw";
import dxSumsUsualText from "../../shaders/backward/dx_sums/usual.wgsl?raw";
import parameterSumsAffineText from "../../shaders/backward/parameter_sums/affine.wgsl?raw";
import parameterSumsAlphaText from "../../shaders/backward/parameter_sums/alpha.wgsl?raw";
import parameterSumsDxText from "../../shaders/backward/parameter_sums/dx.wgsl?raw";
import parameterSumsElementsText from "../../shaders/backward/parameter_sums/elements.wgsl?raw";
import parameterSumsInputText from "../../shaders/backward/parameter_sums/input.wgsl?raw";
import parameterSumsModulationText from "../../shaders/backward/parameter_sums/modulation.wgsl?raw";
import parameterSumsThresholdText from "../../shaders/backward/parameter_sums/threshold.wgsl?raw";
import parameterSumsWeightsText from "../../shaders/backward/parameter_sums/weights.wgsl?raw";
import storedSumsText from "../../shaders/backward/stored_sums.wgsl?raw";
import sumArraysText from "../../shaders/backward/sum/arrays.wgsl?raw";
import sumNoneText from "../../shaders/backward/sum/none.wgsl?raw";
import sumPartialsText from "../../shaders/backward/sum/partials.wgsl?raw";
import sumRegistersText from "../../shaders/backward/sum/registers.wgsl?raw";
import sumStreamedText from "../../shaders/backward/sum/streamed.wgsl?raw";
import writeDxRegistersText from "../../shaders/backward/write_dx/registers.wgsl?raw";
import writeDxStreamedText from "../../shaders/backward/write_dx/streamed.wgsl?raw";
import activationGeluText from "../../shaders/epilogue/activation/gelu.wgsl?raw";
import activationGeluTanhText from "../../shaders/epilogue/activation/gelu_tanh.wgsl?raw";
import activationHardswishText from "../../shaders/epilogue/activation/hardswish.wgsl?raw";
import activationNoneText from "../../shaders/epilogue/activation/none.wgsl?raw";
import activationReluText from "../../shaders/epilogue/activation/relu.wgsl?raw";
import activationSigmoidText from "../../shaders/epilogue/activation/sigmoid.wgsl?raw";
import activationSiluText from "../../shaders/epilogue/activation/silu.wgsl?raw";
import activationTanhText from "../../shaders/epilogue/activation/tanh.wgsl?raw";
import affineText from "../../shaders/epilogue/affine.wgsl?raw";
import lrnWindowText from "../../shaders/epilogue/lrn_window.wgsl?raw";
import sigmoidText from "../../shaders/epilogue/sigmoid.wgsl?raw";
import writeActivationGradientText from "../../shaders/epilogue/write/activation_gradient.wgsl?raw";
import writeLrnText from "../../shaders/epilogue/write/lrn.wgsl?raw";
import writeLrnGradientText from "../../shaders/epilogue/write/lrn_gradient.wgsl?raw";
import writeLrnGradientTermsText from "../../shaders/epilogue/write/lrn_gradient_terms.wgsl?raw";
import writeRegistersText from "../../shaders/epilogue/write/registers.wgsl?raw";
import writeStreamedText from "../../shaders/epilogue/write/streamed.wgsl?raw";
import elementsText from "../../shaders/io/elements.wgsl?raw";
import halvesText from "../../shaders/io/halves.wgsl?raw";
import loadAbsentText from "../../shaders/io/load/absent.wgsl?raw";
import loadF16x4Text from "../../shaders/io/load/f16x4.wgsl?raw";
import loadF32x4Text from "../../shaders/io/load/f32x4.wgsl?raw";
import loadGather4Text from "../../shaders/io/load/gather4.wgsl?raw";
import loadHalves4Text from "../../shaders/io/load/halves4.wgsl?raw";
import loadInPlaceText from "../../shaders/io/load/in_place.wgsl?raw";
import loadSingleText from "../../shaders/io/load/single.wgsl?raw";
import storeAbsentText from "../../shaders/io/store/absent.wgsl?raw";
import storeAbsentSingleText from "../../shaders/io/store/absent_single.wgsl?raw";
import storeF16Text from "../../shaders/io/store/f16.wgsl?raw";
import storeF16x4Text from "../../shaders/io/store/f16x4.wgsl?raw";
import storeF32Text from "../../shaders/io/store/f32.wgsl?raw";
import storeF32x4Text from "../../shaders/io/store/f32x4.wgsl?raw";
import storeHalfText from "../../shaders/io/store/half.wgsl?raw";
import storeHalves4Text from "../../shaders/io/store/halves4.wgsl?raw";
import kernelBackwardText from "../../shaders/kernels/backward.wgsl?raw";
import kernelGradientSumsText from "../../shaders/kernels/gradient_sums.wgsl?raw";
import kernelMergeMomentsText from "../../shaders/kernels/merge_moments.wgsl?raw";
import kernelMergePairMomentsText from "../../shaders/kernels/merge_pair_moments.wgsl?raw";
import kernelNormalizeText from "../../shaders/kernels/normalize.wgsl?raw";
import kernelRunningStatisticsText from "../../shaders/kernels/running_statistics.wgsl?raw";
import kernelStatisticsText from "../../shaders/kernels/statistics.wgsl?raw";
import cursorText from "../../shaders/loop/cursor.wgsl?raw";
import groupsManyText from "../../shaders/loop/groups/many.wgsl?raw";
import groupsOneText from "../../shaders/loop/groups/one.wgsl?raw";
import locateText from "../../shaders/loop/locate.wgsl?raw";
import outerManyText from "../../shaders/loop/outer/many.wgsl?raw";
import outerOneText from "../../shaders/loop/outer/one.wgsl?raw";
import registersText from "../../shaders/loop/registers.wgsl?raw";
import uniformsText from "../../shaders/loop/uniforms.wgsl?raw";
import applyCenteredText from "../../shaders/normalize/apply/centered.wgsl?raw";
import applyDeviatedText from "../../shaders/normalize/apply/deviated.wgsl?raw";
import applyExponentialText from "../../shaders/normalize/apply/exponential.wgsl?raw";
import applyIdentityText from "../../shaders/normalize/apply/identity.wgsl?raw";
import applyLogarithmicText from "../../shaders/normalize/apply/logarithmic.wgsl?raw";
import applyRenormedText from "../../shaders/normalize/apply/renormed.wgsl?raw";
import applyScaledText from "../../shaders/normalize/apply/scaled.wgsl?raw";
import applyTanhText from "../../shaders/normalize/apply/tanh.wgsl?raw";
import factorDeviationText from "../../shaders/normalize/factor/deviation.wgsl?raw";
import factorLogarithmText from "../../shaders/normalize/factor/logarithm.wgsl?raw";
import factorMeanMagnitudeText from "../../shaders/normalize/factor/mean_magnitude.wgsl?raw";
import factorQuotientText from "../../shaders/normalize/factor/quotient.wgsl?raw";
import factorReciprocalText from "../../shaders/normalize/factor/reciprocal.wgsl?raw";
import factorRsqrtText from "../../shaders/normalize/factor/rsqrt.wgsl?raw";
import renormArraysText from "../../shaders/normalize/renorm/arrays.wgsl?raw";
import renormNoneText from "../../shaders/normalize/renorm/none.wgsl?raw";
import renormRunningText from "../../shaders/normalize/renorm/running.wgsl?raw";
import renormSavedText from "../../shaders/normalize/renorm/saved.wgsl?raw";
import stableExpText from "../../shaders/normalize/stable_exp.wgsl?raw";
import stableTanhText from "../../shaders/normalize/stable_tanh.wgsl?raw";
import stableTanhSlopeText from "../../shaders/normalize/stable_tanh_slope.wgsl?raw";
import statisticsGivenText from "../../shaders/normalize/statistics/given.wgsl?raw";
import statisticsMeasuredText from "../../shaders/normalize/statistics/measured.wgsl?raw";
import statisticsNoneText from "../../shaders/normalize/statistics/none.wgsl?raw";
import storedArraysText from "../../shaders/normalize/stored/arrays.wgsl?raw";
import storedMeanRstdText from "../../shaders/normalize/stored/mean_rstd.wgsl?raw";
import storedMeanVarianceText from "../../shaders/normalize/stored/mean_variance.wgsl?raw";
import storedNothingText from "../../shaders/normalize/stored/nothing.wgsl?raw";
import storedRatioText from "../../shaders/normalize/stored/ratio.wgsl?raw";
import accumulateRegistersText from "../../shaders/reduce/accumulate/registers.wgsl?raw";
import accumulateStreamedText from "../../shaders/reduce/accumulate/streamed.wgsl?raw";
import magnitudeAbsText from "../../shaders/reduce/magnitude/abs.wgsl?raw";
import magnitudePowerText from "../../shaders/reduce/magnitude/power.wgsl?raw";
import magnitudeSquareText from "../../shaders/reduce/magnitude/square.wgsl?raw";
import pivotLargestText from "../../shaders/reduce/pivot/largest.wgsl?raw";
import pivotRegistersLargestText from "../../shaders/reduce/pivot/registers_largest.wgsl?raw";
import pivotRegistersMeanText from "../../shaders/reduce/pivot/registers_mean.wgsl?raw";
import pivotSampleText from "../../shaders/reduce/pivot/sample.wgsl?raw";
import pivotZeroText from "../../shaders/reduce/pivot/zero.wgsl?raw";
import sourcePartialsText from "../../shaders/reduce/source/partials.wgsl?raw";
import sourceSummandsText from "../../shaders/reduce/source/summands.wgsl?raw";
import reduceStateText from "../../shaders/reduce/state.wgsl?raw";
import statisticExpSumText from "../../shaders/reduce/statistic/exp_sum.wgsl?raw";
import statisticLargestText from "../../shaders/reduce/statistic/largest.wgsl?raw";
import statisticMomentsText from "../../shaders/reduce/statistic/moments.wgsl?raw";
import statisticSumText from "../../shaders/reduce/statistic/sum.wgsl?raw";
import teamAloneText from "../../shaders/reduce/team/alone.wgsl?raw";
import teamWorkgroupText from "../../shaders/reduce/team/workgroup.wgsl?raw";
import teamSumsAloneText from "../../shaders/reduce/team_sums/alone.wgsl?raw";
import teamSumsWorkgroupText from "../../shaders/reduce/team_sums/workgroup.wgsl?raw";
import storeStatisticsArraysText from "../../shaders/store/statistics/arrays.wgsl?raw";
import storeStatisticsNothingText from "../../shaders/store/statistics/nothing.wgsl?raw";
import storeStatisticsPartialsText from "../../shaders/store/statistics/partials.wgsl?raw";
import storeStatisticsBufferText from "../../shaders/store/statistics_buffer.wgsl?raw";
import storeSumsArraysText from "../../shaders/store/sums/arrays.wgsl?raw";
import storeSumsGradientsText from "../../shaders/store/sums/gradients.wgsl?raw";
import storeSumsPartialsText from "../../shaders/store/sums/partials.wgsl?raw";
import vectorColumns4Text from "../../shaders/vector/columns4.wgsl?raw";
import vectorRows4Text from "../../shaders/vector/rows4.wgsl?raw";
import vectorScalarText from "../../shaders/vector/scalar.wgsl?raw";
import type { Fragment } from "./link";

export const activationGelu: Fragment = {
  name: "epilogue/activation/gelu",
  text: activationGeluText,
};
export const activationGeluTanh: Fragment = {
  name: "epilogue/activation/gelu_tanh",
  text: activationGeluTanhText,
};
export const activationHardswish: Fragment = {
  name: "epilogue/activation/hardswish",
  text: activationHardswishText,
};
export const activationNone: Fragment = {
  name: "epilogue/activation/none",
  text: activationNoneText,
};
export const activationRelu: Fragment = {
  name: "epilogue/activation/relu",
  text: activationReluText,
};
export const activationSigmoid: Fragment = {
  name: "epilogue/activation/sigmoid",
  text: activationSigmoidText,
};
export const activationSilu: Fragment = {
  name: "epilogue/activation/silu",
  text: activationSiluText,
};
export const activationTanh: Fragment = {
  name: "epilogue/activation/tanh",
  text: activationTanhText,
};
export const kernelBackward: Fragment = { name: "kernels/backward", text: kernelBackwardText };
export const kernelGradientSums: Fragment = {
  name: "kernels/gradient_sums",
  text: kernelGradientSumsText,
};
export const stableExp: Fragment = { name: "normalize/stable_exp", text: stableExpText };
export const applyCentered: Fragment = {
  name: "normalize/apply/centered",
  text: applyCenteredText,
};
export const applyDeviated: Fragment = {
  name: "normalize/apply/deviated",
  text: applyDeviatedText,
};
export const applyExponential: Fragment = {
  name: "normalize/apply/exponential",
  text: applyExponentialText,
};
export const applyIdentity: Fragment = {
  name: "normalize/apply/identity",
  text: applyIdentityText,
};
export const applyLogarithmic: Fragment = {
  name: "normalize/apply/logarithmic",
  text: applyLogarithmicText,
};
export const applyRenormed: Fragment = {
  name: "normalize/apply/renormed",
  text: applyRenormedText,
};
export const applyScaled: Fragment = { name: "normalize/apply/scaled", text: applyScaledText };
export const applyTanh: Fragment = { name: "normalize/apply/tanh", text: applyTanhText };
export const dxConstant: Fragment = { name: "backward/dx/constant", text: dxConstantText };
export const dxDeviation: Fragment = {
  name: "backward/dx/deviation",
  text: dxDeviationText,
};
export const dxIdentity: Fragment = { name: "backward/dx/identity", text: dxIdentityText };
export const dxLogSoftmax: Fragment = {
  name: "backward/dx/log_softmax",
  text: dxLogSoftmaxText,
};
export const dxMeanMagnitude: Fragment = {
  name: "backward/dx/mean_magnitude",
  text: dxMeanMagnitudeText,
};
export const dxMeanSquare: Fragment = {
  name: "backward/dx/mean_square",
  text: dxMeanSquareText,
};
export const dxMoments: Fragment = { name: "backward/dx/moments", text: dxMomentsText };
export const dxNorm1: Fragment = { name: "backward/dx/norm1", text: dxNorm1Text };
export const dxNorm2: Fragment = { name: "backward/dx/norm2", text: dxNorm2Text };
export const dxNormInfinity: Fragment = {
  name: "backward/dx/norm_infinity",
  text: dxNormInfinityText,
};
export const dxNormP: Fragment = { name: "backward/dx/norm_p", text: dxNormPText };
export const dxRenormed: Fragment = { name: "backward/dx/renormed", text: dxRenormedText };
export const dxSoftmax: Fragment = { name: "backward/dx/softmax", text: dxSoftmaxText };
export const dxTanh: Fragment = { name: "backward/dx/tanh", text: dxTanhText };
export const groupsMany: Fragment = { name: "loop/groups/many", text: groupsManyText };
export const groupsOne: Fragment = { name: "loop/groups/one", text: groupsOneText };
export const halves: Fragment = { name: "io/halves", text: halvesText };
export const registers: Fragment = { name: "loop/registers", text: registersText };
export const stableTanh: Fragment = { name: "normalize/stable_tanh", text: stableTanhText };
export const stableTanhSlope: Fragment = {
  name: "normalize/stable_tanh_slope",
  text: stableTanhSlopeText,
};
export const loadAbsent: Fragment = { name: "io/load/absent", text: loadAbsentText };
export const loadF16x4: Fragment = { name: "io/load/f16x4", text: loadF16x4Text };
export const loadF32x4: Fragment = { name: "io/load/f32x4", text: loadF32x4Text };
export const loadGather4: Fragment = { name: "io/load/gather4", text: loadGather4Text };
export const loadHalves4: Fragment = { name: "io/load/halves4", text: loadHalves4Text };
export const loadInPlace: Fragment = { name: "io/load/in_place", text: loadInPlaceText };
export const loadSingle: Fragment = { name: "io/load/single", text: loadSingleText };
export const chain: Fragment = { name: "backward/chain", text: chainText };
export const renormNone: Fragment = { name: "normalize/renorm/none", text: renormNoneText };
export const factorDeviation: Fragment = {
  name: "normalize/factor/deviation",
  text: factorDeviationText,
};
export const storedMeanRstd: Fragment = {
  name: "normalize/stored/mean_rstd",
  text: storedMeanRstdText,
};
export const factorLogarithm: Fragment = {
  name: "normalize/factor/logarithm",
  text: factorLogarithmText,
};
export const factorMeanMagnitude: Fragment = {
  name: "normalize/factor/mean_magnitude",
  text: factorMeanMagnitudeText,
};
export const storedNothing: Fragment = {
  name: "normalize/stored/nothing",
  text: storedNothingText,
};
export const renormArrays: Fragment = {
  name: "normalize/renorm/arrays",
  text: renormArraysText,
};
export const storedArrays: Fragment = { name: "normalize/stored/arrays", text: storedArraysText };
export const factorQuotient: Fragment = {
  name: "normalize/factor/quotient",
  text: factorQuotientText,
};
export const storedRatio: Fragment = { name: "normalize/stored/ratio", text: storedRatioText };
export const factorReciprocal: Fragment = {
  name: "normalize/factor/reciprocal",
  text: factorReciprocalText,
};
export const renormRunning: Fragment = {
  name: "normalize/renorm/running",
  text: renormRunningText,
};
export const factorRsqrt: Fragment = { name: "normalize/factor/rsqrt", text: factorRsqrtText };
export const renormSaved: Fragment = {
  name: "normalize/renorm/saved",
  text: renormSavedText,
};
export const storedMeanVariance: Fragment = {
  name: "normalize/stored/mean_variance",
  text: storedMeanVarianceText,
};
export const locate: Fragment = { name: "loop/locate", text: locateText };
export const magnitudeAbs: Fragment = { name: "reduce/magnitude/abs", text: magnitudeAbsText };
export const magnitudePower: Fragment = {
  name: "reduce/magnitude/power",
  text: magnitudePowerText,
};
export const magnitudeSquare: Fragment = {
  name: "reduce/magnitude/square",
  text: magnitudeSquareText,
};
export const accumulateRegisters: Fragment = {
  name: "reduce/accumulate/registers",
  text: accumulateRegistersText,
};
export const accumulateStreamed: Fragment = {
  name: "reduce/accumulate/streamed",
  text: accumulateStreamedText,
};
export const kernelMergeMoments: Fragment = {
  name: "kernels/merge_moments",
  text: kernelMergeMomentsText,
};
export const kernelMergePairMoments: Fragment = {
  name: "kernels/merge_pair_moments",
  text: kernelMergePairMomentsText,
};
export const reduceState: Fragment = { name: "reduce/state", text: reduceStateText };
export const kernelNormalize: Fragment = { name: "kernels/normalize", text: kernelNormalizeText };
export const storeAbsent: Fragment = { name: "io/store/absent", text: storeAbsentText };
export const storeAbsentSingle: Fragment = {
  name: "io/store/absent_single",
  text: storeAbsentSingleText,
};
export const storeF16: Fragment = { name: "io/store/f16", text: storeF16Text };
export const storeF16x4: Fragment = { name: "io/store/f16x4", text: storeF16x4Text };
export const storeF32: Fragment = { name: "io/store/f32", text: storeF32Text };
export const storeF32x4: Fragment = { name: "io/store/f32x4", text: storeF32x4Text };
export const storeHalf: Fragment = { name: "io/store/half", text: storeHalfText };
export const storeHalves4: Fragment = { name: "io/store/halves4", text: storeHalves4Text };
export const affine: Fragment = { name: "epilogue/affine", text: affineText };
export const uniforms: Fragment = { name: "loop/uniforms", text: uniformsText };
export const pivotRegistersLargest: Fragment = {
  name: "reduce/pivot/registers_largest",
  text: pivotRegistersLargestText,
};
export const pivotRegistersMean: Fragment = {
  name: "reduce/pivot/registers_mean",
  text: pivotRegistersMeanText,
};
export const pivotLargest: Fragment = { name: "reduce/pivot/largest", text: pivotLargestText };
export const pivotSample: Fragment = { name: "reduce/pivot/sample", text: pivotSampleText };
export const pivotZero: Fragment = { name: "reduce/pivot/zero", text: pivotZeroText };
export const kernelStatistics: Fragment = {
  name: "kernels/statistics",
  text: kernelStatisticsText,
};
export const outerMany: Fragment = { name: "loop/outer/many", text: outerManyText };
export const outerOne: Fragment = { name: "loop/outer/one", text: outerOneText };
export const sigmoid: Fragment = { name: "epilogue/sigmoid", text: sigmoidText };
export const storeSumsGradients: Fragment = {
  name: "store/sums/gradients",
  text: storeSumsGradientsText,
};
export const storeStatisticsNothing: Fragment = {
  name: "store/statistics/nothing",
  text: storeStatisticsNothingText,
};
export const storeStatisticsBuffer: Fragment = {
  name: "store/statistics_buffer",
  text: storeStatisticsBufferText,
};
export const storeStatisticsPartials: Fragment = {
  name: "store/statistics/partials",
  text: storeStatisticsPartialsText,
  strideName: "y",
};
export const storeStatisticsArrays: Fragment = {
  name: "store/statistics/arrays",
  text: storeStatisticsArraysText,
};
export const storeSumsPartials: Fragment = {
  name: "store/sums/partials",
  text: storeSumsPartialsText,
  strideName: "y",
};
export const storeSumsArrays: Fragment = { name: "store/sums/arrays", text: storeSumsArraysText };
export const activationSlopeGelu: Fragment = {
  name: "backward/activation_slope/gelu",
  text: activationSlopeGeluText,
};
export const activationSlopeGeluTanh: Fragment = {
  name: "backward/activation_slope/gelu_tanh",
  text: activationSlopeGeluTanhText,
};
export const activationSlopeHardswish: Fragment = {
  name: "backward/activation_slope/hardswish",
  text: activationSlopeHardswishText,
};
export const activationSlopeRelu: Fragment = {
  name: "backward/activation_slope/relu",
  text: activationSlopeReluText,
};
export const activationSlopeSigmoid: Fragment = {
  name: "backward/activation_slope/sigmoid",
  text: activationSlopeSigmoidText,
};
export const activationSlopeSilu: Fragment = {
  name: "backward/activation_slope/silu",
  text: activationSlopeSiluText,
};
export const activationSlopeTanh: Fragment = {
  name: "backward/activation_slope/tanh",
  text: activationSlopeTanhText,
};
export const elements: Fragment = { name: "io/elements", text: elementsText };
export const sourcePartials: Fragment = {
  name: "reduce/source/partials",
  text: sourcePartialsText,
  strideName: "x",
};
export const sourceSummands: Fragment = {
  name: "reduce/source/summands",
  text: sourceSummandsText,
};
export const vectorRows4: Fragment = { name: "vector/rows4", text: vectorRows4Text };
export const vectorColumns4: Fragment = { name: "vector/columns4", text: vectorColumns4Text };
export const vectorScalar: Fragment = { name: "vector/scalar", text: vectorScalarText };
export const statisticExpSum: Fragment = {
  name: "reduce/statistic/exp_sum",
  text: statisticExpSumText,
};
export const statisticLargest: Fragment = {
  name: "reduce/statistic/largest",
  text: statisticLargestText,
};
export const statisticMoments: Fragment = {
  name: "reduce/statistic/moments",
  text: statisticMomentsText,
};
export const statisticSum: Fragment = { name: "reduce/statistic/sum", text: statisticSumText };
export const statisticsGiven: Fragment = {
  name: "normalize/statistics/given",
  text: statisticsGivenText,
};
export const statisticsMeasured: Fragment = {
  name: "normalize/statistics/measured",
  text: statisticsMeasuredText,
};
export const statisticsNone: Fragment = {
  name: "normalize/statistics/none",
  text: statisticsNoneText,
};
export const dxSumsLargest: Fragment = {
  name: "backward/dx_sums/largest",
  text: dxSumsLargestText,
};
export const dxSumsPlain: Fragment = { name: "backward/dx_sums/plain", text: dxSumsPlainText };
export const dxSumsUsual: Fragment = { name: "backward/dx_sums/usual", text: dxSumsUsualText };
export const teamAlone: Fragment = { name: "reduce/team/alone", text: teamAloneText };
export const teamSumsAlone: Fragment = { name: "reduce/team_sums/alone", text: teamSumsAloneText };
export const teamSumsWorkgroup: Fragment = {
  name: "reduce/team_sums/workgroup",
  text: teamSumsWorkgroupText,
};
export const teamWorkgroup: Fragment = { name: "reduce/team/workgroup", text: teamWorkgroupText };
export const parameterSumsAffine: Fragment = {
  name: "backward/parameter_sums/affine",
  text: parameterSumsAffineText,
};
export const parameterSumsAlpha: Fragment = {
  name: "backward/parameter_sums/alpha",
  text: parameterSumsAlphaText,
};
export const parameterSumsDx: Fragment = {
  name: "backward/parameter_sums/dx",
  text: parameterSumsDxText,
};
export const parameterSumsElements: Fragment = {
  name: "backward/parameter_sums/elements",
  text: parameterSumsElementsText,
};
export const parameterSumsInput: Fragment = {
  name: "backward/parameter_sums/input",
  text: parameterSumsInputText,
};
export const parameterSumsModulation: Fragment = {
  name: "backward/parameter_sums/modulation",
  text: parameterSumsModulationText,
};
export const parameterSumsThreshold: Fragment = {
  name: "backward/parameter_sums/threshold",
  text: parameterSumsThresholdText,
};
export const parameterSumsWeights: Fragment = {
  name: "backward/parameter_sums/weights",
  text: parameterSumsWeightsText,
};
export const storedSums: Fragment = { name: "backward/stored_sums", text: storedSumsText };
export const sumRegisters: Fragment = { name: "backward/sum/registers", text: sumRegistersText };
export const sumNone: Fragment = { name: "backward/sum/none", text: sumNoneText };
export const sumArrays: Fragment = { name: "backward/sum/arrays", text: sumArraysText };
export const sumPartials: Fragment = {
  name: "backward/sum/partials",
  text: sumPartialsText,
  strideName: "x",
};
export const sumStreamed: Fragment = { name: "backward/sum/streamed", text: sumStreamedText };
export const kernelRunningStatistics: Fragment = {
  name: "kernels/running_statistics",
  text: kernelRunningStatisticsText,
};
export const cursor: Fragment = { name: "loop/cursor", text: cursorText };
export const lrnWindow: Fragment = { name: "epilogue/lrn_window", text: lrnWindowText };
export const writeActivationGradient: Fragment = {
  name: "epilogue/write/activation_gradient",
  text: writeActivationGradientText,
};
export const writeDxRegisters: Fragment = {
  name: "backward/write_dx/registers",
  text: writeDxRegistersText,
};
export const writeDxStreamed: Fragment = {
  name: "backward/write_dx/streamed",
  text: writeDxStreamedText,
};
export const writeRegisters: Fragment = {
  name: "epilogue/write/registers",
  text: writeRegistersText,
};
export const writeStreamed: Fragment = { name: "epilogue/write/streamed", text: writeStreamedText };
export const writeLrnGradient: Fragment = {
  name: "epilogue/write/lrn_gradient",
  text: writeLrnGradientText,
};
export const writeLrnGradientTerms: Fragment = {
  name: "epilogue/write/lrn_gradient_terms",
  text: writeLrnGradientTermsText,
};
export const writeLrn: Fragment = { name: "epilogue/write/lrn", text: writeLrnText };

/** Files that only devices with subgroups need: src/runtime/subgroup_check.ts has their texts, and is loaded for these. */
export const shuffle = { name: "reduce/shuffle", text: "" };
export const teamSubgroup = { name: "reduce/team/subgroup", text: "" };
export const teamSumsSubgroup = { name: "reduce/team_sums/subgroup", text: "" };
