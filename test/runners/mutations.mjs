// The faults here are made by hand, as data. test/runners/mutate.mjs puts each into a copy of the
// repository, and the tests named with it must notice. `find` occurs once in `file`; the result
// must still compile.

import { gradients } from "./mutations/gradients.mjs";
import { library } from "./mutations/library.mjs";
import { reductions } from "./mutations/reductions.mjs";
import { stores } from "./mutations/stores.mjs";

export const MUTATIONS = [...reductions, ...stores, ...gradients, ...library];
