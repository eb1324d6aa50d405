/**
 * Cases that this router answers otherwise, each with its reason. An entry whose case passes fails the test: then it must go.
 */
export const disagreements: Readonly<Record<string, string>> = {};
