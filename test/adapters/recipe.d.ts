declare module "*&recipe" {
  // biome-ignore lint/suspicious/noExplicitAny: what a recipe declares
  const recipe: (given: object) => Promise<any>;
  export default recipe;
}
