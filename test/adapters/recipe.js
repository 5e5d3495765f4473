// What is imported of this file with a query is made by recipe_module.ts.
export {};
