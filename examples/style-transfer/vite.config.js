// The photographs are those of the demo, and the library lies above this folder, too.

export default { server: { fs: { allow: ["../.."] } } };
