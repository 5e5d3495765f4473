// Tokens of four sentences with made-up embeddings: each word has random features, the same wherever
// it stands, and two features are large for all words, as in real language models.

import { Random } from "../base/random";
import { FEATURES, SENTENCES, TOKENS } from "./shapes";

export const TEXTS: readonly string[] = [
  "every normalization is one formula and a choice who shares the mean",
  "each token is a row of features and keeps them to itself",
  "a mean over the batch is a mean over what strangers wrote",
  "two large features are in every row as in real language models",
];

const OUTLIERS = [5, 29];

export const wordsOf = (text: string): string[] => text.split(" ").slice(0, TOKENS);

function embedding(word: string): number[] {
  const random = new Random(...[...word].map((letter) => letter.charCodeAt(0)));
  const scale = random.between(0.4, 1.4); // frequent words are short, rare ones long
  const features = Array.from({ length: FEATURES }, () => scale * random.normal());
  return features.map((value, f) => (OUTLIERS.includes(f) ? 5 + value : value));
}

export function tokenData(): Float32Array {
  const data = new Float32Array(SENTENCES * TOKENS * FEATURES);
  for (const [s, text] of TEXTS.entries()) {
    for (const [t, word] of wordsOf(text).entries()) {
      data.set(embedding(word), (s * TOKENS + t) * FEATURES);
    }
  }
  return data;
}
