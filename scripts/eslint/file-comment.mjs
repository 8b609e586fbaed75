// The lint rule that every file opens with a comment on what it is for. Used by eslint.config.js.

export const fileCommentRule = {
  meta: {
    type: "suggestion",
    docs: { description: "A file opens with one or two sentences: what it is for and who uses it." },
    messages: { missing: "Open the file with a comment: what it is for and who uses it." },
    schema: [],
  },
  create(context) {
    return {
      Program(program) {
        const comment = context.sourceCode.getAllComments().find(({ type }) => type !== "Shebang");
        const code = program.tokens[0];
        if (comment === undefined || (code !== undefined && code.range[0] < comment.range[0])) {
          context.report({ loc: { line: 1, column: 0 }, messageId: "missing" });
        }
      },
    };
  },
};
