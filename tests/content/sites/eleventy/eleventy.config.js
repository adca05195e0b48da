export default function (config) {
  config.addPassthroughCopy({ public: "/" });
  config.addPreprocessor("drafts", "*", (data) => (data.draft ? false : undefined));
  return { dir: { input: "content", includes: "../_includes" } };
}
