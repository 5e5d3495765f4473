// The theme is VitePress's own with the demo's colours and letters, and three components.

import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import FindOperator from "./FindOperator.vue";
import LiveExample from "./LiveExample.vue";
import "./style.css";
import "./pictures.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("FindOperator", FindOperator);
    app.component("LiveExample", LiveExample);
  },
} satisfies Theme;
