/** The form in which targets are offered to clients that list only ids with `claude` in them: `claude-via/provider,model`. */
export const viaPrefix = "claude-via/";
