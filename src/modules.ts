// The shader files.

import activationGeluText from "../shaders/activation/gelu.wgsl?raw";
import activationGeluTanhText from "../shaders/activation/gelu_tanh.wgsl?raw";
import activationHardswishText from "../shaders/activation/hardswish.wgsl?raw";
import activationNoneText from "../shaders/activation/none.wgsl?raw";
import activationReluText from "../shaders/activation/relu.wgsl?raw";
import activationSigmoidText from "../shaders/activation/sigmoid.wgsl?raw";
import activationSiluText from "../shaders/activation/silu.wgsl?raw";
import activationTanhText from "../shaders/activation/tanh.wgsl?raw";
import backwardText from "../shaders/backward.wgsl?raw";
import collectText from "../shaders/collect.wgsl?raw";
import exponentialText from "../shaders/exponential.wgsl?raw";
import formCenteredText from "../shaders/form/centered.wgsl?raw";
import formDeviatedText from "../shaders/form/deviated.wgsl?raw";
import formExponentialText from "../shaders/form/exponential.wgsl?raw";
import formIdentityText from "../shaders/form/identity.wgsl?raw";
import formLogarithmicText from "../shaders/form/logarithmic.wgsl?raw";
import formRenormedText from "../shaders/form/renormed.wgsl?raw";
import formScaledText from "../shaders/form/scaled.wgsl?raw";
import formTanhText from "../shaders/form/tanh.wgsl?raw";
import gradientConstantText from "../shaders/gradient/constant.wgsl?raw";
import gradientDeviationText from "../shaders/gradient/deviation.wgsl?raw";
import gradientIdentityText from "../shaders/gradient/identity.wgsl?raw";
import gradientLogSoftmaxText from "../shaders/gradient/log_softmax.wgsl?raw";
import gradientMeanMagnitudeText from "../shaders/gradient/mean_magnitude.wgsl?raw";
import gradientMeanSquareText from "../shaders/gradient/mean_square.wgsl?raw";
import gradientMomentsText from "../shaders/gradient/moments.wgsl?raw";
import gradientNormInfinityText from "../shaders/gradient/norm_infinity.wgsl?raw";
import gradientNormPText from "../shaders/gradient/norm_p.wgsl?raw";
import gradientNorm1Text from "../shaders/gradient/norm1.wgsl?raw";
import gradientNorm2Text from "../shaders/gradient/norm2.wgsl?raw";
import gradientRenormedText from "../shaders/gradient/renormed.wgsl?raw";
import gradientSoftmaxText from "../shaders/gradient/softmax.wgsl?raw";
import gradientTanhText from "../shaders/gradient/tanh.wgsl?raw";
import groupsManyText from "../shaders/groups/many.wgsl?raw";
import groupsOneText from "../shaders/groups/one.wgsl?raw";
import halvesText from "../shaders/halves.wgsl?raw";
import heldText from "../shaders/held.wgsl?raw";
import hyperbolicText from "../shaders/hyperbolic.wgsl?raw";
import hyperbolicSlopeText from "../shaders/hyperbolic_slope.wgsl?raw";
import inAbsentText from "../shaders/in/absent.wgsl?raw";
import inF16x4Text from "../shaders/in/f16x4.wgsl?raw";
import inF32x4Text from "../shaders/in/f32x4.wgsl?raw";
import inGather4Text from "../shaders/in/gather4.wgsl?raw";
import inHalves4Text from "../shaders/in/halves4.wgsl?raw";
import inInPlaceText from "../shaders/in/in_place.wgsl?raw";
import inSingleText from "../shaders/in/single.wgsl?raw";
import incomingText from "../shaders/incoming.wgsl?raw";
import knownCompleteText from "../shaders/known/complete.wgsl?raw";
import knownDeviationText from "../shaders/known/deviation.wgsl?raw";
import knownFactorText from "../shaders/known/factor.wgsl?raw";
import knownLogarithmText from "../shaders/known/logarithm.wgsl?raw";
import knownMeanMagnitudeText from "../shaders/known/mean_magnitude.wgsl?raw";
import knownNothingText from "../shaders/known/nothing.wgsl?raw";
import knownPlaneRenormedText from "../shaders/known/plane_renormed.wgsl?raw";
import knownPlanesText from "../shaders/known/planes.wgsl?raw";
import knownQuotientText from "../shaders/known/quotient.wgsl?raw";
import knownRatioText from "../shaders/known/ratio.wgsl?raw";
import knownReciprocalText from "../shaders/known/reciprocal.wgsl?raw";
import knownRenormedText from "../shaders/known/renormed.wgsl?raw";
import knownRsqrtText from "../shaders/known/rsqrt.wgsl?raw";
import knownSavedRenormedText from "../shaders/known/saved_renormed.wgsl?raw";
import knownVarianceText from "../shaders/known/variance.wgsl?raw";
import locateText from "../shaders/locate.wgsl?raw";
import magnitudeAbsText from "../shaders/magnitude/abs.wgsl?raw";
import magnitudePowerText from "../shaders/magnitude/power.wgsl?raw";
import magnitudeSquareText from "../shaders/magnitude/square.wgsl?raw";
import measureHeldText from "../shaders/measure/held.wgsl?raw";
import measureStreamedText from "../shaders/measure/streamed.wgsl?raw";
import mergeMomentsText from "../shaders/merge_moments.wgsl?raw";
import mergePairsText from "../shaders/merge_pairs.wgsl?raw";
import momentsText from "../shaders/moments.wgsl?raw";
import normalizeText from "../shaders/normalize.wgsl?raw";
import outAbsentText from "../shaders/out/absent.wgsl?raw";
import outAbsentSingleText from "../shaders/out/absent_single.wgsl?raw";
import outF16Text from "../shaders/out/f16.wgsl?raw";
import outF16x4Text from "../shaders/out/f16x4.wgsl?raw";
import outF32Text from "../shaders/out/f32.wgsl?raw";
import outF32x4Text from "../shaders/out/f32x4.wgsl?raw";
import outHalfText from "../shaders/out/half.wgsl?raw";
import outHalves4Text from "../shaders/out/halves4.wgsl?raw";
import parametersText from "../shaders/parameters.wgsl?raw";
import paramsText from "../shaders/params.wgsl?raw";
import pivotHeldLargestText from "../shaders/pivot/held_largest.wgsl?raw";
import pivotHeldMeanText from "../shaders/pivot/held_mean.wgsl?raw";
import pivotLargestText from "../shaders/pivot/largest.wgsl?raw";
import pivotSampleText from "../shaders/pivot/sample.wgsl?raw";
import pivotZeroText from "../shaders/pivot/zero.wgsl?raw";
import reduceText from "../shaders/reduce.wgsl?raw";
import segmentsManyText from "../shaders/segments/many.wgsl?raw";
import segmentsOneText from "../shaders/segments/one.wgsl?raw";
import sigmoidText from "../shaders/sigmoid.wgsl?raw";
import sinkGradientsText from "../shaders/sink/gradients.wgsl?raw";
import sinkNothingText from "../shaders/sink/nothing.wgsl?raw";
import sinkPlanesText from "../shaders/sink/planes.wgsl?raw";
import sinkRecordsText from "../shaders/sink/records.wgsl?raw";
import sinkStatisticsText from "../shaders/sink/statistics.wgsl?raw";
import sinkSumRecordsText from "../shaders/sink/sum_records.wgsl?raw";
import sinkSumsText from "../shaders/sink/sums.wgsl?raw";
import slopeGeluText from "../shaders/slope/gelu.wgsl?raw";
import slopeGeluTanhText from "../shaders/slope/gelu_tanh.wgsl?raw";
import slopeHardswishText from "../shaders/slope/hardswish.wgsl?raw";
import slopeReluText from "../shaders/slope/relu.wgsl?raw";
import slopeSigmoidText from "../shaders/slope/sigmoid.wgsl?raw";
import slopeSiluText from "../shaders/slope/silu.wgsl?raw";
import slopeTanhText from "../shaders/slope/tanh.wgsl?raw";
import sourceElementsText from "../shaders/source/elements.wgsl?raw";
import sourceRecordsText from "../shaders/source/records.wgsl?raw";
import sourceTermsText from "../shaders/source/terms.wgsl?raw";
import statFold4Text from "../shaders/stat/fold4.wgsl?raw";
import statFourText from "../shaders/stat/four.wgsl?raw";
import statOneText from "../shaders/stat/one.wgsl?raw";
import statisticExpSumText from "../shaders/statistic/exp_sum.wgsl?raw";
import statisticLargestText from "../shaders/statistic/largest.wgsl?raw";
import statisticMomentsText from "../shaders/statistic/moments.wgsl?raw";
import statisticSumText from "../shaders/statistic/sum.wgsl?raw";
import statisticsGivenText from "../shaders/statistics/given.wgsl?raw";
import statisticsMeasuredText from "../shaders/statistics/measured.wgsl?raw";
import statisticsNoneText from "../shaders/statistics/none.wgsl?raw";
import sumsLargestText from "../shaders/sums/largest.wgsl?raw";
import sumsPlainText from "../shaders/sums/plain.wgsl?raw";
import sumsUsualText from "../shaders/sums/usual.wgsl?raw";
import teamAloneText from "../shaders/team/alone.wgsl?raw";
import teamSumsAloneText from "../shaders/team/sums_alone.wgsl?raw";
import teamSumsWorkgroupText from "../shaders/team/sums_workgroup.wgsl?raw";
import teamWorkgroupText from "../shaders/team/workgroup.wgsl?raw";
import termsAffineText from "../shaders/terms/affine.wgsl?raw";
import termsAlphaText from "../shaders/terms/alpha.wgsl?raw";
import termsDxText from "../shaders/terms/dx.wgsl?raw";
import termsElementsText from "../shaders/terms/elements.wgsl?raw";
import termsInputText from "../shaders/terms/input.wgsl?raw";
import termsModulationText from "../shaders/terms/modulation.wgsl?raw";
import termsThresholdText from "../shaders/terms/threshold.wgsl?raw";
import termsWeightsText from "../shaders/terms/weights.wgsl?raw";
import totalsAtText from "../shaders/totals/at.wgsl?raw";
import totalsHeldText from "../shaders/totals/held.wgsl?raw";
import totalsNoneText from "../shaders/totals/none.wgsl?raw";
import totalsPlanesText from "../shaders/totals/planes.wgsl?raw";
import totalsRecordsText from "../shaders/totals/records.wgsl?raw";
import totalsStreamedText from "../shaders/totals/streamed.wgsl?raw";
import trackText from "../shaders/track.wgsl?raw";
import walkText from "../shaders/walk.wgsl?raw";
import windowText from "../shaders/window.wgsl?raw";
import writeActivationGradientText from "../shaders/write/activation_gradient.wgsl?raw";
import writeGradientHeldText from "../shaders/write/gradient_held.wgsl?raw";
import writeGradientStreamedText from "../shaders/write/gradient_streamed.wgsl?raw";
import writeHeldText from "../shaders/write/held.wgsl?raw";
import writeStreamedText from "../shaders/write/streamed.wgsl?raw";
import writeWindowGradientText from "../shaders/write/window_gradient.wgsl?raw";
import writeWindowTermsText from "../shaders/write/window_terms.wgsl?raw";
import writeWindowedText from "../shaders/write/windowed.wgsl?raw";
import type { Module } from "./link";

export const activationGelu: Module = { name: "activation/gelu", text: activationGeluText };
export const activationGeluTanh: Module = {
  name: "activation/gelu_tanh",
  text: activationGeluTanhText,
};
export const activationHardswish: Module = {
  name: "activation/hardswish",
  text: activationHardswishText,
};
export const activationNone: Module = { name: "activation/none", text: activationNoneText };
export const activationRelu: Module = { name: "activation/relu", text: activationReluText };
export const activationSigmoid: Module = {
  name: "activation/sigmoid",
  text: activationSigmoidText,
};
export const activationSilu: Module = { name: "activation/silu", text: activationSiluText };
export const activationTanh: Module = { name: "activation/tanh", text: activationTanhText };
export const backward: Module = { name: "backward", text: backwardText };
export const collect: Module = { name: "collect", text: collectText };
export const exponential: Module = { name: "exponential", text: exponentialText };
export const formCentered: Module = { name: "form/centered", text: formCenteredText };
export const formDeviated: Module = { name: "form/deviated", text: formDeviatedText };
export const formExponential: Module = { name: "form/exponential", text: formExponentialText };
export const formIdentity: Module = { name: "form/identity", text: formIdentityText };
export const formLogarithmic: Module = { name: "form/logarithmic", text: formLogarithmicText };
export const formRenormed: Module = { name: "form/renormed", text: formRenormedText };
export const formScaled: Module = { name: "form/scaled", text: formScaledText };
export const formTanh: Module = { name: "form/tanh", text: formTanhText };
export const gradientConstant: Module = { name: "gradient/constant", text: gradientConstantText };
export const gradientDeviation: Module = {
  name: "gradient/deviation",
  text: gradientDeviationText,
};
export const gradientIdentity: Module = { name: "gradient/identity", text: gradientIdentityText };
export const gradientLogSoftmax: Module = {
  name: "gradient/log_softmax",
  text: gradientLogSoftmaxText,
};
export const gradientMeanMagnitude: Module = {
  name: "gradient/mean_magnitude",
  text: gradientMeanMagnitudeText,
};
export const gradientMeanSquare: Module = {
  name: "gradient/mean_square",
  text: gradientMeanSquareText,
};
export const gradientMoments: Module = { name: "gradient/moments", text: gradientMomentsText };
export const gradientNorm1: Module = { name: "gradient/norm1", text: gradientNorm1Text };
export const gradientNorm2: Module = { name: "gradient/norm2", text: gradientNorm2Text };
export const gradientNormInfinity: Module = {
  name: "gradient/norm_infinity",
  text: gradientNormInfinityText,
};
export const gradientNormP: Module = { name: "gradient/norm_p", text: gradientNormPText };
export const gradientRenormed: Module = { name: "gradient/renormed", text: gradientRenormedText };
export const gradientSoftmax: Module = { name: "gradient/softmax", text: gradientSoftmaxText };
export const gradientTanh: Module = { name: "gradient/tanh", text: gradientTanhText };
export const groupsMany: Module = { name: "groups/many", text: groupsManyText };
export const groupsOne: Module = { name: "groups/one", text: groupsOneText };
export const halves: Module = { name: "halves", text: halvesText };
export const held: Module = { name: "held", text: heldText };
export const hyperbolic: Module = { name: "hyperbolic", text: hyperbolicText };
export const hyperbolicSlope: Module = { name: "hyperbolic_slope", text: hyperbolicSlopeText };
export const inAbsent: Module = { name: "in/absent", text: inAbsentText };
export const inF16x4: Module = { name: "in/f16x4", text: inF16x4Text };
export const inF32x4: Module = { name: "in/f32x4", text: inF32x4Text };
export const inGather4: Module = { name: "in/gather4", text: inGather4Text };
export const inHalves4: Module = { name: "in/halves4", text: inHalves4Text };
export const inInPlace: Module = { name: "in/in_place", text: inInPlaceText };
export const inSingle: Module = { name: "in/single", text: inSingleText };
export const incoming: Module = { name: "incoming", text: incomingText };
export const knownComplete: Module = { name: "known/complete", text: knownCompleteText };
export const knownDeviation: Module = { name: "known/deviation", text: knownDeviationText };
export const knownFactor: Module = { name: "known/factor", text: knownFactorText };
export const knownLogarithm: Module = { name: "known/logarithm", text: knownLogarithmText };
export const knownMeanMagnitude: Module = {
  name: "known/mean_magnitude",
  text: knownMeanMagnitudeText,
};
export const knownNothing: Module = { name: "known/nothing", text: knownNothingText };
export const knownPlaneRenormed: Module = {
  name: "known/plane_renormed",
  text: knownPlaneRenormedText,
};
export const knownPlanes: Module = { name: "known/planes", text: knownPlanesText };
export const knownQuotient: Module = { name: "known/quotient", text: knownQuotientText };
export const knownRatio: Module = { name: "known/ratio", text: knownRatioText };
export const knownReciprocal: Module = { name: "known/reciprocal", text: knownReciprocalText };
export const knownRenormed: Module = { name: "known/renormed", text: knownRenormedText };
export const knownRsqrt: Module = { name: "known/rsqrt", text: knownRsqrtText };
export const knownSavedRenormed: Module = {
  name: "known/saved_renormed",
  text: knownSavedRenormedText,
};
export const knownVariance: Module = { name: "known/variance", text: knownVarianceText };
export const locate: Module = { name: "locate", text: locateText };
export const magnitudeAbs: Module = { name: "magnitude/abs", text: magnitudeAbsText };
export const magnitudePower: Module = { name: "magnitude/power", text: magnitudePowerText };
export const magnitudeSquare: Module = { name: "magnitude/square", text: magnitudeSquareText };
export const measureHeld: Module = { name: "measure/held", text: measureHeldText };
export const measureStreamed: Module = { name: "measure/streamed", text: measureStreamedText };
export const mergeMoments: Module = { name: "merge_moments", text: mergeMomentsText };
export const mergePairs: Module = { name: "merge_pairs", text: mergePairsText };
export const moments: Module = { name: "moments", text: momentsText };
export const normalize: Module = { name: "normalize", text: normalizeText };
export const outAbsent: Module = { name: "out/absent", text: outAbsentText };
export const outAbsentSingle: Module = { name: "out/absent_single", text: outAbsentSingleText };
export const outF16: Module = { name: "out/f16", text: outF16Text };
export const outF16x4: Module = { name: "out/f16x4", text: outF16x4Text };
export const outF32: Module = { name: "out/f32", text: outF32Text };
export const outF32x4: Module = { name: "out/f32x4", text: outF32x4Text };
export const outHalf: Module = { name: "out/half", text: outHalfText };
export const outHalves4: Module = { name: "out/halves4", text: outHalves4Text };
export const parameters: Module = { name: "parameters", text: parametersText };
export const params: Module = { name: "params", text: paramsText };
export const pivotHeldLargest: Module = { name: "pivot/held_largest", text: pivotHeldLargestText };
export const pivotHeldMean: Module = { name: "pivot/held_mean", text: pivotHeldMeanText };
export const pivotLargest: Module = { name: "pivot/largest", text: pivotLargestText };
export const pivotSample: Module = { name: "pivot/sample", text: pivotSampleText };
export const pivotZero: Module = { name: "pivot/zero", text: pivotZeroText };
export const reduce: Module = { name: "reduce", text: reduceText };
export const segmentsMany: Module = { name: "segments/many", text: segmentsManyText };
export const segmentsOne: Module = { name: "segments/one", text: segmentsOneText };
export const sigmoid: Module = { name: "sigmoid", text: sigmoidText };
export const sinkGradients: Module = { name: "sink/gradients", text: sinkGradientsText };
export const sinkNothing: Module = { name: "sink/nothing", text: sinkNothingText };
export const sinkPlanes: Module = { name: "sink/planes", text: sinkPlanesText };
export const sinkRecords: Module = { name: "sink/records", text: sinkRecordsText, place: "y" };
export const sinkStatistics: Module = { name: "sink/statistics", text: sinkStatisticsText };
export const sinkSumRecords: Module = {
  name: "sink/sum_records",
  text: sinkSumRecordsText,
  place: "y",
};
export const sinkSums: Module = { name: "sink/sums", text: sinkSumsText };
export const slopeGelu: Module = { name: "slope/gelu", text: slopeGeluText };
export const slopeGeluTanh: Module = { name: "slope/gelu_tanh", text: slopeGeluTanhText };
export const slopeHardswish: Module = { name: "slope/hardswish", text: slopeHardswishText };
export const slopeRelu: Module = { name: "slope/relu", text: slopeReluText };
export const slopeSigmoid: Module = { name: "slope/sigmoid", text: slopeSigmoidText };
export const slopeSilu: Module = { name: "slope/silu", text: slopeSiluText };
export const slopeTanh: Module = { name: "slope/tanh", text: slopeTanhText };
export const sourceElements: Module = { name: "source/elements", text: sourceElementsText };
export const sourceRecords: Module = {
  name: "source/records",
  text: sourceRecordsText,
  place: "x",
};
export const sourceTerms: Module = { name: "source/terms", text: sourceTermsText };
export const statFold4: Module = { name: "stat/fold4", text: statFold4Text };
export const statFour: Module = { name: "stat/four", text: statFourText };
export const statOne: Module = { name: "stat/one", text: statOneText };
export const statisticExpSum: Module = { name: "statistic/exp_sum", text: statisticExpSumText };
export const statisticLargest: Module = { name: "statistic/largest", text: statisticLargestText };
export const statisticMoments: Module = { name: "statistic/moments", text: statisticMomentsText };
export const statisticSum: Module = { name: "statistic/sum", text: statisticSumText };
export const statisticsGiven: Module = { name: "statistics/given", text: statisticsGivenText };
export const statisticsMeasured: Module = {
  name: "statistics/measured",
  text: statisticsMeasuredText,
};
export const statisticsNone: Module = { name: "statistics/none", text: statisticsNoneText };
export const sumsLargest: Module = { name: "sums/largest", text: sumsLargestText };
export const sumsPlain: Module = { name: "sums/plain", text: sumsPlainText };
export const sumsUsual: Module = { name: "sums/usual", text: sumsUsualText };
export const teamAlone: Module = { name: "team/alone", text: teamAloneText };
export const teamSumsAlone: Module = { name: "team/sums_alone", text: teamSumsAloneText };
export const teamSumsWorkgroup: Module = {
  name: "team/sums_workgroup",
  text: teamSumsWorkgroupText,
};
export const teamWorkgroup: Module = { name: "team/workgroup", text: teamWorkgroupText };
export const termsAffine: Module = { name: "terms/affine", text: termsAffineText };
export const termsAlpha: Module = { name: "terms/alpha", text: termsAlphaText };
export const termsDx: Module = { name: "terms/dx", text: termsDxText };
export const termsElements: Module = { name: "terms/elements", text: termsElementsText };
export const termsInput: Module = { name: "terms/input", text: termsInputText };
export const termsModulation: Module = { name: "terms/modulation", text: termsModulationText };
export const termsThreshold: Module = { name: "terms/threshold", text: termsThresholdText };
export const termsWeights: Module = { name: "terms/weights", text: termsWeightsText };
export const totalsAt: Module = { name: "totals/at", text: totalsAtText };
export const totalsHeld: Module = { name: "totals/held", text: totalsHeldText };
export const totalsNone: Module = { name: "totals/none", text: totalsNoneText };
export const totalsPlanes: Module = { name: "totals/planes", text: totalsPlanesText };
export const totalsRecords: Module = {
  name: "totals/records",
  text: totalsRecordsText,
  place: "x",
};
export const totalsStreamed: Module = { name: "totals/streamed", text: totalsStreamedText };
export const track: Module = { name: "track", text: trackText };
export const walk: Module = { name: "walk", text: walkText };
export const window: Module = { name: "window", text: windowText };
export const writeActivationGradient: Module = {
  name: "write/activation_gradient",
  text: writeActivationGradientText,
};
export const writeGradientHeld: Module = {
  name: "write/gradient_held",
  text: writeGradientHeldText,
};
export const writeGradientStreamed: Module = {
  name: "write/gradient_streamed",
  text: writeGradientStreamedText,
};
export const writeHeld: Module = { name: "write/held", text: writeHeldText };
export const writeStreamed: Module = { name: "write/streamed", text: writeStreamedText };
export const writeWindowGradient: Module = {
  name: "write/window_gradient",
  text: writeWindowGradientText,
};
export const writeWindowTerms: Module = { name: "write/window_terms", text: writeWindowTermsText };
export const writeWindowed: Module = { name: "write/windowed", text: writeWindowedText };

/** Files that only devices with subgroups need: src/subgroups.ts has their texts, and is loaded for these. */
export const teamMates = { name: "team/mates", text: "" };
export const teamSubgroup = { name: "team/subgroup", text: "" };
export const teamSumsSubgroup = { name: "team/sums_subgroup", text: "" };
